"""Verbs of imports: a table comes in, each row becomes or updates one incident, or is refused with its reasons.

A few hundred rows are one transaction: original rows, incidents and entries together. A bad row does not stop the
others; a re-import updates and never duplicates; what a person changed since is left alone unless the source changed
there too. What becomes of the rows is in `rows`.
"""

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DataError, IntegrityError
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused
from accounts.grants import forget_scopes, keeping_scopes
from accounts.models import User
from custody import ledger
from evidence import storage
from evidence.importing import Mapping, MappingError, Outcome, RowErrors, TableError, open_table, read_drafts
from evidence.importing.rows import MAX_BYTES
from evidence.intake import clean_name, keep_bytes
from evidence.models import Collection, ImportBatch, ImportMapping
from evidence.recording import content, levels
from evidence.rows import import_rows, try_rows

log = logging.getLogger(__name__)

STALE_AFTER = timedelta(minutes=2)  # without a heartbeat a run counts as dead and is taken up again
MAX_ATTEMPTS = 5
ROWS_AT_ONCE = 250  # in one transaction: a second of work, and what a run that is killed does again
CHARACTERS_AT_ONCE = 2_000_000  # each is held some five times over while its row is written


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
    left = (o for o in read_drafts(table, mapping) if (o.sheet[:100], o.row.number) not in done)
    for outcomes in _together(left):
        # What was revoked meanwhile counts from here on.
        forget_scopes()
        user = User.objects.get(pk=user.pk)
        _check_may_import(batch, user)
        _import(batch, outcomes, user)
        batch.done += len(outcomes)
        ImportBatch.objects.filter(pk=batch.pk).update(done=batch.done, heartbeat_at=timezone.now())
        report(batch)


def _together(outcomes: Iterable[Outcome]) -> Iterator[list[Outcome]]:
    """Rows that go into one transaction: a few hundred, or fewer that hold much text."""
    rows, length = [], 0
    for outcome in outcomes:
        rows.append(outcome)
        length += sum(len(cell) for cell in outcome.row.values.values() if isinstance(cell, str))
        if len(rows) >= ROWS_AT_ONCE or length >= CHARACTERS_AT_ONCE:
            yield rows
            rows, length = [], 0
    if rows:
        yield rows


def _check_may_import(batch: ImportBatch, user: User) -> None:
    if not Collection.objects.filter(pk=batch.collection_id).permitted(user, "contribute").exists():
        raise Refused(_("You may no longer contribute to this collection."))


def _import(batch: ImportBatch, outcomes: list[Outcome], user: User) -> None:
    """These rows together; where that fails, by halves down to the row that it fails for."""
    take = try_rows if batch.is_dry_run else import_rows
    try:
        take(by=user, batch=batch, outcomes=outcomes)
    except Exception as error:
        if len(outcomes) > 1:
            log.warning("import %s: %d rows fail together: %s", batch.pk, len(outcomes), type(error).__name__)
            middle = len(outcomes) // 2
            _import(batch, outcomes[:middle], user)
            _import(batch, outcomes[middle:], user)
        elif isinstance(error, (DataError, IntegrityError)) and outcomes[0].draft is not None:
            reason = _("The database does not take this row. Tell whoever operates the repository.")
            _import(batch, [replace(outcomes[0], draft=None, errors=RowErrors([("", reason)]))], user)
        else:
            raise


def progress(batch: ImportBatch) -> int:
    """Per cent done, 0 while the rows are being counted."""
    return round(100 * batch.done / batch.total) if batch.total else 0
