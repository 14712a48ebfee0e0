"""The filter `where`: groups of conditions by AND, OR and NOT, each asked through the filter of the list of that name.

It narrows what the gate has let through, as every filter does: no group and no NOT brings a row that was not there.
"""

from collections.abc import Callable
from functools import reduce
from operator import and_, or_

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from evidence.models.codes import read_code
from evidence.search import grammar
from evidence.search.asked import Asked
from evidence.search.grammar import AND, Group, Node, Term
from evidence.search.text import Text, condition, prepare, typed

RANGE = ".."
# A date is what may have happened between two days; a box has commas of its own.
DATE, WHOLE = "date", ("bbox",)


class Where:
    """The filter `where` over the filters of a list."""

    def __init__(self, filters: dict[str, Callable]):
        self.filters = dict(filters)

    @property
    def fields(self) -> list[str]:
        """What a condition can be about."""
        return [DATE, *self.filters]

    def __call__(self, queryset, values, params, user):
        for value in values:
            queryset = queryset.filter(self._asked(grammar.read(value), queryset.model, user))
        return queryset

    def has_text(self, values) -> bool:
        """Whether one of the conditions looks for words."""
        return any(isinstance(self.filters.get(term.field), Text) for value in values for term in _terms(value))

    def _asked(self, node: Node, model, user) -> Q:
        if isinstance(node, Term):
            said = self._term(node, model, user)
        else:
            said = reduce(and_ if node.join == AND else or_, (self._asked(part, model, user) for part in node.parts))
        return ~said if node.is_not else said

    def _term(self, term: Term, model, user) -> Q:
        if term.field not in self.fields:
            known = _("There is no field “%(field)s”. Known: %(known)s.")
            raise _refused(term, known % {"field": term.field[:80], "known": ", ".join(self.fields)})
        try:
            if term.field == DATE:
                return reduce(or_, (self._between(value, model, user) for value in term.values))
            values = [",".join(term.values)] if term.field in WHOLE else _ranged(term)
            return self._filtered(term.field, values, model, user)
        except Invalid as error:
            raise _refused(term, error.message)

    def _filtered(self, name: str, values: list[str], model, user, params: QueryDict | None = None) -> Q:
        apply = self.filters[name]
        if isinstance(apply, Text):
            return reduce(or_, (_text(apply, value, model) for value in values))
        # Nothing asked is true of every row: left empty, it would vanish from its group instead.
        return apply(Asked(model), values, params or QueryDict(), user).said or Q(pk__isnull=False)

    def _between(self, value: str, model, user) -> Q:
        """2009, 2009-03..2010, 2009.. or ..2009: what may have happened in that time."""
        first, dots, last = value.partition(RANGE)
        said, params = Q(), QueryDict(mutable=True)
        params["date_from"] = first
        for name, day in (("date_from", first), ("date_to", last if dots else first)):
            if day:
                said &= self._filtered(name, [day], model, user, params)
        if not said:
            raise Invalid(_("Write a time like 2009, 2009-03..2010 or ..2012."))
        return said


def _text(apply: Text, value: str, model) -> Q:
    text = typed([value])
    if code := read_code(text):
        return Q(code=code)
    # Inside of a group each condition chooses its own way to the rows: they are the same by either.
    return condition(prepare(text), indexed=not apply.is_common(model, [value]))


def _ranged(term: Term) -> list[str]:
    """The values, with 1..3 of whole numbers written out."""
    values: list[str] = []
    for value in term.values:
        first, dots, last = value.partition(RANGE)
        if dots and all(end.isascii() and end.isdigit() and len(end) == 1 for end in (first, last)):
            if first > last:
                raise Invalid(_("Write the smaller one first: %(last)s..%(first)s.") % {"first": first, "last": last})
            values += map(str, range(int(first), int(last) + 1))
        else:
            values.append(value)
    return values


def _terms(value: str) -> list[Term]:
    try:
        return grammar.terms(grammar.read(value))
    except Invalid:
        return []


def _refused(term: Term, sentence: str) -> Invalid:
    return Invalid(grammar.placed(term.at, sentence), field="where")


def simple(filters: dict[str, Callable], names: dict[str, list[str]]) -> Group:
    """Plain parameters of a list as a group: what the query builder begins with."""
    parts = [Term(name, tuple(values)) for name, values in names.items() if name in filters and name != "where"]
    return Group(AND, tuple(parts))
