"""Administration of people: the list, one person's account and its history, inviting, role, suspension, links.

Administrators read no evidence by this: no page here names a record. What somebody may see shows as numbers only.
"""

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import devices, factors, invitations, people
from accounts.models import Team, User
from accounts.roles import Act as Does
from accounts.roles import Role
from custody import ledger
from evidence import access, reach, search
from evidence.web import words
from evidence.web.doors import door, query_with
from evidence.web.forms import ReasonForm
from evidence.web.forms.people import InviteForm, LinkForm, RenameForm, RoleForm
from evidence.web.lists import Filter, list_context
from evidence.web.phrases import REACH
from evidence.web.timeline import days_of

# What makes up the history of an account. Its searches are not among them: their words may name victims.
HISTORY = ("person.invited", "account.", "invitation.", "team.")
ENTRIES = 100


def team_name(team: Team) -> str:
    return (words.language() == "ko" and team.name_ko) or team.name_en


FILTERS = (
    Filter("role", lambda: _("Role"), lambda user: [(value, str(label)) for value, label in Role.choices]),
    Filter("active", lambda: _("Account"), lambda user: [("yes", _("Active")), ("no", _("Suspended"))]),
    Filter(
        "team",
        lambda: _("Team"),
        lambda user: [
            (str(team.pk), team_name(team)) for team in Team.objects.filter(dissolved_at=None).order_by("name_en")
        ],
    ),
)


def person_of(pk) -> User:
    user = User.objects.filter(pk=pk).first()
    if user is None:
        raise Http404
    return user


def state_of(user: User) -> str:
    """ "suspended", "invited" until she came in, or "active"."""
    if not user.is_active:
        return "suspended"
    return "active" if invitations.is_in_use(user) else "invited"


@door(Does.PEOPLE)
def listing_page(request):
    """Everybody who has an account, by name."""
    everybody = User.objects.prefetch_related("groups__team")
    narrowed = search.narrow(everybody, request.GET, search.PEOPLE_FILTERS, user=request.user)
    page = search.page(narrowed, request.GET, allowed=("name",), default="name")
    search.note_search(by=request.user, kind="user", params=request.GET, shown=len(page.rows))
    context = list_context(request, page, search.as_one(narrowed), FILTERS)
    context["lines"] = [{"person": row, "state": state_of(row), "teams": _teams(row)} for row in page.rows]
    return render(request, "evidence/people_list.html", context)


def _teams(user: User) -> list[Team]:
    return sorted((group.team for group in user.groups.all() if hasattr(group, "team")), key=lambda one: one.name_en)


@door(Does.PEOPLE, "GET", "POST")
def invite(request):
    """Add a person; the answer shows the link by which she sets her password, once."""
    form = InviteForm(request.POST if request.method == "POST" else None, initial={"role": Role.INVESTIGATOR})
    issued, status = form.attempt(lambda: invitations.invite(by=request.user, **form.cleaned_data))
    if issued:
        return _link_page(request, issued)
    return render(request, "evidence/people_invite.html", {"form": form}, status=status)


def _link_page(request, issued):
    link = request.build_absolute_uri(reverse("invitation-enter", args=[issued.secret]))
    context = {"person": issued.invitation.user, "invitation": issued.invitation, "link": link}
    return render(request, "evidence/people_link.html", context)


@door(Does.PEOPLE)
def record(request, pk):
    """One person's account: role, clearance, teams, state, and what happened to it."""
    person = person_of(pk)
    before = request.GET.get("before", "")
    before = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    events = ledger.history([person.pk], limit=ENTRIES + 1, before=before, acts=HISTORY)
    shown = events[:ENTRIES]
    link = invitations.open_link(person)
    context = {
        "person": person,
        "state": state_of(person),
        "teams": _teams(person),
        "link": link,
        "link_works": link is not None and link.is_usable(timezone.now()),
        "is_self": person.pk == request.user.pk,
        "has_factor": factors.has_one(person),
        "days": days_of(shown, request.user),
        "earlier_url": query_with(request, before=shown[-1].eid) if len(events) > ENTRIES else None,
    }
    return render(request, "evidence/people_record.html", context)


@door(Does.PEOPLE, "GET", "POST")
def edit(request, pk):
    """Correct how a person is called."""
    person = person_of(pk)
    form = RenameForm(request.POST if request.method == "POST" else None, initial={"name": person.name})
    done, status = form.attempt(lambda: people.rename(by=request.user, user=person, **form.cleaned_data))
    if done:
        messages.success(request, _("Saved."))
        return redirect("people-detail", pk=pk)
    return render(request, "evidence/people_edit.html", {"form": form, "person": person_of(pk)}, status=status)


@door(Does.PEOPLE, "GET", "POST")
def role(request, pk):
    """Change role and clearance, after the numbers of what she would see were shown."""
    person = person_of(pk)
    initial = {"role": person.role, "clearance": person.clearance}
    form = RoleForm(request.POST if request.method == "POST" else None, initial=initial)

    def act():
        given = {name: form.cleaned_data[name] for name in ("role", "clearance", "reason")}
        return people.change_access(by=request.user, user=person, **given)

    def effect():
        access.tried(act)
        return effect_of(
            reach.compare(person_of(pk), **{name: form.cleaned_data[name] for name in ("role", "clearance")})
        )

    done, shown, status = form.attempt_shown(request, act, effect=effect, touched=lambda: [person])
    if done:
        messages.success(request, _("Saved. It counts from the next request on."))
        return redirect("people-detail", pk=pk)
    context = {"form": form, "person": person_of(pk), "effect": shown, "is_self": person.pk == request.user.pk}
    return render(request, "evidence/people_role.html", context, status=status)


def effect_of(compared) -> list[dict]:
    """Rows of templates/evidence/_reach.html."""
    return [
        {"label": REACH[kind], "now": now, "then": then, "more": max(then - now, 0), "fewer": max(now - then, 0)}
        for kind, now, then in compared
    ]


def _put_out(*, by, user: User, reason: str) -> None:
    """The second factors of a person who lost them go, and so do the sessions that were opened with them."""
    with transaction.atomic():
        factors.reset(by=by, user=user, reason=reason)
        devices.end_sessions(by=by, user=user)


STEPS = {
    "factors": (_put_out, lambda: _("Second factors are removed, sessions and tokens have ended.")),
    "suspend": (people.suspend, lambda: _("Suspended. Sessions, tokens and links have ended.")),
    "reactivate": (people.reactivate, lambda: _("The account is active again.")),
}


@door(Does.PEOPLE, "GET", "POST")
def suspend(request, pk):
    """Close an account, for a reason."""
    return _step(request, pk, "suspend")


@door(Does.PEOPLE, "GET", "POST")
def reactivate(request, pk):
    """Open a suspended account again, for a reason."""
    return _step(request, pk, "reactivate")


@door(Does.PEOPLE, "GET", "POST")
def reset_factors(request, pk):
    """Remove the second factors of a person who lost them, for a reason."""
    return _step(request, pk, "factors")


def _step(request, pk, step: str):
    person, (act, told) = person_of(pk), STEPS[step]
    form = ReasonForm(request.POST if request.method == "POST" else None)
    done, status = form.attempt(lambda: act(by=request.user, user=person, **form.cleaned_data))
    if done:
        messages.success(request, told())
        return redirect("people-detail", pk=pk)
    context = {"form": form, "person": person_of(pk), "step": step}
    return render(request, "evidence/people_step.html", context, status=status)


@door(Does.PEOPLE, "GET", "POST")
def link(request, pk):
    """Make the invitation link anew; the former one ends."""
    person = person_of(pk)
    form = LinkForm(request.POST if request.method == "POST" else None)
    issued, status = form.attempt(lambda: invitations.issue(by=request.user, user=person, **form.cleaned_data))
    if issued:
        return _link_page(request, issued)
    context = {"form": form, "person": person, "link": invitations.open_link(person)}
    return render(request, "evidence/people_link_new.html", context, status=status)


@door(Does.PEOPLE, "POST")
def withdraw_link(request, pk):
    """End the open link."""
    invitations.revoke(by=request.user, user=person_of(pk))
    messages.success(request, _("The link is withdrawn. It opens nothing any more."))
    return redirect("people-detail", pk=pk)
