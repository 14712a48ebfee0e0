"""A record made out of another is no wider open than it: what was decided about access to the one counts."""

from django.db.models import F, Q
from django.utils import timezone

from accounts import grants
from custody import ledger


def follow(*, by, record, parent) -> None:
    """Give a new record the denials of its parent and, where that is restricted, its restriction and its grants.

    What was opened in an emergency is not handed on. Called inside a verb only; each row leaves its entry.
    """
    grants.one_at_a_time()
    tables = grants.tables_of(type(parent))
    note = {"note": parent.code}
    for denial in tables.denials.objects.filter(**{tables.denial_field: parent}):
        who = {"user": denial.user} if denial.user_id else {"group": denial.group}
        if grants.deny(record=record, by=by, reason=denial.reason, **who):
            ledger.append("access.denied", record, data=_named(who), parts=note)
    if parent.inherits_access:
        return
    in_force = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    own = [("user", row) for row in tables.by_user.objects.filter(in_force, content_object=parent)
           .exclude(granted_by=F("user"))]  # fmt: skip
    own += [("group", row) for row in tables.by_group.objects.filter(in_force, content_object=parent)]
    for name, row in own:
        who, permission = {name: getattr(row, name)}, row.permission.codename.split("_")[0]
        grants.give(
            record=record, permission=permission, by=row.granted_by, reason=row.reason, begins_at=row.begins_at,
            expires_at=row.expires_at, **who,
        )  # fmt: skip
        until = row.expires_at.isoformat() if row.expires_at else None
        ledger.append(
            "access.granted", record, data=_named(who) | {"permission": permission, "expires_at": until}, parts=note
        )
    type(record)._base_manager.filter(pk=record.pk).update(inherits_access=False)
    record.inherits_access = False
    grants.forget_scopes()
    ledger.append("access.restricted", record, parts=note)


def _named(who: dict) -> dict:
    kind, one = next(iter(who.items()))
    return {"to": {"kind": "user", "id": str(one.pk)} if kind == "user" else {"kind": "team", "id": one.pk}}
