"""Consent of persons, conditions of providers, and the question whether an item may be used."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import protection
from evidence.models import Consent, Item, Person, ProviderCondition
from evidence.protection.consents import GIVEN
from evidence.recording.acts import find
from evidence.web import words
from evidence.web.doors import door, load
from evidence.web.forms import ReasonForm
from evidence.web.forms.protection import ConditionForm, ConsentForm, UseForm
from evidence.web.protecting import KINDS, MODELS, form_page


@door(Does.RECORD, "GET", "POST")
def new_consent(request, pk):
    """Record what a person said about a use of her material."""
    person = load(request, Person, pk, Permission.CONTRIBUTE)
    form = ConsentForm(request.POST or None)
    row, status = form.attempt(lambda: protection.record_consent(by=request.user, person=person, given=form.given()))
    if row:
        messages.success(request, _("The consent is recorded. It counts from now on."))
        return redirect(f"/persons/{person.code}/#consent")
    return render(request, "evidence/consent_form.html", {"person": person, "form": form}, status=status)


def _loaded(request, model, pk):
    row = find(model.objects.permitted(request.user), pk)
    if row is None:
        raise Http404
    return row


@door(Does.RECORD, "GET", "POST")
def withdraw_consent(request, pk):
    """The person takes her word back."""
    consent = _loaded(request, Consent, pk)
    person = load(request, Person, str(consent.person_id), Permission.CONTRIBUTE)
    form = ReasonForm(request.POST or None)
    row, status = form.attempt(
        lambda: protection.withdraw_consent(by=request.user, consent=consent, reason=form.cleaned_data["reason"]),
    )
    if row:
        messages.success(request, _("The consent is withdrawn. The use is denied from now on."))
        return redirect(f"/persons/{person.code}/#consent")
    title = _("Withdraw the consent?")
    lede = _("From this moment the use is denied. What she said before stays in the history.")
    facts = [(_("Use"), words.term("consent_scope", consent.use)), (_("Recipient"), recipient(consent.recipient))]
    return form_page(
        request, person, form, status, title=title, lede=lede, submit=_("Withdraw it"), facts=facts, danger=True
    )


def recipient(code: str) -> str:
    """The word for a recipient of a consent or a condition."""
    return _("Any recipient") if code == "*" else words.term("recipient_type", code)


def consent_rows(person, user) -> list[dict]:
    """The panel of consents on a person's record: the last word on each use first, then what it superseded."""
    return [
        {
            "row": row,
            "use": words.term("consent_scope", row.use),
            "recipient": recipient(row.recipient),
            "status": words.term("consent_status", row.status),
            "identity": words.term("identity_disclosure", row.identity_level),
            "is_last": row.superseded_by_id is None,
            "allows": row.superseded_by_id is None and row.status in GIVEN,
        }
        for row in protection.consents_of(person, user=user)
    ]


@door(Does.RECORD, "GET", "POST")
def new_condition(request, section, pk):
    """Record what the provider of a source or an item allows."""
    record = load(request, MODELS[section], pk, Permission.CONTRIBUTE)
    form = ConditionForm(request.POST or None)
    row, status = form.attempt(lambda: protection.set_condition(by=request.user, record=record, **form.given()))
    if row:
        messages.success(request, _("The condition is recorded. It counts from now on."))
        return redirect(f"{KINDS[type(record)]}-detail", pk=record.code)
    lede = _("It counts beside the consent of the people: both have to allow a use.")
    return form_page(
        request, record, form, status, title=_("Condition of the provider"), lede=lede, submit=_("Record it")
    )


@door(Does.RECORD, "GET", "POST")
def end_condition(request, pk):
    """End a condition that allows."""
    condition = _loaded(request, ProviderCondition, pk)
    record = condition.source or condition.item
    load(request, type(record), str(record.pk), Permission.CONTRIBUTE)
    form = ReasonForm(request.POST or None)
    done, status = form.attempt(
        lambda: protection.end_condition(by=request.user, condition=condition, reason=form.cleaned_data["reason"]),
    )
    if done:
        messages.success(request, _("The condition has ended."))
        return redirect(f"{KINDS[type(record)]}-detail", pk=record.code)
    lede = _("Without it the provider is not asked for this use any more.")
    return form_page(
        request, record, form, status, title=_("End the condition?"), lede=lede, submit=_("End it"), danger=True
    )


def condition_rows(rows) -> list[dict]:
    """The panel of conditions on a source's or an item's record."""
    return [
        {"row": row, "use": words.term("consent_scope", row.use), "recipient": recipient(row.recipient)} for row in rows
    ]


@door(Does.READ)
def use(request, pk):
    """May this item be put to this use for this recipient? Both gates are asked, now."""
    item = load(request, Item, pk)
    form = UseForm(request.GET or None)
    answer = None
    if form.is_bound and form.is_valid():
        answer = protection.may_use(item, user=request.user, **form.cleaned_data)
    context = {
        "item": item, "form": form, "answer": answer,
        "identity": words.term("identity_disclosure", answer.identity_level) if answer else "",
    }  # fmt: skip
    return render(request, "evidence/item_use.html", context, status=400 if form.is_bound and answer is None else 200)
