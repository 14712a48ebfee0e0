"""Verbs on second factors: an app that makes codes, passkeys, recovery codes. Each change has its entry in the ledger.

The rows and the cryptography are allauth's; secrets in them are sealed with the keyring (accounts.adapters). Whose role
demands a second factor is a setting. Pages are in accounts.factor_pages, their forms in accounts.factor_forms.
"""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.authority import check_administers, check_not_oneself
from accounts.errors import Invalid, Refused
from accounts.models import User
from custody import ledger

Kind = Authenticator.Type
OWN_KINDS = (Kind.TOTP, Kind.WEBAUTHN)  # recovery codes alone are no factor
LONGEST_NAME = 80
NAMELESS = ledger.subject("account", "unknown")


def demanded(user: User) -> bool:
    """Whether the person's role may be used with a second factor only."""
    return bool({"*", user.role} & set(settings.SECOND_FACTOR_ROLES))


def has_one(user: User) -> bool:
    """Whether the person has set up a second factor."""
    return Authenticator.objects.filter(user_id=user.pk, type__in=OWN_KINDS).exists()


def missing(user: User) -> bool:
    """Whether the person may do nothing before she has set up a second factor."""
    return demanded(user) and not has_one(user)


@ledger.verb
def add_app(*, by: User, secret: str) -> bool:
    """Give oneself an app that makes codes; with the first factor come recovery codes. Returns whether they came."""
    if Authenticator.objects.filter(user=by, type=Kind.TOTP).exists():
        raise Refused(_("You have an authenticator app already. Remove it first."), code="exists")
    return _added(by, TOTP.activate(by, secret).instance)


@ledger.verb
def add_passkey(*, by: User, name: str, credential: dict) -> bool:
    """Give oneself a passkey that has just been made; with the first factor come recovery codes, as with an app."""
    return _added(by, WebAuthn.add(by, _named(name), credential).instance)


def _added(by: User, factor: Authenticator) -> bool:
    _append("factor.added", by, factor)
    if Authenticator.objects.filter(user=by, type=Kind.RECOVERY_CODES).exists():
        return False
    _append("recovery_codes.made", by, RecoveryCodes.activate(by).instance)
    return True


@ledger.verb
def rename(*, by: User, factor: Authenticator, name: str) -> None:
    """Give a passkey of one's own another name."""
    _own(by, factor)
    factor.wrap().name = _named(name)
    factor.save(update_fields=["data"])
    _append("factor.renamed", by, factor)


@ledger.verb
def remove(*, by: User, factor: Authenticator) -> None:
    """Take away a factor of one's own; with the last one go the recovery codes. A role may demand that one stays."""
    _own(by, factor)
    others = Authenticator.objects.filter(user=by, type__in=OWN_KINDS).exclude(pk=factor.pk)
    is_last = not others.exists()
    if is_last and demanded(by):
        raise Refused(_("Your role needs a second factor. Add another one before you remove this one."), code="last")
    _append("factor.removed", by, factor)
    factor.delete()
    if is_last:
        Authenticator.objects.filter(user=by, type=Kind.RECOVERY_CODES).delete()


@ledger.verb
def reset(*, by: User, user: User, reason: str) -> None:
    """Take all factors of a person who lost them, for a stated reason; she sets up new ones at her next sign-in."""
    check_administers(by)
    check_not_oneself(by, user)
    if len(reason.strip()) < 5:
        raise Invalid(_("Say how you made sure that it is this person; it is kept in the ledger."), field="reason")
    factors = Authenticator.objects.filter(user=user)
    kinds = sorted(factors.values_list("type", flat=True))
    if not kinds:
        raise Refused(_("This person has no second factor."), code="none")
    factors.delete()
    ledger.append("factor.reset", user, data={"kinds": kinds}, parts={"note": reason.strip()})


@ledger.verb
def make_recovery_codes(*, by: User) -> None:
    """Make a new set of recovery codes; those of the old one work no more."""
    if not has_one(by):
        raise Refused(_("Recovery codes stand in for a second factor. Set one up first."), code="no_factor")
    # The row of the person is locked: two sets at once would leave one that nobody saw.
    User.objects.select_for_update().get(pk=by.pk)
    old = Authenticator.objects.filter(user=by, type=Kind.RECOVERY_CODES)
    if old.exists():
        old.delete()
    _append("recovery_codes.made", by, RecoveryCodes.activate(by).instance)


@ledger.verb
def open_recovery_codes(*, by: User) -> list[str]:
    """The unused recovery codes, to be written down; that they were looked at is in the ledger."""
    factor = Authenticator.objects.filter(user=by, type=Kind.RECOVERY_CODES).first()
    if factor is None:
        raise Refused(_("There are no recovery codes. Make some first."), code="none")
    codes = RecoveryCodes(factor)
    codes.mark_as_viewed()
    _append("recovery_codes.seen", by, factor)
    return codes.get_unused_codes()


@ledger.verb
def use_recovery_code(*, by: User, code: str) -> Authenticator | None:
    """Spend one recovery code; None when it is none of the unused ones."""
    factor = Authenticator.objects.filter(user=by, type=Kind.RECOVERY_CODES).first()
    if factor is None or not RecoveryCodes(factor).validate_code(code):
        return None
    _append("recovery_codes.used", by, factor)
    return factor


@ledger.verb
def failed(*, by, user: User | None, kind: str, client: dict) -> None:
    """A second factor or a passkey did not fit; about no one where the passkey names nobody."""
    ledger.append("factor.failed", user or NAMELESS, data={"kind": kind}, parts={"client": client})


def unused_codes(user: User) -> int | None:
    """How many recovery codes are left, without showing one; None when there never were any."""
    factor = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    return len(RecoveryCodes(factor).get_unused_codes()) if factor else None


def _append(act: str, user: User, factor: Authenticator) -> None:
    parts = {"factor": {"name": factor.wrap().name}} if factor.type == Kind.WEBAUTHN else None
    ledger.append(act, user, data={"kind": str(factor.type), "factor": factor.pk}, parts=parts)


def _named(name: str) -> str:
    name = name.replace("\x00", "").strip()
    if not name:
        raise Invalid(_("Give it a name by which you will know it, for example “Key on my ring”."), field="name")
    return name[:LONGEST_NAME]


def _own(by: User, factor: Authenticator) -> None:
    if factor.user_id != by.pk:
        raise Refused(_("This is not yours."), code="not_own")
