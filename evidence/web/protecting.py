"""What takes a second person: lower levels, lower protection, opened identities; and the panel of protection."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import may
from evidence import access, protection, search
from evidence.models import Collection, Decision, Incident, Item, Person, Source
from evidence.web import words
from evidence.web.doors import door, has, load
from evidence.web.forms.access import AnswerForm
from evidence.web.forms.protection import LowerForm, ReassessForm, UnmaskForm

MODELS = {"incidents": Incident, "evidence": Item, "persons": Person, "sources": Source}
KINDS = {Incident: "incident", Item: "item", Person: "person", Source: "source"}


def form_page(request, record, form, status, **context):
    """The page of one form about a record."""
    return render(
        request, "evidence/protect_form.html",
        {"record": record, "form": form, "route": f"{KINDS[type(record)]}-detail"} | context, status=status,
    )  # fmt: skip


@door(Does.RECORD, "GET", "POST")
def lower(request, section, pk):
    """Propose a lower level of a record. Nothing changes until a second person agrees."""
    record = load(request, MODELS[section], pk, Permission.CONTRIBUTE)
    initial = {"confidentiality": record.confidentiality}
    form = LowerForm(request.POST or None, record=record, initial=initial)
    row, status = form.attempt(
        lambda: protection.propose_downgrade(
            by=request.user, record=record, confidentiality=form.cleaned_data["confidentiality"],
            reason=form.cleaned_data["reason"],
        ),
    )  # fmt: skip
    if row:
        return _proposed(request, row)
    lede = _("A second person who reviews this collection decides. People at risk keep it up whatever you choose.")
    return form_page(request, record, form, status, title=_("Propose a lower level"), lede=lede, submit=_("Propose it"))


def _proposed(request, row):
    messages.success(request, _("Proposed. Those who may decide are told."))
    return redirect("decision-detail", pk=row.pk)


@door(Does.RECORD, "GET", "POST")
def reassess(request, pk):
    """Propose a lower protection of a person."""
    person = load(request, Person, pk, Permission.CONTRIBUTE)
    form = ReassessForm(request.POST or None, person=person)
    row, status = form.attempt(
        lambda: protection.propose_reassessment(by=request.user, person=person, **form.cleaned_data)
    )
    if row:
        return _proposed(request, row)
    lede = _("Everything linked to her falls with it, as far as nobody else demands more. A second person decides.")
    return form_page(
        request, person, form, status, title=_("Propose a lower protection"), lede=lede, submit=_("Propose it")
    )


@door(Does.IDENTITY, "GET", "POST")
def unmask(request, pk):
    """Ask a second person to agree that one opens this identity."""
    person = load(request, Person, pk, Permission.CONTRIBUTE)
    form = UnmaskForm(request.POST or None)
    row, status = form.attempt(
        lambda: protection.propose_unmasking(by=request.user, person=person, **form.cleaned_data)
    )
    if row:
        return _proposed(request, row)
    lede = _("At this risk another person has to agree. The agreement is yours alone and lasts an hour.")
    return form_page(request, person, form, status, title=_("Ask to open the identity"), lede=lede, submit=_("Ask"))


@door(Does.READ)
def decisions(request):
    """What waits for a second person among the records that one sees, and what was decided lately."""
    waiting = list(protection.decisions_for(request.user)[:100])
    decided = [*protection.decisions_for(request.user, state="carried_out")[:30]]
    decided += protection.decisions_for(request.user, state="declined")[:30]
    decided.sort(key=lambda row: row.decided_at, reverse=True)
    search.note_search(by=request.user, kind="decision", params=request.GET, shown=len(waiting) + len(decided[:30]))
    context = {"waiting": [_row(one) for one in waiting], "decided": [_row(one) for one in decided[:30]]}
    return render(request, "evidence/decision_list.html", context)


def _row(decision) -> dict:
    return {"row": decision, "record": decision.record, "asked": _asked(decision)}


def _asked(decision) -> str:
    asked = decision.asked
    if decision.kind == "downgrade":
        return words.level(asked["confidentiality"])
    if decision.kind == "reassess":
        risk = words.term("risk_level", asked["risk"])
        return risk if asked["is_protected"] else _("no longer protected (%(risk)s)") % {"risk": risk}
    return asked.get("basis", "")


@door(Does.READ, "GET", "POST")
def decision(request, pk):
    """One proposal: its effect in numbers, and the answer of the second person."""
    row = protection.decision_for(request.user, pk)
    if row is None:
        raise Http404
    is_own, form, status = row.created_by_id == request.user.pk, AnswerForm(request.POST or None), 200
    if request.method == "POST":
        try:
            if is_own:
                protection.withdraw_proposal(by=request.user, decision=row)
                messages.success(request, _("The proposal is withdrawn."))
                return redirect("decision-list")
            if form.is_valid():
                verb = protection.carry_out if "agree" in request.POST else protection.decline
                verb(by=request.user, decision=row, answer=form.cleaned_data["answer"])
                messages.success(request, _("The decision is recorded."))
                return redirect("decision-detail", pk=row.pk)
            status = 400
        except Refused as error:
            status = form.refuse(error)
    record, is_open = row.record, row.state == "open"
    context = {
        "row": row, "record": record, "route": f"{KINDS[type(record)]}-detail", "asked": _asked(row), "form": form,
        "is_own": is_own, "is_open": is_open,
        "may_decide": is_open and not is_own and has(request, record, protection.permission_to_decide(row)),
        "effect": protection.effect_of_decision(row, user=request.user) if is_open else [],
    }  # fmt: skip
    return render(request, "evidence/decision_record.html", context, status=status)


def protection_of(request, record) -> dict:
    """What the panel “Protection” of a record's page needs: where it lives, if that may be told; who may do what."""
    user, kind = request.user, KINDS[type(record)]
    waiting = Decision.objects.permitted(user).filter(**{kind: record}, state="open").order_by("created_at")
    return {
        # A grant on the record alone does not tell which collection it lives in.
        "home": Collection.objects.permitted(user).filter(pk=record.collection_id).first(),
        "kind": kind,
        "lower_route": f"{kind}-lower",
        "is_restricted": not record.inherits_access,
        "may_lower": may(user, Does.RECORD) and has(request, record, Permission.CONTRIBUTE),
        "may_manage": access.is_managed(user, record),
        "waiting": list(waiting),
    }
