"""Counting what a person may see, in parts that each have an index of their own, and within a time.

The parts come from `permitted_in_parts`: what the collections give, and besides it, and less it, what single grants and
denials change. Counted as one condition the same takes ten times as long (decision 14).
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, models, transaction

from accounts.grants import Part
from evidence.search import shapes
from evidence.search.asked import asked
from evidence.search.filters import has_common_words, has_text
from evidence.search.pages import CAP
from evidence.search.tallies import COUNTED_BY, Tally

TEXT_CAP = 1000  # where each row is read to be counted
CANCELLED = "57014"  # a statement ran into its time


@dataclass(frozen=True)
class Counted:
    """The rows of a list in parts (accounts.grants.Part), narrowed; nothing is counted before it is asked for."""

    parts: list[Part]
    gate: list[Part] | None = None  # the same before they were narrowed, if they were
    cap: int = CAP
    said: models.Q = field(default_factory=models.Q)  # what they were narrowed by
    is_walked: bool = False  # common words are looked for row by row
    is_whole: bool = False  # nothing narrows what the gate lets through
    homes: set | None = None  # the collections that it is bound to: of these alone the gate was asked
    besides: models.Q | None = None  # `said` without them
    whole: Callable[[], models.QuerySet] | None = None  # what the gate lets through, in one

    def walked(self, rows, stretch: shapes.Stretch) -> list:
        """Querysets that hold a stretch of the list, `rows`, each row once, for going through them in its order."""
        parts = [part for part in self.parts if part.sign > 0]
        if not (parts and (self.homes or all(part.is_short or part.is_listed for part in parts))):
            return self._walked(rows, self.whole, self.said, stretch)
        found = []
        for part, seen in zip(parts, [one for one in self.gate or parts if one.sign > 0], strict=True):
            asked = self.asked_of(seen) if self.gate else models.Q()
            if part.is_listed:
                # Put in order when they are there: an index of the order would be read from end to end for their ids.
                (branch,) = shapes.in_order([seen.branch], self.said)
                found.append(shapes.gathered(branch, asked, stretch))
            else:
                found += self._walked(part.branch, lambda one=seen: one.branch, asked, stretch)
        return found

    def _walked(self, narrowed, seen: Callable | None, asked: models.Q, stretch: shapes.Stretch) -> list:
        """The same of one part: `narrowed` holds what is `asked` of `seen`."""
        days = self._days(stretch.order)
        if self.gate and seen and shapes.can_walk(narrowed.model, asked, stretch.order):
            branches = days.split(seen()) if days else [seen()]
            return [shapes.walked(branch, asked, stretch) for branch in branches]
        # From the first day asked for to the last, not from one end of all to the other.
        branches = days.split(narrowed) if days else [narrowed]
        return [branch.filter(stretch.after) for branch in shapes.in_order(branches, asked)]

    def gathered(self, stretch: shapes.Stretch) -> list:
        """The same, where what she sees is better gathered and then put in order; else empty."""
        if not self.gate:
            return []
        first = self.gate[0]
        if not shapes.estimate(first.rows, self.asked_of(first), self._days(stretch.order)).gathers(stretch.number):
            return []
        parts = [part for part in self.gate if part.sign > 0]
        return [shapes.gathered(part.branch, self.asked_of(part), stretch) for part in parts]

    def asked_of(self, part: Part) -> models.Q:
        """What narrows a part of the gate. What is seen by way of the collections asked for is in them: asked twice,
        the planner would expect a tenth of the rows. What is granted singly is found by its ids, and not also by all
        that is in these collections."""
        if self.homes is None:
            return self.said
        within = models.Q() if part.is_inherited else models.Q(collection__among_of_row=self.homes)
        return self.besides & within

    def _days(self, order: tuple[str, ...]) -> shapes.Days | None:
        """The days that going through the list in this order is bound to."""
        return self.days if order[0].lstrip("-") == "date_sort" else None

    @cached_property
    def days(self) -> shapes.Days | None:
        """The days that the list is narrowed to."""
        return shapes.days_of(self.said)

    @cached_property
    def tally(self) -> Tally:
        """The counts of a list of incidents: of all that the gate lets through mostly by adding up, else by reading it
        once."""
        counts = Tally(classified=None if self.is_whole else Counter())
        rest = []
        for part in self.parts:
            if self.is_whole and part.is_inherited:
                counts.add_tallied(part.condition)
            else:
                rest.append(part)
        counts.add_counted(Counted(rest).by_each(*COUNTED_BY))
        return +counts

    @property
    def is_tallied(self) -> bool:
        """Whether `tally` is there already."""
        return "tally" in vars(self)

    def exact(self) -> int:
        """How many rows there are."""
        return sum(part.sign * self._number(part) for part in self.parts)

    def _number(self, part: Part, most: int | None = None) -> int:
        """How many rows a part has, of which `most` are looked for."""
        if self.is_whole and part.number:
            return part.number()
        return (part.rows if most is None else part.rows[:most].values("pk")).count()

    def capped(self, cap: int | None = None) -> tuple[int, bool]:
        """(count, whether there are more): never counts past the cap."""
        cap = self.cap if cap is None else cap
        # So many more have to be found for the cap to be passed, whatever is taken off: mostly that need not be read.
        spare, number = sum(part.most for part in self.parts if part.sign < 0), 0
        if self.is_whole and self.parts and self.parts[0].some:
            few = self.parts[0].some()
            if few[: cap + spare + 1].values("pk").count() > cap + spare:
                return cap, True
        for part in self.parts:
            if part.sign > 0 and number <= cap + spare:
                number += self._number(part, cap + spare + 1 - number)
        if number > cap + spare:
            return cap, True
        number -= sum(self._number(part) for part in self.parts if part.sign < 0)
        return min(number, cap), number > cap

    def by(self, *fields: str) -> Counter:
        """How many rows have which values of these fields: {(value, …): count}."""
        (counts,) = self.by_each(fields)
        return +counts

    def by_each(self, *groupings: tuple[str, ...]) -> list[Counter]:
        """The same for each of these lists of fields, from one pass over the rows for all of them; what is taken off of
        more than these parts have is below zero."""
        fields = list(dict.fromkeys(name for names in groupings for name in names))
        columns = {name: f"c{place}" for place, name in enumerate(fields)}
        every = ", ".join(columns.values())
        sets = ", ".join(f"({', '.join(columns[name] for name in names)})" for names in groupings)
        counts: list[Counter] = [Counter() for _names in groupings]
        # By how the database tells groupings: a bit for each column that is not in it, the last one lowest.
        told = {
            int("".join("01"[name not in names] for name in fields), 2): (count, [fields.index(name) for name in names])
            for names, count in zip(groupings, counts, strict=True)
        }
        for part in self.parts:
            try:
                sql, params = part.rows.order_by().values_list(*fields).query.sql_with_params()
            except EmptyResultSet:
                continue
            with connection.cursor() as cursor:
                counted = f"SELECT GROUPING({every}), {every}, count(*) FROM ({sql}) AS r ({every})"  # noqa: S608
                cursor.execute(f"{counted} GROUP BY GROUPING SETS ({sets})", params)
                for which, *values, number in cursor.fetchall():
                    count, places = told[which]
                    own = (values[place] for place in places)
                    count[tuple(tuple(value) if isinstance(value, list) else value for value in own)] += (
                        part.sign * number
                    )
        return counts


def counted(model, params, filters: dict[str, Callable], *, user, indexed: bool | None = None) -> Counted:
    """The rows that `narrow` makes of `model.objects.permitted(user)` by the same query string, in parts.

    Whether text is looked for by the index, its words say, unless told.
    """
    # Before the words are read, whatever is wrong is said; nor is it passed over where there is nothing to see.
    said = asked(model, params, filters, user=user, indexed=indexed is not False)
    if indexed is None and params.get("q") and has_common_words(model, params, filters):
        indexed = False
        said = asked(model, params, filters, user=user, indexed=False)
    homes, besides = _homes(said)
    gate = model.objects.permitted_in_parts(user, homes=homes)
    # Text has ways of its own (decision 30): what a person sees is not gathered for it.
    looks_for_words = has_text(params, filters)
    is_narrowed = any(params.get(name) for name in filters) and not looks_for_words
    found = Counted(
        gate,
        gate if is_narrowed else None,
        TEXT_CAP if looks_for_words else CAP,
        said,
        is_walked=indexed is False,
        is_whole=not said,
        homes=homes,
        besides=besides,
        whole=lambda: model.objects.permitted(user),
    )
    return replace(
        found, parts=[replace(part, rows=part.rows.filter(found.asked_of(part)).order_by()) for part in gate]
    )


def _homes(said: models.Q) -> tuple[set | None, models.Q | None]:
    """(the collections that a condition is bound to, the condition without that); None: it is bound to none."""
    for place, child in enumerate(said.children) if said.connector == models.Q.AND and not said.negated else ():
        if isinstance(child, tuple) and child[0] == "collection__in":
            return set(child[1]), models.Q(*said.children[:place], *said.children[place + 1 :])
    return None, None


def seen(model, user, **where) -> Counted:
    """What a person may see of a model, narrowed by plain lookups on its own fields."""
    parts = model.objects.permitted_in_parts(user)
    return Counted([replace(part, rows=part.rows.filter(**where)) for part in parts], is_whole=not where)


def as_one(queryset, said: models.Q | None = None) -> Counted:
    """A queryset that has no parts, as if it had one; `said`: what it is still to be narrowed by."""
    if said is None:
        return Counted([Part(1, queryset.order_by())])
    rows = queryset.order_by()
    return Counted([Part(1, rows.filter(said))], [Part(1, rows)], said=said, whole=lambda: rows)


def total(found: Counted, seconds: float = 1.0) -> tuple[str, bool]:
    """How many there are, in words for a page ("214", "1,000+"; nothing where that takes too long), and whether it is
    more than are counted."""
    with Budget(seconds) as budget:
        counted = budget.spend(found.capped)
    if counted is None:
        return "", True
    return f"{counted[0]:,}{'+' if counted[1] else ''}", counted[1]


class Budget:
    """A time that several queries share: `with Budget(1.5) as budget: budget.spend(read)`.

    What does not fit into the rest of it is given up, not waited for. None: all the time that it takes. `memory` is
    what one step of a query may use meanwhile: an index that keeps single rows in mind need not read whole pages of the
    table again.
    """

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic, *, memory: str = ""):
        self._seconds, self._clock, self._memory = seconds, clock, memory

    def __enter__(self) -> "Budget":
        if self._seconds is None:
            return self
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        with connection.cursor() as cursor:
            cursor.execute("SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'")
            (self._usual,) = cursor.fetchone()
            if self._memory:
                cursor.execute("SELECT current_setting('work_mem')")
                (self._usual_memory,) = cursor.fetchone()
                cursor.execute("SELECT set_config('work_mem', %s, true)", [self._memory])
        self._ends = self._clock() + self._seconds
        return self

    def __exit__(self, *exception) -> None:
        if self._seconds is None:
            return
        if exception[0] is None:
            # Not left to the end of the transaction: it may be part of a longer one.
            self._limit(self._usual)
            if self._memory:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('work_mem', %s, true)", [self._usual_memory])
        self._transaction.__exit__(*exception)

    def spend(self, read: Callable[[], Any]) -> Any:
        """What `read` returns, or None when the time was over before it was done."""
        if self._seconds is None:
            return read()
        left = int((self._ends - self._clock()) * 1000)
        if left <= 0:
            return None
        try:
            with transaction.atomic():
                self._limit(min(left, self._usual or left))
                return read()
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) != CANCELLED:
                raise
            return None

    def _limit(self, milliseconds: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
