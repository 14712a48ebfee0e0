"""Blobs on disk: hashed and encrypted in one pass, written once, fsynced, then made visible; read by range.

Layout: STORAGE_DIR/incoming/<uuid> while arriving, STORAGE_DIR/blobs/ab/cd/<sha256>-<id> when kept. Each blob has its
own data key, wrapped by the vault. A crash leaves nothing or a whole file; what no row names is swept.
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
from django.conf import settings

from evidence import vault

MAGIC = b"ARBLOB1\x00"
CHUNK = 1024 * 1024  # plain bytes a chunk: ranges decrypt at most one chunk more than asked
TAG = 16
ORPHAN_AGE = 6 * 60 * 60  # seconds: longer than any upload's transaction


class StorageError(RuntimeError):
    """The stored bytes are missing, altered or cannot be decrypted."""


@dataclass
class Received:
    """Bytes that arrived whole: digest and size of the plain content, the wrapped key, and where they wait."""

    sha256: bytes
    size: int
    wrapped_key: bytes
    blob_id: uuid.UUID
    path: Path

    def discard(self) -> None:
        with suppress(FileNotFoundError):
            self.path.unlink()


def _root() -> Path:
    return Path(settings.STORAGE_DIR)


def _final(digest: bytes, blob_id) -> Path:
    name = digest.hex()
    return _root() / "blobs" / name[:2] / name[2:4] / f"{name}-{blob_id}"


def _nonce(index: int, last: bool) -> bytes:
    """The counter of the chunk; the first byte marks the last one, so that truncation shows."""
    return bytes([1 if last else 0]) + index.to_bytes(11, "big")


def receive(stream: BinaryIO, *, limit: int | None = None) -> Received:
    """Read the stream to its end: hash, encrypt and write in one pass. Raises ValueError when over `limit` bytes."""
    incoming = _root() / "incoming"
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    blob_id, key = uuid.uuid4(), AESGCM.generate_key(256)
    path, box, digest = incoming / blob_id.hex, AESGCM(key), sha256()
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
                file.write(box.encrypt(_nonce(index, not following), chunk, blob_id.bytes))
                if not following:
                    break
                chunk, index = following, index + 1
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    wrapped = vault.seal(key, purpose="blob", context=blob_id.bytes)
    return Received(digest.digest(), size, wrapped, blob_id, path)


def _read_chunk(stream: BinaryIO) -> bytes:
    """A full chunk, or what is left: sockets and pipes may hand out less at a time."""
    parts, missing = [], CHUNK
    while missing and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def keep(received: Received) -> None:
    """Make the bytes visible at their final place; the row that names them commits afterwards."""
    final = _final(received.sha256, received.blob_id)
    final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    received.path.rename(final)
    for directory in (final.parent, received.path.parent):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read(blob, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Plain bytes [start, end) of a Blob row, chunk by chunk. Raises StorageError; called by verbs only."""
    if blob.wrapped_key is None:
        raise StorageError("the key of these bytes was destroyed by a recorded decision")
    end = blob.size if end is None else min(end, blob.size)
    key = AESGCM(vault.unseal(blob.wrapped_key, purpose="blob", context=blob.id.bytes))
    path = _final(bytes(blob.sha256), blob.id)
    chunks = max(1, -(-blob.size // CHUNK))
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise StorageError(f"blob {blob.id} is missing from the storage")
    with file:
        if file.read(len(MAGIC)) != MAGIC:
            raise StorageError(f"blob {blob.id} does not begin like a blob")
        for index in range(start // CHUNK, chunks if end > start else 0):
            if index * CHUNK >= max(end, 1):
                return
            file.seek(len(MAGIC) + index * (CHUNK + TAG))
            try:
                plain = key.decrypt(_nonce(index, index == chunks - 1), file.read(CHUNK + TAG), blob.id.bytes)
            except InvalidTag:
                raise StorageError(f"blob {blob.id} has been altered at chunk {index}")
            offset = index * CHUNK
            yield plain[max(0, start - offset) : end - offset]


def sweep_orphans(known, *, now: float | None = None) -> int:
    """Remove files older than ORPHAN_AGE that no row names: arrivals cut off, or whose transaction rolled back.

    `known(ids)` returns those of the blob ids that rows name. Returns how many files went.
    """
    now, removed = now or time.time(), 0
    for path in (*_root().glob("incoming/*"), *_root().glob("blobs/*/*/*")):
        with suppress(FileNotFoundError):
            if now - path.stat().st_mtime < ORPHAN_AGE:
                continue
            try:
                blob_id = uuid.UUID(path.name[-36:] if "-" in path.name else path.name)
            except ValueError:
                continue  # not ours: a file system's own bookkeeping
            if path.parent.name != "incoming" and blob_id in known([blob_id]):
                continue
            path.unlink()
            removed += 1
    return removed
