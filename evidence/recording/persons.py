"""Verbs that record persons and sources. Names and identity go into the vault and nowhere else."""

import json

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Stale
from custody import ledger
from evidence import vault
from evidence.models import Collection, Identity, Person, PersonName, Source
from evidence.models.person import SCRIPTS
from evidence.recording import content, levels
from evidence.recording.acts import find
from evidence.recording.incidents import differences
from evidence.recording.names import keep_marks
from evidence.recording.problems import Problems
from evidence.reference import check_term

IDENTITY_FIELDS = ("birth", "contacts", "relatives", "documents", "other")
PERSON_FIELDS = ("note", "sex", "risk", "is_protected", "confidentiality", "names", "identity")
SOURCE_FIELDS = ("title", "kind", "description", "proximity", "person", "confidentiality")


@ledger.verb
def record_person(*, by, collection: Collection, given: dict) -> Person:
    """Record a person under a pseudonym, her reference code. Protected and risk not assessed unless said otherwise.

    `names` is a list of {"script", "kind", "value"}; `identity` an object with birth, contacts, relatives, documents,
    other. Both are sealed before they reach the database and appear in no entry.
    """
    problems = Problems()
    values = _read_person(given, problems)
    names = _read_names(given.get("names") or [], problems)
    identity = _read_identity(given.get("identity") or {}, problems)
    problems.raise_if_any()
    values.setdefault("confidentiality", collection.level_for_new)
    person = Person(collection=collection, created_by=by, **values)
    person.effective_level = max(person.confidentiality, person.floor)
    levels.check_within_clearance(by, person.effective_level)
    person.save(force_insert=True)
    _seal_names(person, names, by=by)
    keep_marks(person)
    if identity:
        _seal_identity(person, identity, by=by)
    change = {name: [None, value] for name, value in _describe_person(person).items() if value not in (None, "")}
    ledger.append(
        "person.recorded",
        person,
        data={"collection": str(collection.pk), "names": len(names), "identity": bool(identity)},
        parts={"change": change},
    )
    return person


@ledger.verb
def revise_person(*, by, person: Person, given: dict, version: int, reason: str = "") -> Person:
    """Change what `given` names; added names stand beside the old ones. A risen risk lifts every linked record."""
    row = Person.objects.select_for_update().get(pk=person.pk)
    if version != row.version:
        raise Stale(_("Somebody changed this person meanwhile. Compare and save again."), current=row.version)
    problems = Problems()
    values = _read_person(given, problems)
    names = _read_names(given.get("names") or [], problems)
    identity = _read_identity(given.get("identity") or {}, problems)
    reason = content.text(reason, field="reason", limit=1000)
    problems.raise_if_any()
    before, floor = _describe_person(row), row.floor
    for name, value in values.items():
        setattr(row, name, value)
    if row.floor < floor:
        levels.check_not_lowered(row, -1)
    if "confidentiality" in values:
        levels.check_not_lowered(person, values["confidentiality"])
    row.version = F("version") + 1
    change = differences(before, _describe_person(row))
    if not (change or names or identity):
        return person
    row.effective_level = max(row.effective_level, row.confidentiality, row.floor)
    levels.check_within_clearance(by, row.effective_level)
    row.save()
    row.refresh_from_db()
    _seal_names(row, names, by=by)
    keep_marks(row)
    if identity:
        _seal_identity(row, identity, by=by)
    levels.spread(row)
    data = {"cols": sorted(change), "names": len(names), "identity": bool(identity)}
    ledger.append("person.revised", row, data=data, parts={"change": change} | ({"note": reason} if reason else {}))
    return row


def _read_person(given: dict, problems: Problems) -> dict:
    if not isinstance(given, dict):
        raise Invalid(_("A person is an object."))
    problems.refuse_unknown(given, PERSON_FIELDS)
    values: dict = {}
    if "note" in given:
        problems.take(values, "", lambda: {"note": content.text(given["note"], field="note", limit=500)})
    for name, vocabulary in (("sex", "sex"), ("risk", "risk_level")):
        if given.get(name):
            problems.take(values, "", lambda n=name, v=vocabulary: {n: check_term(v, given[n], field=n)})
    if "is_protected" in given:
        if not isinstance(given["is_protected"], bool):
            problems.errors["is_protected"] = _("This is true or false.")
        else:
            values["is_protected"] = given["is_protected"]
    if given.get("confidentiality") not in (None, ""):
        problems.take(values, "", lambda: {"confidentiality": content.level(given["confidentiality"])})
    return values


def _read_names(names, problems: Problems) -> list[dict]:
    if not isinstance(names, list):
        raise Invalid(_("Names are a list."), field="names")
    read = []
    for position, name in enumerate(names):
        with problems.at(f"names.{position}."):
            if not isinstance(name, dict) or name.get("script") not in SCRIPTS:
                raise Invalid(_("Say in which script: %(known)s.") % {"known": ", ".join(SCRIPTS)}, field="script")
            read.append(
                {
                    "script": name["script"],
                    "kind": check_term("name_kind", name.get("kind") or "unknown", field="kind"),
                    "value": content.text(name.get("value"), field="value", limit=200, required=True),
                }
            )
    return read


def _read_identity(identity, problems: Problems) -> dict:
    if not isinstance(identity, dict) or set(identity) - set(IDENTITY_FIELDS):
        raise Invalid(_("Identity holds: %(known)s.") % {"known": ", ".join(IDENTITY_FIELDS)}, field="identity")
    values: dict = {}
    for name, value in identity.items():
        problems.take(values, "identity.", lambda n=name, v=value: {n: content.text(v, field=n, limit=5000)})
    return {name: value for name, value in values.items() if value}


def _seal_names(person: Person, names: list[dict], *, by) -> None:
    for name in names:
        row = PersonName(person=person, script=name["script"], kind=name["kind"], created_by=by)
        row.sealed = vault.seal_text(name["value"], purpose="identity", row=row)
        row.save(force_insert=True)


def _seal_identity(person: Person, identity: dict, *, by) -> None:
    person.identities.filter(is_current=True).update(is_current=False)
    row = Identity(person=person, created_by=by)
    row.sealed = vault.seal_text(json.dumps(identity, ensure_ascii=False), purpose="identity", row=row)
    row.save(force_insert=True)


def _describe_person(person: Person) -> dict:
    return {name: getattr(person, name) for name in ("note", "sex", "risk", "is_protected", "confidentiality")}


@ledger.verb
def record_source(*, by, collection: Collection, given: dict) -> Source:
    """Record a source under a protected reference or a public title; a person behind it lends it her protection."""
    source = draft_source(by=by, collection=collection, given=given)
    keep_sources([source])
    return source


def draft_source(*, by, collection: Collection, given: dict) -> Source:
    """What `record_source` would keep, checked to the end; nothing is written."""
    values = _read_source(given, by=by)
    if not values.get("title"):
        raise Invalid(_("Give the source a protected reference or its public title."), field="title")
    values.setdefault("confidentiality", collection.level_for_new)
    source = Source(collection=collection, created_by=by, **values)
    floor = source.person.floor if source.person else 0
    source.effective_level = max(source.confidentiality, floor)
    levels.check_within_clearance(by, source.effective_level)
    return source


def keep_sources(sources: list[Source]) -> None:
    """Write drafted sources, each with its entry, in two statements however many they are. For verbs to call."""
    Source.objects.bulk_create(sources)
    ledger.append_all(
        ledger.Fact(
            "source.recorded",
            source,
            data={"collection": str(source.collection_id)},
            parts={"change": {k: [None, v] for k, v in _describe_source(source).items() if v not in (None, "")}},
        )
        for source in sources
    )


@ledger.verb
def revise_source(*, by, source: Source, given: dict, version: int, reason: str = "") -> Source:
    """Change what `given` names of a source."""
    row = Source.objects.select_for_update().get(pk=source.pk)
    if version != row.version:
        raise Stale(_("Somebody changed this source meanwhile. Compare and save again."), current=row.version)
    values = _read_source(given, by=by)
    if "confidentiality" in values:
        levels.check_not_lowered(row, values["confidentiality"])
    before = _describe_source(row)
    for name, value in values.items():
        setattr(row, name, value)
    if not row.title:
        raise Invalid(_("Give the source a protected reference or its public title."), field="title")
    change = differences(before, _describe_source(row))
    if not change:
        return row
    row.version += 1
    row.effective_level = max(row.effective_level, row.confidentiality)
    row.save()
    levels.settle(row, by=by)
    if row.person and "person" in change:
        levels.spread(row.person)
    reason = content.text(reason, field="reason", limit=1000)
    parts = {"change": change} | ({"note": reason} if reason else {})
    ledger.append("source.revised", row, data={"cols": sorted(change)}, parts=parts)
    return row


def _read_source(given: dict, *, by) -> dict:
    if not isinstance(given, dict):
        raise Invalid(_("A source is an object."))
    problems, values = Problems(), {}
    problems.refuse_unknown(given, SOURCE_FIELDS)
    for name, limit in (("title", 500), ("description", 20_000)):
        if name in given:
            problems.take(values, "", lambda n=name, m=limit: {n: content.text(given[n], field=n, limit=m)})
    if given.get("proximity") == "":
        values["proximity"] = ""
    for name, vocabulary in (("kind", "source_type"), ("proximity", "source_proximity")):
        if given.get(name):
            problems.take(values, "", lambda n=name, v=vocabulary: {n: check_term(v, given[n], field=n)})
    if given.get("person") == "":
        values["person"] = None
    if given.get("person"):
        found = find(Person.objects.permitted(by), given["person"])
        if found is None:
            problems.errors["person"] = _("There is no person with this reference. Record the person first.")
        values["person"] = found
    if given.get("confidentiality") not in (None, ""):
        problems.take(values, "", lambda: {"confidentiality": content.level(given["confidentiality"])})
    problems.raise_if_any()
    return values


def _describe_source(source: Source) -> dict:
    fields = {name: getattr(source, name) for name in ("title", "kind", "description", "proximity", "confidentiality")}
    return fields | {"person": str(source.person_id) if source.person_id else None}
