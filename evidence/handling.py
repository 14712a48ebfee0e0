"""Verbs on evidence that is held: opening bytes. Reading protected content is an act with its entry, written first."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.errors import Refused
from custody import ledger
from evidence import storage
from evidence.models import Blob, File

SWEEP = ledger.Service("sweep")


@dataclass(frozen=True)
class Opened:
    """Plain bytes [start, end) of a file, decrypted as they are read."""

    file: File
    start: int
    end: int
    chunks: Iterator[bytes]


@ledger.verb
def open_file(*, by, file: File, start: int = 0, end: int | None = None, purpose: str = "") -> Opened:
    """Open the bytes of a file the person may see. The entry commits before the first byte leaves."""
    if file.withdrawn_at is not None:
        raise Refused(_("This file was withdrawn."), code="withdrawn")
    size = file.blob.size
    end = size if end is None else min(end, size)
    ledger.append(
        "file.opened",
        file.item,
        data={"file": str(file.pk), "sha256": file.blob.digest, "from": start, "to": end},
        parts={"note": purpose} if purpose else None,
    )
    return Opened(file, start, end, storage.read(file.blob, start, end))


def known_blobs(ids) -> set:
    """Those of the ids that rows name: what the sweep must not touch."""
    return set(Blob.objects.filter(pk__in=ids).values_list("pk", flat=True))


def sweep_storage() -> int:
    """Remove bytes that arrived and were never kept; an entry says how many when there were any."""
    removed = storage.sweep_orphans(known_blobs)
    if removed:
        note_swept(by=SWEEP, removed=removed)
    return removed


@ledger.verb
def note_swept(*, by, removed: int) -> None:
    """Cut-off arrivals went from the storage: no row ever named them."""
    ledger.append("storage.swept", ledger.subject("job", "sweep"), data={"removed": removed})


@ledger.verb
def note_failed_job(*, by, name: str, error: str) -> None:
    """A job ended in an error; its rows still wait, so that it is tried again."""
    ledger.append("job.failed", ledger.subject("job", name), data={"job": name, "error": error})
