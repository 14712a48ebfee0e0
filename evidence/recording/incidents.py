"""Verbs that log and revise incidents with their acts and involvements. One save is one act and one entry."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused, Stale
from custody import ledger
from evidence import policies
from evidence.models import Act, Classification, Collection, Incident
from evidence.models.act import classified_bits
from evidence.models.incident import PRECISIONS
from evidence.recording import acts, content, levels
from evidence.recording.problems import Problems
from evidence.reference import check_term

TEXTS = {
    "title_en": 300, "title_ko": 300, "narrative_en": 200_000, "narrative_ko": 200_000,
    "date_note": 500, "place_detail": 1000,
}  # fmt: skip
FIELDS = (*TEXTS, "date", "place", "place_precision", "latitude", "longitude", "confidentiality", "tags", "acts",
          "verification_status")  # fmt: skip


@dataclass(frozen=True)
class NewIncident:
    """An incident and its acts as rows that are checked and not written yet."""

    incident: Incident
    acts: list[acts.NewAct]


@ledger.verb
def log_incident(*, by, collection: Collection, given: dict) -> Incident:
    """Log an incident in its home collection. Logging a simple one makes one act silently.

    `given` holds texts, an EDTF date, place and precision, confidentiality and acts with crimes and involvements, as
    the API documents them. Raises Invalid with every problem at once; nothing is kept then.
    """
    new = draft_incident(by=by, collection=collection, given=given)
    keep_incidents([new])
    return new.incident


def draft_incident(*, by, collection: Collection, given: dict) -> NewIncident:
    """What `log_incident` would keep, checked to the end; nothing is written."""
    problems = Problems()
    values = _read(given, problems)
    if not problems.errors and not (values.get("title_en") or values.get("title_ko")):
        problems.errors["title_en"] = _("Give the incident a title, in English or in Korean.")
    read_acts = acts.read_acts(given.get("acts") or [{}], by=by, incident=None, problems=problems)
    problems.raise_if_any()
    values.setdefault("confidentiality", collection.level_for_new)
    incident = Incident(collection=collection, created_by=by, **content.incident_dates("") | values)
    now = timezone.now()
    made = [acts.new_act(incident, one, position=n, by=by, now=now) for n, one in enumerate(read_acts, start=1)]
    persons = [row.person for new in made for row in new.involvements if row.person is not None]
    incident.effective_level = max(incident.confidentiality, *(person.floor for person in persons), 0)
    levels.check_within_clearance(by, incident.effective_level)
    _set(incident, _filters_of((row.status, row.crime.path) for new in made for row in new.classifications))
    return NewIncident(incident, made)


def keep_incidents(drafts: list[NewIncident]) -> None:
    """Write drafted incidents, each with its entry, in a few statements however many they are. For verbs to call.

    Acts go first: an incident is then indexed once, with their words (evidence/sql/0004_arriving.sql).
    """
    acts.keep_acts([act for new in drafts for act in new.acts])
    Incident.objects.bulk_create([new.incident for new in drafts])
    ledger.append_all(_logged(new) for new in drafts)


def _logged(new: NewIncident) -> ledger.Fact:
    incident, described = new.incident, _describe_incident(new.incident)
    for act in new.acts:
        described |= _describe_act(act.act, act.classifications, act.involvements)
    return ledger.Fact(
        "incident.logged",
        incident,
        data={"collection": str(incident.collection_id), "level": incident.effective_level},
        parts={"change": {name: [None, value] for name, value in described.items() if value not in (None, "", [], {})}},
    )


@ledger.verb
def revise_incident(*, by, incident: Incident, given: dict, version: int, reason: str = "") -> Incident:
    """Change what `given` names and leave the rest. Raises Stale when somebody saved meanwhile, Refused when the
    incident is under review or final. A save that changes nothing leaves no trace."""
    locked = Incident.objects.select_for_update().get(pk=incident.pk)
    policies.check_can_revise(locked)
    if version != locked.version:
        raise Stale(_("Somebody changed this incident meanwhile. Compare and save again."), current=locked.version)
    problems = Problems()
    values = _read(given, problems)
    read_acts = acts.read_acts(given.get("acts") or [], by=by, incident=locked, problems=problems)
    reason = content.text(reason, field="reason", limit=1000)
    problems.raise_if_any()
    if "confidentiality" in values:
        levels.check_not_lowered(locked, values["confidentiality"])
    before = describe(locked)
    changes = [name for name, value in values.items() if getattr(locked, name) != value]
    for name in changes:
        setattr(locked, name, values[name])
    if not (locked.title_en or locked.title_ko):
        raise Invalid(_("Give the incident a title, in English or in Korean."), field="title_en")
    locked.effective_level = max(locked.effective_level, locked.confidentiality)
    levels.check_within_clearance(by, locked.effective_level)
    if changes:
        locked.save()
    acts.write_acts(locked, read_acts, by=by)
    levels.settle(locked, by=by)
    keep_filters(locked)
    change = differences(before, describe(locked))
    if not change:
        return locked
    bump(locked)
    cols = sorted({name.split("/")[0] for name in change})
    parts = {"change": change} | ({"note": reason} if reason else {})
    ledger.append("incident.revised", locked, data={"cols": cols, "version": locked.version}, parts=parts)
    return locked


def _read(given: dict, problems: Problems) -> dict:
    """The incident's own fields, checked; unknown names are refused, not ignored."""
    if not isinstance(given, dict):
        raise Invalid(_("An incident is an object."))
    problems.refuse_unknown(given, FIELDS)
    values: dict = {}
    for name, limit in TEXTS.items():
        if name in given:
            problems.take(values, "", lambda n=name, m=limit: {n: content.text(given[n], field=n, limit=m)})
    if "date" in given:
        problems.take(values, "", lambda: content.incident_dates(given["date"]))
    if "place" in given:
        problems.take(values, "", lambda: _place(given))
    if "place_precision" in given and given["place_precision"] not in PRECISIONS:
        problems.errors["place_precision"] = _("Choose how precise the place is: %(known)s.") % {
            "known": ", ".join(PRECISIONS)
        }
    elif "place_precision" in given:
        values["place_precision"] = given["place_precision"]
    for name, limit in (("latitude", 90), ("longitude", 180)):
        if name in given:
            problems.take(values, "", lambda n=name, m=limit: {n: content.coordinate(given[n], field=n, limit=m)})
    if (values.get("latitude") is None) != (values.get("longitude") is None):
        problems.errors["longitude"] = _("Latitude and longitude go together: give both or neither.")
    if given.get("confidentiality") not in (None, ""):
        problems.take(values, "", lambda: {"confidentiality": content.level(given["confidentiality"])})
    if "verification_status" in given:
        problems.take(
            values,
            "",
            lambda: {
                "verification_status": check_term(
                    "verification_status", given["verification_status"], field="verification_status"
                )
            },
        )
    if "tags" in given:
        problems.take(values, "", lambda: {"tags": _tags(given["tags"])})
    return values


def _place(given: dict) -> dict:
    place = content.place(given["place"])
    if place is not None and given.get("place_precision") in (None, "", "unknown"):
        raise Invalid(_("Choose how precise the place is."), field="place_precision")
    return {"place": place, "place_path": place.path if place else []}


def _tags(tags) -> list[str]:
    if not isinstance(tags, list) or len(tags) > 30:
        raise Invalid(_("Tags are a list of at most 30 short words."), field="tags")
    return list(dict.fromkeys(content.text(tag, field="tags", limit=100, required=True) for tag in tags))


def _filters_of(classified: Iterable[tuple[str, list[str]]]) -> dict:
    """What the classifications of an incident give its filters, by (status, path of the crime) of each."""
    classified = list(classified)
    codes = {code for status, path in classified if status != "rejected" for code in path}
    return {"crime_codes": sorted(codes), "classified_as": classified_bits(status for status, _path in classified)}


def _set(incident: Incident, values: dict) -> None:
    for name, value in values.items():
        setattr(incident, name, value)


def keep_filters(incident: Incident) -> None:
    """Keep what the acts of the incident are classified as where the list filters by it: the crimes with their
    headings, and the statuses."""
    rows = Classification.objects.filter(act__incident=incident, act__ended_at=None)
    kept = _filters_of(rows.values_list("status", "crime__path"))
    changed = {name: value for name, value in kept.items() if getattr(incident, name) != value}
    if changed:
        _set(incident, changed)
        Incident.objects.filter(pk=incident.pk).update(**changed)


def bump(incident: Incident) -> None:
    """A new version: what others are editing is stale now, and whoever follows what changed is to read it."""
    Incident.objects.filter(pk=incident.pk).update(version=F("version") + 1, updated_at=timezone.now())
    incident.refresh_from_db(fields=["version", "updated_at"])


def describe(incident: Incident) -> dict:
    """The whole content as flat JSON, for the history: nested rows under `acts/<id>/…`."""
    fields = _describe_incident(incident)
    for act in incident.acts.filter(ended_at=None).prefetch_related("involvements", "classifications"):
        fields |= _describe_act(act, act.classifications.all(), act.involvements.all())
    return fields


def _describe_incident(incident: Incident) -> dict:
    fields = {
        name: getattr(incident, name) for name in FIELDS if name not in ("place", "acts", "latitude", "longitude")
    }
    return fields | {
        "place": incident.place_id,
        "latitude": None if incident.latitude is None else str(incident.latitude),
        "longitude": None if incident.longitude is None else str(incident.longitude),
        "effective_level": incident.effective_level,
    }


def _describe_act(act: Act, classifications, involvements) -> dict:
    key = f"acts/{act.pk}"
    return (
        {f"{key}/{name}": getattr(act, name) for name in ("title_en", "title_ko", "date")}
        | {f"{key}/crimes": sorted(row.crime_id for row in classifications)}
        | {f"{key}/involvements/{one.pk}": _describe_involvement(one) for one in involvements if one.ended_at is None}
    )


def _describe_involvement(one) -> dict:
    named = {"person": one.person_id, "organisation": one.organisation_id}
    return {
        "role": one.role,
        **{name: str(pk) for name, pk in named.items() if pk},
        **{
            name: value
            for name in ("count_min", "count_max", "description", "characteristics")
            if (value := getattr(one, name)) not in (None, "", [])
        },
        **({"sex": one.sex} if one.sex != "unknown" else {}),
    }


def differences(before: dict, after: dict) -> dict:
    """{field: [before, after]} of what changed."""
    names = [*before, *(name for name in after if name not in before)]
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}


def check_is_open(incident: Incident) -> None:
    if incident.review_status == "withdrawn":
        raise Refused(_("This incident was withdrawn. Restore it first."), code="withdrawn")
