"""Logging and editing an incident: one page with sections, one save, one act."""

import re

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.errors import Refused, Stale, status_of
from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import assessment, recording
from evidence.models import Act, Collection, Incident, Involvement
from evidence.recording.acts import find
from evidence.web.doors import door, load
from evidence.web.forms.incidents import ActFormSet, IncidentForm, put_back


@door(Does.RECORD, "GET", "POST")
def new(request):
    """Log an incident: keep it as a draft, or submit it at once."""
    data = request.POST if request.method == "POST" else None
    form = IncidentForm(data, user=request.user, initial={"place_precision": "", "verification_status": "unverified"})
    acts = ActFormSet(data, prefix="acts")
    status = 200
    if data is not None:
        if form.is_valid() and acts.is_valid():
            collection = find(Collection.objects.permitted(request.user, Permission.CONTRIBUTE), data.get("collection"))
            try:
                incident = recording.log_incident(
                    by=request.user, collection=collection, given=form.given() | {"acts": acts.given()}
                )
                return _saved(request, incident)
            except Refused as error:
                put_back(form, acts, error)
                status = status_of(error)
        else:
            status = 400
    return _page(request, form, acts, None, status)


@door(Does.RECORD, "GET", "POST")
def edit(request, pk):
    """Change a draft or a returned incident; what the editor may not see stays as it is."""
    incident = load(request, Incident, pk, Permission.CONTRIBUTE)
    data = request.POST if request.method == "POST" else None
    form = IncidentForm(data, user=request.user, incident=incident, initial=_initial(incident))
    acts = ActFormSet(data, prefix="acts", initial=_initial_acts(request, incident))
    status, conflict = 200, None
    if data is not None:
        if form.is_valid() and acts.is_valid():
            version = data.get("version", "")
            try:
                incident = recording.revise_incident(
                    by=request.user,
                    incident=incident,
                    given=form.given() | {"acts": acts.given()},
                    version=int(version) if re.fullmatch("[0-9]{1,9}", version) else 0,
                    reason=form.cleaned_data.get("reason") or "",
                )
                return _saved(request, incident)
            except Stale as error:
                conflict, status = error, 409
            except Refused as error:
                put_back(form, acts, error)
                status = status_of(error)
        else:
            status = 400
    return _page(request, form, acts, incident, status, conflict)


def _saved(request, incident):
    """After the save: submitted when the author said so, else a draft."""
    if "submit_review" in request.POST:
        try:
            assessment.submit(by=request.user, incident=incident)
            messages.success(request, _("Saved and submitted for review."))
        except Refused as error:
            messages.warning(request, _("Saved as a draft. %(reason)s") % {"reason": error})
    else:
        messages.success(request, _("Saved as a draft."))
    return redirect("incident-detail", pk=incident.pk)


def _page(request, form, acts, incident, status, conflict=None):
    invalid = [row for act in acts.forms for row in (act, *act.involvements.forms) if row.is_bound and row.errors]
    context = {
        "form": form,
        "acts": acts,
        "incident": incident,
        "invalid_forms": invalid,
        "conflict": conflict,
        "steps": _steps(form, acts, invalid),
        "version": request.POST.get("version") or (incident.version if incident else ""),
    }
    return render(request, "evidence/incident_form.html", context, status=status)


def _steps(form, acts, invalid) -> list[dict]:
    """The sections with their state, from what is filled in and what is wrong."""
    sections = (
        ("s-summary", _("Summary"), ("collection", "title_en", "title_ko")),
        ("s-when", _("When"), ("date", "date_note")),
        ("s-where", _("Where"), ("place_text", "place_precision", "place_detail", "latitude", "longitude")),
        ("s-account", pgettext("narrative", "Account"), ("narrative_en", "narrative_ko")),
    )
    steps = []
    for identifier, label, fields in sections:
        wrong = [name for name in fields if name in form.fields and form.is_bound and form.errors.get(name)]
        filled = any(form[name].value() for name in fields if name in form.fields and name != "collection")
        steps.append(
            {"href": f"#{identifier}", "label": label, "state": "error" if wrong else "done" if filled else "todo"}
        )
    acts_state = (
        "error"
        if invalid
        else "done"
        if any(act["title_en"].value() or act["crimes"].value() for act in acts)
        else "todo"
    )
    steps.append({"href": "#s-acts", "label": _("Acts, crimes and people"), "state": acts_state})
    steps.append({"href": "#s-protection", "label": _("Protection"), "state": "todo"})
    return steps


def _initial(incident: Incident) -> dict:
    names = ("title_en", "title_ko", "date", "date_note", "place_precision", "place_detail", "latitude", "longitude",
             "narrative_en", "narrative_ko", "verification_status", "confidentiality")  # fmt: skip
    initial = {name: getattr(incident, name) for name in names}
    if incident.place:
        initial |= {"place": incident.place_id, "place_text": f"{incident.place.name_en} · {incident.place.name_ko}"}
    return initial


def _initial_acts(request, incident: Incident) -> list[dict]:
    acts = []
    for act in Act.objects.filter(incident=incident, ended_at=None).permitted(request.user):
        rows = Involvement.objects.filter(act=act, ended_at=None).permitted(request.user)
        acts.append(
            {
                "id": str(act.pk),
                "title_en": act.title_en,
                "title_ko": act.title_ko,
                "crimes": list(act.classifications.values_list("crime_id", flat=True)),
                "involvements": [_initial_involvement(row) for row in rows.select_related("person", "organisation")],
            }
        )
    return acts


def _initial_involvement(row: Involvement) -> dict:
    return {
        "id": str(row.pk),
        "role": row.role,
        "person": str(row.person_id or ""),
        "person_text": row.person.code if row.person else "",
        "organisation": str(row.organisation_id or ""),
        "organisation_text": row.organisation.name_en if row.organisation else "",
        "count_min": row.count_min,
        "count_max": row.count_max,
        "description": row.description,
    }
