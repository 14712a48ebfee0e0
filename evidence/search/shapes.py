"""How a filtered page is read: by walking a list in its order, or by gathering what a person sees and ordering it.

The rows are the same either way; only the cost differs. Whoever sees a small part of everything would have much walked
past for her, and PostgreSQL, left to choose, does that, or reads a filter's whole index (decision 18).
"""

import json
from dataclasses import dataclass

from django.contrib.postgres.fields.array import ArrayOverlap
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.functions import Greatest

from evidence.models.incident import FOLDED, filter_bits

# Entries of an index that may be gathered for one page: some milliseconds. Four of them take as long as one entry on a
# walk through all in order, which goes to and fro in the table's map of visibility.
MOST_GATHERED, WALKING = 100_000, 4


class OverlapOfRow(ArrayOverlap):
    """`overlap` asked of a row that is being read, for the arrays of an incident: no index on the array is offered.

    With `bits`, for rows that are read from the index of the gate, which holds the folded bits: the arrays are compared
    only where these do not rule it out, which takes a tenth of the time. Elsewhere folding would take longer.
    """

    lookup_name = "overlap_of_row"

    def __init__(self, overlap: ArrayOverlap, bits: int | None):
        super().__init__(overlap.lhs, overlap.rhs)
        self.bits = bits

    def as_postgresql(self, compiler, connection):
        sql, params = super().as_postgresql(compiler, connection)
        if self.bits is None:
            return f"({sql}) IS TRUE", params
        alias = compiler.quote_name_unless_alias(self.lhs.alias)
        folded = ", ".join(f"{alias}.{connection.ops.quote_name(name)}" for name in FOLDED)
        # CASE keeps the order; the planner would take the arrays for the cheaper ones.
        sql = f"CASE WHEN (evidence_filter_bits({folded}) & {self.bits:d}) <> 0 THEN {sql} ELSE FALSE END"
        return sql, params


@dataclass(frozen=True)
class Estimate:
    """How many rows PostgreSQL expects: of the table, of them within the gate, of these within the filters."""

    all: int
    seen: int
    found: int

    def gathers(self, size: int) -> bool:
        """Whether it is less to read all that is seen than to walk past what is not, until a page is full."""
        return self.seen <= min(MOST_GATHERED, WALKING * size * self.all / max(self.found, 1))


def estimate(seen: models.QuerySet, found: models.QuerySet) -> Estimate:
    """Asks the planner, which reads its statistics and no row. What it says is to choose by, and told to nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [seen.model._meta.db_table])
        (everything,) = cursor.fetchone()
        sees = _expected(cursor, seen)
        # Of one who sees too much, what the filters leave is not asked: it would change nothing.
        return Estimate(int(everything), sees, _expected(cursor, found) if sees <= MOST_GATHERED else sees)


def _expected(cursor, rows: models.QuerySet) -> int:
    try:
        sql, params = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
    (plan,) = cursor.fetchone()
    return int((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]["Plan Rows"])


def gathered(rows: models.QuerySet, order: tuple[str, ...], *, by_index: bool) -> models.QuerySet:
    """The same rows in the same order, by an index of what the gate asks alone: neither the filters' own indexes nor
    that of the order are offered to the planner. `by_index`: that index holds all that is asked."""
    rows = rows.all()
    _of_row(rows.query.where, by_index)
    terms = []
    for name in order:
        field = models.F(name.removeprefix("-"))
        term = Greatest(field, field)
        terms.append(term.desc() if name.startswith("-") else term.asc())
    return rows.order_by(*terms)


def _of_row(node, by_index: bool) -> None:
    for place, child in enumerate(node.children):
        if hasattr(child, "children"):
            _of_row(child, by_index)
        elif type(child) is ArrayOverlap:
            values = [str(value.value) for value in child.rhs.get_source_expressions()]
            node.children[place] = OverlapOfRow(child, filter_bits(values) if by_index else None)
