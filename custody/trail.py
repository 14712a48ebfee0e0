"""Reading the ledger: the audit trail with its filters, single entries, proposals of erasure that wait for a second.

Who may read what of an entry is decided by the callers' gate: here are envelopes, which hold no personal words.
"""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Q

from custody.models import Entry

NEAR = 500  # entries before and after


@dataclass(frozen=True)
class Wanted:
    """Filters of the trail; what is empty does not narrow. `acts` are whole acts or families like `item.`."""

    actor: UUID | None = None
    subject: UUID | None = None
    kinds: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    unattributed: bool = False
    rows: bool = False  # the row entries of verbs too

    def condition(self) -> Q:
        found = Q()
        for column, value in (("actor_id", self.actor), ("object_id", self.subject),
                              ("recorded_at__gte", self.since), ("recorded_at__lt", self.until)):  # fmt: skip
            if value is not None:
                found &= Q(**{column: value})
        if self.kinds:
            found &= Q(object_type__in=self.kinds)
        if self.acts:
            either = Q()
            for act in self.acts:
                either |= Q(act__startswith=act) if act.endswith(".") else Q(act=act)
            found &= either
        if self.unattributed:
            found &= Q(act__startswith="raw.")
        elif not self.rows:
            found &= ~Q(act__startswith="row.")
        return found


def page(wanted: Wanted, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """Entries newest first, older than the entry with the local number `before`; each with its leaf, if it has one."""
    entries = Entry.objects.filter(wanted.condition()).select_related("leaf").order_by("-eid")
    if before is not None:
        entries = entries.filter(eid__lt=before)
    return list(entries[:limit])


def entry(entry_id: UUID) -> Entry | None:
    return Entry.objects.filter(entry_id=entry_id).select_related("leaf").prefetch_related("payloads").first()


def of_the_same_request(one: Entry) -> list[Entry]:
    """What the same request wrote, oldest first. Its entries lie close together: the id stands in no index."""
    request = one.content.get("req")
    if not request:
        return [one]
    near = Entry.objects.filter(eid__range=(one.eid - NEAR, one.eid + NEAR)).select_related("leaf").order_by("eid")
    return [entry for entry in near if entry.content.get("req") == request]


def acts() -> list[str]:
    """The acts that stand in the ledger, by an index that is skipped through."""
    sql = """
    WITH RECURSIVE a AS (
      (SELECT act FROM custody.entry ORDER BY act LIMIT 1)
      UNION ALL
      SELECT (SELECT e.act FROM custody.entry e WHERE e.act > a.act ORDER BY e.act LIMIT 1)
        FROM a WHERE a.act IS NOT NULL
    ) SELECT act FROM a WHERE act IS NOT NULL
    """
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [act for (act,) in cursor.fetchall()]


@dataclass(frozen=True)
class Proposal:
    """A proposal to erase a part of an entry that nobody has carried out or declined yet."""

    proposed: Entry
    entry_id: UUID
    part: str


def proposals() -> list[Proposal]:
    """Open proposals of erasure, newest first."""
    decisions = Entry.objects.filter(act__in=("redaction.proposed", "redaction.declined", "ledger.redacted"))
    latest: dict[tuple, Entry] = {}
    for one in decisions.order_by("eid"):
        latest[one.content["data"]["entry"], one.content["data"]["part"]] = one
    return [
        Proposal(one, UUID(entry_id), part)
        for (entry_id, part), one in reversed(latest.items())
        if one.act == "redaction.proposed"
    ]
