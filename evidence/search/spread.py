"""How what is found is spread over places and over time: counts in parts through the gate, for maps and histograms."""

from collections import Counter
from dataclasses import dataclass

from evidence.models import Place
from evidence.recording.content import UNDATED
from evidence.search.counting import Budget, Counted
from evidence.search.filters import NO_PLACE, UNDATED_WORD

DEPTHS = {"province": 2, "county": 3}  # how many codes of a place's path a level keeps


@dataclass(frozen=True)
class Spot:
    """A place with what is counted there. `filter` is the one parameter that finds the same incidents in the list.

    `is_rough`: it stands for incidents of which no closer place is known than this wide one.
    """

    place: Place
    count: int
    is_rough: bool
    filter: tuple[str, str]


@dataclass(frozen=True)
class Places:
    """Most first; `nowhere` are the incidents without a place, found by the parameter in `NOWHERE`."""

    spots: list[Spot]
    nowhere: int


@dataclass(frozen=True)
class Span:
    """A year ("2009") or a month ("2009-03") in which incidents began: with certain dates, and with uncertain ones."""

    label: str
    certain: int
    uncertain: int

    @property
    def count(self) -> int:
        return self.certain + self.uncertain


@dataclass(frozen=True)
class Times:
    """In their order, only those that there are; `undated` are found by the parameter in `NO_DATE`."""

    spans: list[Span]
    undated: int


NOWHERE, NO_DATE = ("place_only", NO_PLACE), ("began", UNDATED_WORD)


def by_place(found: Counted, budget: Budget) -> Counter | None:
    """How many incidents have which place; None where the time for it was over."""
    counts = budget.spend(lambda: found.by("place_id"))
    return counts and Counter({code: number for (code,), number in counts.items()})


def over_places(counts: Counter, level: str) -> Places:
    """Gathered at a level: places that are narrower count for the province or county that they are in."""
    depth, gathered = DEPTHS[level], Counter()
    paths = dict(Place.objects.filter(pk__in=[code for code in counts if code]).values_list("pk", "path"))
    for code, number in counts.items():
        if code:
            gathered[paths[code][:depth][-1]] += number
    places = Place.objects.in_bulk(list(gathered))
    spots = [_spot(places[code], number, depth) for code, number in gathered.items()]
    return Places(sorted(spots, key=lambda spot: (-spot.count, spot.place.pk)), counts[None])


def _spot(place: Place, count: int, depth: int) -> Spot:
    is_rough = len(place.path) < depth
    return Spot(place, count, is_rough, ("place_only" if is_rough else "place", place.pk))


def by_day(found: Counted, budget: Budget) -> Counter | None:
    """How many incidents began on which day, by whether that is certain; None where the time for it was over."""
    return budget.spend(lambda: found.by("date_sort", "date_is_certain"))


def over_time(counts: Counter, by: str) -> Times:
    """Gathered by `year` or `month` of the first day of their dates."""
    certain, uncertain, undated = Counter(), Counter(), 0
    for (day, is_certain), number in counts.items():
        if day == UNDATED:
            undated += number
        else:
            label = day.isoformat()[: 4 if by == "year" else 7]
            (certain if is_certain else uncertain)[label] += number
    return Times([Span(one, certain[one], uncertain[one]) for one in sorted({*certain, *uncertain})], undated)
