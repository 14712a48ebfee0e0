"""Verbs by which a folder comes in: a batch, and for each file an item with its bytes, or the reason why not.

The bytes are hashed, encrypted and put at their place before a file's transaction begins; then its item, its file and
its line on the receipt appear together. A run that was cut off is taken up again, and what the batch holds is not taken
in twice.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Forbidden, Invalid, Refused
from accounts.grants import Permission, permits
from accounts.roles import Act, may
from custody import ledger
from evidence import storage
from evidence.folders.manifests import Entry
from evidence.folders.walking import NotTaken, open_below, sayable
from evidence.intake import add_file, clean_name, keep_received, receive_item
from evidence.models import Blob, Collection, IntakeBatch, Upload
from evidence.processing.identify import sniff
from evidence.recording import content, levels

HEAD = 8192  # bytes that tell a type


@dataclass(frozen=True)
class Taken:
    """What became of an entry: kept now, kept by an earlier run, or refused with a reason."""

    entry: Entry
    state: str
    reason: str = ""


class Hashed:
    """A stream that takes further digests of what passes and remembers its beginning; nothing is read twice."""

    def __init__(self, stream, algorithms):
        self._stream = stream
        self.digests = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms if name != "sha256"}
        self.head = b""

    def read(self, count: int) -> bytes:
        try:
            part = self._stream.read(count)
        except OSError as error:  # a bad disk: this file's matter; what goes wrong at our end is not
            raise NotTaken(f"it cannot be read whole: {error.strerror}")
        for digest in self.digests.values():
            digest.update(part)
        if len(self.head) < HEAD:
            self.head += part[: HEAD - len(self.head)]
        return part


def label_of(root: Path, manifest: Path | None) -> str:
    """Names a folder and its manifest on this machine: by it a run that was cut off is found again."""
    mark = hashlib.sha256(os.fsencode(f"{root.resolve()}\0{manifest.resolve() if manifest else ''}")).hexdigest()[:12]
    return f"{clean_name(sayable(root.resolve().name))[:150]} [{mark}]"


def unfinished(*, by, collection: Collection, label: str) -> IntakeBatch | None:
    """The batch of a run that was cut off."""
    rows = IntakeBatch.objects.filter(created_by=by, collection=collection, label=label, closed_at=None)
    return rows.order_by("-created_at").first()


@ledger.verb
def open_folder(*, by, collection: Collection, label: str, given: dict) -> IntakeBatch:
    """Begin to take a folder in; `given` is what each item is described with where the manifest says nothing."""
    _check_may(by, collection)
    stated = given.get("confidentiality")
    level = collection.level_for_new if stated in (None, "") else content.level(stated)
    levels.check_within_clearance(by, level)
    batch = IntakeBatch.objects.create(
        collection=collection, label=label, given=given, confidentiality=level, created_by=by
    )
    data = {"into": "each", "level": level, "collection": str(collection.pk)}
    ledger.append("batch.opened", batch, data=data, parts={"note": label})
    return batch


def _check_may(by, collection: Collection) -> None:
    allowed = by.is_active and may(by, Act.INTAKE) and permits(by, collection, Permission.CONTRIBUTE)
    if not allowed:
        raise Forbidden(_("You may no longer add evidence there: your access has changed."), code="no_access")


def take_folder(*, by, batch: IntakeBatch, root: Path, entries: list[Entry]) -> Iterator[Taken]:
    """Take each entry in; what an earlier run has kept of it is recognised by path and size and, if announced, hash."""
    kept = {
        (row.folder, row.name): row
        for row in batch.uploads.filter(state=Upload.State.KEPT).select_related("file__blob")
    }
    for entry in entries:
        try:
            done = kept.get(_place_of(entry.path))
            if done and _is_the_same(done, root, entry):
                yield Taken(entry, "before")
                continue
            if entry.problem:
                raise NotTaken(entry.problem)
            _take(by, batch, root, entry)
            yield Taken(entry, "kept")
        except (NotTaken, Refused) as error:
            if isinstance(error, Forbidden):
                raise
            reason = _reason(error)
            if not _is_refused(batch, entry.path, reason):
                refuse_file(by=by, batch=batch, path=entry.path, reason=reason)
            yield Taken(entry, "refused", reason)


def _reason(error: Exception) -> str:
    if isinstance(error, Invalid) and error.errors:
        return "; ".join(f"{name}: {text}" for name, text in error.errors.items())
    return str(error)


def _place_of(path: str) -> tuple[str, str]:
    folder, _slash, name = sayable(path).rpartition("/")
    if len(folder) > 1000 or len(name) > 255:
        raise NotTaken("its path is too long: up to 1,000 characters of folders and 255 of the name")
    return folder, name


def _shortened(path: str) -> tuple[str, str]:
    folder, _slash, name = sayable(path).rpartition("/")
    return folder[:1000], name[:255]


def _is_refused(batch: IntakeBatch, path: str, reason: str) -> bool:
    """Said once, however often the run is taken up again."""
    folder, name = _shortened(path)
    return batch.uploads.filter(folder=folder, name=name, state=Upload.State.REFUSED, problem=reason[:500]).exists()


def _is_the_same(row: Upload, root: Path, entry: Entry) -> bool:
    """Whether the file is the one that was kept; another one of the same name comes in as a further item."""
    with open_below(root, entry.path) as file:
        size = os.fstat(file.fileno()).st_size
    assert row.file is not None
    return size == row.size and entry.digests.get("sha256", row.file.blob.digest) == row.file.blob.digest


def _take(by, batch: IntakeBatch, root: Path, entry: Entry) -> None:
    place = _place_of(entry.path)
    with open_below(root, entry.path) as file:
        before = os.fstat(file.fileno())
        stream = Hashed(file, entry.digests)
        received = storage.receive(stream)  # type: ignore[arg-type]
        after = os.fstat(file.fileno())
    try:
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or received.size != after.st_size:
            raise NotTaken("it changed while it was read")
        found = {name: digest.hexdigest() for name, digest in stream.digests.items()} | {
            "sha256": received.sha256.hex()
        }
        for name, digest in entry.digests.items():
            if found[name] != digest:
                raise NotTaken(f"its {name} is {found[name]}, the manifest says {digest}")
        same = {"sha256": received.sha256, "area": received.area, "wrapped_key__isnull": False}
        if not Blob.objects.filter(**same).exists():
            storage.keep(received)
        keep_file(by=by, batch=batch, place=place, given=entry.given, received=received, head=stream.head)
    finally:
        received.discard()


@ledger.verb
def keep_file(*, by, batch: IntakeBatch, place: tuple[str, str], given: dict, received: storage.Received,
              head: bytes) -> Upload:  # fmt: skip
    """An item of its own for one file of a folder, with its bytes, and its line in the batch: once for each file."""
    row = IntakeBatch.objects.select_for_update(of=("self",)).select_related("collection").get(pk=batch.pk)
    if row.closed_at or row.collection is None:
        raise Refused(_("This batch is closed: open a new one for further files."), code="closed")
    _check_may(by, row.collection)
    folder, name = place
    shown = clean_name(name) or _("unnamed")
    described = {**row.given, **given}
    if not (described.get("title_en") or described.get("title_ko")):
        described["title_ko" if any("가" <= c <= "힣" for c in shown) else "title_en"] = shown[:300]
    item = receive_item(by=by, collection=row.collection, given=described)
    blob = keep_received(received)
    file = add_file(by=by, item=item, blob=blob, name=shown, media_type=sniff(head))
    now = timezone.now()
    upload = Upload.objects.create(
        batch=row, name=name, folder=folder, size=blob.size, blob_id=received.blob_id, wrapped_key=b"",
        state=Upload.State.KEPT, expires_at=now, finished_at=now, file=file, created_by=by,
    )  # fmt: skip
    data = {"batch": str(row.pk), "file": str(file.pk), "item": str(item.pk), "sha256": blob.digest, "size": blob.size}
    ledger.append("upload.kept", upload, data=data)
    return upload


@ledger.verb
def refuse_file(*, by, batch: IntakeBatch, path: str, reason: str) -> None:
    """A file of the folder stays out: the reason is on the receipt."""
    folder, name = _shortened(path)
    now = timezone.now()
    upload = Upload.objects.create(
        batch=batch, name=name, folder=folder, size=0, blob_id=storage.new_id(), wrapped_key=b"",
        state=Upload.State.REFUSED, problem=reason[:500], expires_at=now, finished_at=now, created_by=by,
    )  # fmt: skip
    ledger.append("upload.refused", upload, data={"batch": str(batch.pk)}, parts={"note": reason[:500]})


def lines_of(batch: IntakeBatch) -> Iterator[list[str]]:
    """The receipt, file by file: path, size, SHA-256, item, what became of it, why."""
    kept = batch.uploads.filter(state=Upload.State.KEPT).select_related("file__blob", "file__item")
    done = set()
    for row in kept.order_by("folder", "name", "created_at"):
        assert row.file is not None
        done.add((row.folder, row.name))
        yield [_path(row), str(row.size), row.file.blob.digest, row.file.item.code, "kept", ""]
    for row in batch.uploads.filter(state=Upload.State.REFUSED).order_by("folder", "name", "created_at"):
        if (row.folder, row.name) not in done:  # refused by an earlier run, kept since
            yield [_path(row), "", "", "", "refused", row.problem]


def _path(row: Upload) -> str:
    return f"{row.folder}/{row.name}" if row.folder else row.name


@ledger.verb
def close_folder(*, by, batch: IntakeBatch, report: Callable[[], None] = lambda: None) -> IntakeBatch:
    """Every file of the folder was looked at: its receipt is written, then the batch is closed."""
    row = IntakeBatch.objects.select_for_update().get(pk=batch.pk)
    report()
    row.closed_at = timezone.now()
    row.save(update_fields=["closed_at"])
    states = {str(state): row.uploads.filter(state=state).count() for state in Upload.State}
    ledger.append("batch.closed", row, data={name: number for name, number in states.items() if number})
    return row
