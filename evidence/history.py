"""The history of a record as its reader may see it: entries with what names hidden records taken out."""

import re
from dataclasses import dataclass, replace

from accounts.grants import is_secured, permits
from accounts.roles import Act as Does
from accounts.roles import Permission, may
from custody import ledger
from evidence.models import (
    Act,
    Collection,
    Consent,
    Decision,
    Incident,
    Item,
    Person,
    ProviderCondition,
    Situation,
    Source,
)

NAMED = (Person, Item, Source, Incident, Situation, Act, Consent, ProviderCondition, Decision)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Unseen:
    """Ids that a reader may not know of: records, and collections that are only the home of something."""

    records: frozenset
    homes: frozenset


def history_of(record, *, user, limit: int = 200) -> list[ledger.Event]:
    """Entries about a record that has passed the gate, newest first, without what points at hidden records.

    An entry that is about a tie to a hidden record is left out whole: that there was one would say enough. As many are
    read as it takes to fill the limit, so that a shorter list does not count what was left out.
    """
    found: list[ledger.Event] = []
    before, manages = None, _manages(user, record)
    while len(found) < limit:
        events = ledger.history([record.pk], limit=limit, before=before)
        unseen = _unseen({text for event in events for text in UUID.findall(_words(event))}, user=user)
        told = [_unless_managed(event, manages) for event in events]
        found += [seen for event in told if (seen := _without(event, unseen)) is not None]
        if len(events) < limit:
            break
        before = events[-1].eid
    return found[:limit]


def visible_entries(entries, *, user) -> dict:
    """Entry id → whether its parts may be opened, for those about a permitted record that its reader may know of.

    An entry whose envelope names something hidden is not among them, nor are the row entries of its transaction.
    """
    bodies = {entry.entry_id: " ".join(_bodies(entry)) for entry in entries}
    texts = {entry.entry_id: bytes(entry.envelope).decode() + bodies[entry.entry_id] for entry in entries}
    unseen = _unseen({text for one in texts.values() for text in UUID.findall(one)}, user=user)
    found, told_by = {}, set()
    manages = bool(entries) and _manages_subject(user, entries[0])
    for entry in entries:
        names_hidden = unseen.records & set(UUID.findall(str(entry.content["data"])))
        if names_hidden or _without(ledger.event_of(entry), unseen) is None:
            told_by.add(entry.content["db"]["xid"])
        else:
            names_none = not unseen.records & set(UUID.findall(bodies[entry.entry_id]))
            found[entry.entry_id] = names_none and (manages or not entry.act.startswith(OF_ACCESS))
    rows = {e.entry_id for e in entries if e.act.startswith("row.") and e.content["db"]["xid"] in told_by}
    return {pk: opens for pk, opens in found.items() if pk not in rows}


# Whom access was given or denied and why, and what an emergency was: for whoever manages the access, nobody else.
OF_ACCESS = ("access.", "glass.")


def _manages(user, record) -> bool:
    return may(user, Does.ACCESS) or permits(user, record, Permission.MANAGE)


def _manages_subject(user, entry) -> bool:
    """Whether the person manages the access to the record that an entry is about."""
    model = next((one for one in NAMED if one._meta.model_name == entry.object_type), Collection)
    record = model._default_manager.filter(pk=entry.object_id).first()
    return record is not None and is_secured(record) and _manages(user, record)


def _unless_managed(event: ledger.Event, manages: bool) -> ledger.Event:
    if manages or not event.act.startswith(OF_ACCESS):
        return event
    return replace(event, note="", data={key: value for key, value in event.data.items() if key == "expires_at"})


def _bodies(entry) -> list[str]:
    return [bytes(payload.body).decode() for payload in entry.payloads.all() if payload.body is not None]


def _words(event: ledger.Event) -> str:
    return f"{event.change} {event.data} {event.cause}"


def _unseen(ids: set[str], *, user) -> Unseen:
    """Those of the ids that are records or collections this person may not see."""
    records: set[str] = set()
    for model in NAMED:
        records |= _hidden(model, ids, user)
    return Unseen(frozenset(records), frozenset(_hidden(Collection, ids, user)))


def _hidden(model, ids: set[str], user) -> set[str]:
    rows = model.objects.filter(pk__in=ids)
    seen = set(rows.permitted(user).values_list("pk", flat=True))
    return {str(pk) for pk in rows.values_list("pk", flat=True) if pk not in seen}


def _without(event: ledger.Event, unseen: Unseen) -> ledger.Event | None:
    hidden = unseen.records
    change = {key: value for key, value in event.change.items() if not hidden & set(UUID.findall(f"{key} {value}"))}
    # Every record has a home; which one it is, is not told to whoever was given the record alone.
    told = {key: value for key, value in event.data.items() if key != "collection" or value not in unseen.homes}
    data = {key: value for key, value in told.items() if not hidden & set(UUID.findall(str(value)))}
    cause = {} if hidden & set(UUID.findall(str(event.cause))) else event.cause
    if data != told or (event.change and not change):
        return None
    # The stated reason may speak of what was taken out.
    return replace(event, change=change, data=data, cause=cause, note=event.note if change == event.change else "")
