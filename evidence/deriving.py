"""Verbs by which files are made readable: each step's outcome is one act, kept apart from what people entered.

A file waits until somebody has taken it up and every step has an outcome. Whoever takes it up has it until the lease
ends; if the worker dies, the next one goes on with the steps that have no outcome yet. A result counts once.
"""

import logging
import time
import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.models import User
from custody import ledger
from evidence import handling, storage
from evidence.intake import keep_bytes
from evidence.models import Blob, File, FileText, Processing, Rendition, Step
from evidence.processing import scanning
from evidence.processing.limits import Limits
from evidence.processing.results import MAX_PICTURE, Facts, Outcome
from evidence.processing.running import Work, run
from evidence.processing.steps import STEPS

log = logging.getLogger(__name__)

WORKER = ledger.Service("processing")
MAX_ATTEMPTS = 4
GRACE = timedelta(seconds=90)  # beyond the time a step may take
FIRST, SCAN = "identify", "scan"
SECONDS = {module.NAME: module.SECONDS for module in STEPS}
NAMES = (FIRST, SCAN, *(name for name in SECONDS if name != FIRST))


class Superseded(RuntimeError):
    """Somebody else has taken the file up meanwhile: this worker's results no longer count."""


def pending(limit: int = 500) -> list:
    """Files that wait and that nobody works on, the longest waiting first: what the sweep takes up."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=timezone.now())
    waiting = Processing.objects.filter(free, state="pending").order_by("requested_at")
    return list(waiting.values_list("file_id", flat=True)[:limit])


def claim(file_id) -> Processing | None:
    """Take a file up; None when somebody else has it or it is done. Progress alone: it leaves no entry."""
    with transaction.atomic():
        row = Processing.objects.select_for_update(skip_locked=True).filter(file_id=file_id, state="pending").first()
        if row is None or (row.lease_until and row.lease_until > timezone.now()):
            return None
        row.claim, row.attempts = uuid.uuid4(), row.attempts + 1
        row.lease_until, row.current = timezone.now() + GRACE, ""
        row.save(update_fields=["claim", "attempts", "lease_until", "current"])
    return row


def _hold(row: Processing, step: str) -> None:
    """Keep the file for the time that the next step may take."""
    until = (
        timezone.now() + GRACE + timedelta(seconds=SECONDS.get(step, scanning.SECONDS) * settings.PROCESSING_PATIENCE)
    )
    held = Processing.objects.filter(pk=row.pk, claim=row.claim, state="pending")
    if not held.update(lease_until=until, current=step):
        raise Superseded


@ledger.verb
def enlist(*, by, limit: int = 500) -> int:
    """Give work to files that have none: those of before there was any. Returns how many."""
    files = list(File.objects.filter(processing=None, destroyed_at=None).select_related("item")[:limit])
    for file in files:
        Processing.objects.create(file=file)
        ledger.append("file.retried", file.item, data={"file": str(file.pk), "steps": []})
    return len(files)


def process_waiting(*, seconds: float) -> bool:
    """Work on what waits for about so long, the longest waiting first. Returns whether more is waiting."""
    until = time.monotonic() + seconds
    while ids := pending(limit=20):
        for file_id in ids:
            if time.monotonic() > until:
                return True
            process(file_id)
    return False


def process(file_id) -> Processing | None:
    """Run every step that a file still waits for; safe to call twice, goes on where a killed worker stopped."""
    row = claim(file_id)
    if row is None:
        return None
    file = File.objects.select_related("item", "blob").get(pk=file_id)
    done = set(file.steps.filter(ended_at=None).values_list("name", flat=True))
    waiting = [name for name in NAMES if name not in done]
    try:
        if row.attempts > MAX_ATTEMPTS:
            for name in waiting:
                settle(by=WORKER, row=row, outcome=Outcome(step=name, state="failed", reason="stopped"), out=None)
        else:
            _work(row, file, waiting)
        return finish(by=WORKER, row=row)
    except Superseded:
        return None
    except storage.Unavailable as error:
        log.warning("a file waits for the storage (%s)", type(error).__name__)
        _give_back(row)
        return None


def _give_back(row: Processing) -> None:
    """Let somebody take the file up in a while, and do not count this as a beginning."""
    held = Processing.objects.filter(pk=row.pk, claim=row.claim, state="pending")
    held.update(lease_until=timezone.now() + GRACE, current="", attempts=row.attempts - 1)


def _work(row: Processing, file: File, waiting: list[str]) -> None:
    """Quarantine first; nothing more is made of a file in which malware was found."""
    with storage.workplace("file-") as folder:
        path = folder / "bytes"
        try:
            with path.open("wb") as plain:
                for chunk in storage.read(file.blob):
                    plain.write(chunk)
        except storage.Unavailable:
            raise  # nothing is known of these bytes: they wait until the storage answers again
        except storage.StorageError as error:
            for name in waiting:
                broken = Outcome(step=name, state="failed", reason="damaged", detail=type(error).__name__)
                settle(by=WORKER, row=row, outcome=broken, out=None)
            handling.report_altered(by=WORKER, blob=file.blob)
            return
        if FIRST in waiting:
            _run_steps(row, file, path, folder, [FIRST])
        if SCAN in waiting:
            _hold(row, SCAN)
            settle(by=WORKER, row=row, outcome=scanning.scan(path, settings.SCANNER), out=None)
        file.refresh_from_db()
        rest = [name for name in waiting if name not in (FIRST, SCAN)]
        if rest and file.scan != File.Scan.INFECTED:
            _run_steps(row, file, path, folder, rest)


def _run_steps(row: Processing, file: File, path: Path, folder: Path, names: list[str]) -> None:
    out = folder / "out"
    out.mkdir(exist_ok=True)
    known = {step.name: step.result for step in file.steps.filter(ended_at=None, state="done")}
    work = Work(
        path=path,
        out=out,
        facts=Facts(file.media_type, file.blob.size, _ending(file.name), known),
        steps={name: SECONDS[name] for name in names},
        options=settings.PROCESSING_OPTIONS,
        limits=Limits(patience=settings.PROCESSING_PATIENCE),
        registry=settings.PROCESSING_STEPS,
    )
    _hold(row, names[0])
    for outcome in run(work):
        settle(by=WORKER, row=row, outcome=outcome, out=out / outcome.step)
        following = names[names.index(outcome.step) + 1 :]
        if following:
            _hold(row, following[0])


def _ending(name: str) -> str:
    """The ending of a file's name: letters and digits alone, nothing else of the name."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return ending if ending.isalnum() and ending.isascii() and len(ending) <= 10 else ""


@ledger.verb
def settle(*, by, row: Processing, outcome: Outcome, out: Path | None) -> Step:
    """Keep what a step brought: its record, text and pictures together, once. `out` is where it left its pictures."""
    held = Processing.objects.select_for_update().get(pk=row.pk)
    if held.claim != row.claim or held.state != "pending":
        raise Superseded
    file = File.objects.select_related("item").get(pk=held.file_id)
    if file.destroyed_at:
        raise Superseded  # nothing more is made of what was destroyed
    _end_former(file, outcome.step)
    step = Step.objects.create(
        file=file,
        name=outcome.step,
        state=outcome.state,
        reason=outcome.reason,
        detail=outcome.detail,
        tool=outcome.tool,
        result=outcome.found,
        seconds=outcome.seconds,
    )
    _keep_texts(file, step, outcome)
    for picture in outcome.pictures:
        assert out is not None
        with (out / picture.name).open("rb") as stream:
            blob = keep_bytes(stream, limit=MAX_PICTURE, area="derived")
        Rendition.objects.create(
            file=file, step=step, blob=blob, kind=picture.kind, number=picture.number,
            media_type=picture.media_type, width=picture.width, height=picture.height,
        )  # fmt: skip
    changed = _onto_file(file, outcome)
    data = {"file": str(file.pk), "step": outcome.step, "state": outcome.state, "tool": outcome.tool}
    data |= {"reason": outcome.reason} if outcome.reason else {}
    data |= {"pages": len(outcome.texts)} if outcome.texts else {}
    data |= {"pictures": len(outcome.pictures)} if outcome.pictures else {}
    ledger.append("file.processed", file.item, data=data | changed)
    return step


def _end_former(file: File, name: str) -> None:
    """What an earlier run of the step brought steps back: kept, no longer shown."""
    former = file.steps.filter(name=name, ended_at=None)
    now = timezone.now()
    for model in (FileText, Rendition):
        model.objects.filter(step__in=former, ended_at=None).update(ended_at=now)
    former.update(ended_at=now)


def _keep_texts(file: File, step: Step, outcome: Outcome) -> None:
    """One text a page: what was recognised in a picture steps aside for what was extracted from the file."""
    extracted = [page.number for page in outcome.texts if not page.recognised and page.text.strip()]
    shown = file.texts.filter(ended_at=None)
    shown.filter(number__in=extracted, is_recognised=True).update(ended_at=timezone.now())
    taken = set(shown.values_list("number", flat=True))
    rows = {
        page.number: FileText(
            file=file, step=step, number=page.number, text=page.text,
            is_recognised=page.recognised, confidence=page.confidence,
        )
        for page in outcome.texts
        if page.text.strip() and page.number not in taken
    }  # fmt: skip
    FileText.objects.bulk_create(rows.values(), batch_size=200)


def _onto_file(file: File, outcome: Outcome) -> dict:
    """What the file's own row tells of the outcome. Returns it for the entry, as far as it is no one's secret."""
    changed = {}
    if outcome.step == SCAN:
        file.scan = {"done": outcome.found.get("verdict", "clean")}.get(outcome.state, File.Scan.UNSCANNED)
        file.scan_note = outcome.found.get("signature", "") or outcome.reason
        changed = {"scan": str(file.scan)}
    if outcome.media_type and outcome.media_type != file.media_type:
        file.media_type = changed["media_type"] = outcome.media_type
    if outcome.format:
        file.format = outcome.format
    if outcome.fingerprint:
        file.fingerprint = bytes.fromhex(outcome.fingerprint)
    flags = sorted({*file.flags, *outcome.flags})
    if flags != file.flags:
        file.flags = changed["flags"] = flags
    file.save(update_fields=["scan", "scan_note", "media_type", "format", "fingerprint", "flags"])
    return changed


@ledger.verb
def finish(*, by, row: Processing) -> Processing:
    """Every step has its outcome: the file waits no longer."""
    held = Processing.objects.select_for_update().select_related("file__item").get(pk=row.pk)
    if held.claim != row.claim or held.state != "pending":
        raise Superseded
    held.state, held.finished_at = "done", timezone.now()
    held.claim, held.lease_until, held.current, held.attempts = None, None, "", 0
    held.save()
    states = list(held.file.steps.filter(ended_at=None).values_list("state", flat=True))
    counts = {state: states.count(state) for state in sorted(set(states))}
    ledger.append("file.processing_finished", held.file.item, data={"file": str(held.file_id), **counts})
    return held


@ledger.verb
def retry(*, by, file: File, steps: list[str] | None = None) -> Processing:
    """Run steps of a file again: those named, else those that have no result. What they brought stays until then."""
    row = Processing.objects.select_for_update().get(file=file)
    if file.destroyed_at or file.withdrawn_at:
        raise Refused(_("This file was withdrawn."), code="withdrawn")
    if row.state == "pending":
        raise Refused(_("This file is being processed; wait until that has finished."), code="processing")
    again = file.steps.filter(ended_at=None)
    again = again.filter(name__in=steps) if steps else again.exclude(state="done")
    names = sorted(again.values_list("name", flat=True))
    if not names:
        raise Refused(_("Every step of this file has its result; there is nothing to try again."), code="nothing")
    for name in names:
        _end_former(file, name)
    row.requested_by = by if isinstance(by, User) else None
    row.state, row.requested_at, row.finished_at = "pending", timezone.now(), None
    row.claim, row.lease_until, row.attempts, row.current = None, None, 0, ""
    row.save()
    ledger.append("file.retried", file.item, data={"file": str(file.pk), "steps": names})
    return row


@ledger.verb
def remake(*, by, blob_id) -> int:
    """Have pictures made anew whose stored bytes no longer read: a derivative is no evidence, only its maker is run
    again. Returns how many files wait for it; none while one of them is being worked on."""
    blob = Blob.objects.select_for_update().get(pk=blob_id)
    shown = Rendition.objects.filter(blob=blob, ended_at=None).select_related("file", "step")
    steps: dict = {}
    for picture in shown:
        steps.setdefault(picture.file, set()).add(picture.step.name)
    if blob.wrapped_key is None or Processing.objects.filter(file__in=steps, state="pending").exists():
        return 0
    blob.wrapped_key, blob.destroyed_at = None, timezone.now()
    blob.save(update_fields=["wrapped_key", "destroyed_at"])
    ledger.append("fixity.derived_lost", ledger.subject("job", "fixity"), data={"blob": str(blob.pk)})
    waiting = 0
    for file, names in steps.items():
        if not (file.withdrawn_at or file.destroyed_at):
            retry(by=by, file=file, steps=sorted(names))
            waiting += 1
    return waiting
