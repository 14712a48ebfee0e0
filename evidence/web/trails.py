"""Entries of the ledger as rows of the audit trail. Names of records appear only where their reader may see them."""

from accounts.models import User
from custody import ledger
from evidence.access import KINDS
from evidence.web import phrases
from evidence.web.act_phrases import ACTS, UNKNOWN_ACT


def members() -> list[tuple[str, str]]:
    """Everybody who can be an actor, for the filter."""
    return [(str(pk), name) for pk, name in User.objects.order_by("name").values_list("pk", "name")]


def lines(entries: list, user) -> list[dict]:
    """{"entry", "who", "verb", "icon", "kind", "code", "url_kind", "index", "is_raw"} of each entry."""
    people = dict(User.objects.filter(pk__in=_ids(entries)).values_list("pk", "name"))
    codes = _codes(entries, user)
    return [_line(entry, people, codes) for entry in entries]


def _ids(entries) -> set:
    return {pk for entry in entries for pk in (entry.actor_id, entry.object_id) if pk}


def _codes(entries, user) -> dict:
    """Object id → reference code, for the records that this person may see."""
    found: dict = {}
    for kind, model in KINDS.items():
        ids = {entry.object_id for entry in entries if entry.object_type == kind}
        if ids:
            found |= dict(model.objects.permitted(user).filter(pk__in=ids).values_list("pk", "code"))
    return found


def _line(entry, people: dict, codes: dict) -> dict:
    event = ledger.bare_event_of(entry)
    verb, icon = ACTS.get(entry.act, UNKNOWN_ACT)
    name = people.get(entry.object_id) if entry.object_type == "user" else codes.get(entry.object_id)
    return {
        "entry": entry,
        "who": _who(event, people),
        "verb": verb,
        "icon": icon,
        "kind": phrases.OBJECTS.get(entry.object_type, entry.object_type),
        "name": name or str(entry.object_id)[:8],
        "is_known": name is not None,
        "index": entry.index,
        "is_raw": entry.act.startswith("raw."),
    }


def _who(event, people: dict) -> str:
    kind = event.actor.get("kind")
    if kind == "user":
        return people.get(event.actor_id, str(event.actor_id))
    if kind == "service":
        return phrases.SERVICES.get(event.actor.get("name"), event.actor.get("name", ""))
    return phrases.SOMEBODY
