"""Verbs that assess: classify acts, set the status of a classification, grade sources, and the review workflow."""

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused, Stale
from custody import ledger
from evidence import policies
from evidence.models import Act, Classification, Grading, Incident, Item, Review, ReviewStatus, Source
from evidence.recording import content
from evidence.recording.incidents import bump, keep_filters
from evidence.reference import check_term


@ledger.verb
def classify(
    *, by, act: Act, crime: str, standard: str = "reasonable_grounds_to_believe", rationale: str = ""
) -> Classification:
    """Allege a crime of an act: an analytical allegation, never a finding of guilt. An act may carry several."""
    incident = _lock(act.incident)
    policies.check_can_assess(incident)
    crime_row = content.crime(crime, field="crime")
    if act.classifications.filter(crime=crime_row).exists():
        raise Invalid(_("This act is already classified so. Change the status of that classification."), field="crime")
    classification = Classification.objects.create(
        act=act,
        crime=crime_row,
        standard=check_term("standard_of_proof", standard, field="standard"),
        rationale=content.text(rationale, field="rationale", limit=10_000),
        created_by=by,
        assessed_by=by,
        assessed_at=timezone.now(),
    )
    keep_filters(incident)
    bump(incident)
    ledger.append(
        "classification.made",
        incident,
        data={"act": str(act.pk), "classification": str(classification.pk), "crime": crime_row.pk},
        parts={"change": {f"classifications/{classification.pk}": [None, _describe(classification)]}},
    )
    return classification


@ledger.verb
def assess(
    *, by, classification: Classification, status: str, standard: str = "", rationale: str, version: int | None = None
) -> Classification:
    """Set status and standard of proof of a classification, with the reason. The former one stays in the history."""
    incident = _lock(classification.act.incident)
    policies.check_can_assess(incident)
    row = Classification.objects.select_for_update().get(pk=classification.pk)
    if version is not None and version != row.version:
        raise Stale(_("Somebody assessed this classification meanwhile."), current=row.version)
    before = _describe(row)
    row.status = check_term("classification_status", status, field="status")
    if standard:
        row.standard = check_term("standard_of_proof", standard, field="standard")
    row.rationale = content.text(rationale, field="rationale", limit=10_000, required=True)
    if _describe(row) == before:
        return row
    row.assessed_by, row.assessed_at, row.version = by, timezone.now(), row.version + 1
    row.save()
    keep_filters(incident)
    bump(incident)
    ledger.append(
        "classification.assessed",
        incident,
        data={"classification": str(row.pk), "crime": row.crime_id, "status": row.status, "standard": row.standard},
        parts={"change": {f"classifications/{row.pk}": [before, _describe(row)]}, "note": row.rationale},
    )
    return row


def _describe(row: Classification) -> dict:
    return {name: getattr(row, name) for name in ("crime_id", "status", "standard", "rationale")}


@ledger.verb
def grade(*, by, source: Source, reliability: str, credibility: str, reason: str, item: Item | None = None) -> Grading:
    """Grade a source's reliability (A–F) and the credibility of its information (1–6): two independent scales."""
    last = source.gradings.filter(item=item).first()
    grading = Grading.objects.create(
        source=source,
        item=item,
        reliability=check_term("source_reliability", reliability, field="reliability"),
        credibility=check_term("information_credibility", credibility, field="credibility"),
        reason=content.text(reason, field="reason", limit=2000, required=True),
        created_by=by,
    )
    ledger.append(
        "source.graded",
        source,
        data={"reliability": reliability, "credibility": credibility} | ({"item": str(item.pk)} if item else {}),
        parts={"change": {"grade": [str(last) if last else None, str(grading)]}, "note": grading.reason},
    )
    return grading


def _lock(incident: Incident) -> Incident:
    return Incident.objects.select_for_update().get(pk=incident.pk)


def _step(incident: Incident, decision: str, to: str, note: str, *, by) -> Incident:
    """Record one step of the review and its entry."""
    note = content.text(note, field="note", limit=5000)
    former, incident.review_status = incident.review_status, to
    Review.objects.create(
        incident=incident, decision=decision, from_status=former, to_status=to, note=note, created_by=by
    )
    Incident.objects.filter(pk=incident.pk).update(
        review_status=to, version=F("version") + 1, updated_at=timezone.now()
    )
    incident.refresh_from_db(fields=["version", "updated_at"])
    ledger.append(
        f"incident.{decision}",
        incident,
        data={"from": former, "to": to},
        parts={"change": {"review_status": [former, to]}} | ({"note": note} if note else {}),
    )
    return incident


@ledger.verb
def submit(*, by, incident: Incident, note: str = "") -> Incident:
    """Hand a draft or returned incident to review."""
    incident = _lock(incident)
    policies.check_can_submit(incident)
    return _step(incident, "submitted", ReviewStatus.IN_REVIEW, note, by=by)


@ledger.verb
def pass_on(*, by, incident: Incident, note: str = "") -> Incident:
    """First review done: on to the second. The reviewer is not the author."""
    incident = _lock(incident)
    policies.check_can_pass(incident)
    policies.check_is_not_author(incident, by)
    return _step(incident, "passed", ReviewStatus.SECOND_REVIEW, note, by=by)


@ledger.verb
def return_to_author(*, by, incident: Incident, note: str) -> Incident:
    """Send an incident back to its author with what is missing; a final one is opened again this way."""
    incident = _lock(incident)
    policies.check_can_return(incident)
    policies.check_is_not_author(incident, by)
    if not note.strip():
        raise Invalid(_("Say what the author should change."), field="note")
    return _step(incident, "returned", ReviewStatus.RETURNED, note, by=by)


@ledger.verb
def finalise(*, by, incident: Incident, note: str = "") -> Incident:
    """Close the second review. The reviewer is not the author."""
    incident = _lock(incident)
    policies.check_can_finalise(incident)
    policies.check_is_not_author(incident, by)
    return _step(incident, "finalised", ReviewStatus.FINALISED, note, by=by)


@ledger.verb
def withdraw(*, by, incident: Incident, note: str) -> Incident:
    """Take an incident out of use with a reason. It stays as a tombstone with its history; nothing is deleted."""
    incident = _lock(incident)
    policies.check_can_withdraw(incident)
    if not note.strip():
        raise Invalid(_("Say why the incident is withdrawn."), field="note")
    return _step(incident, "withdrawn", ReviewStatus.WITHDRAWN, note, by=by)


@ledger.verb
def restore(*, by, incident: Incident, note: str) -> Incident:
    """Bring a withdrawn incident back as a returned one, with a reason."""
    incident = _lock(incident)
    policies.check_can_restore(incident)
    if not note.strip():
        raise Refused(_("Say why the incident is restored."), field="note")
    return _step(incident, "restored", ReviewStatus.RETURNED, note, by=by)
