"""The page of statistics: a table and bars, where each number is a link to the list of what it counts."""

from django.http import QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from accounts.roles import Act as Does
from evidence import search, searches
from evidence.models import Crime, Place
from evidence.search.naming import names_of
from evidence.search.statistics import NONE, OWN, Number, Statistics, statistics
from evidence.web.doors import door
from evidence.web.facets import tokens_of
from evidence.web.fields import field_labels, first_told

MOST_SHOWN = 3000  # cells of a table on the page; the API and CSV have more
STEPS = 4  # shades of a cell, from the second on
FILTER = {"crime": "crime", "place": "place", "year": "year", "status": "status", "sex": "victim_sex"}
TREES = {"crime": Crime, "place": Place}


def dimension_words() -> dict[str, str]:
    """What the dimensions are called."""
    labels = field_labels()
    return {dimension: labels[name] for dimension, name in FILTER.items()}


@door(Does.READ)
def page(request):
    """Counts by up to three dimensions, narrowed like the list of incidents."""
    params = _asked(request.GET)
    context = {"form": _form(params), "tokens": tokens_of(request), "kept": _kept(params), "query": params.urlencode()}
    try:
        found = statistics(params, user=request.user)
    except Invalid as error:
        context["problem"] = first_told(error)
        return render(request, "evidence/statistics.html", context, status=400)
    search.note_search(by=request.user, kind="statistics", params=params, shown=len(found.cells))
    api = reverse("api:statistics-list")
    context |= _shown(found, params) | {
        "api_url": request.build_absolute_uri(f"{api}?{params.urlencode()}"),
        "list_url": f"{reverse('incident-list')}?{_filters(params).urlencode()}",
    }  # fmt: skip
    return render(request, "evidence/statistics.html", context)


def _asked(given: QueryDict) -> QueryDict:
    """The query string without what is empty, and without where somebody stood in a list; by crime unless told.

    Always with a level of crimes, so that the query of the API is the same question.
    """
    params = searches.lasting(given)
    params.pop("ordering", None)
    if "group_by" not in params:
        params["group_by"] = "crime"
    params.setdefault("crime_level", "2")  # of the top ones there are few
    return params


def _filters(params: QueryDict) -> QueryDict:
    kept = params.copy()
    for name in OWN:
        kept.pop(name, None)
    return kept


def _kept(params: QueryDict) -> list[tuple[str, str]]:
    """The filters, for hidden fields of the form."""
    return [(name, value) for name, values in _filters(params).lists() for value in values]


def _form(params: QueryDict) -> list[dict]:
    words = list(dimension_words().items())
    chosen = [name for text in params.getlist("group_by") for name in text.split(",")] + ["", "", ""]
    labels = (_("Group by"), _("then by"), _("then by"))
    fields = [
        {"id": f"by-{place}", "name": "group_by", "label": labels[place], "chosen": chosen[place],
         "options": words if place == 0 else [("", _("Nothing")), *words]}
        for place in range(3)
    ]  # fmt: skip
    small = [(str(number), _("Below %(n)d") % {"n": number}) for number in (3, 5, 10, 20)]
    more = (
        ("measure", _("Count"), [("", _("As fits")), ("incidents", _("Incidents")), ("victims", _("Victims"))]),
        ("crime_level", _("Level of crimes"), [(str(n), str(n)) for n in (1, 2, 3)]),
        ("place_level", _("Level of places"), [("1", _("Country")), ("2", _("Province")), ("3", _("County"))]),
        ("suppress", _("Leave out small numbers"), [("", _("None")), *small]),
    )
    usual = {"place_level": "2"}
    return fields + [
        {"id": name, "name": name, "label": label, "options": options, "chosen": params.get(name, usual.get(name, ""))}
        for name, label, options in more
    ]


def _shown(found: Statistics, params: QueryDict) -> dict:
    """What the template shows: the table, the bars, what was counted in words."""
    words, question = dimension_words(), found.question
    links = _Links(found, params)
    names = names_of(found)
    context = {
        "total": found.total, "measure": question.measure, "suppress": question.suppress,
        "most_left_out": question.suppress - 1, "by": [words[name] for name in question.group_by],
        "has_crimes": "crime" in question.group_by, "is_too_large": len(found.cells) > MOST_SHOWN,
        "cell_count": len(found.cells),
    }  # fmt: skip
    if not found.cells or context["is_too_large"]:
        return context
    own = {name: {one.code: one.ko if get_language() == "ko" else one.en for one in names[name]} for name in names}
    if len(question.group_by) == 1:
        (dimension,) = question.group_by
        numbers = {(code,): found.cells[(code,)] for code in own[dimension]}
        return context | {"bars": _bars(numbers, question.group_by, own, links)}
    rows = sorted(found.rows, key=lambda key: [list(own[name]).index(code) for name, code in _pairs(question, key)])
    context["bars"] = _bars({key: found.rows[key] for key in rows}, question.group_by[:-1], own, links)
    return context | _table(found, rows, own, links)


def _pairs(question, key) -> list[tuple[str, str]]:
    return list(zip(question.group_by, key, strict=False))


def _bars(numbers: dict, dimensions, own, links: "_Links") -> list[dict]:
    """One bar a value, as long as its share of the longest; hatched where the date is uncertain or unknown."""
    largest = max((number.count or 0 for number in numbers.values()), default=0) or 1
    return [
        {"label": _label(dimensions, key, own), "number": number, "url": links.to(dimensions, key),
         "width": round(100 * (number.count or 0) / largest, 1),
         "is_hatched": key[-1] in ("uncertain", "undated", NONE)}
        for key, number in numbers.items()
    ]  # fmt: skip


def _label(dimensions, key, own) -> str:
    return " · ".join(own[name][code] for name, code in zip(dimensions, key, strict=True))


def _table(found: Statistics, rows: list, own, links: "_Links") -> dict:
    """Rows by all dimensions but the last, columns by the last, with totals."""
    dimensions = found.question.group_by
    columns = own[dimensions[-1]]
    largest = max((number.count or 0 for number in found.cells.values()), default=0) or 1
    zero = Number(0)

    def cell(key) -> dict:
        number, label = found.cells.get(key, zero), _label(dimensions, key, own)
        shade = min(STEPS, 1 + STEPS * number.count // (largest + 1)) if number.count else 0
        return {"number": number, "label": label, "shade": shade, "url": links.to(dimensions, key)}

    return {
        "head": [{"label": label} for label in columns.values()],
        "rows": [
            {"label": _label(dimensions[:-1], key, own), "cells": [cell((*key, code)) for code in columns],
             "total": found.rows[key], "url": links.to(dimensions[:-1], key)}
            for key in rows
        ],
        "foot": [
            {"number": found.columns.get((code,), zero), "url": links.to(dimensions[-1:], (code,))} for code in columns
        ],
    }  # fmt: skip


class _Links:
    """Addresses of lists that hold what a number counts, the filters of the page included."""

    def __init__(self, found: Statistics, params: QueryDict):
        self.question, self.filters = found.question, _filters(params)
        self.list = reverse("incident-list")
        self.paths = {
            name: dict(model.objects.filter(pk__in=self._codes(found, name)).values_list("pk", "path"))
            for name, model in TREES.items()
        }

    def _codes(self, found: Statistics, name: str) -> set[str]:
        if name not in self.question.group_by:
            return set()
        place = self.question.group_by.index(name)
        return {key[place] for key in found.cells} | set(self.filters.getlist(name))

    def to(self, dimensions, key) -> str:
        """The list of a number; empty where no filter says just what it counts."""
        query = self.filters.copy()
        for name, code in zip(dimensions, key, strict=True):
            if not self._narrow(query, name, code):
                return ""
        return f"{self.list}?{query.urlencode()}"

    def _narrow(self, query: QueryDict, name: str, code: str) -> bool:
        if code == NONE:
            if name not in TREES:
                return False
            level = getattr(self.question, f"{name}_level")
            query.appendlist("without", name if level == 1 else f"{name}:{level}")
            return True
        if name in TREES and (chosen := self.filters.getlist(name)):
            below = [code in self.paths[name].get(one, ()) for one in chosen]
            if all(below):  # whatever the filters find is within
                return True
            if not any(one in self.paths[name].get(code, ()) for one in chosen):
                return False
        query[FILTER[name]] = code
        return True
