"""Persons by their names, of those who are not protected: found by marks (evidence.marks).

A protected person's name is not found: whatever marks there were went with the act that protected her.
"""

from collections.abc import Iterable
from functools import reduce
from math import ceil
from operator import and_, or_

from django.contrib.postgres.fields import ArrayField
from django.db.models import Exists, F, Func, IntegerField, Max, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Greatest

from accounts.errors import Invalid
from evidence import marks
from evidence.models.codes import read_code
from evidence.open_names import readable
from evidence.search.text import Prepared, Term, Text, condition, prepare, typed

ALIKE = 0.4  # of the groups of three letters in common; a letter exchanged in a word of four leaves so many


def named(terms: Iterable[Term], user) -> QuerySet:
    """The names that have one of these terms."""
    lists = (
        one for term in terms for one in marks.asked_for(term.pieces, exact=term.exact or len(term.pieces[-1]) == 1)
    )
    return readable(user).filter(reduce(or_, (Q(marks__contains=one) for one in lists)))


class NamedText(Text):
    """The filter `q` of persons: each term stands in their own text, or in a name."""

    def found(self, queryset, values, *, indexed: bool, user):
        text = typed(values)
        if read_code(text):
            return super().found(queryset, values, indexed=indexed, user=user)
        prepared = prepare(text)
        for group in prepared.groups:
            wanted, names = condition(Prepared((group,)), indexed=indexed), named(group, user)
            if indexed:
                # Two lists of ids put together: joined by OR, neither index could be used.
                own = queryset.model._default_manager.filter(wanted).order_by().values("pk")
                queryset = queryset.filter(pk__in=own.union(names.order_by().values("person")))
            else:
                queryset = queryset.filter(Q(wanted) | Exists(names.filter(person=OuterRef("pk"))))
        if prepared.without:
            queryset = queryset.filter(condition(Prepared((), prepared.without), indexed=False))
            queryset = queryset.exclude(Exists(named(prepared.without, user).filter(person=OuterRef("pk"))))
        return queryset


def named_like(text: str, user) -> Q:
    """Persons of whose names each word that was typed is the beginning or a part; for suggestions while typing."""
    try:
        groups = prepare(text).groups
    except Invalid:
        groups = ()
    found = (Q(pk__in=named(group, user).order_by().values("person")) for group in groups)
    return reduce(and_, found, Q()) or Q(pk__in=[])


class _Shared(Func):
    """How many of the values that were asked for an array has."""

    output_field = IntegerField()

    def __init__(self, had, asked: list, kind: str):
        super().__init__(had)
        self.asked, self.kind = asked, kind

    def as_sql(self, compiler, connection, **context):
        (had,) = self.get_source_expressions()
        sql, params = compiler.compile(had)
        return f"(SELECT count(*) FROM unnest({sql}) AS t WHERE t = ANY(%s::{self.kind}[]))", [*params, self.asked]  # noqa: S608


def named_alike(rows: QuerySet, fields: tuple[str, ...], text: str) -> QuerySet:
    """Rows of a small table of which one of these names is written much like a text, the most alike first."""
    threes = _threes(text)
    if not threes:
        return rows.none()
    shared = Greatest(*(_Shared(_threes_of(name), threes, "text") for name in fields))
    return rows.annotate(shared=shared).filter(shared__gte=_least(threes)).order_by("-shared", "pk")


def alike_names(text: str, user) -> QuerySet:
    """(person id, how much is alike), the most alike first, of names that are written much like a text."""
    threes = _threes(text)
    asked = [mark for one in marks.like(threes) for mark in one]
    near = readable(user).filter(marks__overlap=asked).annotate(shared=_Shared(F("marks"), asked, "bigint"))
    near = near.filter(shared__gte=_least(threes)).order_by()
    return near.values_list("person").annotate(most=Max("shared")).order_by("-most", "person")


def _threes(text: str) -> list[str]:
    """The letters of a text in groups of three; none of one that is too short to be like another."""
    return marks.read([text])[0][1] if len(text) > 1 else []


def _threes_of(field: str) -> Func:
    """The same of a text that is not sealed."""
    plain = Func(F(field), function="public.search_plain", output_field=TextField())
    letters = Func(plain, function="public.search_letters", output_field=TextField())
    return Func(letters, function="public.show_trgm", output_field=ArrayField(TextField()))


def _least(threes: list[str]) -> int:
    """So many of them a name has to have."""
    return ceil(ALIKE * len(threes))
