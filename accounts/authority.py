"""Who may administer people and teams, asked by each verb itself: no door can forget it. No writing here."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.utils.translation import gettext as _

from accounts.errors import Forbidden, Invalid, Refused
from accounts.models import User
from accounts.roles import Act, Role, may
from custody.ledger import Service

SHORTEST, LONGEST = 5, 1000
LONGEST_NAME = 120


def check_administers(by) -> None:
    """The actor is an active administrator as the database has her now, or a service of this machine."""
    if isinstance(by, Service):
        return
    if not may(User.objects.filter(pk=by.pk).first(), Act.PEOPLE):
        raise Forbidden(_("Only an administrator may do this."))


def check_not_oneself(by, user: User) -> None:
    """What gives, takes or ends access is done to another person."""
    if isinstance(by, User) and by.pk == user.pk:
        raise Refused(_("You cannot do this to yourself: another administrator has to."), code="oneself")


def lock_administrators() -> None:
    """Make verbs that could leave nobody in charge wait for each other; call before anything is checked."""
    list(User.objects.select_for_update().filter(role=Role.ADMINISTRATOR).order_by("pk").values_list("pk"))


def check_somebody_remains(user: User) -> None:
    """Without this person there still is an active administrator, one who has a password to sign in with."""
    others = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
    others = others.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    if user.role == Role.ADMINISTRATOR and user.is_active and not others.exists():
        raise Refused(_("This is the last active administrator. Make another person administrator first."), code="last")


def reason_of(value: str) -> str:
    """The stated reason, cleaned; raises Invalid where it says nothing."""
    value = _cleaned(value)
    if len(value) < SHORTEST:
        raise Invalid(_("Say why. The reason is kept in the history of the account."), field="reason")
    if len(value) > LONGEST:
        raise Invalid(_("At most %(limit)d characters.") % {"limit": LONGEST}, field="reason")
    return value


def name_of(value: str, *, field: str = "name", required: bool = True) -> str:
    """A name in one line, cleaned."""
    value = " ".join(_cleaned(value).split())
    if required and not value:
        raise Invalid(_("Write a name."), field=field)
    if len(value) > LONGEST_NAME:
        raise Invalid(_("At most %(limit)d characters.") % {"limit": LONGEST_NAME}, field=field)
    return value


def _cleaned(value) -> str:
    text = str(value or "").replace("\x00", "")
    return "".join(character for character in text if not 0xD800 <= ord(character) <= 0xDFFF).strip()
