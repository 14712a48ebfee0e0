"""The list of incidents as a map and as a histogram: drawn here, counted by search.spread. Every mark is a link."""

import re
from dataclasses import dataclass
from math import sqrt

from django.conf import settings
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from evidence import search
from evidence.search.counting import Budget
from evidence.search.spread import NO_DATE, NOWHERE, Places, Span, Spot
from evidence.web.doors import query_with
from evidence.web.outlines import outlines, window_of

LEAST, LARGEST = 6, 30  # radius of a mark, in units of the drawing
BROAD, HIGH, LEFT, BELOW = 800, 220, 48, 28  # of the histogram
NARROWEST, BROADEST = 14, 66  # of its bars, which share its breadth
MOST_BARS = 60
YEAR = re.compile(r"\d{4}")


def map_of(request, found: search.Counted) -> dict:
    """Context of templates/evidence/_incident_map.html; `counted` is false where the time for counting was over."""
    with Budget(settings.FACETS_SECONDS) as budget:
        counts = search.by_place(found, budget)
    if counts is None:
        return {"counted": False}
    wide, near = search.over_places(counts, "province"), search.over_places(counts, "county")
    rows = _rows(request, wide, near)
    drawn = [row for row in rows if "province" in row["at"] and row["x"] is not None]
    window = window_of([(row["x"], row["y"]) for row in drawn])
    largest = max((row["count"] for row in drawn), default=1)
    return {
        "counted": True, "rows": rows, "window": window, "outlines": outlines(window),
        "marks": [_mark(row, window, largest) for row in drawn],
        "total": sum(counts.values()), "nowhere": wide.nowhere,
        "only_listed": sum(row["count"] for row in rows if row["x"] is None and "province" in row["at"]),
        "nowhere_url": query_with(request, view=None, **dict([NOWHERE])),
    }  # fmt: skip


def _rows(request, wide: Places, near: Places) -> list[dict]:
    """Provinces, each with what is in it: lines of the table, which are the marks of the map at their level."""
    within: dict[str, list[Spot]] = {}
    for spot in near.spots:
        within.setdefault(spot.place.path[:2][-1], []).append(spot)
    rows = []
    for spot in wide.spots:
        inner = within[spot.place.pk]
        alone = len(inner) == 1 and inner[0].is_rough
        rows.append(_row(request, spot, "province county" if alone else "province", rough=alone))
        rows += [] if alone else [_row(request, one, "county", rough=one.is_rough) for one in inner]
    return rows


def _row(request, spot: Spot, at: str, *, rough: bool) -> dict:
    place, (name, value) = spot.place, spot.filter
    known = place.latitude is not None
    return {
        "name": place.name_ko if get_language() == "ko" else place.name_en, "code": place.pk, "count": spot.count,
        "at": at, "is_inner": at == "county", "is_rough": rough,
        "x": float(place.longitude) if known else None, "y": float(place.latitude) if known else None,
        "url": query_with(request, view=None, **{name: value}),
    }  # fmt: skip


def _mark(row: dict, window, largest: int) -> dict:
    x, y = window.point(row["x"], row["y"])
    radius = round(LEAST + (LARGEST - LEAST) * sqrt(row["count"] / largest), 1)
    return row | {"x": x, "y": y, "r": radius, "below": round(y + radius + 11, 1)}


@dataclass(frozen=True)
class Bar:
    """A bar of the histogram in units of the drawing, with the list behind it."""

    label: str
    tick: str
    certain: int
    uncertain: int
    x: int
    step: int
    width: int
    middle: float
    certain_y: float
    certain_height: float
    uncertain_y: float
    uncertain_height: float
    url: str
    list_url: str

    @property
    def count(self) -> int:
        return self.certain + self.uncertain


def time_of(request, found: search.Counted) -> dict:
    """Context of templates/evidence/_incident_time.html: by month where one year is chosen, else by year or ten."""
    with Budget(settings.FACETS_SECONDS) as budget:
        counts = search.by_day(found, budget)
    if counts is None:
        return {"counted": False}
    began = request.GET.getlist("began")
    year = began[0] if len(began) == 1 and YEAR.fullmatch(began[0]) else ""
    times = search.over_time(counts, "month" if year else "year")
    spans = _months(year, times.spans) if year else _years(times.spans)
    largest = max((span.count for span in spans), default=0)
    top = _round_up(largest)
    step = min(max(BROAD // max(len(spans), 1), NARROWEST), BROADEST)
    bars = [_bar(request, number, span, top, step, year) for number, span in enumerate(spans)]
    right = LEFT + max(len(bars) * step, 8 * NARROWEST)
    return {
        "counted": True, "bars": bars, "year": year, "left": LEFT, "right": right,
        "width": right + 8, "height": HIGH + BELOW, "high": HIGH,
        "grid": [{"y": HIGH - round(HIGH * part / 4 * 0.92, 1), "value": top * part // 4} for part in (0, 2, 4)],
        "total": sum(counts.values()), "dated": sum(bar.count for bar in bars),
        "uncertain": sum(bar.uncertain for bar in bars), "undated": times.undated,
        "years_url": query_with(request, began=None) if year else "",
        "undated_url": query_with(request, view=None, **dict([NO_DATE])),
        "first": spans[0].label if spans else "", "last": spans[-1].label if spans else "",
    }  # fmt: skip


def _months(year: str, spans: list[Span]) -> list[Span]:
    known = {span.label: span for span in spans}
    labels = [f"{year}-{month:02}" for month in range(1, 13)]
    return [known.get(label, Span(label, 0, 0)) for label in labels] if known else []


def _years(spans: list[Span]) -> list[Span]:
    """Years without a gap, or spans of ten or a hundred years where there would be too many bars."""
    if not spans:
        return []
    first, last = int(spans[0].label), int(spans[-1].label)
    step = next(step for step in (1, 10, 100, 1000) if (last - first) // step < MOST_BARS)
    gathered: dict[int, list[int]] = {}
    for span in spans:
        both = gathered.setdefault(int(span.label) // step * step, [0, 0])
        both[0] += span.certain
        both[1] += span.uncertain
    found = []
    for year in range(first // step * step, last + 1, step):
        begin, end = max(year, 1), min(year + step - 1, 9999)
        label = f"{year:04}" if step == 1 else f"{begin:04}..{end:04}"
        found.append(Span(label, *gathered.get(year, (0, 0))))
    return found


def _bar(request, number: int, span: Span, top: int, step: int, year: str) -> Bar:
    unit = HIGH * 0.92 / top
    certain, uncertain = span.certain * unit, span.uncertain * unit
    listed = query_with(request, view=None, began=span.label)
    every = -(-36 // step)  # so that years do not run into each other
    tick = "" if number % every else (span.label[5:] if year else span.label[:4])
    return Bar(
        label=span.label.replace("..", "–"), tick=tick, certain=span.certain, uncertain=span.uncertain,
        x=LEFT + number * step + 2, step=step, width=step - 4, middle=LEFT + (number + 0.5) * step,
        certain_y=round(HIGH - certain, 1), certain_height=round(certain, 1),
        uncertain_y=round(HIGH - certain - uncertain, 1), uncertain_height=round(uncertain, 1),
        url=listed if year else query_with(request, began=span.label), list_url=listed,
    )  # fmt: skip


def _round_up(number: int) -> int:
    """The next of 4, 8, 20, 40, 80, 200, …: a quarter of it is whole."""
    top = 4
    while top < number:
        top = top * 5 // 2 if str(top).startswith("8") else top * 2
    return top


def views_of(request, view: str) -> list[dict]:
    """The three ways to look at what is found, for the switch."""
    return [
        {"label": label, "icon": icon, "is_on": name == view, "url": query_with(request, view=name or None)}
        for name, label, icon in (
            ("", _("List"), "list"),
            ("map", _("Map"), "map"),
            ("time", pgettext("view of a list", "Time"), "chart-column"),
        )
    ]
