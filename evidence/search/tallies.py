"""Counts of whole lists without reading them: what is seen by way of collections is added up from the tallies, which
triggers keep (decision 35). In any snapshot it is the same as counting.
"""

from collections import Counter
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q, Sum

from evidence.models import IncidentTally
from evidence.recording.content import UNDATED

# What rows are counted by, each for itself.
COUNTED_BY = (
    ("review_status", "effective_level"), ("place_id",), ("crime_codes",), ("date_sort__year",), ("classified_as",),
)  # fmt: skip


@dataclass(frozen=True)
class Tally:
    """How many incidents of which status and level, place ("": none), crime with its headings, year (None: undated),
    bits of the statuses of their classifications (None: not counted, since no tally is kept of them)."""

    states: Counter = field(default_factory=Counter)
    places: Counter = field(default_factory=Counter)
    crimes: Counter = field(default_factory=Counter)
    years: Counter = field(default_factory=Counter)
    classified: Counter | None = None

    def add_tallied(self, condition: Q) -> None:
        """The incidents of which the gate asks this condition."""
        rows = IncidentTally.objects.filter(condition).values_list("facet", "code", "effective_level")
        for facet, code, level, number in rows.annotate(Sum("n")):
            if facet == IncidentTally.Facet.STATUS:
                self.states[code, level] += number
            elif facet == IncidentTally.Facet.PLACE:
                self.places[code] += number
            elif facet == IncidentTally.Facet.CRIME:
                self.crimes[code] += number
            else:
                self.years[int(code) or None] += number

    def add_counted(self, counted: list[Counter]) -> None:
        """Rows counted by COUNTED_BY."""
        states, places, crimes, years, classified = counted
        self.states.update(states)
        for (place,), number in places.items():
            self.places[place or ""] += number
        for (codes,), number in crimes.items():
            for code in codes:
                self.crimes[code] += number
        for (year,), number in years.items():
            self.years[None if year == UNDATED.year else int(year)] += number
        if self.classified is not None:
            for (bits,), number in classified.items():
                self.classified[bits] += number

    def __pos__(self) -> "Tally":
        """Without what there is none of."""
        classified = None if self.classified is None else +self.classified
        return Tally(+self.states, +self.places, +self.crimes, +self.years, classified)


def put_together() -> int:
    """Make one row of those that count the same; returns how many there were too many. Safe beside writers and itself:
    a row that another has taken meanwhile is left out, and each snapshot adds up to the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH many AS ("
            "  SELECT collection_id, inherits_access, effective_level, facet, code FROM incident_tally"
            "   GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1"
            "), gone AS ("
            "  DELETE FROM incident_tally t USING many m"
            "   WHERE (t.collection_id, t.inherits_access, t.effective_level, t.facet, t.code)"
            "       = (m.collection_id, m.inherits_access, m.effective_level, m.facet, m.code) RETURNING t.*"
            "), made AS ("
            "  INSERT INTO incident_tally (collection_id, inherits_access, effective_level, facet, code, n)"
            "  SELECT collection_id, inherits_access, effective_level, facet, code, sum(n) FROM gone"
            "   GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 RETURNING 1"
            ") SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM made)"
        )
        return cursor.fetchone()[0]
