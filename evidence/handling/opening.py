"""Verbs by which what is held is read: original bytes, for a purpose and some minutes; pictures, as part of looking.

Reading protected content is an act with its entry, written first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.models import User
from custody import ledger, trail
from evidence import policies, storage
from evidence.models import File, Opening, Rendition
from evidence.recording import content

# How long looking at an item covers its pictures, and a list the thumbnails on it.
LOOKING = timedelta(minutes=15)
DANGERS = ("malware", "altered")
OPENED = ("item.opened", "file.read", "file.viewed")
LISTED = "search.ran"
PICTURES = ("image/webp", "image/png", "image/jpeg")


@dataclass(frozen=True)
class Opened:
    """Plain bytes [start, end) of a file, decrypted as they are read."""

    file: File
    start: int
    end: int
    chunks: Iterator[bytes]


@ledger.verb
def open_for(*, by: User, file: File, purpose: str, knowing=()) -> Opening:
    """Let one person read the bytes of a file for some minutes, for a stated purpose. Nothing is read yet.

    `knowing` names the dangers of the file that she was told of: see policies.dangers_of.
    """
    knowing = [danger for danger in DANGERS if danger in knowing]
    policies.check_can_open(file, knowing)
    purpose = content.text(purpose, field="purpose", limit=300, required=True)
    expires = timezone.now() + timedelta(seconds=settings.OPENING_SECONDS)
    row = Opening.objects.create(file=file, purpose=purpose, knowing=knowing, expires_at=expires, created_by=by)
    ledger.append(
        "file.opening_made",
        file.item,
        data={"file": str(file.pk), "opening": str(row.pk), "until": expires.isoformat(), "scan": str(file.scan)}
        | ({"knowing": knowing} if knowing else {}),
        parts={"note": purpose},
    )
    return row


def openings_of(file: File, *, user: User) -> list[Opening]:
    """A person's own openings of a file that have not ended, newest first."""
    return list(Opening.objects.permitted(user).filter(file=file, created_by=user, expires_at__gt=timezone.now()))


def opening_for(user: User, identifier) -> Opening | None:
    """A person's own opening that has not ended, of a file that she may see now; else None, whatever the cause."""
    try:
        rows = Opening.objects.permitted(user).filter(pk=UUID(str(identifier)), created_by=user)
    except ValueError:
        return None
    return rows.filter(expires_at__gt=timezone.now()).select_related("file__item", "file__blob").first()


@ledger.verb
def read_opened(*, by: User, opening: Opening, start: int = 0, end: int | None = None) -> Opened:
    """Read bytes under an opening of one's own. The state of the file is asked again each time."""
    if opening.created_by_id != by.pk or not opening.is_open:
        raise Refused(_("This link has ended. Open the file again, with its purpose."), code="opening_needed")
    file = opening.file
    policies.check_can_open(file, opening.knowing)
    return _read(file, start, end, note=opening.purpose, opening=str(opening.pk))


@ledger.verb
def open_file(*, by, file: File, start: int = 0, end: int | None = None, purpose: str = "") -> Opened:
    """Open the bytes of a file for an act that says why itself, like a proof that encloses them."""
    policies.check_can_open(file)
    return _read(file, start, end, note=purpose)


def _read(file: File, start: int, end: int | None, *, note: str, **more) -> Opened:
    """The entry, then the bytes; a first chunk that cannot be read is told before anything is answered."""
    end = file.blob.size if end is None else min(end, file.blob.size)
    data = {"file": str(file.pk), "sha256": file.blob.digest, "from": start, "to": end, **more}
    ledger.append("file.opened", file.item, data=data, parts={"note": note} if note else None)
    try:
        chunks = iter(storage.read(file.blob, start, end))
        first = next(chunks, b"")
    except storage.Unavailable:
        raise Refused(_("The storage does not answer now. Try again in a while."), code="unavailable")
    except storage.StorageError:
        raise Refused(_("The stored bytes are missing or altered. Tell an administrator now."), code="damaged")
    return Opened(file, start, end, _Chunks(first, chunks))


class _Chunks:
    """The first chunk, then the others; whoever stops reading gives the file back, as a web server does."""

    def __init__(self, first: bytes, rest: Iterator[bytes]):
        self._rest, self._all = rest, chain([first], rest)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._all)

    def close(self) -> None:
        getattr(self._rest, "close", lambda: None)()


@dataclass(frozen=True)
class Shown:
    """A picture made of a file, as bytes; `media_type` is one that a browser shows as a picture and nothing else."""

    media_type: str
    data: bytes


def rendition_for(user: User, identifier) -> Rendition | None:
    """A picture of a file that this person sees; None also where nothing is shown of the file."""
    try:
        rows = Rendition.objects.permitted(user).filter(pk=UUID(str(identifier)), ended_at=None)
    except ValueError:
        return None
    row = rows.select_related("file__item", "blob").first()
    if row is None or row.blob.wrapped_key is None or not policies.shows_pictures(row.file):
        return None
    return row


@ledger.verb
def show_rendition(*, by: User, rendition: Rendition) -> Shown:
    """Show a picture made of a file. It leaves an entry of its own unless the person looked at the item just now, or,
    for a thumbnail, at a list: the entry of that covers what it showed."""
    if not _is_covered(by, rendition):
        data = {"file": str(rendition.file_id), "picture": rendition.kind, "number": rendition.number}
        ledger.append("file.viewed", rendition.file.item, data=data)
    try:
        data = b"".join(storage.read(rendition.blob))
    except storage.Unavailable:
        raise Refused(_("The storage does not answer now. Try again in a while."), code="unavailable")
    except storage.StorageError:
        raise Refused(_("This picture cannot be read. It is made anew in a while."), code="damaged")
    kind = rendition.media_type if rendition.media_type in PICTURES else "application/octet-stream"
    return Shown(kind, data)


def _is_covered(by: User, rendition: Rendition) -> bool:
    since = timezone.now() - LOOKING
    looked = trail.Wanted(actor=by.pk, subject=rendition.file.item_id, acts=OPENED, since=since)
    if trail.page(looked, limit=1):
        return True
    listed = trail.Wanted(actor=by.pk, subject=by.pk, acts=(LISTED,), since=since)
    return rendition.kind == "thumbnail" and bool(trail.page(listed, limit=1))
