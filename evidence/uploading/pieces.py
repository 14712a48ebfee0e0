"""Verbs on uploads in pieces: begun, written, finished or given up. No row is written for a piece.

A whole upload is read once more for its SHA-256, outside any transaction; then one verb keeps the bytes, makes the item
or adds the file, and says so: all or nothing. If the process dies in between, whoever asks again gets the same end.
"""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused
from custody import ledger
from evidence import storage
from evidence.intake import MAX_FILE, Head, add_file, clean_name, keep_received, receive_item
from evidence.models import File, IntakeBatch, Item, Upload
from evidence.processing.identify import sniff
from evidence.recording import link
from evidence.storage import Arrival
from evidence.uploading.targets import check_may_add

ALGORITHMS = ("sha256", "sha1", "sha512", "md5")  # of a piece; the whole is always taken by SHA-256
LONGEST_FOLDER = 1000
HEAD = 8192  # bytes that tell a type


class Ended(Refused):
    """The upload goes on no more; its state says why."""


def arrival_of(upload: Upload) -> Arrival:
    return Arrival(upload.blob_id, bytes(upload.wrapped_key), upload.size)


def offset_of(upload: Upload) -> int:
    """How many bytes have come. Raises Ended for what was given up."""
    if upload.state == Upload.State.KEPT:
        return upload.size
    if upload.state != Upload.State.ARRIVING:
        raise Ended(ended_words(upload), code=upload.state)
    try:
        return arrival_of(upload).offset()
    except storage.StorageError:
        fresh = Upload.objects.get(pk=upload.pk)
        if fresh.state == Upload.State.KEPT:
            return fresh.size
        raise Ended(_("What had come of this file is lost. Send it again."), code="lost")


def ended_words(upload: Upload) -> str:
    """Why an upload goes on no more."""
    return upload.problem or _("This upload has ended: %(state)s. Begin it again.") % {
        "state": upload.get_state_display()
    }


def expires_at(upload: Upload) -> datetime:
    """When the upload is given up unless another piece comes."""
    touched = arrival_of(upload).touched_at()
    since = datetime.fromtimestamp(touched, UTC) if touched else upload.created_at
    return max(upload.expires_at, since + timedelta(days=settings.UPLOAD_DAYS))


def clean_folder(folder: str) -> str:
    """Where a file lay in what was brought: words about it, never a path of ours. Raises Invalid when too long."""
    text = "".join(c if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF else "" for c in folder)
    parts = [part.strip() for part in text.replace("\\", "/").split("/")]
    text = "/".join(part for part in parts if part not in ("", ".", ".."))
    if len(text) > LONGEST_FOLDER:
        raise Invalid(_("The folder’s name is longer than 1,000 characters: shorten it."), field="folder")
    return text


@ledger.verb
def begin(
    *,
    by,
    name: str,
    size: int,
    folder: str = "",
    modified_at: datetime | None = None,
    batch: IntakeBatch | None = None,
    item: Item | None = None,
) -> Upload:
    """Begin an upload into a batch or an item: from now on pieces of it are taken, until it is whole or given up."""
    if size > settings.UPLOAD_MAX_BYTES:
        most = settings.UPLOAD_MAX_BYTES // 1024**3
        raise Invalid(_("The file is larger than %(most)d GB, the most that is taken.") % {"most": most},
                      field="size", code="too_large")  # fmt: skip
    check_may_add(by, batch=batch, item=item)
    about = {"name": name, "folder": clean_folder(folder), "modified_at": modified_at, "batch": batch, "item": item}
    arrival = Arrival.begin(size)
    try:
        return _row(by, arrival.blob_id, arrival.wrapped_key, size, **about)
    except BaseException:
        arrival.discard()
        raise


def _row(by, blob_id, wrapped_key: bytes, size: int, *, name: str, **about) -> Upload:
    upload = Upload.objects.create(
        name=clean_name(name) or _("unnamed"), size=size, blob_id=blob_id, wrapped_key=wrapped_key,
        expires_at=timezone.now() + timedelta(days=settings.UPLOAD_DAYS), created_by=by, **about,
    )  # fmt: skip
    ledger.append("upload.begun", upload, data={"size": size} | _whither(upload), parts={"note": upload.name})
    return upload


def _whither(upload: Upload) -> dict:
    return {"batch": str(upload.batch_id)} if upload.batch_id else {"item": str(upload.item_id)}


def write(*, by, upload: Upload, stream, offset: int, length: int, digest: tuple[str, bytes] | None = None) -> int:
    """Take a piece; returns where the upload stands then. It leaves no entry: what counts is the whole.

    Raises Ended, Busy, WrongOffset, TooMuch, WrongDigest; Refused once the person may not add there any more, and then
    nothing that came is left.
    """
    if upload.state == Upload.State.KEPT and offset == upload.size:
        return upload.size
    if upload.state == Upload.State.KEPT:
        raise storage.WrongOffset(upload.size)
    if upload.state != Upload.State.ARRIVING:
        raise Ended(ended_words(upload), code=upload.state)
    try:
        check_may_add(by, batch=upload.batch, item=upload.item)
    except Refused as error:
        refuse(by=by, upload=upload, problem=str(error), code=error.code)
        raise
    try:
        return arrival_of(upload).write(stream, offset=offset, length=length, digest=digest)
    except storage.StorageError:
        raise Ended(_("What had come of this file is lost. Send it again."), code="lost")


def finish(*, by, upload: Upload) -> Upload:
    """Keep an upload that is whole; safe to ask twice. Raises Refused with the reason, and then nothing of it is left.

    Raises Busy while another request reads it.
    """
    row = Upload.objects.get(pk=upload.pk)
    if row.state != Upload.State.ARRIVING:
        return row
    arrival = arrival_of(row)
    try:
        received = storage.arrived(arrival)
    except storage.StorageError:
        row.refresh_from_db()
        if row.state == Upload.State.ARRIVING:  # else another request has finished it just now
            problem = _("What had come of this file is damaged. Send it again.")
            refuse(by=by, upload=row, problem=problem, code="damaged")
            raise Ended(problem, code="damaged")
        return row
    try:
        # Of the second name: the first may go at any moment, when another request finishes.
        head = arrival.beginning(received.path)[:HEAD]
        return keep(by=by, upload=row, received=received, media_type=sniff(head))
    except Refused as error:
        refuse(by=by, upload=row, problem=str(error), code=error.code)
        raise
    finally:
        received.discard()


@ledger.verb
def keep(*, by, upload: Upload, received: storage.Received, media_type: str) -> Upload:
    """The bytes of a whole upload become a file of its item: once, however often it is asked."""
    row = Upload.objects.select_for_update().get(pk=upload.pk)
    if row.state != Upload.State.ARRIVING:
        return row
    batch = _batch_of(row)
    check_may_add(by, batch=batch, item=row.item)
    item = _home_of(row, batch, by=by)
    blob = keep_received(received, alike=True)
    if item.files.filter(blob=blob, withdrawn_at=None).exists():
        raise Refused(_("This item already holds exactly this file."), code="same_file")
    # Asked in the same way whether the bytes are new, known, or known to others alone.
    row.was_known = File.objects.permitted(by).filter(blob=blob, withdrawn_at=None).exists()
    row.file = add_file(by=by, item=item, blob=blob, name=row.name, media_type=media_type)
    # The key is the blob's alone from now on: destroying it there must be enough.
    row.state, row.finished_at, row.wrapped_key = Upload.State.KEPT, timezone.now(), b""
    row.save()
    data = {"file": str(row.file_id), "item": str(item.pk), "sha256": blob.digest, "size": blob.size}
    ledger.append("upload.kept", row, data=data)
    transaction.on_commit(arrival_of(row).discard)
    return row


def _batch_of(row: Upload) -> IntakeBatch | None:
    """The batch of the upload. Where all go into one item, whoever finishes next waits here: it is made once."""
    if row.batch_id is None:
        return None
    batches = IntakeBatch.objects.filter(pk=row.batch_id)
    return (batches.filter(into=IntakeBatch.Into.ONE).select_for_update().first()) or batches.get()


def _home_of(row: Upload, batch: IntakeBatch | None, *, by) -> Item:
    """The item that the file goes into, locked; made for it where the batch says so."""
    if batch is None or batch.item_id:
        return Item.objects.select_for_update().get(pk=row.item_id if batch is None else batch.item_id)
    given = dict(batch.given)
    if batch.into == IntakeBatch.Into.EACH:
        given |= _title_of(row.name)
    item = receive_item(by=by, collection=batch.collection, given=given)
    if batch.incident_id:
        link(by=by, item=item, target=batch.incident, **batch.linking)
    if batch.into == IntakeBatch.Into.ONE:
        batch.item = item
        batch.save(update_fields=["item"])
    return item


def _title_of(name: str) -> dict:
    """A title until somebody gives a better one: the file's name without its ending."""
    title = (name.rpartition(".")[0] or name).strip()[:300] or name
    is_korean = any("가" <= c <= "힣" for c in title)
    return {"title_ko" if is_korean else "title_en": title}


@ledger.verb
def bring(*, by, batch: IntakeBatch, stream, name: str) -> Upload:
    """Take a file of a batch that came at once, without a script: read, hashed and encrypted in one pass."""
    check_may_add(by, batch=batch, item=None)
    try:
        head = Head(stream)
        received = storage.receive(head, limit=MAX_FILE)
    except ValueError:
        most = MAX_FILE // 1024**2
        raise Invalid(_("The file is larger than %(limit)d MB, the most this door takes.") % {"limit": most},
                      field="files", code="too_large")  # fmt: skip
    try:
        row = _row(by, received.blob_id, received.wrapped_key, received.size, name=name, batch=batch)
        return keep(by=by, upload=row, received=received, media_type=sniff(head.bytes))
    finally:
        received.discard()


@ledger.verb
def refuse(*, by, upload: Upload, problem: str, code: str) -> Upload:
    """An upload that cannot be kept: the reason stays, what had come of it goes."""
    return _end(upload, Upload.State.REFUSED, problem[:500], {"code": code})


@ledger.verb
def cancel(*, by, upload: Upload) -> Upload:
    """Give an upload up: nothing that came of it is left. What was kept already stays."""
    row = Upload.objects.get(pk=upload.pk)
    if row.state == Upload.State.KEPT:
        raise Refused(_("This file is complete and kept: it can no longer be cancelled."), code="kept")
    return _end(upload, Upload.State.CANCELLED, "", {})


@ledger.verb
def expire(*, by, upload: Upload) -> Upload:
    """Give up what nobody went on with for days: nothing that came of it is left."""
    return _end(upload, Upload.State.EXPIRED, "", {})


def _end(upload: Upload, state: str, problem: str, data: dict) -> Upload:
    row = Upload.objects.select_for_update().get(pk=upload.pk)
    if row.state != Upload.State.ARRIVING:
        return row
    row.state, row.problem, row.finished_at, row.wrapped_key = state, problem, timezone.now(), b""
    row.save(update_fields=["state", "problem", "finished_at", "wrapped_key"])
    ledger.append(f"upload.{state}", row, data=data | _whither(row))
    transaction.on_commit(arrival_of(row).discard)
    return row
