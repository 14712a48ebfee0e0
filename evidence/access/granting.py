"""Verbs on grants, denials and restrictions. Each asks who calls it, needs a reason, and counts on the next request.

Nobody widens her own sight: whatever would let its actor reach more than before is refused, by the gate's own answer.
"""

import contextlib

from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import grants
from accounts.errors import Forbidden, Invalid, Refused
from accounts.holdings import readers
from accounts.models import User
from accounts.roles import ROLE_PERMISSIONS, Act, Permission, may
from custody import ledger
from evidence.access.effects import reach
from evidence.access.managing import check_manages
from evidence.models import Collection, Level
from evidence.recording import content


@ledger.verb
def open_collection(
    *, by, name_en: str, name_ko: str = "", preset_level: int | None = None, description: str = ""
) -> Collection:
    """Open a collection. Nobody may see it until a grant is given."""
    if isinstance(by, User) and not may(by, Act.ACCESS):
        raise Forbidden(_("Collections are opened by administrators. Ask one of them."))
    level = Level.SOURCE_PROTECTED if preset_level is None else content.level(preset_level, field="preset_level")
    collection = Collection.objects.create(
        name_en=content.text(name_en, field="name_en", limit=200, required=True),
        name_ko=content.text(name_ko, field="name_ko", limit=200),
        description=content.text(description, field="description", limit=20_000),
        preset_level=preset_level,
        confidentiality=level,
        effective_level=level,
        created_by=by,
    )
    ledger.append(
        "collection.opened",
        collection,
        data={"preset_level": preset_level},
        parts={"change": {"name_en": [None, name_en], "name_ko": [None, name_ko]}},
    )
    return collection


@ledger.verb
def grant(
    *, by, record, permission: str, reason: str, user: User | None = None, group: Group | None = None, expires_at=None
):
    """Give a person or a team a permission on a collection or a single record, for a reason, perhaps until a moment."""
    grants.one_at_a_time()
    check_manages(by, record)
    who = _one_principal(user, group)
    _check_known(permission)
    if user is not None:
        _check_can_use(user, permission)
    expires_at = content.instant(expires_at, field="expires_at")
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid(_("This end lies in the past: nobody would get anything."), field="expires_at")
    reason = content.text(reason, field="reason", limit=1000, required=True)
    if isinstance(by, User) and (user == by or (group is not None and by.groups.filter(pk=group.pk).exists())):
        raise _not_to_oneself()  # also where her clearance would not let her see it today
    with _no_wider_for(by, record):
        row = grants.give(
            record=record,
            permission=permission,
            by=by if isinstance(by, User) else None,
            reason=reason,
            user=user,
            group=group,
            expires_at=expires_at,
        )
    ledger.append(
        "access.granted",
        record,
        data=who | {"permission": permission, "expires_at": expires_at and expires_at.isoformat()},
        parts={"note": reason},
    )
    return row


@ledger.verb
def revoke(*, by, record, permission: str, reason: str, user: User | None = None, group: Group | None = None) -> None:
    """Take a grant back; it counts on the next request."""
    grants.one_at_a_time()
    check_manages(by, record)
    who = _one_principal(user, group)
    _check_known(permission)
    reason = content.text(reason, field="reason", limit=1000, required=True)
    if grants.take(record=record, permission=permission, user=user, group=group):
        ledger.append("access.revoked", record, data=who | {"permission": permission}, parts={"note": reason})


@ledger.verb
def deny(*, by: User, record, reason: str, user: User | None = None, group: Group | None = None) -> None:
    """Keep a person or a team away from a record or a collection, whatever they are granted."""
    grants.one_at_a_time()
    check_manages(by, record)
    who = _one_principal(user, group)
    reason = content.text(reason, field="reason", limit=1000, required=True)
    if grants.deny(record=record, by=by, reason=reason, user=user, group=group):
        ledger.append("access.denied", record, data=who, parts={"note": reason})


@ledger.verb
def lift_denial(*, by, record, reason: str, user: User | None = None, group: Group | None = None) -> None:
    """End a denial; what was granted counts again on the next request."""
    grants.one_at_a_time()
    check_manages(by, record)
    who = _one_principal(user, group)
    reason = content.text(reason, field="reason", limit=1000, required=True)
    with _no_wider_for(by, record):
        lifted = grants.lift(record=record, user=user, group=group)
    if lifted:
        ledger.append("access.denial_lifted", record, data=who, parts={"note": reason})


@ledger.verb
def restrict(*, by, record, reason: str) -> None:
    """Make a record absent for everybody who has no grant on it itself, however open its collection is.

    Refused while nobody holds such a grant: the record would be lost to all.
    """
    grants.one_at_a_time()
    check_manages(by, record)
    reason = content.text(reason, field="reason", limit=1000, required=True)
    if isinstance(record, Collection):
        raise Invalid(_("A collection is open to whom it was granted: there is nothing to restrict."))
    if not record.inherits_access:
        return
    if not any(_keeps(reader, record) for reader in readers(record)):
        raise Refused(
            _("Nobody has access to this record itself: restricted, nobody could open it. Name those who may first."),
            code="nobody_left",
        )
    _set_inherits(record, False)
    ledger.append("access.restricted", record, parts={"note": reason})


@ledger.verb
def open_up(*, by, record, reason: str) -> None:
    """End a restriction: the record is open again to whoever has access to its collection."""
    grants.one_at_a_time()
    check_manages(by, record)
    reason = content.text(reason, field="reason", limit=1000, required=True)
    if isinstance(record, Collection) or record.inherits_access:
        return
    with _no_wider_for(by, record):
        _set_inherits(record, True)
    ledger.append("access.opened_up", record, parts={"note": reason})


def _keeps(reader, record) -> bool:
    """Whether this person sees the record by a grant on it itself, and not in an emergency."""
    return reader.sees and any(
        way.on == record and way.in_force and (way.group_id or way.granted_by_id != way.user_id) for way in reader.ways
    )


def _set_inherits(record, value: bool) -> None:
    type(record)._base_manager.filter(pk=record.pk).update(inherits_access=value)
    record.inherits_access = value
    grants.forget_scopes()


@contextlib.contextmanager
def _no_wider_for(by, record):
    """Refuse what would let its actor see or do more than before: that needs another person."""
    before = reach(by, record) if isinstance(by, User) else None
    yield
    if before is not None and any(after > was for was, after in zip(before, reach(by, record), strict=True)):
        raise _not_to_oneself()


def _not_to_oneself() -> Refused:
    return Refused(
        _("This would give yourself access. Ask for it: another person who manages this has to decide."),
        code="second_person",
    )


def _check_known(permission: str) -> None:
    if permission not in Permission.values:
        raise Invalid(
            _("A grant gives one of: %(known)s.") % {"known": ", ".join(Permission.values)}, field="permission"
        )


def _check_can_use(user: User, permission: str) -> None:
    if not ROLE_PERMISSIONS.get(user.role):
        raise Invalid(
            _("The role “%(role)s” reads no records through grants: this would give nothing.")
            % {"role": user.get_role_display()},
            field="user",
        )
    if permission not in ROLE_PERMISSIONS[user.role]:
        raise Invalid(
            _("The role “%(role)s” cannot use “%(permission)s”. Give less, or change the role.")
            % {"role": user.get_role_display(), "permission": Permission(permission).label},
            field="permission",
        )
    if not user.is_active:
        raise Invalid(_("This person is suspended."), field="user")


def _one_principal(user, group) -> dict:
    if (user is None) == (group is None):
        raise Invalid(_("Access is given to, and kept from, a person or a team: name one of them."))
    return {"to": {"kind": "user", "id": str(user.pk)} if user else {"kind": "team", "id": group.pk}}
