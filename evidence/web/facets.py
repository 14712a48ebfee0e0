"""Facets of the incident list: what it can be narrowed by, the years, what is on. Counted after the rows are shown."""

from dataclasses import dataclass

from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.roles import Act as Does
from evidence import search
from evidence.models import Incident
from evidence.web.doors import door, polled, query_with
from evidence.web.fields import field_labels, word

FACETS = (
    ("status", lambda: _("Status")),
    ("crime", lambda: _("Alleged crime")),
    ("place", lambda: _("Place")),
    ("classification", lambda: _("Classification status")),
    ("confidentiality", lambda: _("Confidentiality")),
)
CONTROLLED = {"q", "date_from", "date_to", "dates", *(name for name, _label in FACETS)}
ONE_OF = ("status", "classification")  # of few values: where some are chosen, the others can be added to them
MOST_OPTIONS = 14
BAR, HEIGHT = 10, 48  # of the drawing of the years, in its own units


@polled
@door(Does.READ)
def facets_part(request):
    """The facets with their numbers, and the years: asked for by the page of the list when its rows are there."""
    found = search.counted(Incident, request.GET, search.INCIDENT_FILTERS, user=request.user)
    more = found.is_whole and search.total(found)[1]  # a narrowed list is read to its end anyway
    values = search.facets(found, language=get_language() or "en", more=more)
    # They come from the same counts: where there was no time for these, it would be asked for once more.
    years = search.years(found) if found.is_tallied else None
    context = {"facets": facets_of(request, values), "years": years_of(request, years)}
    context["some_uncounted"] = any(value.count is None for many in values.values() for value in many)
    return render(request, "evidence/_facets.html", context)


def facets_of(request, found) -> list[dict]:
    """Facets for the template; of long ones the chosen values and the most frequent."""
    facets, all_of = [], {}
    for name, label in FACETS:
        chosen = request.GET.getlist(name)
        if name in ONE_OF and any(chosen):
            all_of = all_of or search.uncounted(get_language() or "en")
            counted = {value.code: value for value in found[name]}
            found = found | {name: [counted.get(value.code, value) for value in all_of[name]]}
        options = [
            {"value": value.code, "label": value.label, "count": value.count, "share": value.share,
             "level": value.depth, "selected": value.code in chosen}
            for value in found[name]
        ]  # fmt: skip
        if len(options) > MOST_OPTIONS:
            frequent = sorted(options, key=lambda option: (not option["selected"], -(option["count"] or 0)))
            options = [option for option in options if option in frequent[:MOST_OPTIONS]]
        # A chosen value that is not offered would be lost with the next change of the form.
        offered = {option["value"] for option in options}
        options += [
            {"value": value, "label": word(name, value), "count": None, "selected": True}
            for value in dict.fromkeys(chosen)
            if value and value not in offered
        ]
        is_open = bool(chosen) or name in ("status", "crime")
        facets.append({"name": name, "label": label(), "options": options, "open": is_open, "active": len(chosen)})
    return facets


@dataclass(frozen=True)
class Bar:
    """One bar of the drawing: a year, or ten of them, with the list that it stands for."""

    label: str
    count: int
    x: int
    y: int
    height: int
    url: str


def years_of(request, counts: dict[int | None, int] | None) -> dict | None:
    """The years in which the incidents found began, as bars that are links; None when they were not counted."""
    known = {year: number for year, number in (counts or {}).items() if year is not None}
    if counts is None or not known:
        return None
    first, last = min(known), max(known)
    step = 1 if last - first < 60 else 10 if last - first < 600 else 100
    grouped: dict[int, int] = {}
    for year, number in known.items():
        grouped[year // step * step] = grouped.get(year // step * step, 0) + number
    largest, whole, bars = max(grouped.values()), sum(counts.values()), []
    for place, year in enumerate(range(min(grouped), max(grouped) + 1, step)):
        number = grouped.get(year, 0)
        height = max(2, round(HEIGHT * number / largest)) if number else 0
        until = year + step - 1
        label = str(year) if step == 1 else f"{year}–{until}"
        span = f"{year:04}" if step == 1 else f"{max(year, 1):04}..{until:04}"
        is_all = number == whole and "began" in request.GET  # a month of it, for example: the year would be more
        url = query_with(request) if is_all else query_with(request, began=span)
        bars.append(Bar(label, number, place * BAR, HEIGHT - height, height, url))
    return {"bars": bars, "width": len(bars) * BAR, "height": HEIGHT, "undated": counts.get(None, 0),
            "first": bars[0].label, "last": bars[-1].label}  # fmt: skip


def tokens_of(request) -> list[dict]:
    """What the list is narrowed to, each with a link that takes it off."""
    tokens = []
    for name, label in field_labels().items():
        values = request.GET.getlist(name)
        for value in values:
            if value:
                rest = request.GET.copy()
                rest.pop("cursor", None)
                rest.setlist(name, [other for other in values if other != value])
                tokens.append({"label": label, "value": word(name, value), "remove_url": "?" + rest.urlencode()})
    return tokens


def kept_of(request) -> list[tuple[str, str]]:
    """What narrows the list and has no control in its form: sent along, so that no change of the form loses it."""
    return [
        (name, value)
        for name in ("view", *search.INCIDENT_FILTERS)
        for value in request.GET.getlist(name)
        if value and name not in CONTROLLED
    ]
