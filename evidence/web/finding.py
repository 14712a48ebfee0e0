"""The search over everything: tabs by kind, passages with what was found marked, titles written alike."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from accounts.roles import Act as Does
from evidence import search
from evidence.open_names import names_of
from evidence.search.counting import Budget
from evidence.search.hits import RELEVANCE
from evidence.web.doors import door, polled, query_with
from evidence.web.fields import first_told
from evidence.web.lists import COLLECTION, LEVEL

KINDS = (
    ("incident", lambda: _("Incidents"), "incident-detail", "files"),
    ("item", lambda: _("Evidence"), "item-detail", "paperclip"),
    ("person", lambda: _("Persons"), "person-detail", "users"),
    ("source", lambda: _("Sources"), "source-detail", "quote"),
)
PAGES = {name: page for name, _label, page, _icon in KINDS}
CAP = 1000  # more are not counted for a tab
SECONDS = 1.5  # for the numbers of all tabs together
FILTERS = (LEVEL, COLLECTION)


@door(Does.READ)
def page(request):
    """What the words find among the records of one kind, with a tab for each kind."""
    kind = request.GET.get("type") if request.GET.get("type") in PAGES else "incident"
    typed = request.GET.get("q", "").strip()
    context = {"kind": kind, "query": typed, "tabs": _tabs(request, kind), "selects": _selects(request),
               "orderings": _orderings(request)}  # fmt: skip
    status = 200
    if typed:
        params = request.GET.copy()
        params.pop("type", None)
        try:
            found = search.find(kind, params, user=request.user)
            context |= _shown(request, kind, params, found)
        except Invalid as error:
            context["problem"] = first_told(error)
            status = 400
        else:
            search.note_search(by=request.user, kind=kind, params=request.GET, shown=len(found.hits))
    return render(request, "evidence/search.html", context, status=status)


def _shown(request, kind: str, params, found) -> dict:
    return {
        "hits": [_line(hit) for hit in found.hits],
        "alike": [] if found.hits or params.get("cursor") else _alike(kind, params, request.user),
        "next_url": found.page.next and query_with(request, cursor=found.page.next),
        "previous_url": found.page.previous and query_with(request, cursor=found.page.previous),
        "counts_query": request.GET.urlencode(),
    }


def _line(hit) -> dict:
    """A hit for the template: the title in the language of the page first, the other one under it."""
    own = get_language() or "en"
    titles = [{"lang": name[-2:] if name[-3:-2] == "_" else "", "parts": parts} for name, parts in hit.titles.items()]
    titles.sort(key=lambda title: title["lang"] not in (own, ""))
    first = titles[0] if titles else {"lang": "", "parts": [search.Part(hit.record.code)]}
    return {
        "record": hit.record, "kind": hit.kind, "first": first, "second": titles[1] if len(titles) > 1 else None,
        "passage": hit.passage, "page": hit.page, "url": reverse(PAGES[hit.kind], args=[hit.record.pk]),
    }  # fmt: skip


def _alike(kind: str, params, user) -> list[dict]:
    """Records of the kind whose titles or names are written much like what was typed; if there are none, persons: a
    name is what is most often written in another way."""
    rows = search.alike_titles(kind, params, user=user)
    if not rows and kind != "person":
        return _alike("person", params, user)
    names = names_of(rows, user) if kind == "person" else {}
    return [
        {"record": row, "title": _title(row, names.get(row.pk, ())), "url": reverse(PAGES[kind], args=[row.pk])}
        for row in rows
    ]


def _title(row, names) -> str:
    if names:
        return ", ".join(one["value"] for one in names)
    if hasattr(row, "title"):
        return row.title
    return (row.title_ko if get_language() == "ko" else row.title_en) or row.title_en or row.title_ko


def _tabs(request, kind: str) -> list[dict]:
    return [
        {"kind": name, "label": label(), "icon": icon, "is_current": name == kind,
         "url": query_with(request, type=name, ordering=None)}
        for name, label, _page, icon in KINDS
    ]  # fmt: skip


def _selects(request) -> list[dict]:
    selects = []
    for one in FILTERS:
        chosen = [value for value in request.GET.getlist(one.name) if value]
        options = one.options(request.user)
        selects.append(
            {"name": one.name, "label": one.label(), "options": options, "chosen": chosen[-1] if chosen else ""}
        )
    return selects


def _orderings(request) -> list[tuple]:
    chosen = request.GET.get("ordering", "")
    return [(value, label, value == chosen) for value, label in (("", _("Last change")), (RELEVANCE, _("Relevance")))]


@polled
@door(Does.READ)
def counts_part(request):
    """The tabs with numbers: asked for when the hits are there. A number that takes too long is left out."""
    kind = request.GET.get("type") if request.GET.get("type") in PAGES else "incident"
    params = request.GET.copy()
    params.pop("type", None)
    tabs = _tabs(request, kind)
    with Budget(SECONDS) as budget:
        for tab in tabs:
            tab["url"] = reverse("search") + tab["url"]
            try:
                counted = budget.spend(
                    lambda tab=tab: search.counts_of(tab["kind"], params, user=request.user).capped(CAP)
                )
            except Invalid:
                counted = None
            if counted:
                tab["n"] = f"{counted[0]:,}+" if counted[1] else f"{counted[0]:,}"
    return render(request, "evidence/_search_tabs.html", {"tabs": tabs})
