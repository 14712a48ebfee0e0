"""Facet counts over what the person may see: a count of hidden rows would give them away.

A page waits for them, so they have a time; the values of a facet that did not fit into it are shown without numbers.
"""

from collections import Counter
from dataclasses import dataclass

from django.conf import settings

from evidence.models import Classification, Crime, Place, ReviewStatus
from evidence.models.act import classified_bits
from evidence.models.record import Level
from evidence.search.counting import Budget, Counted


@dataclass(frozen=True)
class Value:
    """One value of a facet: what the query string says, what a person reads, how many, how deep it is indented.

    `count` is None where it was not counted; such a facet has all its values, not only those that there are.
    """

    code: str
    label: str
    count: int | None
    share: int  # per cent of the largest
    depth: int = 0


def facets(found: Counted, *, language: str, more: bool, within: Budget | None = None) -> dict[str, list[Value]]:
    """Facets of an incident list: status, crime, place (two levels), level, status of the classifications.

    `more` says of all that there is whether it is longer than the cap: its classifications are counted up to there.
    `within` is a time other than that of a page.
    """
    with within or Budget(settings.FACETS_SECONDS) as budget:
        counts = budget.spend(lambda: found.tally)
        if counts is None:
            return uncounted(language)
        classified = counts.classified
        if classified is None and not more:
            single = budget.spend(lambda: found.by("classified_as"))
            classified = single and Counter({bits: number for (bits,), number in single.items()})
    return _all(counts.states, counts.places, counts.crimes, classified, language)


def uncounted(language: str) -> dict[str, list[Value]]:
    """The same facets with all their values and no numbers: what a list shows until they are counted."""
    return _all(None, None, None, None, language)


def years(found: Counted) -> dict[int | None, int] | None:
    """How many incidents began in which year (None: undated), by the earliest day of their dates; None: no time."""
    with Budget(settings.FACETS_SECONDS) as budget:
        counts = budget.spend(lambda: found.tally)
    return None if counts is None else dict(counts.years)


def _all(states, places, crimes, classified, language: str) -> dict[str, list[Value]]:
    return {
        "status": _plain(states, 0, ReviewStatus.choices),
        "crime": _crimes(crimes, language),
        "place": _places(places, language),
        "confidentiality": _plain(states, 1, Level.choices),
        "classification": _classified(classified),
    }


def _crimes(counts: Counter | None, language: str) -> list[Value]:
    label = "label_ko" if language == "ko" else "label_en"
    rows = Crime.objects.only("code", label, "path", "position").order_by("position")
    if counts is None:
        return _values((row.code, getattr(row, label), None, len(row.path) - 1) for row in rows)
    return _values(
        (row.code, getattr(row, label), counts[row.code], len(row.path) - 1) for row in rows.filter(pk__in=counts)
    )


def _places(counts: Counter | None, language: str) -> list[Value]:
    name = "name_ko" if language == "ko" else "name_en"
    if counts is None:
        rows = Place.objects.filter(kind__in=[Place.Kind.COUNTRY, Place.Kind.PROVINCE]).order_by("code")
        parents = {row.parent_id for row in rows}
        return _values(
            (row.code, getattr(row, name), None, len(row.path) - 1)
            for row in rows
            if row.parent_id or row.code in parents
        )
    paths = dict(Place.objects.filter(pk__in=[code for code in counts if code]).values_list("pk", "path"))
    single: Counter = Counter()
    for code, number in counts.items():
        for above in paths.get(code, ())[:2]:
            single[above] += number
    rows = sorted(
        Place.objects.filter(pk__in=single),
        key=lambda row: (-single[row.path[0]], row.path[0], len(row.path), -single[row.code]),
    )
    return _values((row.code, getattr(row, name), single[row.code], len(row.path) - 1) for row in rows)


def _plain(counts: Counter | None, place: int, choices) -> list[Value]:
    if counts is None:
        return _chosen(None, choices)
    single: Counter = Counter()
    for values, number in counts.items():
        single[values[place]] += number
    return _chosen(single, choices)


def _classified(counts: Counter | None) -> list[Value]:
    """Each incident counts towards every status that one of its classifications has; they come last in what counts."""
    statuses = Classification.Status
    if counts is None:
        return _chosen(None, statuses.choices)
    single: Counter = Counter()
    for bits, number in counts.items():
        for status in statuses.values:
            if bits & classified_bits([status]):
                single[status] += number
    return _chosen(single, statuses.choices)


def _chosen(single: Counter | None, choices) -> list[Value]:
    """Of the values that a field can have those that there are; all of them, where they were not counted."""
    if single is None:
        return _values((str(code), str(label), None, 0) for code, label in choices)
    return _values((str(code), str(label), single[code], 0) for code, label in choices if single[code])


def _values(rows) -> list[Value]:
    rows = list(rows)
    largest = max((row[2] or 0 for row in rows), default=1) or 1
    return [Value(code, label, count, round(100 * (count or 0) / largest), depth) for code, label, count, depth in rows]
