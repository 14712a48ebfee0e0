"""The history of a record as its reader may see it: entries with what names hidden records taken out."""

import re
from dataclasses import replace

from custody import ledger
from evidence.models import Act, Incident, Item, Person, Source

NAMED = (Person, Item, Source, Incident, Act)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def history_of(record, *, user, limit: int = 200) -> list[ledger.Event]:
    """Entries about a record that has passed the gate, newest first, without what points at hidden records.

    An entry that is about a tie to a hidden record is left out whole: that there was one would say enough.
    """
    events = ledger.history([record.pk], limit=limit)
    named = {text for event in events for text in UUID.findall(str(event.change) + str(event.data))}
    hidden = named and _hidden(named, user=user)
    if not hidden:
        return events
    return [seen for event in events if (seen := _without(event, hidden)) is not None]


def seen_whole(entries, *, user) -> set:
    """Ids of those entries about a permitted record that name nothing hidden from this person."""
    events = [ledger.event_of(entry) for entry in entries]
    named = {text for event in events for text in UUID.findall(str(event.change) + str(event.data))}
    hidden = _hidden(named, user=user)
    return {event.entry_id for event in events if not hidden or _without(event, hidden) == event}


def _hidden(ids: set[str], *, user) -> set[str]:
    """Those of the ids that are records this person may not see."""
    found: set[str] = set()
    for model in NAMED:
        rows = model.objects.filter(pk__in=ids)
        seen = set(rows.permitted(user).values_list("pk", flat=True))
        found |= {str(pk) for pk in rows.values_list("pk", flat=True) if pk not in seen}
    return found


def _without(event: ledger.Event, hidden: set[str]) -> ledger.Event | None:
    change = {key: value for key, value in event.change.items() if not hidden & set(UUID.findall(f"{key} {value}"))}
    data = {key: value for key, value in event.data.items() if not hidden & set(UUID.findall(str(value)))}
    # Why a level rose may point at a hidden person; that it rose is the record's own.
    about_hidden = set(event.data) - set(data) - {"because_of"} or (event.change and not change)
    if about_hidden:
        return None
    is_whole = (change, data) == (event.change, event.data)
    # The stated reason may speak of what was taken out.
    return replace(event, change=change, data=data, note=event.note if is_whole else "")
