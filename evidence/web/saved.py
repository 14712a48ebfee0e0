"""Saved searches: tabs above a list, the list of them, saving and ending one; opening leads to the list itself."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import searches
from evidence.models import SavedSearch
from evidence.search.counting import Budget
from evidence.web.doors import door, polled
from evidence.web.fields import label_of, word
from evidence.web.forms.searches import SearchForm
from evidence.web.lists import COLLECTION

LISTS = {"incident": "incident-list", "item": "item-list", "person": "person-list", "source": "source-list"}
SECONDS = 0.8  # for all numbers of new records together


def _mine(request):
    return SavedSearch.objects.permitted(request.user).select_related("team", "created_by")


def saved_tabs(request, kind: str) -> dict:
    """Context of templates/evidence/_saved_tabs.html: the searches of a list; their numbers are asked for later."""
    query = searches.lasting(request.GET).urlencode()
    rows = list(_mine(request).filter(kind=kind))
    tabs = [{"saved": row, "is_current": bool(query) and row.query == query} for row in rows]
    save = "" if not query or any(tab["is_current"] for tab in tabs) else f"?list={kind}&{query}"
    return {
        "tabs": tabs,
        "kind": kind,
        "all_url": reverse(LISTS[kind]),
        "is_all": not query,
        "current": next((str(tab["saved"].pk) for tab in tabs if tab["is_current"]), ""),
        "save_url": save and reverse("saved-new") + save,
    }


@polled
@door(Does.READ)
def tabs_part(request):
    """The tabs with the number of what is new behind each: asked for by the page when its rows are there."""
    kind = request.GET.get("list", "")
    if kind not in LISTS:
        raise Http404
    rows = list(_mine(request).filter(kind=kind))
    numbers = {}
    with Budget(SECONDS) as budget:
        for row in rows:
            numbers |= budget.spend(lambda row=row: searches.new_since(request.user, [row])) or {}
    current = request.GET.get("current", "")
    tabs = [{"saved": row, "new": _new(numbers.get(row.pk)), "is_current": str(row.pk) == current} for row in rows]
    context = {"tabs": tabs, "kind": kind, "all_url": reverse(LISTS[kind]), "is_all": request.GET.get("all") == "yes"}
    return render(request, "evidence/_saved_tabs_inner.html", {"saved": context})


def _new(counted: tuple[int, bool] | None) -> str:
    if not counted or not counted[0]:
        return ""
    return f"{counted[0]}+" if counted[1] else str(counted[0])


@door(Does.READ)
def listing_page(request):
    """One's own saved searches and those of one's teams."""
    rows = [{"saved": row, "is_mine": row.created_by_id == request.user.pk} for row in _mine(request)]
    return render(request, "evidence/saved_list.html", {"rows": rows})


@door(Does.READ)
def open_one(request, pk):
    """To the list that it stands for; from now on nothing of it is new."""
    saved = get_object_or_404(_mine(request), pk=pk)
    searches.open_search(by=request.user, saved=saved)
    return HttpResponseRedirect(reverse(LISTS[saved.kind]) + (f"?{saved.query}" if saved.query else ""))


@door(Does.READ, "GET", "POST")
def new(request):
    """Save the search of the list that one comes from."""
    params = QueryDict(request.META.get("QUERY_STRING", ""), mutable=True)
    kind = (params.pop("list", None) or ["incident"])[-1]
    if kind not in LISTS:
        raise Http404
    form = SearchForm(request.POST if request.method == "POST" else None, user=request.user)
    saved, status = form.attempt(
        lambda: searches.save_search(by=request.user, kind=kind, query=params.urlencode(), **form.cleaned_data)
    )
    if saved:
        searches.open_search(by=request.user, saved=saved)
        messages.success(request, _("The search is saved."))
        return HttpResponseRedirect(reverse(LISTS[kind]) + (f"?{saved.query}" if saved.query else ""))
    back = reverse(LISTS[kind]) + (f"?{params.urlencode()}" if params else "")
    named = dict(COLLECTION.options(request.user))
    words = [
        (label_of(name), named.get(value, value) if name == COLLECTION.name else word(name, value))
        for name, values in searches.lasting(params).lists()
        for value in values
        if value.strip()
    ]
    context = {"form": form, "back": back, "words": words}
    return render(request, "evidence/saved_form.html", context, status=status)


@door(Does.READ, "POST")
def end(request, pk):
    """End one's own saved search."""
    saved = get_object_or_404(SavedSearch.objects.permitted(request.user, Permission.MANAGE), pk=pk)
    searches.end_search(by=request.user, saved=saved)
    messages.success(request, _("The saved search is ended."))
    return redirect("saved-list")
