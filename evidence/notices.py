"""Notices, and who is told: they say that something waits, and nothing of what it is.

Made inside the verb that they tell of, so that whoever must look after an act is told of it or the act did not happen.
"""

from django.utils import timezone

from accounts.holdings import readers
from accounts.models import User
from accounts.roles import Permission, Role
from custody import ledger
from evidence.models import Notice


def notify(recipients, kind: str, target=None) -> None:
    """One notice for each of these people (ids), in the transaction of the running verb."""
    rows = [Notice(recipient_id=pk, kind=kind, target=target) for pk in sorted(set(recipients))]
    if rows:
        Notice.objects.bulk_create(rows)


def _of_roles(*roles) -> set:
    return set(User.objects.filter(role__in=roles, is_active=True).values_list("pk", flat=True))


def administrators() -> set:
    """Ids of the active administrators."""
    return _of_roles(Role.ADMINISTRATOR)


def overseers() -> set:
    """Ids of the active administrators and auditors."""
    return _of_roles(Role.ADMINISTRATOR, Role.AUDITOR)


def managers_of(record) -> set:
    """Ids of those who answer for the access to a record: administrators, and whoever sees and manages it."""
    return administrators() | _holding(Permission.MANAGE, record)


def keepers_of(record) -> set:
    """Ids of those who see the record and manage it."""
    return _holding(Permission.MANAGE, record)


def reviewers_of(record) -> set:
    """Ids of those who see the record and may review it: the second of two people."""
    return _holding(Permission.REVIEW, record)


def _holding(permission: str, record) -> set:
    return {reader.user.pk for reader in readers(record) if permission in reader.permissions}


def unread(user) -> int:
    """How many notices wait for a person."""
    return Notice.objects.filter(recipient=user, read_at__isnull=True).count()


def notices_of(user, *, limit: int = 100) -> list[Notice]:
    """A person's notices, newest first."""
    return list(Notice.objects.filter(recipient=user).order_by("-created_at")[:limit])


@ledger.verb
def read_notices(*, by: User) -> int:
    """Mark all of one's own notices as read; the entry shows that they were. Returns how many."""
    waiting = list(Notice.objects.filter(recipient=by, read_at__isnull=True).values_list("pk", flat=True))
    if waiting:
        Notice.objects.filter(pk__in=waiting).update(read_at=timezone.now())
        ledger.append("notice.read", by, data={"notices": len(waiting)})
    return len(waiting)
