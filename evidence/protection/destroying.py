"""Destroying the content of an item: its keys, its text, what machines found in it. What it was stays on record.

Called by the decision of two alone. Bytes that another item holds too survive there, and nothing here tells of it.
"""

from dataclasses import dataclass

from django.db.models import Q, Sum
from django.utils import timezone

from evidence.models import Blob, File, FileText, Item, Processing, Rendition, Step, Upload


@dataclass(frozen=True)
class Content:
    """How much content an item holds: of its own, whatever else holds the same bytes."""

    files: int
    bytes: int
    texts: int
    pictures: int


def content_of(item: Item) -> Content:
    """What destroying it would take: files and their bytes, pages of text, pictures made of them."""
    files = File.objects.filter(item=item, destroyed_at=None)
    return Content(
        files=files.count(),
        bytes=int(files.aggregate(n=Sum("blob__size"))["n"] or 0),
        texts=FileText.objects.filter(file__in=files, ended_at=None).count(),
        pictures=Rendition.objects.filter(file__in=files, ended_at=None).count(),
    )


def destroy(item: Item) -> Content:
    """Destroy the content of a locked item, inside the verb of the decision. Returns how much it was."""
    found, now = content_of(item), timezone.now()
    # Whoever works on a file now brings results that no longer count. Locked in the order in which a worker locks.
    rows = Processing.objects.filter(file__item=item, file__destroyed_at=None)
    rows = Processing.objects.filter(pk__in=[row.pk for row in rows.select_for_update(of=("self",)).order_by("pk")])
    files = list(File.objects.select_for_update().filter(item=item, destroyed_at=None).order_by("pk"))
    rows.update(state="done", finished_at=now, claim=None, lease_until=None, current="")
    pictures = Rendition.objects.filter(file__in=files)
    ids = {*(file.blob_id for file in files), *pictures.values_list("blob_id", flat=True)}
    # The lock keeps out whoever would take up the same bytes at this moment: see intake.standing.
    blobs = list(Blob.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    File.objects.filter(pk__in=[file.pk for file in files]).update(destroyed_at=now, fingerprint=None)
    Step.objects.filter(file__in=files).update(result={}, detail="")
    FileText.objects.filter(file__in=files).update(text="")
    pictures.filter(ended_at=None).update(ended_at=now)
    _destroy_keys(blobs, now)
    Item.objects.filter(pk=item.pk).update(destroyed_at=now)
    return found


def _destroy_keys(blobs: list[Blob], now) -> None:
    """The keys of bytes that no file stands on any more, wherever a copy of the key is."""
    ids = [blob.pk for blob in blobs if blob.wrapped_key is not None]
    by_file = File.objects.filter(blob__in=ids, destroyed_at=None).values_list("blob_id", flat=True)
    by_picture = Rendition.objects.filter(Q(blob__in=ids), file__destroyed_at=None).values_list("blob_id", flat=True)
    gone = set(ids) - set(by_file) - set(by_picture)
    Blob.objects.filter(pk__in=gone).update(wrapped_key=None, destroyed_at=now)
    Upload.objects.filter(blob_id__in=gone).update(wrapped_key=b"")
