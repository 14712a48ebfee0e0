"""Incidents: the list with its filters, the record with its history, review steps and assessments."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.errors import Refused, status_of
from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import may
from custody.checkpoints import latest
from evidence import assessment, search
from evidence.api.incidents import STEPS
from evidence.edtf import wording
from evidence.history import history_of
from evidence.models import Act, Classification, Crime, Documentation, ImportRow, Incident, Involvement, Link
from evidence.policies import EDITABLE
from evidence.search.hits import RELEVANCE
from evidence.web.doors import door, has, listing, load, query_with
from evidence.web.exporting import export_links
from evidence.web.facets import facets_of, kept_of, tokens_of
from evidence.web.fields import labels, ordering_labels
from evidence.web.forms.assessment import AssessForm, StepForm
from evidence.web.protecting import protection_of
from evidence.web.saved import saved_tabs
from evidence.web.spreads import map_of, time_of, views_of
from evidence.web.timeline import days_of


@door(Does.READ)
def listing_page(request):
    """The incidents this person may see, narrowed by the query string: as a list, on a map or by the time of their
    dates. Facets are counted after the rows."""
    view = request.GET.get("view", "")
    if view in VIEWS:
        found = search.counted(Incident, request.GET, search.INCIDENT_FILTERS, user=request.user)
        search.note_search(by=request.user, kind="incident", params=request.GET, shown=0)
        context = {view: VIEWS[view](request, found)}
    else:
        view = ""
        queryset = Incident.objects.permitted(request.user).select_related("place__parent")
        page, found = listing(request, queryset, search.INCIDENT_FILTERS, kind="incident")
        context = _listed(request, page)
    total, _more = search.total(found)
    context |= {
        "total": total,
        "view": view,
        "views": views_of(request, view),
        "kept": kept_of(request),
        "facets": facets_of(request, search.uncounted(get_language() or "en")),
        "facets_query": request.GET.urlencode(),
        "tokens": tokens_of(request),
        "saved": saved_tabs(request, "incident"),
        "may_import": may(request.user, Does.IMPORT),
        "export": export_links(request, "incident"),
    }
    return render(request, "evidence/incident_list.html", context)


VIEWS = {"map": map_of, "time": time_of}


def _listed(request, page) -> dict:
    names = labels(Crime, {code for row in page.rows for code in row.crime_codes})
    return {
        "page": page,
        "rows": [_row(row, names) for row in page.rows],
        "next_url": page.next and query_with(request, cursor=page.next),
        "previous_url": page.previous and query_with(request, cursor=page.previous),
        "orderings": [
            (value, label, page.ordering == value) for value, label in ordering_labels().items() if value != RELEVANCE
        ],
    }


def _row(incident: Incident, crimes: dict[str, str]) -> dict:
    """A line of the list: the most specific crimes, the date in words."""
    codes = incident.crime_codes
    specific = [code for code in codes if not any(other.startswith(f"{code}.") for other in codes)]
    labels = [crimes.get(code, code) for code in specific]
    return {"record": incident, "crimes": labels[:1], "more_crimes": labels[1:]}


@door(Does.READ)
def record(request, pk):
    """One incident as a whole; related records are filtered by their own access."""
    incident = load(request, Incident, pk)
    search.note_opened(by=request.user, record=incident)
    user = request.user
    acts = [
        {
            "act": act,
            "classifications": Classification.objects.filter(act=act).permitted(user)
            .select_related("crime", "assessed_by"),
            "involvements": Involvement.objects.filter(act=act, ended_at=None).permitted(user)
            .select_related("person", "organisation"),
        }
        for act in Act.objects.filter(incident=incident, ended_at=None).permitted(user)
    ]  # fmt: skip
    links = Link.objects.filter(incident=incident, ended_at=None).permitted(user).select_related("item")
    events = history_of(incident, user=user)
    contributes = has(request, incident, Permission.CONTRIBUTE)
    context = {
        "incident": incident,
        "protection": protection_of(request, incident),
        "acts": acts,
        "links": links,
        "documentation": Documentation.objects.filter(incident=incident).permitted(user).select_related("source"),
        "imported": ImportRow.objects.filter(incident=incident).permitted(user).order_by("-pk").first(),
        "days": days_of(events, user),
        "entries": len(events),
        "checkpoint": latest(),
        "steps": _possible_steps(request, incident),
        "may_edit": contributes and may(user, Does.RECORD) and incident.review_status in EDITABLE,
        "may_add": contributes and may(user, Does.INTAKE),
        "may_assess": contributes and may(user, Does.ASSESS),
        "date_words": incident.date and wording(incident.date, get_language() or "en"),
        "victims": _counts(acts),
    }  # fmt: skip
    return render(request, "evidence/incident_record.html", context)


def _counts(acts) -> str:
    """How many victims, from named ones and groups, as a range."""
    low = high = 0
    for entry in acts:
        for one in entry["involvements"]:
            if one.role == "victim":
                low += 1 if not one.is_unnamed else one.count_min or 0
                high += 1 if not one.is_unnamed else one.count_max or one.count_min or 0
    if not high:
        return ""
    if low == high:
        return ngettext("%(n)d victim", "%(n)d victims", low) % {"n": low}
    return _("%(low)d to %(high)d victims") % {"low": low, "high": high}


WORDS = {
    "submit": lambda: (_("Submit for review"), _("Note to the reviewer"), False),
    "pass": lambda: (_("On to second review"), _("Note"), False),
    "finalise": lambda: (_("Finalise"), _("Note"), False),
    "return": lambda: (_("Return to the author"), _("What should change"), True),
    "withdraw": lambda: (_("Withdraw"), _("Why it is withdrawn"), True),
    "restore": lambda: (_("Restore"), _("Why it is restored"), True),
}
FROM = {
    "submit": ("draft", "returned"),
    "pass": ("in_review",),
    "finalise": ("second_review",),
    "return": ("in_review", "second_review", "finalised"),
    "withdraw": ("draft", "returned", "in_review", "second_review", "finalised"),
    "restore": ("withdrawn",),
}
ACTS = {"pass": Does.REVIEW, "finalise": Does.REVIEW, "return": Does.REVIEW}


def _possible_steps(request, incident: Incident) -> list[dict]:
    """The review steps this person can take now; an author sees none of the reviewer's."""
    steps = []
    is_author = incident.created_by_id == request.user.pk
    for name, states in FROM.items():
        act = ACTS.get(name, Does.RECORD)
        if incident.review_status not in states or not may(request.user, act) or (act == Does.REVIEW and is_author):
            continue
        if has(request, incident, STEPS[name][1]):
            label, hint, needed = WORDS[name]()
            steps.append(
                {
                    "name": name,
                    "label": label,
                    "hint": hint,
                    "needed": needed,
                    "primary": name in ("submit", "pass", "finalise"),
                }
            )
    return steps


@door(Does.RECORD, "GET", "POST")
def step(request, pk, step):
    """One step of the review, with its note; the page that asks for it, and the act."""
    if step not in STEPS:
        raise Http404
    verb, permission = STEPS[step]
    incident = load(request, Incident, pk, permission)
    if ACTS.get(step) and not may(request.user, ACTS[step]):
        raise Http404
    label, hint, needed = WORDS[step]()
    form = StepForm(request.POST or None, hint=hint, needed=needed)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                verb(by=request.user, incident=incident, note=form.cleaned_data["note"])
            except Refused as error:
                form.add_error("note" if error.field == "note" else None, str(error))
                status = status_of(error)
            else:
                messages.success(request, _("Done: %(step)s.") % {"step": label})
                return redirect("incident-detail", pk=incident.pk)
        else:
            status = 400
    return render(
        request, "evidence/incident_step.html", {"incident": incident, "form": form, "label": label}, status=status
    )


@door(Does.ASSESS, "GET", "POST")
def assess(request, pk):
    """Set status and standard of proof of a classification, with the reason."""
    row = load(request, Classification, pk, Permission.CONTRIBUTE)
    form = AssessForm(
        request.POST or None, initial={"status": row.status, "standard": row.standard, "version": row.version}
    )
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                assessment.assess(by=request.user, classification=row, **form.cleaned_data)
            except Refused as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = status_of(error)
            else:
                messages.success(request, _("The assessment is recorded."))
                return redirect("incident-detail", pk=row.act.incident_id)
        else:
            status = 400
    return render(request, "evidence/classification_assess.html", {"row": row, "form": form}, status=status)
