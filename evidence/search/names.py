"""Persons by their names, of those who are not protected: found by marks (evidence.marks).

A protected person's name is not found: whatever marks there were went with the act that protected her.
"""

from collections.abc import Iterable
from functools import reduce
from math import ceil
from operator import and_, or_

from django.db.models import Exists, F, Func, IntegerField, Max, OuterRef, Q, QuerySet
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


class _Threes(Func):
    """How many of some groups of three letters a text has that is not sealed."""

    output_field = IntegerField()

    def __init__(self, field: str, threes: list[str]):
        super().__init__(F(field))
        self.threes = threes

    def as_sql(self, compiler, connection, **context):
        (text,) = self.get_source_expressions()
        column, params = compiler.compile(text)
        had = f"public.show_trgm(public.search_letters(public.search_plain({column})))"
        return f"(SELECT count(*) FROM unnest({had}) AS t WHERE t = ANY(%s::text[]))", [*params, self.threes]  # noqa: S608


def named_alike(rows: QuerySet, fields: tuple[str, ...], text: str) -> QuerySet:
    """Rows of a small table of which one of these names is written much like a text, the most alike first."""
    ((_plain, threes),) = marks.read([text])
    if len(text) < 2 or not threes:
        return rows.none()
    shared = Greatest(*(_Threes(name, threes) for name in fields))
    return rows.annotate(shared=shared).filter(shared__gte=ceil(ALIKE * len(threes))).order_by("-shared", "pk")


class _Shared(Func):
    """How many of some marks a name has."""

    output_field = IntegerField()

    def __init__(self, asked: list[int]):
        super().__init__(F("marks"))
        self.asked = asked

    def as_sql(self, compiler, connection, **context):
        (marked,) = self.get_source_expressions()
        column, params = compiler.compile(marked)
        return f"(SELECT count(*) FROM unnest({column}) AS m WHERE m = ANY(%s::bigint[]))", [*params, self.asked]  # noqa: S608


def alike_names(text: str, user) -> QuerySet | None:
    """(person id, how much is alike), the most alike first, of names that are written much like a text; None: it is
    too short to tell."""
    ((_plain, threes),) = marks.read([text])
    asked = [mark for one in marks.like(threes) for mark in one]
    if len(text) < 2 or not asked:
        return None
    near = readable(user).filter(marks__overlap=asked).annotate(shared=_Shared(asked))
    near = near.filter(shared__gte=ceil(ALIKE * len(threes))).order_by()
    return near.values_list("person").annotate(most=Max("shared")).order_by("-most", "person")
