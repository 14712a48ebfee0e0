"""How a filtered page is read: by walking a list in its order, or by gathering what a person sees and ordering it.

The rows are the same either way; only the cost differs. Whoever sees a small part of everything would have much walked
past for her, and PostgreSQL, left to choose, does that, or reads a filter's whole index (decision 18).
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from django.contrib.postgres.fields.array import ArrayOverlap
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Q
from django.db.models.functions import Greatest

from evidence.models.incident import FOLDED, SEEN_BY, filter_bits
from evidence.search.planner import plan_of, size_of

# Microseconds, measured on a million: an entry of the index of what is seen, a row fetched by its key, and an entry of
# an index that is walked, which is wide and goes to and fro in the table's map of visibility.
GATHERED, FETCHED, WALKED = 0.1, 3.0, 0.3
RARE = 3000  # rows that are soon fetched by the filters' own indexes
OVERLAPS = [f"{name}__overlap" for name in FOLDED]
LONG = 400  # days; a date over more of them is long (evidence/sql/0007_seen.sql)
ALL_OF_THEM = 1_000_000_000  # a limit that limits nothing: what it stands in is planned by itself


class _HasBits(models.Func):
    """Whether a row may have one of some codes, by the bits that the database folds them into; the models do not know
    the column."""

    output_field = models.BooleanField()

    def __init__(self, bits: int):
        super().__init__(models.F("pk"))
        self.bits = bits

    def as_sql(self, compiler, connection, **context):
        (key,) = self.get_source_expressions()
        # Of one bit it is the same, and the planner, which knows nothing of either, expects few of the one and most of
        # the other.
        compared = f"= {self.bits:d}" if self.bits.bit_count() == 1 else "<> 0"
        return f"(({compiler.quote_name_unless_alias(key.alias)}.filter_bits & {self.bits:d}) {compared})", []


class _OverlapOfRow(ArrayOverlap):
    """`overlap` asked of a row that is looked at: no index on the array is offered, whose lists would be read whole."""

    lookup_name = "overlap_of_row"

    def as_postgresql(self, compiler, connection):
        sql, params = super().as_postgresql(compiler, connection)
        return f"({sql}) IS TRUE", params


class _Alone(models.Func):
    """True; a statement that has it is planned for one process (evidence/sql/0007_seen.sql)."""

    function, template, output_field = "public.evidence_alone", "%(function)s()", models.BooleanField()


class _IsLong(models.Func):
    """Whether the date of a row is long: open, or over more than LONG days. As the index `inc_long` has it."""

    output_field = models.BooleanField()
    shape = "({long})"

    def __init__(self):
        super().__init__(models.F("date_earliest"), models.F("date_latest"))

    def as_sql(self, compiler, connection, **context):
        (first, _), (last, _) = (compiler.compile(one) for one in self.get_source_expressions())
        return self.shape.format(long=f"{first} IS NULL OR {last} IS NULL OR {last} - {first} > {LONG}"), []


class _IsShort(_IsLong):
    """The contrary. Written so that the planner, which knows nothing of it, expects it of nearly all rows."""

    shape = "(CASE WHEN {long} THEN 1 ELSE 0 END <> 1)"


@dataclass(frozen=True)
class Estimate:
    """How many rows PostgreSQL expects: of those that are walked through, of them within the gate, of these within the
    filters."""

    all: int
    seen: int
    found: int

    def gathers(self, size: int) -> bool:
        """Whether it is less to read all that is seen than to walk past what is not, until a page is full."""
        return GATHERED * self.seen + FETCHED * self.found < WALKED * size * self.all / max(self.found, 1)


@dataclass(frozen=True)
class Days:
    """The days that a list is narrowed to: what may have happened from `first` to `last`."""

    first: datetime.date | None
    last: datetime.date | None

    @property
    def beginnings(self) -> Q:
        """When dates that are not long begin, of those that may lie within these days."""
        begins = Q(date_sort__lte=self.last) if self.last else Q()
        if self.first and self.first.year > 2:  # the calendar ends before
            begins &= Q(date_sort__gte=self.first - datetime.timedelta(days=LONG))
        return begins

    def split(self, branch: models.QuerySet) -> list[models.QuerySet]:
        """The same rows in two parts, for reading them by their dates: those of dates that are not long, which begin
        about within these days, and the few that are."""
        return [branch.filter(self.beginnings & Q(_IsShort())), branch.filter(_IsLong())]


def days_of(asked: Q) -> Days | None:
    """The days that a condition is bound to, as the filters date_from and date_to ask; None: it is not."""
    found: dict[str, datetime.date] = {}
    for child in _all_of(asked):
        if isinstance(child, Q) and child.connector == Q.OR and not child.negated and len(child.children) == 2:
            for name in ("date_latest__gte", "date_earliest__lte"):
                day = dict(one for one in child.children if isinstance(one, tuple)).get(name)
                if day is not None and (f"{name.rpartition('__')[0]}__isnull", True) in child.children:
                    found[name] = day
    return Days(found.get("date_latest__gte"), found.get("date_earliest__lte")) if found else None


def estimate(seen: models.QuerySet, found: models.QuerySet, days: Days | None = None) -> Estimate:
    """Asks the planner, which reads its statistics and no row. What it says is to choose by, and told to nobody.

    `days`: those to which a walk by dates is bound."""
    walked = _expected(seen.model._default_manager.filter(days.beginnings)) if days else size_of(seen.model)
    return Estimate(walked, _expected(seen), _expected(found))


def _expected(rows: models.QuerySet) -> int:
    try:
        sql, params = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    return int(plan_of(sql, params)["Plan Rows"])


def in_order(branches: list[models.QuerySet], asked: Q) -> list[models.QuerySet]:
    """The same rows, to be found by going through an index in the order of the list: unless the codes asked for are
    rare, the long lists of the filters' own indexes are not offered to the planner, which takes them for short."""
    codes = _codes(asked)
    if codes and _expected(branches[0].model._default_manager.filter(*codes)) > RARE:
        branches = [branch.all() for branch in branches]
        for branch in branches:
            _of_row(branch.query.where)
    return [branches[0].filter(_Alone()), *branches[1:]]


def _codes(asked: Q) -> list[Q]:
    """The conditions on codes that all rows fulfil."""
    return [Q(child) for child in _all_of(asked) if isinstance(child, tuple) and child[0] in OVERLAPS]


def _all_of(asked: Q) -> Iterator:
    """The conditions that all rows fulfil."""
    if asked.negated or asked.connector != Q.AND:
        yield asked
        return
    for child in asked.children:
        if isinstance(child, Q):
            yield from _all_of(child)
        else:
            yield child


def gathered(seen: models.QuerySet, asked: Q, order: tuple[str, ...]) -> models.QuerySet:
    """The rows of `seen` that are `asked` for, in this order: those that an index of what is seen does not rule out are
    looked at themselves. Neither the filters' own indexes nor that of the order are offered to the planner."""
    held = _held(asked)
    within = (seen if held is None else seen.filter(held)).order_by().values("pk")[:ALL_OF_THEM]
    rows = seen.model._default_manager.filter(pk__in=within).filter(asked)
    _of_row(rows.query.where)
    terms = []
    for name in order:
        field = models.F(name.removeprefix("-"))
        term = Greatest(field, field)
        terms.append(term.desc() if name.startswith("-") else term.asc())
    return rows.order_by(*terms)


def _of_row(node) -> None:
    for place, child in enumerate(node.children):
        if hasattr(child, "children"):
            _of_row(child)
        elif type(child) is ArrayOverlap:
            node.children[place] = _OverlapOfRow(child.lhs, child.rhs)


def _held(asked: Q) -> Q | None:
    """What that index can answer of a condition: as many rows or more, never fewer. None: it can rule out nothing."""
    if asked.negated:
        return asked if all(_is_held(child) for child in asked.children) else None
    parts = [_held(child) if isinstance(child, Q) else _of(child) for child in asked.children]
    known = [part for part in parts if part is not None]
    if asked.connector == Q.AND:
        return reduce(and_, known) if known else None
    return reduce(or_, known) if asked.connector == Q.OR and len(known) == len(parts) and known else None


def _of(child) -> Q | None:
    if _is_held(child):
        return Q(child)
    if isinstance(child, tuple) and child[0] in OVERLAPS:
        return Q(_HasBits(filter_bits(child[1])))
    return None


def _is_held(child) -> bool:
    """Whether the index holds all that a condition asks."""
    if isinstance(child, Q):
        return all(_is_held(one) for one in child.children)
    if not isinstance(child, tuple) or hasattr(child[1], "resolve_expression"):
        return False
    return child[0].split("__")[0] in SEEN_BY
