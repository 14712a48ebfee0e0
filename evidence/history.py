"""The history of a record as its reader may see it: entries with what names hidden records taken out."""

import re
from dataclasses import replace

from accounts.grants import SecuredQuerySet
from custody import ledger
from evidence.models import Incident, Item, Person, Source

NAMED = {"person": Person, "item": Item, "source": Source, "incident": Incident}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def history_of(record, *, user, limit: int = 200) -> list[ledger.Event]:
    """Entries about a record that has passed the gate, newest first, without what points at hidden records."""
    events = ledger.history([record.pk], limit=limit)
    named = {text for event in events for text in UUID.findall(str(event.change) + str(event.data))}
    hidden = named and _hidden(named, user=user)
    return [_without(event, hidden) for event in events] if hidden else events


def _hidden(ids: set[str], *, user) -> set[str]:
    """Those of the ids that are secured records this person may not see."""
    found: set[str] = set()
    for model in NAMED.values():
        rows: SecuredQuerySet = model.objects.filter(pk__in=ids)
        seen = set(rows.permitted(user).values_list("pk", flat=True))
        found |= {str(pk) for pk in rows.values_list("pk", flat=True) if pk not in seen}
    return found


def _without(event: ledger.Event, hidden: set[str]) -> ledger.Event:
    change = {key: value for key, value in event.change.items() if not hidden & set(UUID.findall(f"{key} {value}"))}
    data = {key: value for key, value in event.data.items() if not hidden & set(UUID.findall(str(value)))}
    return replace(event, change=change, data=data)
