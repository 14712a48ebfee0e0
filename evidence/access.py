"""Verbs on access: collections, grants and revocations. The rule itself is accounts.grants."""

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from accounts import grants
from accounts.errors import Invalid
from accounts.models import User
from accounts.roles import Permission
from custody import ledger
from evidence.models import Collection, Level
from evidence.recording import content


@ledger.verb
def open_collection(
    *, by, name_en: str, name_ko: str = "", preset_level: int | None = None, description: str = ""
) -> Collection:
    """Open a collection. Nobody may see it until a grant is given."""
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
    """Give a person or a team a permission on a collection or a single record, for a reason, perhaps until a day."""
    who = _one_principal(user, group)
    if permission not in Permission.values:
        raise Invalid(
            _("A grant gives one of: %(known)s.") % {"known": ", ".join(Permission.values)}, field="permission"
        )
    reason = content.text(reason, field="reason", limit=1000, required=True)
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
    who = _one_principal(user, group)
    reason = content.text(reason, field="reason", limit=1000, required=True)
    if grants.take(record=record, permission=permission, user=user, group=group):
        ledger.append("access.revoked", record, data=who | {"permission": permission}, parts={"note": reason})


@ledger.verb
def deny(*, by: User, record, reason: str, user: User | None = None, group: Group | None = None) -> None:
    """Keep a person or a team away from a record or a collection, whatever they are granted."""
    who = _one_principal(user, group)
    reason = content.text(reason, field="reason", limit=1000, required=True)
    if grants.deny(record=record, by=by, reason=reason, user=user, group=group):
        ledger.append("access.denied", record, data=who, parts={"note": reason})


@ledger.verb
def lift_denial(*, by, record, reason: str, user: User | None = None, group: Group | None = None) -> None:
    """End a denial; what was granted counts again on the next request."""
    who = _one_principal(user, group)
    reason = content.text(reason, field="reason", limit=1000, required=True)
    if grants.lift(record=record, user=user, group=group):
        ledger.append("access.denial_lifted", record, data=who, parts={"note": reason})


def _one_principal(user, group) -> dict:
    if (user is None) == (group is None):
        raise Invalid(_("Access is given to, and kept from, a person or a team: name one of them."))
    return {"to": {"kind": "user", "id": str(user.pk)} if user else {"kind": "team", "id": group.pk}}
