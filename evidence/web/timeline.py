"""Entries of the ledger as lines of templates/partials/_timeline.html. Their words are in evidence.web.phrases.

The events have passed evidence.history: what points at hidden records is gone. Whatever is looked up here is permitted.
"""

import json
import re
from functools import cached_property
from itertools import groupby

from django.utils import formats, timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Team, User
from accounts.roles import Permission, Role
from custody.ledger import Event
from evidence.models import Act, Crime, File, Incident, Organisation, Person, Place, ReviewStatus, Source
from evidence.web import phrases, words
from evidence.web.act_phrases import ACTS, UNKNOWN_ACT

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
OPENINGS = ("incident.opened", "item.opened", "person.opened", "source.opened", "file.opened", "file.viewed")
LONGEST = 280  # characters of a value; a whole account belongs on the record, not in its history


def days_of(events: list[Event], user) -> list[dict]:
    """[{"label", "entries": [entry]}], newest first; an entry is what _timeline.html documents."""
    names = _Names(events, user)
    lines = [(event.at.astimezone(timezone.get_fixed_timezone(0)), event) for event in events]
    return [
        {"label": _day(day), "entries": _folded([event for _at, event in group], names)}
        for day, group in groupby(lines, key=lambda line: line[0].date())
    ]


def _folded(events: list[Event], names: "_Names") -> list[dict]:
    """The entries of a day; the same person opening the record again and again is one line that says how often."""
    entries = []
    for (opens, _whose), group in groupby(events, key=_opening):
        alike = list(group)
        if not opens or len(alike) == 1:
            entries += [_entry(event, names) for event in alike]
            continue
        entry = _entry(alike[0], names)
        times = ngettext("%(n)d time, the last shown", "%(n)d times, the last shown", len(alike)) % {"n": len(alike)}
        entries.append(entry | {"note": " · ".join(part for part in (times, entry["note"]) if part)})
    return entries


def _opening(event: Event) -> tuple:
    """What may be folded: openings of the record, or of one file, by one person; everything else stands alone."""
    if event.act not in OPENINGS:
        return (False, event.entry_id)
    return (True, (event.actor_id, event.act, event.data.get("file")))


def _day(day) -> str:
    text = formats.date_format(day, "DATE_FORMAT")
    return _("Today, %(day)s") % {"day": text} if day == timezone.now().date() else text


class _Names:
    """What ids and codes in the entries are called. Each kind is one query, made when the first of it is met."""

    def __init__(self, events: list[Event], user):
        self.user = user
        self.actors = {event.actor_id for event in events if event.actor_id}
        text = " ".join(f"{event.change} {event.data}" for event in events)
        self.ids = set(UUID.findall(text))
        self.events = events

    @cached_property
    def people(self) -> dict:
        return {
            str(pk): name for pk, name in User.objects.filter(pk__in=self.actors | self.ids).values_list("pk", "name")
        }

    def _codes(self, model) -> dict:
        rows = model.objects.permitted(self.user).filter(pk__in=self.ids)
        return {str(pk): code for pk, code in rows.values_list("pk", "code")}

    @cached_property
    def persons(self) -> dict:
        return self._codes(Person)

    @cached_property
    def sources(self) -> dict:
        return self._codes(Source)

    @cached_property
    def incidents(self) -> dict:
        return self._codes(Incident)

    @cached_property
    def acts(self) -> dict:
        """Act id → its position, and the code of its incident."""
        rows = Act.objects.permitted(self.user).filter(pk__in=self.ids)
        return {str(row[0]): row[1:] for row in rows.values_list("pk", "position", "incident__code")}

    @cached_property
    def files(self) -> dict:
        rows = File.objects.permitted(self.user).filter(pk__in=self.ids)
        return {str(pk): name for pk, name in rows.values_list("pk", "name")}

    @cached_property
    def organisations(self) -> dict:
        name = f"name_{words.language()}"
        rows = Organisation.objects.filter(pk__in=self.ids).values_list("pk", name, "name_en")
        return {str(pk): own or english for pk, own, english in rows}

    @cached_property
    def teams(self) -> dict:
        rows = Team.objects.filter(pk__in={event.data.get("team") for event in self.events} - {None})
        return {row.pk: (words.language() == "ko" and row.name_ko) or row.name_en for row in rows}

    @cached_property
    def crimes(self) -> dict:
        return dict(Crime.objects.values_list("pk", f"label_{words.language()}"))

    @cached_property
    def places(self) -> dict:
        found = {value for event in self.events for value in event.change.get("place") or () if isinstance(value, str)}
        return dict(Place.objects.filter(pk__in=found).values_list("pk", f"name_{words.language()}"))


def _entry(event: Event, names: _Names) -> dict:
    verb, icon = ACTS.get(event.act, UNKNOWN_ACT)
    named = event.act == "file.received"
    notes = [_("Entry %(number)s of the ledger") % {"number": event.index}] if event.index is not None else []
    if event.redacted:
        notes.append(_("Part of this entry was lawfully erased."))
    return {
        "act": event.act,
        "actor": _actor(event, names),
        "verb": verb,
        "object": event.note if named else _object(event, names),
        "icon": icon,
        "at": event.at,
        "reason": "" if named else event.note,
        "note": " · ".join(notes),
        "changes": _changes(event, names),
    }


def _actor(event: Event, names: _Names) -> str:
    kind = event.actor.get("kind")
    if kind == "user":
        return names.people.get(str(event.actor_id), _("A former member"))
    if kind == "service":
        return phrases.SERVICES.get(event.actor.get("name"), event.actor.get("name", ""))
    return phrases.SOMEBODY


def _object(event: Event, names: _Names) -> str:
    """What the act was done to, where that is not the record itself."""
    if event.act.startswith("file.") and "file" in event.data:
        return names.files.get(event.data["file"], "")
    if event.act == "item.frozen":
        return ", ".join(names.files[one] for one in event.data.get("files", ()) if one in names.files)
    if event.act.startswith("custody."):
        return words.term("custody_event_type", event.data.get("event", ""))
    target = event.data.get("target") or {}
    if target.get("type") == "incident":
        return names.incidents.get(target.get("id"), "")
    if target.get("type") == "person":
        return names.persons.get(target.get("id"), "")
    if target.get("type") == "act":
        return names.acts.get(target.get("id"), ("", ""))[1]
    if event.act in ("team.joined", "team.left"):
        return names.teams.get(event.data.get("team"), "")
    if event.act in ("team.member_joined", "team.member_left"):
        return names.people.get(event.data.get("user"), "")
    to = event.data.get("to")
    return names.people.get(str(to.get("id")), "") if isinstance(to, dict) else ""


def _changes(event: Event, names: _Names) -> list[dict]:
    lines = [
        {
            "label": _label(field, names),
            "before": _value(field, old, event, names),
            "after": _value(field, new, event, names),
        }
        for field, (old, new) in sorted(event.change.items(), key=_place_in_line)
    ]
    if event.act.endswith((".level_raised", ".level_lowered")):
        levels = (_value("level", event.data.get(end), event, names) for end in ("from", "to"))
        lines.append({"label": phrases.FIELDS["level"], **dict(zip(("before", "after"), levels, strict=True))})
    if event.act == "account.access_changed":
        lines += [_authority(name, *event.data[name]) for name in ("role", "clearance") if name in event.data]
    if permission := event.data.get("permission"):
        label = Permission(permission).label if permission in Permission.values else permission
        lines.append({"label": phrases.FIELDS["permission"], "before": "", "after": label})
    return [line for line in lines if line["before"] != line["after"]]


def _authority(name: str, before, after) -> dict:
    """A change of role or clearance; roles are no vocabulary of records."""
    read = words.level if name == "clearance" else lambda role: str(dict(Role.choices).get(role, role))
    return {"label": phrases.FIELDS[name], "before": read(before), "after": read(after)}


_ORDER = {name: position for position, name in enumerate(phrases.FIELDS)}


def _place_in_line(change: tuple) -> tuple:
    """The record's own fields in the order of its form, then each act with its own."""
    parts = change[0].split("/")
    return (parts[1:2], _ORDER.get(parts[-1] if len(parts) > 2 else parts[0], len(_ORDER)), change[0])


def _label(field: str, names: _Names) -> str:
    """`title_en`, `acts/<id>/title_en`, `acts/<id>/involvements/<id>`, `classifications/<id>`, `links/<id>`."""
    parts = field.split("/")
    if parts[0] == "classifications":
        return _("Classification")
    if parts[0] == "links":
        return _("Link")
    if parts[0] == "acts" and len(parts) > 2:
        number = names.acts.get(parts[1], ("?",))[0]
        inner = _("who was involved") if parts[2] == "involvements" else phrases.FIELDS.get(parts[2], parts[2])
        return _("Act %(number)s: %(field)s") % {"number": number, "field": inner}
    return phrases.FIELDS.get(field, field)


def _value(field: str, value, event: Event, names: _Names) -> str:
    """A kept value as a person reads it; nothing for nothing."""
    if value is None or value in ("", [], {}):
        return ""
    parts = field.split("/")
    name = parts[2] if parts[0] == "acts" and len(parts) > 2 else parts[0]
    if isinstance(value, dict):
        reader = {"involvements": _involvement, "classifications": _classification, "links": _link}.get(name)
        return reader(value, names) if reader else Truncator(json.dumps(value, ensure_ascii=False)).chars(LONGEST)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(_single(name, one, event, names) for one in value)
    return Truncator(_single(name, value, event, names)).chars(LONGEST)


def _single(name: str, value, event: Event, names: _Names) -> str:
    if name in phrases.LEVELS and str(value).isdecimal():
        return words.level(value)
    if name in phrases.DATES:
        return words.date_words(str(value))
    if name == "kind":
        return words.term(phrases.KINDS.get(event.object_type, "evidence_item_type"), str(value))
    if name == "status" and event.act.startswith("consent."):
        return words.term("consent_status", str(value))
    if name == "recipient" and value == "*":
        return _("Any recipient")
    if name in phrases.VOCABULARIES:
        return words.term(phrases.VOCABULARIES[name], str(value))
    if name == "review_status":
        return str(dict(ReviewStatus.choices).get(value, value))
    known = {"crimes": "crimes", "place": "places", "source": "sources", "person": "persons"}.get(name)
    return getattr(names, known).get(str(value), str(value)) if known else str(value)


def _involvement(value: dict, names: _Names) -> str:
    parts = [words.term("person_role", value.get("role", ""))]
    if value.get("person"):
        parts.append(names.persons.get(value["person"], ""))
    if value.get("organisation"):
        parts.append(names.organisations.get(value["organisation"], ""))
    low, high = value.get("count_min"), value.get("count_max")
    if low is not None or high is not None:
        parts.append(_people(low, high))
    if value.get("sex"):
        parts.append(words.term("sex", value["sex"]))
    parts += [words.term("victim_characteristic", code) for code in value.get("characteristics") or ()]
    return ", ".join(part for part in [*parts, value.get("description", "")] if part)


def _people(low: int | None, high: int | None) -> str:
    if low is not None and high is not None and low != high:
        return _("%(low)d to %(high)d people") % {"low": low, "high": high}
    if high is None:
        return _("at least %(number)d people") % {"number": low}
    if low is None:
        return _("at most %(number)d people") % {"number": high}
    return ngettext("%(number)d person", "%(number)d people", low) % {"number": low}


def _classification(value: dict, names: _Names) -> str:
    status = words.term("classification_status", value.get("status", ""))
    standard = words.term("standard_of_proof", value.get("standard", ""))
    text = f"{names.crimes.get(value.get('crime_id'), value.get('crime_id'))}: {status}, {standard}"
    return Truncator(f"{text}. {value['rationale']}" if value.get("rationale") else text).chars(LONGEST)


def _link(value: dict, names: _Names) -> str:
    function = words.term("evidence_function", value.get("function", ""))
    stance = words.term("evidence_stance", value.get("stance", ""))
    return ", ".join(part for part in (function, stance, value.get("locator", "")) if part)
