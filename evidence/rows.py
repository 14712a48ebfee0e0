"""Verbs on rows of an import: hundreds of them become records together, in a few statements.

What a row becomes is the same whether it comes alone or among others (decision 33). Not here: files, runs and their
progress (`batches`), and what a row says (`importing`).
"""

from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused
from accounts.grants import Permission
from custody import ledger
from evidence import policies
from evidence.importing import Draft, Outcome
from evidence.models import (
    Collection,
    Documentation,
    ImportBatch,
    ImportedRecord,
    ImportRow,
    Incident,
    Place,
    Source,
)
from evidence.recording import revise_incident
from evidence.recording.incidents import NewIncident, draft_incident, keep_incidents
from evidence.recording.persons import draft_source, keep_sources
from evidence.reference import keeping_codes, look_up

OWN_FIELDS = (
    "title_en", "title_ko", "narrative_en", "narrative_ko", "date", "date_note", "place", "place_precision",
    "place_detail", "latitude", "longitude", "tags",
)  # fmt: skip


@dataclass
class _Going:
    """A row on its way: what it would become, until it has problems."""

    outcome: Outcome
    made: dict = field(default_factory=dict)
    former: ImportedRecord | None = None
    new: NewIncident | None = None
    fresh: list[Documentation] = field(default_factory=list)
    changed: list[Documentation] = field(default_factory=list)
    became: str = "unchanged"
    problems: list[dict] = field(default_factory=list)

    @property
    def draft(self) -> Draft:
        assert self.outcome.draft is not None
        return self.outcome.draft

    @property
    def identity(self) -> str:
        return self.outcome.draft["external_id"][:300] if self.outcome.draft else ""

    @property
    def incident(self) -> Incident | None:
        """The incident that the row is about; that of a former import is read when asked for."""
        if self.new:
            return self.new.incident
        return self.former.incident if self.former else None

    @property
    def incident_id(self):
        return self.new.incident.pk if self.new else self.former and self.former.incident_id

    @contextmanager
    def noting_refusals(self):
        """A refusal inside is the row's own, with its reasons, and stops no other row."""
        try:
            yield
        except Refused as error:
            fields = error.errors if isinstance(error, Invalid) and error.errors else {error.field: error.message}
            self.refuse((field, str(message)) for field, message in fields.items())

    def refuse(self, problems: Iterable[tuple[str, str]]) -> None:
        self.became = "refused"
        self.problems = [{"column": column, "reason": reason} for column, reason in problems]


@ledger.verb
def import_rows(*, by, batch: ImportBatch, outcomes: list[Outcome]) -> list[ImportRow]:
    """Make or update the incident of each row, or refuse the row with its reasons; keep every original row beside it.

    All in one transaction. Rows that the batch has already are left out. Returns what is kept of the others.
    """
    # Two imports into one collection take turns: the second finds what the first has made, sources included.
    Collection.objects.select_for_update(no_key=True).get(pk=batch.collection_id)
    rows = _begin(batch, outcomes)
    with keeping_codes():
        look_up(Place, (row.draft["place"] for row in _good(rows)))
        _find_former(batch, rows, by=by)
        for row in _good(rows):
            if row.former is None:
                with row.noting_refusals():
                    given = row.made | {"confidentiality": batch.confidentiality}
                    row.new = draft_incident(by=by, collection=batch.collection, given=given)
                    row.became = "created"
        _document(batch, rows, by=by)
        for row in _good(rows):
            if row.former is not None and (changed := _changes(row.former, row.made)):
                with row.noting_refusals():
                    _update(row.former, row.made, changed, by=by)
                    row.became = "updated"
    return _keep(batch, rows, by=by)


class _Trial(Exception):
    """Rolls a trial back, remembering what the rows would have become."""

    def __init__(self, rows: list[ImportRow]):
        self.rows = rows


@ledger.verb
def try_rows(*, by, batch: ImportBatch, outcomes: list[Outcome]) -> list[ImportRow]:
    """Import the rows of a trial run and undo it: what they would have become is kept, and nothing else."""
    try:
        with transaction.atomic():
            raise _Trial(import_rows(by=by, batch=batch, outcomes=outcomes))
    except _Trial as trial:
        rows = trial.rows
    if not rows:
        return []
    for row in rows:
        row.pk = row.incident = None
    ImportRow.objects.bulk_create(rows)
    ledger.append("import.tried", batch, data={"rows": len(rows), "first": rows[0].number})
    ledger.append_all(_refusal(batch, row) for row in rows if row.outcome == "refused")
    return rows


def _good(rows: list[_Going]) -> list[_Going]:
    return [row for row in rows if row.became != "refused"]


def _begin(batch: ImportBatch, outcomes: list[Outcome]) -> list[_Going]:
    """The rows that the batch does not have yet; those that say nothing that could be recorded are refused at once."""
    places = {(outcome.sheet[:100], outcome.row.number): outcome for outcome in outcomes}
    sheets, numbers = zip(*places, strict=True)
    done = batch.rows.filter(sheet__in=set(sheets), number__in=numbers).values_list("sheet", "number")
    for place in done:
        places.pop(place, None)
    rows = []
    for outcome in places.values():
        row = _Going(outcome)
        if outcome.draft is None:
            row.refuse(outcome.errors)
        else:
            row.made = _given(outcome.draft)
            row.problems = [{"column": column, "reason": reason} for column, reason in outcome.draft["warnings"]]
        rows.append(row)
    return rows


def _given(draft: Draft) -> dict:
    given: dict = {name: draft[name] for name in OWN_FIELDS}  # type: ignore[literal-required]
    given["place_precision"] = given["place_precision"] or "unknown"
    given["acts"] = [
        {
            "title_en": act["title_en"],
            "crimes": list(act["crimes"]),
            "involvements": [dict(one) for one in act["involvements"]],
        }
        for act in draft["acts"]
    ]
    if draft["verification"]:
        given["verification_status"] = draft["verification"]
    return given


def _find_former(batch: ImportBatch, rows: list[_Going], *, by) -> None:
    """Which rows have been imported before; those of incidents that the author may no longer change are refused."""
    identities = [row.identity for row in _good(rows)]
    records = ImportedRecord.objects.filter(
        collection=batch.collection_id, mapping_slug=batch.mapping.slug, identity__in=identities
    )
    found = {record.identity: record for record in records}
    ids = [record.incident_id for record in found.values()]
    open_to_her = set(
        Incident.objects.filter(pk__in=ids).permitted(by, Permission.CONTRIBUTE).values_list("pk", flat=True)
        if ids
        else ()
    )
    for row in _good(rows):
        row.former = found.get(row.identity)
        if row.former is not None and row.former.incident_id not in open_to_her:
            row.refuse([("", _("Your access does not let you import this row. Ask whoever manages the collection."))])


def _document(batch: ImportBatch, rows: list[_Going], *, by) -> None:
    """Which sources documented each incident, as its row says; a source is recorded once a collection.

    Nothing is written yet. A final incident keeps the documentation it has.
    """
    good = _good(rows)
    titles = {draft["title"] for row in good for draft in row.draft["sources"]}
    seen = Source.objects.filter(collection=batch.collection_id, title__in=titles).permitted(by) if titles else ()
    sources: dict[str, Source] = {}
    for source in sorted(seen, key=lambda source: source.pk):
        sources.setdefault(source.title, source)
    known: dict = {}
    former = [row.former.incident_id for row in good if row.former]
    for entry in Documentation.objects.filter(incident__in=former) if former else ():
        known.setdefault(entry.incident_id, {})[entry.source_id] = entry
    for row in good:
        with row.noting_refusals():
            has = known.get(row.incident_id, {})
            for draft in row.draft["sources"]:
                title = draft["title"]
                if title not in sources:
                    given = {"title": title, "kind": "unknown", "confidentiality": batch.confidentiality}
                    sources[title] = draft_source(by=by, collection=batch.collection, given=given)
                _note_documented(row, sources[title], draft["documented"], has, by=by)
            if (row.fresh or row.changed) and row.former:
                policies.check_can_revise(row.former.incident)
                row.became = "updated"


def _note_documented(row: _Going, source: Source, documented: str, has: dict, *, by) -> None:
    entry = has.get(source.pk)
    if entry is None:
        entry = Documentation(incident_id=row.incident_id, source=source, documented=documented, created_by=by)
        has[source.pk] = entry
        row.fresh.append(entry)
    elif entry.documented != documented:
        entry.documented = documented
        if entry not in row.fresh:
            row.changed.append(entry)


def _changes(record: ImportedRecord, made: dict) -> dict:
    return {name: value for name, value in made.items() if record.made.get(name) != value}


def _update(record: ImportedRecord, made: dict, changed: dict, *, by) -> None:
    """Change what changed in the source since the last import; leave what people wrote alone."""
    incident = record.incident
    if "acts" in changed:
        changed["acts"] = _onto_acts(incident, made["acts"])
    for pair in (("latitude", "longitude"), ("place", "place_precision")):
        if set(pair) & set(changed):
            changed |= {name: made[name] for name in pair}
    revise_incident(by=by, incident=incident, given=changed, version=incident.version, reason=_("Imported again"))
    record.made = made
    record.save(update_fields=["made"])


def _onto_acts(incident: Incident, acts: list[dict]) -> list[dict]:
    """The imported acts onto those that the former import made, by position."""
    merged = []
    existing = list(incident.acts.filter(ended_at=None))
    for position, act in enumerate(acts):
        if position >= len(existing):
            merged.append(act)
            continue
        row = existing[position]
        involved = list(row.involvements.filter(ended_at=None, person=None, organisation=None))
        onto = [
            {**one, **({"id": str(involved[place].pk)} if place < len(involved) else {})}
            for place, one in enumerate(act["involvements"])
        ]
        merged.append({**act, "id": str(row.pk), "involvements": onto})
    return merged


def _keep(batch: ImportBatch, rows: list[_Going], *, by) -> list[ImportRow]:
    """Write what the rows became, and their entries."""
    good = _good(rows)
    fresh = [entry for row in good for entry in row.fresh]
    keep_sources(list({entry.source_id: entry.source for entry in fresh if entry.source._state.adding}.values()))
    keep_incidents([row.new for row in good if row.new])
    key = {"collection": batch.collection, "mapping_slug": batch.mapping.slug, "created_by": by}
    ImportedRecord.objects.bulk_create(
        [
            ImportedRecord(**key, identity=row.identity, incident=row.new.incident, made=row.made)
            for row in good
            if row.new
        ]
    )
    Documentation.objects.bulk_create(fresh)
    if changed := [entry for row in good for entry in row.changed]:
        Documentation.objects.bulk_update(changed, ["documented"])
    kept = ImportRow.objects.bulk_create([_row(batch, row) for row in rows])
    ledger.append_all(_refusal(batch, row) if row.outcome == "refused" else _arrival(batch, row) for row in kept)
    return kept


def _row(batch: ImportBatch, row: _Going) -> ImportRow:
    return ImportRow(
        batch=batch,
        sheet=row.outcome.sheet[:100],
        number=row.outcome.row.number,
        original=row.outcome.row.values,
        identity=row.identity,
        outcome=row.became,
        incident_id=None if row.became == "refused" else row.incident_id,
        problems=row.problems,
    )


def _refusal(batch: ImportBatch, row: ImportRow) -> ledger.Fact:
    return ledger.Fact("import.row_refused", batch, data={"row": row.number}, parts={"note": row.sheet})


def _arrival(batch: ImportBatch, row: ImportRow) -> ledger.Fact:
    act = "incident.imported" if row.outcome == "created" else "incident.reimported"
    data = {"batch": str(batch.pk), "row": row.number, "outcome": row.outcome}
    return ledger.Fact(act, ledger.Subject("incident", row.incident_id), data=data)
