"""Blobs: hashed and encrypted in one pass, written once, synced, then made visible; read by range.

They arrive under STORAGE_DIR/incoming and are kept at blobs/ab/cd/<sha256>-<id> of the place that the settings name,
derivatives apart from originals under derived/. Each blob has its own data key, wrapped by the vault. A crash leaves
nothing or a whole file; what no row names is swept.
"""

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidence import vault
from evidence.storage import frames
from evidence.storage.arrivals import Arrival, Busy, TooMuch, WrongDigest, WrongOffset
from evidence.storage.frames import CHUNK, MAGIC, MAGIC_1, NONCE, TAG, StorageError, Unavailable
from evidence.storage.places import Reader, folder, place, root
from evidence.storage.working import sweep_workplaces, workplace

__all__ = [
    "CHUNK", "MAGIC", "NONCE", "TAG", "Arrival", "Busy", "Received", "StorageError", "TooMuch", "Unavailable",
    "WrongDigest", "WrongOffset", "arrived", "folder", "keep", "name_of", "new_id", "place", "read", "receive",
    "remove", "root", "sweep_orphans", "sweep_workplaces", "workplace",
]  # fmt: skip

ORPHAN_AGE = 6 * 60 * 60  # seconds: longer than any upload's transaction
AREAS = {"original": "blobs", "derived": "derived"}


@dataclass
class Received:
    """Bytes that arrived whole: digest and size of the plain content, the wrapped key, and where they wait."""

    sha256: bytes
    size: int
    wrapped_key: bytes
    blob_id: uuid.UUID
    path: Path
    area: str = "original"
    is_kept: bool = False

    def discard(self) -> None:
        with suppress(FileNotFoundError):
            self.path.unlink()


def _name(area: str, digest: bytes, blob_id: uuid.UUID) -> str:
    name = digest.hex()
    return f"{AREAS[area]}/{name[:2]}/{name[2:4]}/{name}-{blob_id}"


def new_id() -> uuid.UUID:
    """An id for bytes that are to come."""
    return uuid.uuid4()


def name_of(blob) -> str:
    """The name of a Blob row's file in its place."""
    return _name(blob.area, bytes(blob.sha256), blob.id)


def receive(stream: BinaryIO, *, limit: int | None = None, area: str = "original") -> Received:
    """Read the stream to its end: hash, encrypt and write in one pass. Raises ValueError when over `limit` bytes."""
    blob_id, key = uuid.uuid4(), AESGCM.generate_key(256)
    path, box, digest = folder("incoming") / blob_id.hex, AESGCM(key), sha256()
    size = index = 0
    try:
        with path.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(MAGIC)
            chunk = _read_chunk(stream)
            while True:
                following = _read_chunk(stream) if len(chunk) == CHUNK else b""
                size += len(chunk)
                if limit is not None and size > limit:
                    raise ValueError(f"more than {limit} bytes")
                digest.update(chunk)
                file.write(frames.seal(box, blob_id, index, not following, chunk))
                if not following:
                    break
                chunk, index = following, index + 1
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    wrapped = vault.seal(key, purpose="blob", context=blob_id.bytes)
    return Received(digest.digest(), size, wrapped, blob_id, path, area)


def arrived(arrival: Arrival) -> Received:
    """A resumable upload that is whole, as if it had come at once. Raises StorageError, Busy.

    What is kept or discarded is a second name of its bytes: the arrival stays until its row says that it is kept.
    """
    digest, _path = arrival.finished()
    return Received(digest, arrival.size, arrival.wrapped_key, arrival.blob_id, arrival.staged())


def _read_chunk(stream: BinaryIO) -> bytes:
    """A full chunk, or what is left: sockets and pipes may hand out less at a time."""
    parts, missing = [], CHUNK
    while missing and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def keep(received: Received) -> None:
    """Make the bytes visible at their final place, once; the row that names them commits afterwards.

    Large bytes are best kept before that transaction begins: a distant place takes its time, and between the two they
    are the sweep's.
    """
    if not received.is_kept:
        place().put(received.path, _name(received.area, received.sha256, received.blob_id))
        received.is_kept = True


class _Plain:
    """An iterator over chunks that gives its reader back, also when nobody has taken the first chunk."""

    def __init__(self, reader: Reader, chunks: Iterator[bytes]):
        self._reader, self._chunks = reader, chunks

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        self._reader.close()

    __del__ = close


def remove(received: Received) -> None:
    """Take away what was kept and no row came to name."""
    place().remove(_name(received.area, received.sha256, received.blob_id))


def read(blob, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Plain bytes [start, end) of a Blob row, chunk by chunk. Raises StorageError; called by verbs only.

    What is missing, has no key or cannot be reached is said at once, not with the first chunk.
    """
    if blob.wrapped_key is None:
        raise StorageError("the key of these bytes was destroyed by a recorded decision")
    end = blob.size if end is None else min(end, blob.size)
    key = AESGCM(vault.unseal(blob.wrapped_key, purpose="blob", context=blob.id.bytes))
    reader = place().open(name_of(blob))
    try:
        magic = reader.at(0, len(MAGIC))
        if magic not in (MAGIC, MAGIC_1):
            raise StorageError(f"blob {blob.id} does not begin like a blob")
    except BaseException:
        reader.close()
        raise
    return _Plain(reader, _chunks(blob, key, reader, magic, start, end))


def _chunks(blob, key: AESGCM, reader: Reader, magic: bytes, start: int, end: int) -> Iterator[bytes]:
    final = frames.last_index(blob.size)
    try:
        for index in range(start // CHUNK, final + 1 if end > start else 0):
            offset = index * CHUNK
            if offset >= max(end, 1):
                return
            try:
                frame = reader.at(*frames.position(magic, index))
                plain = frames.unseal(key, magic, blob.id, index, index == final, frame)
            except InvalidTag:
                raise StorageError(f"blob {blob.id} has been altered at chunk {index}")
            yield plain[max(0, start - offset) : end - offset]
    finally:
        reader.close()


def sweep_orphans(known, *, arriving=None, now: float | None = None) -> int:
    """Remove files older than ORPHAN_AGE that no row names: arrivals cut off, or whose transaction rolled back.

    `known(ids)` returns those of the blob ids that rows name, as kept bytes or as uploads; `arriving(ids)` those of
    uploads under way alone: what is kept has no business among the arrivals. Returns how many files went.
    """
    ahead = (now or time.time()) - time.time()
    removed = 0
    for path in folder("incoming").iterdir():
        with suppress(FileNotFoundError, ValueError):
            if time.time() + ahead - path.stat().st_mtime >= ORPHAN_AGE and not (arriving or known)(
                [uuid.UUID(path.name[:32])]
            ):
                path.unlink()
                removed += 1
    for name in list(place().names(older_than=ORPHAN_AGE - ahead)):
        with suppress(ValueError):  # not ours: a file system's own bookkeeping
            if not known([uuid.UUID(name[-36:])]):
                place().remove(name)
                removed += 1
    return removed + place().clear_partial(ORPHAN_AGE - ahead)
