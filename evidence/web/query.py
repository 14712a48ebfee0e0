"""The query builder: groups of conditions by AND, OR and NOT, whose text is the list's and the API's `where`."""

from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from accounts.roles import Act as Does
from evidence import search
from evidence.models import Incident
from evidence.search.grammar import AND, Group
from evidence.web import building
from evidence.web.doors import door
from evidence.web.fields import first_told


@door(Does.READ)
def page(request):
    """The form, built up by its buttons without any script; with how many incidents it finds. `do=show` leads on to
    the list."""
    params, problem, status = request.GET, "", 200
    is_sent = "join.0" in params
    try:
        root = building.from_form(params) if is_sent else building.from_params(params)
        where = building.text_of(root)
    except Invalid as error:
        problem, where, status = first_told(error), "", 400
        root = building.from_form(params) if is_sent else Group(AND, ())
    if not root.parts:
        root = Group(root.join, (building.EMPTY,), root.is_not)
    total = ""
    if not problem:
        try:
            total = _total(where, request.user)
        except Invalid as error:
            problem, status = first_told(error), 400
    query = f"?{_query(where).urlencode()}" if where else ""
    if params.get("do") == "show" and not problem:
        return HttpResponseRedirect(reverse("incident-list") + query)
    context = {
        "root": building.drawn(root, request.user, building.focus_of(root, params.get("do", ""))),
        "places": building.place_names(),
        "where": where or (params.get("where", "") if problem and not is_sent else ""),
        "problem": problem,
        "total": total,
        "query": query,
        "api_url": request.build_absolute_uri(reverse("api:incident-list") + query),
        "list_url": request.build_absolute_uri(reverse("incident-list") + query),
        "fields": ", ".join(search.INCIDENT_FILTERS["where"].fields),
    }
    # A script puts only good answers into the page; the mistake is told in this one.
    return render(request, "evidence/incident_query.html", context, status=200 if request.htmx else status)


def _query(where: str) -> QueryDict:
    query = QueryDict(mutable=True)
    query["where"] = where
    return query


def _total(where: str, user) -> str:
    """How many incidents it finds, in words; raises Invalid where a condition has a mistake."""
    params = _query(where) if where else QueryDict()
    number, _more = search.total(search.counted(Incident, params, search.INCIDENT_FILTERS, user=user))
    return number or _("many")
