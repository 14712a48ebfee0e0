"""Requests for access, broken glass, and notices: between those who need access and those who answer for it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.roles import Act as Does
from accounts.roles import may
from evidence import access, notices, search
from evidence.models import AccessRequest, Notice
from evidence.web.doors import door
from evidence.web.forms.access import AnswerForm, AskForm, GlassForm, GlassReviewForm
from evidence.web.reaching import name_of
from evidence.web.words import named_permission


@door(Does.ASK)
def requests_page(request):
    """One's own requests, and those of others that one may decide."""
    own = AccessRequest.objects.filter(requester=request.user).select_related("decided_by").order_by("-created_at")
    waiting = access.requests_to(request.user)
    search.note_search(by=request.user, kind="request", params=request.GET, shown=len(waiting))
    context = {
        "own": [_request_row(row) for row in own[:100]],
        "to_decide": [_request_row(row) for row in waiting],
        "can_break": may(request.user, Does.GLASS),
    }
    return render(request, "evidence/request_list.html", context)


def _request_row(row) -> dict:
    return {"row": row, "permission": named_permission(row.permission)}


@door(Does.ASK, "GET", "POST")
def ask(request):
    """Ask for access; the answer is the same whatever exists."""
    form = AskForm(request.POST or None, user=request.user, initial={"permission": "view"})
    done, status = form.attempt(lambda: access.ask(by=request.user, **form.given()))
    if done:
        messages.success(request, _("Your request is recorded. Those who answer for such access are told."))
        return redirect("request-list")
    return render(request, "evidence/request_new.html", {"form": form}, status=status)


@door(Does.ASK, "GET", "POST")
def request_record(request, pk):
    """One request: its asker may withdraw it, another person who manages what is meant decides."""
    row = access.request_for(request.user, pk)
    if row is None:
        raise Http404
    is_own, form, status = row.requester_id == request.user.pk, AnswerForm(), 200
    if request.method == "POST":
        form = AnswerForm(request.POST)
        try:
            if is_own:
                access.withdraw_request(by=request.user, request=row)
                messages.success(request, _("The request is withdrawn."))
                return redirect("request-list")
            if form.is_valid():
                answer = form.cleaned_data["answer"]
                access.decide(by=request.user, request=row, approve="approve" in request.POST, answer=answer)
                messages.success(request, _("The request is decided, and its asker is told."))
                return redirect("request-list")
            status = 400
        except Refused as error:
            status = form.refuse(error)
    found = None if is_own else access.ask_for(row)
    context = {
        "row": row, "permission": named_permission(row.permission), "is_own": is_own, "form": form, "found": found,
        "name": name_of(request, found) if found is not None else "",
        "kind": found._meta.model_name if found is not None else "",
    }  # fmt: skip
    return render(request, "evidence/request_record.html", context, status=status)


@door(Does.GLASS, "GET", "POST")
def break_glass(request):
    """Break the glass: one form, one record, some minutes."""
    form = GlassForm(request.POST or None)
    row, status = form.attempt(lambda: access.break_glass(by=request.user, **form.cleaned_data))
    if row is True:
        # One answer for what is absent, above the clearance or denied; a form shown again with 200 would tell less.
        form.add_error(None, _("Nothing was opened with this reference. The attempt was recorded and told."))
        row, status = None, 409
    if row:
        return redirect("glass-detail", pk=row.pk)
    return render(request, "evidence/glass_new.html", {"form": form}, status=status)


@door(Does.OVERSEE)
def glass_page(request):
    """Broken glass that one answers for, and one's own; what waits for a review first."""
    rows = access.glass_to(request.user)
    search.note_search(by=request.user, kind="glass", params=request.GET, shown=len(rows))
    rows.sort(key=lambda row: (bool(row.outcome), -row.started_at.timestamp()))
    context = {"rows": rows, "may_break": may(request.user, Does.GLASS)}
    return render(request, "evidence/glass_list.html", context)


@door(Does.OWN, "GET", "POST")
def glass_record(request, pk):
    """One opening: its person may end it, another person reviews it."""
    row = access.glass_for(request.user, pk)
    if row is None:
        raise Http404
    is_own = row.person_id == request.user.pk
    form, status = GlassReviewForm(), 200
    if request.method == "POST":
        form = GlassReviewForm(request.POST)
        try:
            if "end" in request.POST:
                access.end_glass(by=request.user, row=row)
                messages.success(request, _("The emergency access has ended."))
                return redirect("glass-detail", pk=row.pk)
            if form.is_valid():
                access.review_glass(by=request.user, row=row, **form.cleaned_data)
                messages.success(request, _("The review is recorded, and the person is told."))
                return redirect("glass-detail", pk=row.pk)
            status = 400
        except Refused as error:
            status = form.refuse(error)
    found = None if row.is_withheld else access.record_of(row)
    # An auditor reads ids, as in the ledger; codes are for whoever manages access or sees the record.
    tells = found is not None and (is_own or access.is_managed(request.user, found))
    context = {
        "row": row, "is_own": is_own, "form": form, "code": found.code if tells else "",
        "home_name": name_of(request, row.collection) if row.is_withheld else "",
        "kind": row.kind, "route": f"{row.kind}-detail" if is_own and row.is_open and row.kind in ROUTES else "",
    }  # fmt: skip
    return render(request, "evidence/glass_record.html", context, status=status)


ROUTES = ("incident", "item", "person", "source")
TARGETS = {
    Notice.Kind.GLASS_BROKEN: "glass-detail",
    Notice.Kind.GLASS_REVIEWED: "glass-detail",
    Notice.Kind.ACCESS_ASKED: "request-detail",
    Notice.Kind.ACCESS_DECIDED: "request-detail",
    Notice.Kind.DECISION_ASKED: "decision-detail",
    Notice.Kind.DECISION_MADE: "decision-detail",
    Notice.Kind.ITEM_FROZEN: "item-detail",
    Notice.Kind.CONSENT_WITHDRAWN: "person-detail",
}


@door(Does.OWN, "GET", "POST")
def notices_page(request):
    """One's notices: that something waits, and a link to where it does. Reading them is an act of its own."""
    if request.method == "POST":
        notices.read_notices(by=request.user)
        return redirect("notice-list")
    rows = [{"row": row, "route": TARGETS.get(row.kind, "") if row.target else ""} for row in
            notices.notices_of(request.user)]  # fmt: skip
    return render(request, "evidence/notice_list.html", {"rows": rows, "unread": notices.unread(request.user)})
