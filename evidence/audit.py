"""Reading the ledger through the gate: whose entries one may read, and which of their parts.

Auditors and administrators read every envelope: who did what to which record and when. What was said in it (names,
reasons, values) is evidence, open only to those who may see the record that the entry is about.
"""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from accounts.models import User
from accounts.roles import Act, may
from custody import ledger, trail
from custody.proofs import entries_of
from evidence.access import KINDS
from evidence.history import visible_entries
from evidence.models.codes import read_code
from evidence.search.reading import note_search

PAGE = 50


@dataclass(frozen=True)
class Reading:
    """An entry as its reader may have it: `event` without words unless `opens`."""

    entry: object
    event: ledger.Event
    opens: bool

    @property
    def parts(self) -> list:
        return sorted(self.entry.payloads.all(), key=lambda payload: payload.part)  # type: ignore[attr-defined]


def record_of(entry, *, user: User):
    """The secured record that an entry is about, if this person may see it."""
    model = KINDS.get(entry.object_type)
    return model.objects.permitted(user).filter(pk=entry.object_id).first() if model else None


def read(entry_id: UUID, *, user: User, scopes: list[str] | None = None) -> Reading | None:
    """One entry; None where it does not exist for this person. `scopes` are those of a token, which may allow less."""
    entry = trail.entry(entry_id)
    if entry is None:
        return None
    within = scopes is None or f"{entry.object_type}s:read" in scopes
    record = record_of(entry, user=user) if within else None
    # Beside the others: a row entry goes with the entry of its transaction that is hidden.
    opens = visible_entries(entries_of(entry.object_id), user=user).get(entry.entry_id) if record is not None else None
    if opens is None and not may(user, Act.AUDIT):
        return None
    return Reading(entry, ledger.event_of(entry) if opens else ledger.bare_event_of(entry), bool(opens))


def page(wanted: trail.Wanted, *, user: User, params, before: int | None = None, size: int = PAGE) -> list:
    """One page of the trail for an auditor, newest first, with one entry that it was read."""
    entries = trail.page(wanted, before=before, limit=size + 1)
    note_search(by=user, kind="audit", params=params, shown=min(len(entries), size))
    return entries


KNOWN = {"act", "object", "kind", "actor", "date_from", "date_to", "unattributed", "rows", "before"}
YES = ("1", "true", "yes", "on")


def wanted(params) -> trail.Wanted:
    """The filters that a query string (a QueryDict) asks for; raises Invalid naming the parameter."""
    errors: dict[str, str] = {}
    for name in set(params) - KNOWN:
        errors[name] = _("There is no such filter. Known: %(known)s.") % {"known": ", ".join(sorted(KNOWN))}
    read = {}
    for name, reader in (("object", _object), ("actor", _actor), ("date_from", _day), ("date_to", _until)):
        if value := params.get(name, "").replace("\x00", "").strip():
            try:
                read[name] = reader(value)
            except Invalid as error:
                errors[name] = str(error)
    if not errors and "date_from" in read and "date_to" in read and read["date_from"] >= read["date_to"]:
        said = {"first": params["date_from"], "last": params["date_to"]}
        errors["date_to"] = _("Write the earlier one first: %(last)s is before %(first)s.") % said
    if errors:
        raise Invalid(_("The query string has a mistake."), errors=errors, field=next(iter(errors)))
    return trail.Wanted(
        actor=read.get("actor"),
        subject=read.get("object"),
        since=read.get("date_from"),
        until=read.get("date_to"),
        kinds=tuple(value for value in params.getlist("kind") if value.isprintable() and value),
        acts=tuple(value for value in params.getlist("act") if value.isprintable() and value),
        unattributed=params.get("unattributed", "").lower() in YES,
        rows=params.get("rows", "").lower() in YES,
    )


def _object(text: str) -> UUID:
    """By id or reference code. The ledger names every record already: that a code exists tells an auditor no more."""
    try:
        return UUID(text)
    except ValueError:
        code = read_code(text)
    if code is None:
        raise Invalid(_("Write the id or the reference code of a record, like EV-7Q4K-M3DX."), field="object")
    for model in KINDS.values():
        if pk := model._default_manager.filter(code=code).values_list("pk", flat=True).first():
            return pk
    return ledger.subject("unknown", code).pk


def _actor(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        pk = User.objects.filter(email__iexact=text).values_list("pk", flat=True).first()
    return pk or ledger.subject("unknown", text).pk


def _day(text: str) -> datetime.datetime:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or day.year < 1900 or day.year > 9990:
        raise Invalid(_("Write a day like 2026-03-14."))
    return datetime.datetime.combine(day, datetime.time.min, datetime.UTC)


def _until(text: str) -> datetime.datetime:
    return _day(text) + datetime.timedelta(days=1)
