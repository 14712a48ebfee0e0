"""Giving access, taking it back, keeping away, restricting: each after its effect was shown in numbers."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import holdings
from accounts.models import User
from accounts.roles import Act as Does
from accounts.roles import Permission
from evidence import access
from evidence.models import Collection
from evidence.web.access import about, place, to_of
from evidence.web.doors import door
from evidence.web.forms.access import ConfirmedReason, GiveForm, PrincipalForm, end_of, principal
from evidence.web.people import team_name
from evidence.web.words import named_permission


@door(Does.SHARE, "GET", "POST")
def give(request, pk):
    """Give access to a person or a team."""
    found = place(request, pk)
    initial = {"permission": Permission.VIEW, "to": request.GET.get("to", "")}
    form = GiveForm(request.POST or None, initial=initial)
    act = lambda: access.grant(  # noqa: E731
        by=request.user, record=found, permission=form.cleaned_data["permission"], reason=form.cleaned_data["reason"],
        expires_at=end_of(form.cleaned_data["until"]), **form.principal(),
    )  # fmt: skip
    words = {
        "title": _("Give access"),
        "submit": _("Give it"),
        "icon": "user-plus",
    }
    return _act_page(request, found, form, act, words, _("Access is given. It counts from the next request on."))


@door(Does.SHARE, "GET", "POST")
def keep_away(request, pk):
    """Keep a person or a team away from this record, whatever they are granted."""
    found = place(request, pk)
    form = PrincipalForm(request.POST or None)
    act = lambda: access.deny(  # noqa: E731
        by=request.user, record=found, reason=form.cleaned_data["reason"], **form.principal()
    )
    words = {
        "title": _("Keep somebody away"),
        "lede": _("A denial beats every grant, also one through a team."),
        "submit": _("Keep away"),
    }
    return _act_page(request, found, form, act, words, _("The denial counts from the next request on."))


@door(Does.SHARE, "GET", "POST")
def take_back(request, pk):
    """Take one grant back; the query string says whose and which."""
    found, whom = place(request, pk), _named(request)
    permission = request.GET.get("permission", "")
    way = next((way for way in holdings.ways_to(found, inherited=False) if way.permission == permission
                and to_of(way) == request.GET.get("to")), None)  # fmt: skip
    if way is None:
        raise Http404
    form = ConfirmedReason(request.POST or None)
    act = lambda: access.revoke(  # noqa: E731
        by=request.user, record=found, permission=permission, reason=form.cleaned_data["reason"], **whom
    )
    words = {
        "title": _("Take access back?"),
        "lede": _("What else was granted to the same person or team stays."),
        "submit": _("Take it back"),
        "facts": [(_("From"), _label(whom)), (_("May"), named_permission(permission))],
    }
    return _act_page(request, found, form, act, words, _("It is taken back. It counts from the next request on."))


@door(Does.SHARE, "GET", "POST")
def lift(request, pk):
    """End one denial; the query string says whose."""
    found, whom = place(request, pk), _named(request)
    if not any(one.on == found and to_of(one) == request.GET.get("to") for one in holdings.denials_of(found)):
        raise Http404
    form = ConfirmedReason(request.POST or None)
    act = lambda: access.lift_denial(by=request.user, record=found, reason=form.cleaned_data["reason"], **whom)  # noqa: E731
    words = {
        "title": _("End the denial?"),
        "lede": _("What was granted counts again."),
        "submit": _("End it"),
        "facts": [(_("Of"), _label(whom))],
    }
    return _act_page(request, found, form, act, words, _("The denial has ended."))


@door(Does.SHARE, "GET", "POST")
def restrict(request, pk):
    """Restrict a record to those who hold a grant on it itself, or end that."""
    found = place(request, pk)
    if isinstance(found, Collection):
        raise Http404
    form = ConfirmedReason(request.POST or None)
    if found.inherits_access:
        verb = access.restrict
        words = {
            "title": _("Restrict the record?"),
            "lede": _("It will be absent for everybody who has no grant on the record itself."),
            "submit": _("Restrict it"),
        }
        said = _("The record is restricted.")
    else:
        verb = access.open_up
        words = {
            "title": _("End the restriction?"),
            "lede": _("It will be open again to whoever has access to its collection."),
            "submit": _("Open it up"),
        }
        said = _("The restriction has ended.")
    act = lambda: verb(by=request.user, record=found, reason=form.cleaned_data["reason"])  # noqa: E731
    # Whom a restriction closes or opens it to is seen by whoever manages the collection too.
    users = access.readers_around(request.user, found)
    return _act_page(request, found, form, act, words, said, users=users)


def _named(request) -> dict:
    whom = principal(request.GET.get("to", "").replace("\x00", ""))
    if whom is None:
        raise Http404
    return whom


def _label(whom: dict) -> str:
    return whom["user"].name if "user" in whom else team_name(whom["group"].team)


def _act_page(request, found, form, act, words: dict, said: str, users=None):
    """A page with a reason and one button: first what it would do, in numbers; then, with the same choice, the act."""

    def touched() -> list[User]:
        if users is not None:
            return users
        return form.people() if isinstance(form, PrincipalForm) else access.people_of(**_named(request))

    done, effect, status = form.attempt_shown(
        request, act, touched=touched,
        effect=lambda: access.effect_of(act, by=request.user, record=found, users=touched()),
    )  # fmt: skip
    if done:
        messages.success(request, said)
        return redirect("access-record", pk=found.code)
    context = about(request, found) | words | {"form": form, "effect": effect}
    return render(request, "evidence/access_act.html", context, status=status)
