"""Persons by pseudonym: the list, the record, recording, and the identity vault. The names of a protected person are on
one page alone."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.errors import Refused, status_of
from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import may
from evidence import protection, recording, search
from evidence.history import history_of
from evidence.models import Identity, Involvement, Link, Person, PersonName, Source
from evidence.open_names import names_of
from evidence.web.consenting import consent_rows
from evidence.web.doors import door, has, listing, load, put_back
from evidence.web.forms.persons import SEALED, IdentityForm, PersonForm
from evidence.web.lists import COLLECTION, LEVEL, by_term, list_context
from evidence.web.protecting import protection_of
from evidence.web.timeline import days_of

FILTERS = (by_term("risk", lambda: _("Protection risk"), "risk_level"), LEVEL, COLLECTION)


OPEN_SECONDS = 300


@door(Does.READ)
def listing_page(request):
    """The persons this person may see, by their codes."""
    queryset = Person.objects.permitted(request.user)
    page, found = listing(request, queryset, search.PERSON_FILTERS, kind="person")
    names = names_of(page.rows, request.user)
    for person in page.rows:
        person.open_names = names.get(person.pk, [])
    return render(request, "evidence/person_list.html", list_context(request, page, found, FILTERS))


@door(Does.RECORD, "GET", "POST")
def new(request):
    """Record a person under a pseudonym."""
    form = PersonForm(request.POST if request.method == "POST" else None, user=request.user)
    person, status = form.attempt(
        lambda: recording.record_person(by=request.user, collection=form.chosen_collection(), given=form.given())
    )
    if person:
        text = _("%(code)s is recorded. Use this code wherever the person is meant.")
        messages.success(request, text % {"code": person.code})
        return redirect("person-detail", pk=person.pk)
    return _form_page(request, form, status)


@door(Does.RECORD, "GET", "POST")
def edit(request, pk):
    """Change what may be said in the open, and add to what is sealed."""
    person = load(request, Person, pk, Permission.CONTRIBUTE)
    form = PersonForm(request.POST if request.method == "POST" else None, user=request.user, record=person)
    saved, status = form.attempt(
        lambda: recording.revise_person(
            by=request.user,
            person=person,
            given=form.given(),
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
        )
    )
    if saved:
        messages.success(request, _("Saved."))
        return redirect("person-detail", pk=person.pk)
    return _form_page(request, form, status, person=person)


def _form_page(request, form, status, *, person=None):
    context = {"form": form, "person": person, "sealed": [form[name] for name in SEALED]} | _held(request, person)
    return render(request, "evidence/person_form.html", context, status=status)


def _held(request, person) -> dict:
    """How much the vault holds, without opening it."""
    if person is None:
        return {"names_held": 0, "has_identity": False}
    return {
        "names_held": PersonName.objects.permitted(request.user).filter(person=person, ended_at=None).count(),
        "has_identity": Identity.objects.permitted(request.user).filter(person=person, is_current=True).exists(),
    }


@door(Does.READ)
def record(request, pk):
    """One person by code, and where she appears among what this reader may see."""
    person = load(request, Person, pk)
    search.note_opened(by=request.user, record=person)
    return _record_page(request, person, IdentityForm())


def _record_page(request, person, identity_form, status: int = 200):
    user = request.user
    involvements = Involvement.objects.permitted(user).filter(person=person, ended_at=None, act__ended_at=None)
    contributes = has(request, person, Permission.CONTRIBUTE)
    events = history_of(person, user=user)
    context = {
        "person": person,
        "names": names_of([person], user).get(person.pk, []),
        "protection": protection_of(request, person),
        "consents": consent_rows(person, user),
        "needs_second": protection.needs_second_person(person),
        "is_agreed": protection.agreed(person, user) is not None,
        "involvements": involvements.select_related("act__incident").order_by("-act__incident__updated_at"),
        "sources": Source.objects.permitted(user).filter(person=person).order_by("code"),
        "links": Link.objects.permitted(user).filter(person=person, ended_at=None).select_related("item"),
        "days": days_of(events, user),
        "entries": len(events),
        "identity_form": identity_form,
        "may_edit": contributes and may(user, Does.RECORD),
        "may_open": contributes and may(user, Does.IDENTITY),
    }
    return render(request, "evidence/person_record.html", context | _held(request, person), status=status)


@door(Does.IDENTITY, "POST")
def identity(request, pk):
    """Open the vault for a stated reason. The names are on this one answer and nowhere else."""
    person = load(request, Person, pk)
    form, status = IdentityForm(request.POST), 400
    if form.is_valid():
        try:
            opened = protection.open_identity(by=request.user, person=person, reason=form.cleaned_data["reason"])
        except Refused as error:
            put_back(form, error)
            status = status_of(error)
        else:
            return _opened_page(request, person, opened, form.cleaned_data["reason"])
    return _record_page(request, person, form, status)


def _opened_page(request, person, opened, reason: str):
    labels = {name: PersonForm.base_fields[name].label for name in SEALED}
    facts = [(labels.get(name, name), value) for name, value in opened.identity.items()]
    context = {"person": person, "names": opened.names, "facts": facts, "reason": reason}
    response = render(request, "evidence/person_identity.html", context)
    response["Cache-Control"] = "no-store, private"
    # What was opened does not stay on a screen that somebody walked away from.
    response["Refresh"] = f"{OPEN_SECONDS}; url={reverse('person-detail', args=[person.code])}"
    return response
