"""Verbs on people: invited, renamed, given a role and a clearance, suspended; and on one's own account.

Who administers others is checked here, whatever door was used. Links are in accounts.invitations, teams in
accounts.teams.
"""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import devices
from accounts.authority import (
    check_administers,
    check_not_oneself,
    check_somebody_remains,
    lock_administrators,
    name_of,
    reason_of,
)
from accounts.errors import Forbidden, Invalid, Refused
from accounts.models import Clearance, Invitation, User
from accounts.roles import Role
from custody import ledger


@ledger.verb
def invite(*, by, email: str, name: str, role: str, clearance: int, password: str | None = None) -> User:
    """Add a person with a role and a clearance. Without a password the person cannot sign in until one is set.

    Only a service gives one along: no administrator chooses, or knows, another's password.
    """
    check_administers(by)
    if isinstance(by, User) and password is not None:
        raise Forbidden(_("People choose their own passwords: invite her with a link."))
    email, name = _email(email), name_of(name)
    _check_authority(role, clearance)
    user = User.objects.create_user(email, password, name=name, role=role, clearance=clearance)
    ledger.append(
        "person.invited",
        user,
        data={"role": role, "clearance": clearance},
        parts={"account": {"email": email, "name": name}},
    )
    return user


@ledger.verb
def rename(*, by, user: User, name: str) -> None:
    """Correct how a person is called here."""
    check_administers(by)
    name, former = name_of(name), user.name
    if name == former:
        return
    user.name = name
    user.save(update_fields=["name"])
    ledger.append("account.renamed", user, parts={"change": {"name": [former, name]}})


@ledger.verb
def change_access(*, by, user: User, role: str, clearance: int, reason: str) -> None:
    """Give another person a role and a clearance; they count on her next request."""
    lock_administrators()
    check_administers(by)
    check_not_oneself(by, user)
    _check_authority(role, clearance)
    user.refresh_from_db(fields=["role", "clearance", "is_active"])
    given = {"role": role, "clearance": clearance}
    changed = {name: [getattr(user, name), value] for name, value in given.items() if getattr(user, name) != value}
    if not changed:
        return
    reason = reason_of(reason)
    if "role" in changed:
        check_somebody_remains(user)
    user.role, user.clearance = role, clearance
    user.save(update_fields=["role", "clearance"])
    ledger.append("account.access_changed", user, data=changed, parts={"note": reason})


@ledger.verb
def suspend(*, by, user: User, reason: str) -> None:
    """Close another person's account: she cannot sign in, and her sessions, tokens and links end in the same moment."""
    lock_administrators()
    check_administers(by)
    check_not_oneself(by, user)
    reason = reason_of(reason)
    user.refresh_from_db(fields=["role", "is_active"])
    if not user.is_active:
        raise Refused(_("This account is suspended already."), code="suspended")
    check_somebody_remains(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    ended = _put_out(by, user) | {"links": _end_links(user)}
    ledger.append("account.suspended", user, data=ended, parts={"note": reason})


@ledger.verb
def reactivate(*, by, user: User, reason: str) -> None:
    """Open a suspended account again, with the role, clearance and teams it had. Nothing that was ended comes back."""
    check_administers(by)
    check_not_oneself(by, user)
    reason = reason_of(reason)
    user.refresh_from_db(fields=["is_active"])
    if user.is_active:
        raise Refused(_("This account is not suspended."), code="active")
    user.is_active = True
    user.save(update_fields=["is_active"])
    # A request that was under way at the suspension may have made one since.
    ended = _put_out(by, user)
    ledger.append("account.reactivated", user, data=ended, parts={"note": reason})


def _put_out(by, user: User) -> dict[str, int]:
    """End sessions and tokens of the person; how many there were of each."""
    usable = user.api_tokens.filter(revoked_at=None).count()
    return {"sessions": devices.end_sessions(by=by, user=user), "tokens": usable}


def _end_links(user: User) -> int:
    links = Invitation.objects.filter(user=user, used_at=None, revoked_at=None)
    return links.update(revoked_at=timezone.now()) if links.exists() else 0


def _check_authority(role: str, clearance: int) -> None:
    if role not in Role.values:
        raise Invalid(_("Unknown role “%(role)s”.") % {"role": role}, field="role")
    if isinstance(clearance, bool) or clearance not in Clearance.values:
        raise Invalid(_("A clearance is a number from 0 (public) to 4 (source-protected)."), field="clearance")


def _email(value: str) -> str:
    """The address in lower case; raises Invalid for one that is none, or that somebody has."""
    email = str(value or "").strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(_("Write an e-mail address, like name@example.org."), field="email")
    if len(email) > 254:
        raise Invalid(_("At most %(limit)d characters.") % {"limit": 254}, field="email")
    if User.objects.filter(email__iexact=email).exists():
        raise Invalid(_("There is already a person with this e-mail address."), field="email")
    return email


@ledger.verb
def set_password(*, by, user: User, password: str) -> None:
    """Give a person a new password; her sessions and open link end. The entry says that it was set, never what it is.

    Raises Invalid with what the password validators of the settings find wrong.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), field="password")
    user.set_password(password)
    user.save(update_fields=["password"])
    links = _end_links(user)
    ledger.append("account.password_set", user, data={"links": links} if links else None)


@ledger.verb
def signed_in(*, by, user: User, client: dict | None = None) -> None:
    """Keep when the person last signed in; the entry says that she did, and from where in an erasable part."""
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])
    ledger.append("account.signed_in", user, parts={"client": client} if client else None)


@ledger.verb
def signed_out(*, by, user: User) -> None:
    """The person ended her session."""
    ledger.append("account.signed_out", user)


@ledger.verb
def sign_in_failed(*, by, email: str, client: dict | None = None) -> None:
    """Somebody tried to sign in and could not; what was typed is in an erasable part, in nothing that can be guessed.

    About the account where there is one, else about no one: only auditors read entries about accounts.
    """
    tried = email.replace("\x00", "").strip().lower()
    about = User.objects.filter(email=tried).first() or ledger.subject("account", "unknown")
    ledger.append("account.sign_in_failed", about, parts={"account": {"email": tried}, "client": client or {}})


@ledger.verb
def prefer(*, by, language: str | None = None, theme: str | None = None) -> None:
    """Set one's own language or theme."""
    changed = {}
    if language is not None:
        if language not in dict(User._meta.get_field("language").choices):
            raise Invalid(_("The repository speaks English (en) and Korean (ko)."), field="language")
        changed["language"] = language
    if theme is not None:
        if theme not in User.Theme.values:
            raise Invalid(_("A theme is auto, light or dark."), field="theme")
        changed["theme"] = theme
    if not changed:
        return
    for field, value in changed.items():
        setattr(by, field, value)
    by.save(update_fields=list(changed))
    ledger.append("account.preferences_set", by, data=changed)
