"""How a filtered page is read: by walking a list in its order, or by gathering what a person sees and ordering it.

The rows are the same either way; only the cost differs. Whoever sees a small part of everything would have much walked
past for her, and PostgreSQL, left to choose, does that, or reads a filter's whole index (decision 18).
"""

import datetime
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import reduce
from math import ceil
from operator import and_, or_

from django.contrib.postgres.fields.array import ArrayOverlap
from django.db import models
from django.db.models import Q
from django.db.models.functions import Greatest

from evidence.models.incident import FOLDED, SEEN_BY, SORTED_BY, filter_bits
from evidence.search.planner import expected, size_of

# Microseconds, measured on a million: an entry of the index of what is seen, one put in order, a row fetched by its
# key, and an entry of an index that is walked, which is wide and goes to and fro in the table's map of visibility.
GATHERED, ORDERED, FETCHED, WALKED = 0.1, 0.3, 3.0, 0.3
RARE = 3000  # rows that are soon fetched by the filters' own indexes
OVERLAPS = [f"{name}__overlap" for name in FOLDED]
LONG = 400  # days; a date over more of them is long (evidence/sql/0007_seen.sql)
ALL_OF_THEM = 1_000_000_000  # a limit that limits nothing: what it stands in is planned by itself


class _HasBits(models.Func):
    """Whether a row may have one of some codes, by the bits that the database folds them into; the models do not know
    the column."""

    output_field = models.BooleanField()

    def __init__(self, bits: int, *, often: bool):
        super().__init__(models.F("pk"))
        self.bits, self.often = bits, often

    def as_sql(self, compiler, connection, **context):
        (key,) = self.get_source_expressions()
        # Of one bit it is the same, and the planner, which knows nothing of either, expects few of the one and most of
        # the other.
        compared = f"= {self.bits:d}" if self.bits.bit_count() == 1 and not self.often else "<> 0"
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
        gathered = GATHERED * self.seen + ORDERED * self.found + FETCHED * min(size, self.found)
        return gathered < WALKED * size * self.all / max(self.found, 1)


@dataclass(frozen=True)
class Stretch:
    """The first `number` rows of a list in an order, `after` a place in it."""

    order: tuple[str, ...]
    number: int
    after: Q = field(default_factory=Q)


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


def estimate(seen: models.QuerySet, asked: Q, days: Days | None = None) -> Estimate:
    """Asks the planner, which reads its statistics and no row. What it says is to choose by, and told to nobody.

    Of the filters it is asked apart from the gate: it takes the one to have nothing to do with the other anyway, and
    looks a long list of collections up in its statistics for each index that there is.
    `days`: those to which a walk by dates is bound."""
    rows = seen.model._default_manager
    everything = size_of(seen.model)
    walked = expected(rows.filter(days.beginnings)) if days else everything
    sees = expected(seen)
    share = min(1, expected(rows.filter(asked)) / max(everything, 1))
    return Estimate(walked, sees, ceil(sees * share))


def in_order(branches: list[models.QuerySet], asked: Q) -> list[models.QuerySet]:
    """The same rows, to be found by going through an index in the order of the list: unless the codes asked for are
    rare, the long lists of the filters' own indexes are not offered to the planner, which takes them for short."""
    if not _are_rare(branches[0].model, asked):
        branches = [branch.all() for branch in branches]
        for branch in branches:
            _of_row(branch.query.where)
    return [branches[0].filter(_Alone()), *branches[1:]]


def can_walk(model, asked: Q, order: tuple[str, ...]) -> bool:
    """Whether the index of an order holds, but for the codes that it has as bits, all that is asked for."""
    return _holds(asked, _walked_by(order)) and not _are_rare(model, asked)


def walked(seen: models.QuerySet, asked: Q, stretch: Stretch) -> models.QuerySet:
    """The rows of a stretch of `seen` that are `asked` for, where one `can_walk`.

    The index of the order is gone through, and what it does not rule out is looked at, until there are enough.
    """
    terms = {f"key_{place}": models.F(name.removeprefix("-")) for place, name in enumerate(stretch.order)}
    candidates = seen.filter(*_ruled(asked, stretch, often=True), _Alone()).annotate(**terms).order_by(*stretch.order)
    # Asked for an order here too, the planner would have all of them read before the first (set_subquery_pathlist).
    return _found_in(candidates.values("pk", *terms), asked, [], stretch.number)


def _walked_by(order: tuple[str, ...]) -> set[str]:
    """What the index of an order holds (evidence/sql/0010_orders.sql)."""
    return set(SEEN_BY) - set(SORTED_BY) | {"date_sort", order[0].removeprefix("-")}


def _are_rare(model, asked: Q) -> bool:
    """Whether few rows have the codes asked for, or there are none asked for."""
    codes = _codes(asked)
    return not codes or expected(model._default_manager.filter(*codes)) <= RARE


def _codes(asked: Q) -> list[Q]:
    """The conditions on codes that all rows fulfil."""
    return [Q(child) for child in _all_of(asked) if _is_of_codes(child)]


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


def gathered(seen: models.QuerySet, asked: Q, stretch: Stretch) -> models.QuerySet:
    """The same, put in order first: what an index of what is seen does not rule out."""
    terms = {f"key_{place}": _unindexed(name) for place, name in enumerate(stretch.order)}
    keys = zip(terms, stretch.order, strict=True)
    by = [f"-{key}" if name.startswith("-") else key for key, name in keys]
    candidates = seen.filter(*_ruled(asked, stretch, often=False)).annotate(**terms).order_by(*by)
    return _found_in(candidates.values("pk", *terms)[:ALL_OF_THEM], asked, by, stretch.number)


def _ruled(asked: Q, stretch: Stretch, *, often: bool) -> list[Q]:
    """What rules out rows that are not looked at. `often`: as if the codes asked for were to be found everywhere."""
    return [one for one in (_held(asked, often), stretch.after) if one]


def _found_in(candidates: models.QuerySet, asked: Q, by: list[str], number: int) -> models.QuerySet:
    """The first of these whose rows are `asked` for: in this order, or else as they come."""
    looked_at = candidates.model._default_manager.filter(pk=_Candidate()).filter(asked).order_by().values("pk")
    _of_row(looked_at.query.where)
    return candidates.model._default_manager.filter(pk__among=_First(candidates, looked_at, by, number))


def _unindexed(name: str) -> Greatest:
    """What a list is ordered by, so that no index of the order is offered to the planner."""
    field = models.F(name.removeprefix("-"))
    return Greatest(field, field)


class _Candidate(models.Func):
    """The id of the candidate that `_First` looks at."""

    template, output_field = "candidate.pk", models.UUIDField()


class _First(models.Func):
    """The ids of the first of some candidates, in their order, whose rows are to be had from `looked_at`.

    Asked as it stands (OFFSET 0), one candidate after the other: as a join, the planner would look at them all.
    """

    output_field = models.UUIDField()

    def __init__(self, candidates: models.QuerySet, looked_at: models.QuerySet, by: list[str], number: int):
        super().__init__()
        self.candidates, self.looked_at, self.by, self.number = candidates, looked_at, by, number

    def as_sql(self, compiler, connection, **context):
        candidates, params = self.candidates.query.sql_with_params()
        looked_at, more = self.looked_at.query.sql_with_params()
        sql = f"SELECT pk FROM ({candidates}) candidate WHERE EXISTS ({looked_at} OFFSET 0)"  # noqa: S608
        keys = [f"{key.removeprefix('-')} {'DESC' if key.startswith('-') else 'ASC'}" for key in self.by]
        by = f" ORDER BY {', '.join(keys)}" if keys else ""
        return f"({sql}{by} LIMIT {self.number:d})", [*params, *more]


def _of_row(node) -> None:
    for place, child in enumerate(node.children):
        if hasattr(child, "children"):
            _of_row(child)
        elif type(child) is ArrayOverlap:
            node.children[place] = _OverlapOfRow(child.lhs, child.rhs)


def _held(asked: Q, often: bool = False) -> Q | None:
    """What that index can answer of a condition: as many rows or more, never fewer. None: it can rule out nothing."""
    if asked.negated:
        return asked if all(_is_held(child, SEEN_BY) for child in asked.children) else None
    parts = [_held(child, often) if isinstance(child, Q) else _of(child, often) for child in asked.children]
    known = [part for part in parts if part is not None]
    if asked.connector == Q.AND:
        return reduce(and_, known) if known else None
    return reduce(or_, known) if asked.connector == Q.OR and len(known) == len(parts) and known else None


def _of(child, often: bool) -> Q | None:
    if _is_held(child, SEEN_BY):
        return Q(child)
    return Q(_HasBits(filter_bits(child[1]), often=often)) if _is_of_codes(child) else None


def _is_of_codes(child) -> bool:
    return isinstance(child, tuple) and child[0] in OVERLAPS


def _holds(asked: Q, names: Collection[str]) -> bool:
    """Whether an index of these columns holds all that is asked, but for codes."""
    return all(
        _holds(child, names) if isinstance(child, Q) else _is_of_codes(child) or _is_held(child, names)
        for child in asked.children
    )


def _is_held(child, names: Collection[str]) -> bool:
    """Whether an index of these columns holds all that a condition asks."""
    if isinstance(child, Q):
        return all(_is_held(one, names) for one in child.children)
    if not isinstance(child, tuple) or hasattr(child[1], "resolve_expression"):
        return False
    return child[0].split("__")[0] in names
