"""Acts of an incident and who was involved in them: read, checked, written. Called by the incident verbs only.

What is not named in the input stays as it is: an editor who cannot see an involvement cannot detach it by saving.
"""

import uuid
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from evidence.models import Act, Classification, Crime, Incident, Involvement, Organisation, Person
from evidence.models.codes import read_code
from evidence.recording import content
from evidence.recording.problems import Problems
from evidence.reference import check_term, check_terms


def read_acts(acts, *, by, incident: Incident | None, problems: Problems) -> list[dict]:
    """Check the submitted acts; returns them with model objects in place of ids."""
    if not isinstance(acts, list):
        raise Invalid(_("Acts are a list."), field="acts")
    known = {str(act.pk): act for act in incident.acts.filter(ended_at=None)} if incident else {}
    read = []
    for position, given in enumerate(acts):
        prefix = f"acts.{position}."
        if not isinstance(given, dict):
            raise Invalid(_("Each act is an object."), field=f"acts.{position}")
        values: dict = {"end": bool(given.get("end"))}
        with problems.at(prefix):
            values["act"] = _own(known, given, _("This act does not belong to the incident."))
        for name in ("title_en", "title_ko"):
            if name in given:
                problems.take(values, prefix, lambda n=name, g=given: {n: content.text(g[n], field=n, limit=300)})
        if "date" in given:
            problems.take(values, prefix, lambda g=given: content.dates(g["date"]))
        values["crimes"] = []
        if not isinstance(given.get("crimes") or [], list):
            problems.errors[f"{prefix}crimes"] = _("Crimes are a list of codes.")
            given = {**given, "crimes": []}
        for place, code in enumerate(given.get("crimes") or []):
            with problems.at(prefix):
                values["crimes"].append(content.crime(code, field=f"crimes.{place}"))
        values["involvements"] = _read_involvements(given, values.get("act"), by=by, prefix=prefix, problems=problems)
        read.append(values)
    return read


def _own(known: dict, given: dict, message: str):
    if not given.get("id"):
        return None
    if str(given["id"]) not in known:
        raise Invalid(message, field="id")
    return known[str(given["id"])]


def _read_involvements(given: dict, act: Act | None, *, by, prefix: str, problems: Problems) -> list[dict]:
    seen = Involvement.objects.filter(act=act, ended_at=None).permitted(by) if act else ()
    known = {str(involvement.pk): involvement for involvement in seen}
    involvements = given.get("involvements") or []
    if not isinstance(involvements, list) or not all(isinstance(one, dict) for one in involvements):
        raise Invalid(_("Involvements are a list of objects."), field=f"{prefix}involvements")
    read = []
    for position, one in enumerate(involvements):
        inner = f"{prefix}involvements.{position}."
        with problems.at(inner):
            existing = _own(known, one, _("This involvement does not belong to the act."))
            read.append(
                {"involvement": existing, "end": bool(one.get("end"))} | _read_involvement(one, existing, by=by)
            )
    return read


def _read_involvement(given: dict, existing: Involvement | None, *, by) -> dict:
    problems, values = Problems(), {}
    if "role" in given or existing is None:
        problems.take(values, "", lambda: {"role": check_term("person_role", given.get("role"), field="role")})
    if "person" in given:
        problems.take(values, "", lambda: {"person": _person(given["person"], by=by)})
    if "organisation" in given:
        problems.take(values, "", lambda: {"organisation": _organisation(given["organisation"])})
    for name in ("count_min", "count_max"):
        if name in given:
            problems.take(values, "", lambda name=name: {name: content.count(given[name], field=name)})
    if "description" in given:
        problems.take(
            values, "", lambda: {"description": content.text(given["description"], field="description", limit=500)}
        )
    if "characteristics" in given:
        problems.take(
            values,
            "",
            lambda: {
                "characteristics": check_terms(
                    "victim_characteristic", given["characteristics"], field="characteristics"
                )
            },
        )
    if given.get("sex"):
        problems.take(values, "", lambda: {"sex": check_term("sex", given["sex"], field="sex")})
    problems.raise_if_any()
    _check_parties({**_now(existing), **values})
    return values


def _now(existing: Involvement | None) -> dict:
    names = ("person", "organisation", "count_min", "count_max")
    return {name: getattr(existing, name) for name in names} if existing else dict.fromkeys(names)


def _check_parties(values: dict) -> None:
    if values["person"] and values["organisation"]:
        raise Invalid(_("Name a person or an organisation, not both."), field="organisation")
    counted = values["count_min"] is not None or values["count_max"] is not None
    if counted and (values["person"] or values["organisation"]):
        raise Invalid(_("Numbers belong to unnamed people or groups."), field="count_min")
    if (
        values["count_min"] is not None
        and values["count_max"] is not None
        and values["count_min"] > values["count_max"]
    ):
        raise Invalid(_("“At least” is larger than “at most”."), field="count_max")


def _person(identifier, *, by) -> Person | None:
    """By id or reference code, among those the author may see; a hidden person is answered like a missing one."""
    if identifier in (None, ""):
        return None
    found = find(Person.objects.permitted(by), identifier)
    if found is None:
        raise Invalid(_("There is no person with this reference. Record the person first."), field="person")
    return found


def _organisation(identifier) -> Organisation | None:
    if identifier in (None, ""):
        return None
    found = find(Organisation.objects.all(), identifier)
    if found is None:
        raise Invalid(_("There is no organisation with this reference."), field="organisation")
    return found


def find(queryset, identifier):
    """A row by UUID or reference code as typed, or None."""
    text = str(identifier).strip()
    try:
        return queryset.filter(pk=uuid.UUID(text)).first()
    except ValueError:
        code = read_code(text) if hasattr(queryset.model, "code") else None
        return queryset.filter(code=code).first() if code else None


# What of a checked act, and of a checked involvement, is no column of its row.
ACT_PARTS, INVOLVEMENT_PARTS = ("act", "end", "crimes", "involvements"), ("involvement", "end")


def _without(values: dict, names: tuple[str, ...]) -> dict:
    return {name: value for name, value in values.items() if name not in names}


@dataclass(frozen=True)
class NewAct:
    """The rows of an act that are not written yet."""

    act: Act
    classifications: list[Classification]
    involvements: list[Involvement]


def new_act(incident: Incident, values: dict, *, position: int, by, now) -> NewAct:
    """A checked act as rows of the incident."""
    own = _without(values, ACT_PARTS)
    act = Act(incident=incident, position=position, created_by=by, **own)
    return NewAct(
        act,
        [_alleged(act, crime, by=by, now=now) for crime in dict.fromkeys(values["crimes"])],
        [_involved(act, one, by=by) for one in values["involvements"]],
    )


def keep_acts(acts: list[NewAct]) -> None:
    """Write the rows of new acts."""
    Act.objects.bulk_create([new.act for new in acts])
    Classification.objects.bulk_create([row for new in acts for row in new.classifications])
    Involvement.objects.bulk_create([row for new in acts for row in new.involvements])


def _alleged(act: Act, crime: Crime, *, by, now) -> Classification:
    return Classification(act=act, crime=crime, created_by=by, assessed_by=by, assessed_at=now)


def _involved(act: Act, values: dict, *, by) -> Involvement:
    return Involvement(act=act, created_by=by, **_without(values, INVOLVEMENT_PARTS))


def write_acts(incident: Incident, acts: list[dict], *, by) -> None:
    """Write checked acts: new ones are added, named ones changed, those marked `end` ended."""
    now, fresh = timezone.now(), []
    position = incident.acts.count() if any(values["act"] is None for values in acts) else 0
    for values in acts:
        act = values["act"]
        if act is None:
            fresh.append(new_act(incident, values, position=position + len(fresh) + 1, by=by, now=now))
        elif values["end"]:
            Act.objects.filter(pk=act.pk).update(ended_at=now, ended_by=by)
        else:
            _rewrite(act, values, by=by, now=now)
    keep_acts(fresh)


def _rewrite(act: Act, values: dict, *, by, now) -> None:
    own = _without(values, ACT_PARTS)
    if changed := _changes(act, own):
        Act.objects.filter(pk=act.pk).update(**changed)
    have = set(act.classifications.values_list("crime_id", flat=True))
    crimes = [crime for crime in dict.fromkeys(values["crimes"]) if crime.pk not in have]
    Classification.objects.bulk_create([_alleged(act, crime, by=by, now=now) for crime in crimes])
    _write_involvements(act, values["involvements"], by=by, now=now)


def _changes(row, values: dict) -> dict:
    """What differs from the row: a save that changes nothing writes nothing."""
    return {name: value for name, value in values.items() if getattr(row, name) != value}


def _write_involvements(act: Act, involvements: list[dict], *, by, now) -> None:
    fresh = []
    for values in involvements:
        existing = values["involvement"]
        if existing is None:
            fresh.append(_involved(act, values, by=by))
        elif values["end"]:
            Involvement.objects.filter(pk=existing.pk).update(ended_at=now, ended_by=by)
        else:
            own = _without(values, INVOLVEMENT_PARTS)
            if changed := _changes(existing, own):
                Involvement.objects.filter(pk=existing.pk).update(**changed)
    Involvement.objects.bulk_create(fresh)
