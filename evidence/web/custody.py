"""Custody of one item: state what happened, verify it now, take its proof as a file, print its certificate."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.errors import Refused, status_of
from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import may
from evidence import handling, proofs, search
from evidence.api.ledger import zip_answer
from evidence.history import history_of
from evidence.models import File, Item
from evidence.web import certificates
from evidence.web.doors import door, has, load, put_back
from evidence.web.forms.custody import ProofForm
from evidence.web.forms.holding import CustodyForm
from evidence.web.phrases import CHECKS
from evidence.web.timeline import days_of


@door(Does.READ)
def page(request, pk):
    """What can be done about an item's custody."""
    item = load(request, Item, pk)
    search.note_opened(by=request.user, record=item)
    return _page(request, item, ProofForm())


def _page(request, item, form, *, checks=None, status: int = 200):
    context = {
        "item": item, "form": form, "checks": checks, "may_audit": may(request.user, Does.AUDIT),
        "events": handling.custody_of(item, user=request.user),
        "may_record": may(request.user, Does.INTAKE) and has(request, item, Permission.CONTRIBUTE),
    }  # fmt: skip
    return render(request, "evidence/custody.html", context, status=status)


@door(Does.INTAKE, "GET", "POST")
def new_event(request, pk):
    """State a custody event of an item; with `corrects`, one that takes the place of a wrong one."""
    item = load(request, Item, pk, Permission.CONTRIBUTE)
    wrong = request.POST.get("corrects") or request.GET.get("corrects")
    form = CustodyForm(request.POST or None, initial={"corrects": wrong})
    row, status = form.attempt(lambda: handling.record_custody(by=request.user, item=item, given=form.cleaned_data))
    if row:
        messages.success(request, _("The custody event is recorded."))
        return redirect("item-custody", pk=item.code)
    events = handling.custody_of(item, user=request.user)
    corrected = [event for event in events if str(event.pk) == wrong]
    context = {"item": item, "form": form, "corrected": corrected}
    return render(request, "evidence/custody_event.html", context, status=status)


@door(Does.READ, "POST")
def verify(request, pk):
    """Check bytes, entries, signature and time stamp, and show what was checked."""
    item = load(request, Item, pk)
    found = proofs.verify_item(by=request.user, item=item)
    return _page(request, item, ProofForm(), checks=[_line(check) for check in found])


def _line(check: proofs.Check) -> dict:
    """A check as a line: what was looked at and what came of it, in words."""
    state = {True: "holds", False: "fails", None: "open"}[check.holds]
    words = CHECKS[check.code][state]
    return {"state": state, "text": words % check.facts, "facts": check.facts, "code": check.code}


@door(Does.READ, "POST")
def proof(request, pk):
    """The proof as a file."""
    item = load(request, Item, pk)
    form = ProofForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, item, form, status=400)
    given = form.cleaned_data
    try:
        kept = given["kept"].read() if given["kept"] else None
        proofs.check_kept(kept)
        proofs.export_proof(by=request.user, item=item, purpose=given["purpose"], with_parts=given["with_parts"])
        made = proofs.assemble(item, user=request.user, with_parts=given["with_parts"], kept=kept)
    except Refused as error:
        put_back(form, error)
        return _page(request, item, form, status=status_of(error))
    return zip_answer(made, f"proof-{item.code}.zip")


@door(Does.READ, "POST")
def certificate(request, pk):
    """The certificate as PDF, in the person's language."""
    item = load(request, Item, pk)
    proofs.issue_certificate(by=request.user, item=item)
    made = proofs.assemble(item, user=request.user)
    files = File.objects.filter(item=item, withdrawn_at=None).permitted(request.user).select_related("blob")
    events = history_of(item, user=request.user, limit=certificates.MOST)
    days = days_of(events, request.user)
    pdf = certificates.render(item, files=list(files), days=days, proof=made.document, by=request.user)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="custody-{item.code}.pdf"'
    return answer
