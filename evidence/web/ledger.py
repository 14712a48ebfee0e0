"""The ledger's own pages: its state, the audit trail with filters, single entries, lawful erasure by two people."""

import json
import uuid

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import redactions
from accounts.errors import Invalid, Refused, status_of
from accounts.models import User
from accounts.roles import Act as Does
from accounts.roles import may
from custody import anchors, checkpoints, overview, proofs, trail
from evidence import audit, tasks, verifications
from evidence.web import phrases
from evidence.web.act_phrases import ACTS
from evidence.web.doors import door, put_back, query_with
from evidence.web.forms.custody import ErasureForm, TrailForm
from evidence.web.trails import lines, members


@door(Does.AUDIT)
def state(request):
    """How the log stands: size, signatures, time stamps, publications, verifications, proposals of erasure."""
    runs = verifications.recent(5)
    context = {
        "state": overview.state(),
        "keys": checkpoints.announced_keys(),
        "authorities": [(issuer, issuer == anchors.DEMO) for issuer in settings.LEDGER_TIMESTAMP_AUTHORITIES],
        "places": settings.LEDGER_PUBLISH_TO,
        "runs": runs,
        "last": next((_run(run) for run in runs if run.finished_at), None),
        "is_waiting": any(run.finished_at is None for run in runs),
        "proposals": [_proposal(one) for one in trail.proposals()] if may(request.user, Does.ERASE) else None,
    }
    return render(request, "evidence/ledger.html", context)


def _run(run) -> dict:
    found = [
        {
            "holds": one["holds"],
            "text": phrases.LEDGER_CHECKS[one["check"]][0 if one["holds"] else 1],
            "index": one["index"],
            "facts": "" if one["holds"] else json.dumps(one["facts"], ensure_ascii=False)[:2000],
        }
        for one in run.findings
    ]
    return {"run": run, "findings": found}


def _proposal(one: trail.Proposal) -> dict:
    by = User.objects.filter(pk=one.proposed.actor_id).first()
    return {"entry_id": one.entry_id, "part": one.part, "by": by, "at": one.proposed.recorded_at}


@door(Does.AUDIT, "POST")
def verify(request):
    """Ask for a verification of the whole ledger."""
    verifications.request(by=request.user)
    tasks.nudge(tasks.verify_ledger)
    messages.success(request, _("The whole ledger is being verified. The outcome appears here."))
    return redirect("ledger")


@door(Does.OWN)
def trust(request):
    """trust.json, to be handed to verifiers by another way than proofs."""
    text = json.dumps(proofs.trust_document(), ensure_ascii=False, indent=1)
    answer = HttpResponse(text, content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="trust.json"'
    return answer


@door(Does.OWN)
def verifier(request):
    """The program that checks proofs offline, as it stands in this installation."""
    answer = HttpResponse(proofs.VERIFIER.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify_custody.py"'
    return answer


@door(Does.AUDIT)
def entries(request):
    """The audit trail: who did what to which record and when, without what the records say."""
    form, status, found, problem = _trail_form(request), 200, [], ""
    try:
        before = request.GET.get("before", "")
        if before and not (before.isascii() and before.isdigit() and len(before) < 19):
            raise Invalid(_("This link is not one of this list. Start again from the newest."), field="before")
        wanted = audit.wanted(_without_empty(request.GET))
        found = audit.page(wanted, user=request.user, params=request.GET, before=int(before) if before else None)
    except Invalid as error:
        status, problem = 400, " ".join(error.errors.values()) or str(error)
    shown = found[: audit.PAGE]
    context = {
        "form": form,
        "problem": problem,
        "rows": lines(shown, request.user),
        "next_url": query_with(request, before=shown[-1].eid) if len(found) > audit.PAGE else None,
        "first_url": query_with(request, before=None) if request.GET.get("before") else None,
        "is_narrowed": any(value for name, value in request.GET.items() if name != "before"),
    }
    return render(request, "evidence/audit.html", context, status=status)


def _without_empty(params):
    kept = params.copy()
    for name in [name for name, value in params.items() if not value]:
        del kept[name]
    return kept


def _trail_form(request) -> TrailForm:
    form = TrailForm(initial={name: value for name, value in request.GET.items() if value})
    known = [(act, str(ACTS.get(act, (act,))[0]) + f" ({act})") for act in trail.acts()]
    form.fields["act"].choices = [("", _("Anything"))] + [pair for pair in known if not pair[0].startswith("row.")]
    form.fields["kind"].choices = [
        ("", _("Anything")),
        *((kind, str(label)) for kind, label in phrases.OBJECTS.items()),
    ]
    form.fields["actor"].choices = [("", _("Anybody")), *members()]
    return form


@door(Does.AUDIT)
def entry(request, pk):
    """One entry: its envelope, its place in the log, what is left of its parts, what the same request wrote."""
    reading = _load(request, pk)
    return _entry_page(request, reading, ErasureForm())


def _load(request, pk) -> audit.Reading:
    try:
        reading = audit.read(uuid.UUID(pk), user=request.user)
    except ValueError:
        reading = None
    if reading is None:
        raise Http404
    return reading


def _entry_page(request, reading, form, status: int = 200):
    one = reading.entry
    open_parts = {proposal.part: proposal for proposal in trail.proposals() if proposal.entry_id == one.entry_id}
    parts = [
        {
            "name": payload.part,
            "erased": payload.body is None,
            "commit": one.content["commit"].get(payload.part, ""),
            "body": bytes(payload.body).decode() if reading.opens and payload.body is not None else "",
            "proposal": open_parts.get(payload.part),
            "is_mine": payload.part in open_parts and open_parts[payload.part].proposed.actor_id == request.user.pk,
        }
        for payload in reading.parts
    ]
    context = {
        "line": lines([one], request.user)[0],
        "entry": one,
        "index": one.index,
        "leaf": bytes(one.leaf.leaf_hash).hex() if one.index is not None else "",
        "envelope": json.dumps(one.content, ensure_ascii=False, indent=2),
        "parts": parts,
        "opens": reading.opens,
        "same_request": lines([other for other in trail.of_the_same_request(one) if other.pk != one.pk], request.user),
        "form": form,
        "may_erase": may(request.user, Does.ERASE),
        "may_audit": may(request.user, Does.AUDIT),
    }
    return render(request, "evidence/audit_entry.html", context, status=status)


STEPS = {
    "propose": (redactions.propose_erasure, "reason", lambda: _("Proposed. Another administrator decides.")),
    "decline": (redactions.decline_erasure, "reason", lambda: _("The proposal is put aside.")),
    "carry-out": (redactions.carry_out_erasure, "basis", lambda: _("Erased. The entry and all proofs still stand.")),
}


@door(Does.ERASE, "POST")
def erase(request, pk, step):
    """Propose to erase a part, put a proposal aside, or carry out what another person proposed."""
    if step not in STEPS:
        raise Http404
    reading, form = _load(request, pk), ErasureForm(request.POST)
    act, ground, done = STEPS[step]
    status = 400
    if form.is_valid():
        given = {ground: form.cleaned_data["ground"], "part": form.cleaned_data["part"]}
        try:
            act(by=request.user, entry_id=reading.entry.entry_id, **given)
        except Refused as error:
            put_back(form, error)
            status = status_of(error)
        else:
            messages.success(request, done())
            return redirect("audit-entry", pk=pk)
    return _entry_page(request, reading, form, status)
