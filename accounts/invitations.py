"""Invitation links: made for a person who has no password yet, shown once, used once. Only a digest is kept."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import people
from accounts.authority import check_administers, name_of
from accounts.errors import Invalid, Refused
from accounts.models import Invitation, User
from custody import ledger

DAYS, MAX_DAYS = 7, 30
DOOR = ledger.Service("invitation")


@dataclass(frozen=True)
class Issued:
    """A new invitation: `secret`, which is the link's, exists only here."""

    invitation: Invitation
    secret: str


@ledger.verb
def invite(*, by, email: str, name: str, role: str, clearance: int, days: int = DAYS) -> Issued:
    """Add a person and make the link by which she sets her password."""
    user = people.invite(by=by, email=email, name=name, role=role, clearance=clearance)
    return issue(by=by, user=user, days=days)


@ledger.verb
def issue(*, by, user: User, days: int = DAYS) -> Issued:
    """Make a link for a person; the one before it ends.

    An administrator makes none for an account in use, by password or by single sign-on: with it she could sign in as
    that person. On this machine's command line it is how a forgotten password is replaced.
    """
    check_administers(by)
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MAX_DAYS:
        raise Invalid(_("A link lasts from 1 to %(max)d days.") % {"max": MAX_DAYS}, field="days")
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise Refused(_("This account is suspended. Reactivate it first."), code="suspended")
    if isinstance(by, User) and is_in_use(user):
        raise Refused(
            _("This account is in use already: whoever held a new link could sign in as this person."), code="in_use"
        )
    former = _end_open(user)
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        user=user, digest=_digest(secret), expires_at=timezone.now() + timedelta(days=days)
    )
    data = {"invitation": str(invitation.pk), "days": days, "former": former}
    ledger.append("invitation.issued", user, data=data)
    return Issued(invitation, secret)


@ledger.verb
def revoke(*, by, user: User) -> None:
    """End the open link of a person, for instance because it went to the wrong place."""
    check_administers(by)
    ended = _end_open(user)
    if not ended:
        raise Refused(_("There is no open link to withdraw."), code="no_link")
    ledger.append("invitation.revoked", user, data={"invitation": ended})


@ledger.verb
def accept(
    *, by, invitation: Invitation, name: str, password: str, language: str = "", client: dict | None = None
) -> User:
    """Set the invited person's name and first password, and use the link up.

    `by` is the door: nobody has signed in yet. Raises Refused (code "gone") where the link was used, withdrawn or
    replaced meanwhile, Invalid for a password that the validators refuse.
    """
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    user, now = invitation.user, timezone.now()
    if not invitation.is_usable(now):
        raise Refused(_("This link does not work any more. Ask your administrator for a new one."), code="gone")
    given = {"name": name_of(name), "language": language or user.language}
    if given["language"] not in dict(User._meta.get_field("language").choices):
        raise Invalid(_("The repository speaks English (en) and Korean (ko)."), field="language")
    change = {field: [getattr(user, field), value] for field, value in given.items() if getattr(user, field) != value}
    for field, (_before, value) in change.items():
        setattr(user, field, value)
    if change:
        user.save(update_fields=list(change))
    invitation.used_at = now
    invitation.save(update_fields=["used_at"])
    people.set_password(by=by, user=user, password=password)
    parts = {name: value for name, value in (("change", change), ("client", client)) if value}
    ledger.append("invitation.accepted", user, data={"invitation": str(invitation.pk)}, parts=parts or None)
    return user


def is_in_use(user: User) -> bool:
    """Whether the person has a password, or came in by another way."""
    return user.has_usable_password() or user.last_login is not None


def recognise(secret: str) -> Invitation | None:
    """The usable invitation of this secret, or None: for one that is used, expired or withdrawn as for no one's."""
    digest = _digest(secret)
    return _usable(Invitation.objects.select_related("user").filter(digest=digest).first())


def usable(key: str | None) -> Invitation | None:
    """The invitation of this id, as long as it may be used."""
    return _usable(Invitation.objects.select_related("user").filter(pk=key).first()) if key else None


def open_link(user: User) -> Invitation | None:
    """The link that waits for this person, expired or not."""
    return Invitation.objects.filter(user=user, used_at=None, revoked_at=None).first()


def _usable(invitation: Invitation | None) -> Invitation | None:
    return invitation if invitation is not None and invitation.is_usable(timezone.now()) else None


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()


def _end_open(user: User) -> str | None:
    """End the person's open link; its id, or None where there was none."""
    link = open_link(user)
    if link is None:
        return None
    link.revoked_at = timezone.now()
    link.save(update_fields=["revoked_at"])
    return str(link.pk)
