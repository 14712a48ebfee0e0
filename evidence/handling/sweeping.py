"""What jobs leave behind: cut-off arrivals that are cleared, and failures that are noted."""

from custody import ledger
from evidence import storage
from evidence.models import Blob, Upload

SWEEP = ledger.Service("sweep")


def known_blobs(ids) -> set:
    """Those of the ids that rows name: what the sweep must not touch."""
    kept = Blob.objects.filter(pk__in=ids).values_list("pk", flat=True)
    return {*kept, *arriving_blobs(ids)}


def arriving_blobs(ids) -> set:
    """Those of the ids that uploads under way name."""
    return set(Upload.objects.filter(blob_id__in=ids, state=Upload.State.ARRIVING).values_list("blob_id", flat=True))


def sweep_storage() -> int:
    """Remove bytes that arrived and were never kept; an entry says how many when there were any."""
    storage.sweep_workplaces()
    removed = storage.sweep_orphans(known_blobs, arriving=arriving_blobs)
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
