"""Fixity: stored bytes are read and hashed again within a period; what is not what was stored raises an alarm.

In small portions, the longest unchecked first. One entry a run says what was looked at, and sets `Blob.checked_at`.
"""

import errno
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db.models import Count, F, Min, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.grants import check_permitted
from accounts.models import User
from accounts.roles import Permission
from custody import ledger
from evidence import storage
from evidence.models import Blob, File, Item, Notice
from evidence.notices import keepers_of, notify, overseers
from evidence.recording import content

FIXITY = ledger.Service("fixity")
MOST = 500  # blobs a run
RUN = ledger.subject("job", "fixity")


class Unreadable(RuntimeError):
    """The place of storage does not answer: that says nothing about the bytes."""


def period() -> timedelta:
    """Within which every blob is read again."""
    return timedelta(days=settings.FIXITY_DAYS)


def is_sound(blob: Blob) -> bool:
    """Whether the stored bytes are those that were received: read whole and hashed, a second time before it is denied.

    Raises Unreadable, VaultError.
    """
    return _reads(blob) or _reads(blob)


def _reads(blob: Blob) -> bool:
    digester, size = sha256(), 0
    try:
        for chunk in storage.read(blob):
            digester.update(chunk)
            size += len(chunk)
    except storage.Unavailable as error:
        raise Unreadable(str(error))
    except storage.StorageError:
        return False
    except OSError as error:
        if error.errno == errno.EIO:
            return False
        raise Unreadable(type(error).__name__)
    return size == blob.size and digester.digest() == bytes(blob.sha256)


def _due(now: datetime):
    """Blobs that are next, while a quarter of the period is left to get to each."""
    standing = Blob.objects.filter(wrapped_key__isnull=False, altered_at=None)
    late = standing.filter(Q(checked_at=None) | Q(checked_at__lt=now - period() * 0.75))
    return late.order_by(F("checked_at").asc(nulls_first=True), "pk")


def check_due(*, most_bytes: int | None = None, now: datetime | None = None) -> list:
    """Check the next portion: at least one blob, at most so many bytes. Raises the alarm for originals that are not
    what was stored; returns the ids of derived blobs that are not: those are made anew."""
    left = settings.FIXITY_BYTES if most_bytes is None else most_bytes
    sound, broken, unread = [], [], 0
    for blob in _due(now or timezone.now())[:MOST]:
        if (sound or broken) and blob.size > left:
            break
        left -= blob.size
        try:
            (sound if is_sound(blob) else broken).append(blob)
        except Unreadable:
            unread += 1
    if sound or broken or unread:
        note_checked(by=FIXITY, sound=sound, broken=broken, unread=unread)
    for blob in broken:
        if blob.area == "original":
            report_altered(by=FIXITY, blob=blob)
    return [blob.pk for blob in broken if blob.area == "derived"]


@ledger.verb
def note_checked(*, by, sound: list, broken: list, unread: int = 0) -> None:
    """One entry for a run: how much was read, how much was not what was stored; which blobs, in a part."""
    Blob.objects.filter(pk__in=[blob.pk for blob in sound]).update(checked_at=timezone.now())
    data = {
        "blobs": len(sound) + len(broken),
        "bytes": sum(blob.size for blob in (*sound, *broken)),
        "broken": len(broken),
        "unread": unread,
    }
    looked_at = {"sound": [str(blob.pk) for blob in sound], "broken": [str(blob.pk) for blob in broken]}
    ledger.append("fixity.checked", RUN, data=data, parts={"blobs": looked_at})


@ledger.verb
def report_altered(*, by, blob: Blob) -> None:
    """Alarm: stored originals are not what was received. Every item that holds them is frozen; administrators, auditors
    and whoever sees and manages such an item are told."""
    row = Blob.objects.select_for_update().get(pk=blob.pk)
    if row.altered_at is not None or row.wrapped_key is None or row.area != "original":
        return
    row.altered_at = timezone.now()
    row.save(update_fields=["altered_at"])
    ledger.append("fixity.failed", RUN, data={"blob": str(row.pk), "sha256": row.digest})
    notify(overseers(), Notice.Kind.BYTES_ALTERED)
    files = File.objects.filter(blob=row, destroyed_at=None).order_by("item_id", "created_at")
    by_item: dict = {}
    for file in files:
        by_item.setdefault(file.item_id, []).append(file)
    for item in Item.objects.select_for_update().filter(pk__in=by_item).order_by("pk"):
        altered = [str(file.pk) for file in by_item[item.pk]]
        item.frozen_at = item.frozen_at or row.altered_at
        item.save(update_fields=["frozen_at"])
        ledger.append("item.frozen", item, data={"files": altered, "sha256": row.digest})
        notify(keepers_of(item), Notice.Kind.ITEM_FROZEN, item.pk)


def note_sound(blob: Blob) -> None:
    """These bytes were read just now and are sound: progress, told by the entry of the act that read them."""
    Blob.objects.filter(pk=blob.pk).update(checked_at=timezone.now())


@ledger.verb
def unfreeze(*, by: User, item: Item, reason: str) -> Item:
    """Release a frozen item once its bytes are read again and are what was received.

    Bytes come back from a backup; or the same were received again, in an item that this person sees.
    """
    check_permitted(by, item, Permission.MANAGE)
    item = Item.objects.select_for_update().get(pk=item.pk)
    if not item.frozen_at:
        raise Refused(_("This item is not frozen."), code="not_frozen")
    reason = content.sentence(reason, field="reason")
    altered = list(
        File.objects.filter(item=item, destroyed_at=None, blob__altered_at__isnull=False).select_related("blob")
    )
    still = [file.name for file in altered if not _is_restored(file, by)]
    if still:
        raise Refused(
            _("Still not what was received: %(names)s. Restore these bytes from a backup, then try again.")
            % {"names": ", ".join(still)},
            code="still_altered",
        )
    item.frozen_at = None
    item.save(update_fields=["frozen_at"])
    data = {"files": [str(file.pk) for file in altered]}
    ledger.append("item.unfrozen", item, data=data, parts={"note": reason})
    return item


def _is_restored(file: File, by: User) -> bool:
    """Whether the bytes of a file are sound again, by themselves or as received anew; then its blob says so."""
    blob = Blob.objects.select_for_update().get(pk=file.blob_id)
    if blob.altered_at is None:
        return True  # another file of the item was of the same bytes
    same = {"sha256": blob.sha256, "area": blob.area, "wrapped_key__isnull": False, "altered_at": None}
    twin = Blob.objects.select_for_update().filter(**same).first()
    if is_sound(blob):
        if twin is None:
            blob.altered_at, blob.checked_at = None, timezone.now()
            blob.save(update_fields=["altered_at", "checked_at"])
        else:
            _take_over(twin, blob, File.objects.filter(blob=blob))
        return True
    # Only a copy that she sees may help her: that there is one elsewhere is nobody's to find out.
    held = twin and File.objects.permitted(by).filter(blob=twin, destroyed_at=None).exists()
    if not held or not is_sound(twin):
        return False
    _take_over(twin, blob, File.objects.filter(blob=blob, item=file.item_id))
    return True


def _take_over(twin: Blob, blob: Blob, files) -> None:
    """Files stand on the sound blob of the same digest; the altered one ends when no file stands on it any more."""
    files.update(blob=twin)
    if not File.objects.filter(blob=blob).exists():
        blob.wrapped_key, blob.destroyed_at = None, timezone.now()
        blob.save(update_fields=["wrapped_key", "destroyed_at"])


@dataclass(frozen=True)
class Coverage:
    """How well fixity is covered, in numbers alone: no record, no name."""

    days: int
    blobs: int
    bytes: int
    within: int  # read, or received, within the period
    overdue: int
    never: int  # not read again since they were received
    altered: int
    frozen_items: int
    oldest: datetime | None  # when the longest unchecked blob was last known to be sound


def coverage(*, now: datetime | None = None) -> Coverage:
    """For whoever answers for the system: administrators and auditors."""
    since = (now or timezone.now()) - period()
    rows = Blob.objects.filter(wrapped_key__isnull=False).annotate(known=Coalesce("checked_at", "stored_at"))
    sound = Q(altered_at=None)
    found = rows.aggregate(
        blobs=Count("pk"),
        size=Coalesce(Sum("size"), 0),
        within=Count("pk", filter=sound & Q(known__gte=since)),
        overdue=Count("pk", filter=sound & Q(known__lt=since)),
        never=Count("pk", filter=sound & Q(checked_at=None)),
        altered=Count("pk", filter=~sound),
        oldest=Min("known", filter=sound),
    )
    frozen = Item.objects.exclude(frozen_at=None).count()
    return Coverage(days=settings.FIXITY_DAYS, bytes=int(found.pop("size")), frozen_items=frozen, **found)


def last_check(item: Item, *, user: User) -> datetime | None:
    """When the longest unchecked of an item's files was last known to be sound; None without files."""
    files = File.objects.permitted(user).filter(item=item, destroyed_at=None, blob__altered_at=None)
    return files.aggregate(at=Min(Coalesce("blob__checked_at", "blob__stored_at")))["at"]
