"""Verbs of imports: a table comes in, each row becomes or updates one incident, or is refused with its reasons.

A row is one transaction: original row, incident and entry together. A bad row does not stop the others; a re-import
updates and never duplicates; what a person changed since is left alone unless the source changed there too.
"""

import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused
from accounts.grants import Permission, forget_scopes, keeping_scopes, permits
from accounts.models import User
from custody import ledger
from evidence import policies, storage
from evidence.importing import Mapping, MappingError, Outcome, TableError, open_table, read_drafts
from evidence.importing.rows import MAX_BYTES
from evidence.intake import clean_name, keep_bytes
from evidence.models import (
    Collection,
    Documentation,
    ImportBatch,
    ImportedRecord,
    ImportMapping,
    ImportRow,
    Incident,
    Source,
)
from evidence.recording import content, levels, log_incident, record_source, revise_incident

STALE_AFTER = timedelta(minutes=2)  # without a heartbeat a run counts as dead and is taken up again
MAX_ATTEMPTS = 5
PROGRESS_EVERY = 20  # rows between two updates of the progress


@ledger.verb
def save_mapping(*, by, slug: str, spec: dict, name_en: str, name_ko: str = "") -> ImportMapping:
    """Save a column mapping under a name of one's own; a shipped one cannot be overwritten."""
    slug = content.text(slug, field="slug", limit=80, required=True).lower()
    if not all(c.isascii() and (c.isalnum() or c == "-") for c in slug):
        raise Invalid(_("A short name has small letters, digits and hyphens."), field="slug")
    try:
        Mapping.from_dict(spec)
    except MappingError as error:
        raise Invalid(str(error), field="spec")
    row = ImportMapping.objects.select_for_update().filter(slug=slug).first()
    if row and (row.is_shipped or row.created_by_id != by.pk):
        raise Refused(_("A mapping with this short name exists already. Choose another one."), field="slug")
    values = {
        "name_en": content.text(name_en, field="name_en", limit=200, required=True),
        "name_ko": content.text(name_ko, field="name_ko", limit=200),
        "spec": spec,
    }
    if row is None:
        row = ImportMapping.objects.create(slug=slug, created_by=by, **values)
    else:
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    ledger.append("mapping.saved", row, data={"slug": slug}, parts={"change": {"spec": [None, spec]}})
    return row


@ledger.verb
def receive_batch(
    *, by, collection: Collection, mapping: ImportMapping, stream, filename: str, dry_run: bool, confidentiality=None
) -> ImportBatch:
    """Take in a table to import. The file is kept as evidence of what was imported; the run starts apart."""
    level = collection.level_for_new if confidentiality in (None, "") else content.level(confidentiality)
    levels.check_within_clearance(by, level)
    blob = keep_bytes(stream, limit=MAX_BYTES)
    if blob.size == 0:
        raise Invalid(_("The file is empty."), field="file")
    batch = ImportBatch.objects.create(
        collection=collection,
        mapping=mapping,
        spec=mapping.spec,
        blob=blob,
        filename=clean_name(filename),
        is_dry_run=dry_run,
        confidentiality=level,
        state="pending",
        created_by=by,
    )
    ledger.append(
        "import.received",
        batch,
        data={"sha256": blob.digest, "mapping": mapping.slug, "dry_run": dry_run, "collection": str(collection.pk)},
        parts={"note": batch.filename},
    )
    return batch


@ledger.verb
def run_for_real(*, by, batch: ImportBatch) -> ImportBatch:
    """After a dry run: import the same file with the same mapping. Not while that is going on already."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    levels.check_within_clearance(by, batch.confidentiality)
    if not batch.is_dry_run or batch.state != "done":
        raise Refused(_("Only a finished trial run can be imported."))
    same = {"collection": batch.collection, "mapping": batch.mapping, "blob": batch.blob, "is_dry_run": False}
    if ImportBatch.objects.filter(**same, state__in=("pending", "running")).exists():
        raise Refused(_("This table is being imported already. Wait until that import has finished."))
    real = ImportBatch.objects.create(
        collection=batch.collection,
        mapping=batch.mapping,
        spec=batch.spec,
        blob=batch.blob,
        filename=batch.filename,
        is_dry_run=False,
        confidentiality=batch.confidentiality,
        state="pending",
        created_by=by,
    )
    ledger.append(
        "import.received",
        real,
        data={"sha256": batch.blob.digest, "mapping": batch.mapping.slug, "dry_run": False, "after": str(batch.pk)},
        parts={"note": batch.filename},
    )
    return real


def pending() -> list:
    """Batches that wait, or whose run died: what the sweep takes up."""
    dead = Q(state="running") & (Q(heartbeat_at__isnull=True) | Q(heartbeat_at__lt=timezone.now() - STALE_AFTER))
    return list(ImportBatch.objects.filter(Q(state="pending") | dead).values_list("pk", flat=True))


@ledger.verb
def start(*, by, batch_id) -> ImportBatch | None:
    """Claim a batch for this run; None when another run has it or it is done."""
    batch = ImportBatch.objects.select_for_update(skip_locked=True).filter(pk=batch_id).first()
    now = timezone.now()
    alive = batch and batch.state == "running" and batch.heartbeat_at and batch.heartbeat_at > now - STALE_AFTER
    if batch is None or alive or batch.state not in ("pending", "running"):
        return None
    batch.attempts += 1
    batch.state = "running" if batch.attempts <= MAX_ATTEMPTS else "failed"
    batch.problem = "" if batch.state == "running" else _("The import stopped five times without saying why.")
    batch.started_at, batch.heartbeat_at = batch.started_at or now, now
    batch.save()
    ledger.append("import.started", batch, data={"attempt": batch.attempts})
    return batch if batch.state == "running" else None


def run(batch_id, *, report: Callable[[ImportBatch], None] = lambda batch: None) -> ImportBatch | None:
    """Run a batch to its end in the name of the person who brought it; safe to call twice, resumes where it stopped."""
    batch = start(by=ledger.Service("imports"), batch_id=batch_id)
    if batch is None:
        return None
    # Anew from the database: a person suspended or revoked meanwhile imports nothing.
    user = User.objects.get(pk=batch.created_by_id)
    # Reasons are kept as text: in the language of whoever reads them first.
    with translation.override(user.language):
        try:
            with _as_file(batch) as path, keeping_scopes():
                _run_rows(batch, path, user, report)
        except (TableError, MappingError, Refused, storage.StorageError) as error:
            return finish(by=user, batch=batch, state="failed", problem=str(error))
        return finish(by=user, batch=batch, state="done")


@ledger.verb
def finish(*, by, batch: ImportBatch, state: str, problem: str = "") -> ImportBatch:
    """Close the run with its counts."""
    counts = {name: batch.rows.filter(outcome=name).count() for name in ("created", "updated", "unchanged", "refused")}
    for name, number in counts.items():
        setattr(batch, name, number)
    batch.state, batch.problem, batch.finished_at = state, problem, timezone.now()
    batch.done = sum(counts.values())
    batch.save()
    ledger.append(
        "import.finished", batch, data={"state": state, **counts}, parts={"note": problem} if problem else None
    )
    return batch


@contextmanager
def _as_file(batch: ImportBatch):
    """The plain table in a private temporary file for the time of the run."""
    folder = Path(settings.STORAGE_DIR) / "working"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="import-") as file:
        for chunk in storage.read(batch.blob):
            file.write(chunk)
        file.flush()
        yield Path(file.name)


def _run_rows(batch: ImportBatch, path: Path, user: User, report) -> None:
    mapping = Mapping.from_dict(batch.spec)
    table = open_table(path, batch.filename)
    _check_may_import(batch, user)
    batch.total = sum(1 for sheet in table.sheets for _row in table.rows(sheet))
    ImportBatch.objects.filter(pk=batch.pk).update(total=batch.total)
    done = set(batch.rows.values_list("sheet", "number"))
    batch.done = len(done)
    sources: dict[str, Source] = {}
    for outcome in read_drafts(table, mapping):
        if (outcome.sheet, outcome.row.number) in done:
            continue
        _import(batch, outcome, user, sources)
        batch.done += 1
        if batch.done % PROGRESS_EVERY == 0 or batch.done == batch.total:
            ImportBatch.objects.filter(pk=batch.pk).update(done=batch.done, heartbeat_at=timezone.now())
            report(batch)
            # What was revoked meanwhile counts from here on.
            forget_scopes()
            _check_may_import(batch, user)


def _check_may_import(batch: ImportBatch, user: User) -> None:
    if not Collection.objects.filter(pk=batch.collection_id).permitted(user, "contribute").exists():
        raise Refused(_("You may no longer contribute to this collection."))


def _import(batch: ImportBatch, outcome: Outcome, user: User, sources: dict) -> None:
    """One row, whatever it is: done, or refused with its reasons; a trial run is rolled back."""
    if outcome.draft is None:
        problems = [{"column": column, "reason": reason} for column, reason in outcome.errors]
        return refuse_row(by=user, batch=batch, outcome=outcome, problems=problems)
    try:
        with transaction.atomic():
            row = import_row(by=user, batch=batch, outcome=outcome, sources=sources)
            if batch.is_dry_run:
                raise _Trial(row.outcome)
    except _Trial as trial:
        sources.clear()
        ImportRow.objects.create(**_row(batch, outcome), outcome=trial.outcome, problems=_warnings(outcome))
    except Refused as error:
        fields = error.errors if isinstance(error, Invalid) and error.errors else {error.field: error.message}
        problems = [{"column": field, "reason": str(message)} for field, message in fields.items()]
        refuse_row(by=user, batch=batch, outcome=outcome, problems=problems)


class _Trial(Exception):
    """Rolls a trial run's row back, remembering what it would have become."""

    def __init__(self, outcome: str):
        self.outcome = outcome


@ledger.verb
def refuse_row(*, by, batch: ImportBatch, outcome: Outcome, problems: list[dict]) -> None:
    """Keep a row that could not be imported, with its reasons."""
    ImportRow.objects.create(**_row(batch, outcome), outcome="refused", problems=problems)
    ledger.append("import.row_refused", batch, data={"row": outcome.row.number}, parts={"note": outcome.sheet})


def _row(batch: ImportBatch, outcome: Outcome) -> dict:
    identity = outcome.draft["external_id"] if outcome.draft else ""
    return {
        "batch": batch,
        "sheet": outcome.sheet[:100],
        "number": outcome.row.number,
        "original": outcome.row.values,
        "identity": identity[:300],
    }


def _warnings(outcome: Outcome) -> list[dict]:
    return [{"column": column, "reason": reason} for column, reason in outcome.draft["warnings"]]


@ledger.verb
def import_row(*, by, batch: ImportBatch, outcome: Outcome, sources: dict) -> ImportRow:
    """Make or update the incident of one row, and keep the original row beside it, in one transaction."""
    draft = outcome.draft
    made = _given(draft)
    key = {"collection": batch.collection, "mapping_slug": batch.mapping.slug, "identity": draft["external_id"][:300]}
    record = ImportedRecord.objects.filter(**key).select_related("incident").first()
    if record is None:
        given = made | {"confidentiality": batch.confidentiality}
        incident = log_incident(by=by, collection=batch.collection, given=given)
        ImportedRecord.objects.create(**key, incident=incident, made=made, created_by=by)
        became = "created"
    else:
        incident = record.incident
        if not permits(by, incident, Permission.CONTRIBUTE):
            raise Refused(_("Your access does not let you import this row. Ask whoever manages the collection."))
        became = _update(record, made, by=by)
    # A fresh incident has no documentation to look up.
    known = {} if became == "created" else {row.source_id: row for row in incident.documentation.all()}
    if _document(incident, draft["sources"], batch, sources, known, by=by) and became == "unchanged":
        became = "updated"
    row = ImportRow.objects.create(
        **_row(batch, outcome), outcome=became, incident=incident, problems=_warnings(outcome)
    )
    act = "incident.imported" if became == "created" else "incident.reimported"
    ledger.append(act, incident, data={"batch": str(batch.pk), "row": row.number, "outcome": became})
    return row


def _given(draft: dict) -> dict:
    names = ("title_en", "title_ko", "narrative_en", "narrative_ko", "date", "date_note", "place", "place_precision",
             "place_detail", "latitude", "longitude", "tags")  # fmt: skip
    given = {name: draft[name] for name in names}
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


def _update(record: ImportedRecord, made: dict, *, by) -> str:
    """Change what changed in the source since the last import; leave what people wrote alone."""
    changed = {name: value for name, value in made.items() if record.made.get(name) != value}
    if not changed:
        return "unchanged"
    incident = record.incident
    if "acts" in changed:
        changed["acts"] = _onto_acts(incident, made["acts"])
    for pair in (("latitude", "longitude"), ("place", "place_precision")):
        if set(pair) & set(changed):
            changed |= {name: made[name] for name in pair}
    revise_incident(by=by, incident=incident, given=changed, version=incident.version, reason=_("Imported again"))
    record.made = made
    record.save(update_fields=["made"])
    return "updated"


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


def _document(incident: Incident, drafts: list[dict], batch: ImportBatch, sources: dict, known: dict, *, by) -> bool:
    """Which sources documented the incident, as the row says; a source is recorded once a collection.

    `known` are the documentation rows it has, by source. Returns whether any changed; a final incident keeps its own.
    """
    fresh, changed = [], []
    for draft in drafts:
        source = _source(draft, batch, sources, by=by)
        row = known.get(source.pk)
        if row is None:
            row = known[source.pk] = Documentation(
                incident=incident, source=source, documented=draft["documented"], created_by=by
            )
            fresh.append(row)
        elif row.documented != draft["documented"]:
            row.documented = draft["documented"]
            changed.append(row)
    if fresh or changed:
        policies.check_can_revise(incident)
        Documentation.objects.bulk_create(fresh)
        Documentation.objects.bulk_update([row for row in changed if row not in fresh], ["documented"])
    return bool(fresh or changed)


def _source(draft: dict, batch: ImportBatch, sources: dict, *, by) -> Source:
    title = draft["title"]
    if title not in sources:
        found = Source.objects.filter(collection=batch.collection, title=title).permitted(by).first()
        given = {"title": title, "kind": "unknown", "confidentiality": batch.confidentiality}
        sources[title] = found or record_source(by=by, collection=batch.collection, given=given)
    return sources[title]


def progress(batch: ImportBatch) -> int:
    """Per cent done, 0 while the rows are being counted."""
    return round(100 * batch.done / batch.total) if batch.total else 0
