"""Uploads that arrive in pieces, over hours and restarts: encrypted as they come, counted by what lies on the disk.

STORAGE_DIR/incoming/<id>.part holds whole frames, <id>.tail-<n> what came of frame n. How much has arrived is what they
hold after a sync: no row is written for a piece, and a crash at any byte leaves what was acknowledged.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidence import vault
from evidence.storage import frames
from evidence.storage.frames import CHUNK, MAGIC, NONCE, TAG, StorageError
from evidence.storage.places import folder, sync_directory

READ = 256 * 1024
TAIL = (1 << 63).to_bytes(8, "big")  # marks what a tail is authenticated with: never a frame's number


class Busy(RuntimeError):
    """Another request writes to this upload."""


class WrongOffset(RuntimeError):
    """The piece does not begin where the last one ended; `expected` is where it has to."""

    def __init__(self, expected: int):
        super().__init__(f"the upload stands at byte {expected}")
        self.expected = expected


class TooMuch(RuntimeError):
    """More bytes than the upload was announced with."""


class WrongDigest(RuntimeError):
    """The piece is not the one that its digest was made of; nothing of it was kept."""


@dataclass(frozen=True)
class Arrival:
    """An upload of `size` bytes under way; `wrapped_key` is its data key, wrapped by the vault."""

    blob_id: UUID
    wrapped_key: bytes
    size: int

    @classmethod
    def begin(cls, size: int) -> "Arrival":
        blob_id = uuid4()
        wrapped = vault.seal(AESGCM.generate_key(256), purpose="blob", context=blob_id.bytes)
        arrival = cls(blob_id, wrapped, size)
        with arrival.path.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(MAGIC)
            if size == 0:
                file.write(frames.seal(arrival.box, blob_id, 0, True, b""))
            file.flush()
            os.fsync(file.fileno())
        sync_directory(arrival.path.parent)
        return arrival

    @property
    def path(self) -> Path:
        return folder("incoming") / f"{self.blob_id.hex}.part"

    @property
    def box(self) -> AESGCM:
        return AESGCM(vault.unseal(self.wrapped_key, purpose="blob", context=self.blob_id.bytes))

    def _tail(self, index: int) -> Path:
        return folder("incoming") / f"{self.blob_id.hex}.tail-{index}"

    def discard(self) -> None:
        """Nothing of the upload is left."""
        for path in (*folder("incoming").glob(f"{self.blob_id.hex}.[tw]*"), self.path):
            path.unlink(missing_ok=True)

    def is_whole(self) -> bool:
        """Whether the last byte has come: told by the file's length alone."""
        final = frames.last_index(self.size)
        length = frames.position(MAGIC, final)[0] + NONCE + self.size - final * CHUNK + TAG
        try:
            return self.path.stat().st_size == length
        except FileNotFoundError:
            return False

    def touched_at(self) -> float | None:
        """When the last piece came, in seconds of the epoch; None when nothing is there."""
        times = []
        for path in (*folder("incoming").glob(f"{self.blob_id.hex}.tail-*"), self.path):
            with suppress(FileNotFoundError):
                times.append(path.stat().st_mtime)
        return max(times, default=None)

    def beginning(self, path: Path | None = None) -> bytes:
        """The plain bytes of the first frame of an upload that is whole; `path` is another name of its file."""
        start, length = frames.position(MAGIC, 0)
        with (path or self.path).open("rb") as file:
            file.seek(start)
            return frames.unseal(self.box, MAGIC, self.blob_id, 0, frames.last_index(self.size) == 0, file.read(length))

    def staged(self) -> Path:
        """A second name of the whole file, to be given away: until its row has committed, the first one stays."""
        path = folder("incoming") / f"{self.blob_id.hex}.whole-{os.urandom(4).hex()}"
        try:
            path.hardlink_to(self.path)
        except FileNotFoundError:
            raise StorageError(f"the upload {self.blob_id} is missing from the storage")
        return path

    def offset(self) -> int:
        """Bytes that have arrived and would survive a loss of power."""
        index, tail = self._state(self.box)
        return min(self.size, index * CHUNK + len(tail))

    def _state(self, box: AESGCM) -> tuple[int, bytes]:
        """(whole frames, plain bytes of the begun one). A frame that was cut off by a crash does not count."""
        try:
            stored = self.path.stat().st_size
        except FileNotFoundError:
            raise StorageError(f"the upload {self.blob_id} is missing from the storage")
        start, length = frames.position(MAGIC, 0)
        whole, rest = divmod(max(0, stored - start), length)
        last = self.size - frames.last_index(self.size) * CHUNK
        if whole == frames.last_index(self.size) and rest == NONCE + last + TAG:
            return whole + 1, b""  # the last frame, which is shorter
        path = self._tail(whole)
        if not path.exists():
            return whole, b""
        sealed = path.read_bytes()
        try:
            return whole, box.decrypt(sealed[:NONCE], sealed[NONCE:], self._tail_context(whole))
        except InvalidTag:
            return whole, b""

    def _tail_context(self, index: int) -> bytes:
        return self.blob_id.bytes + TAIL + index.to_bytes(8, "big")

    def write(
        self, stream: BinaryIO, *, offset: int, length: int | None = None, digest: tuple[str, bytes] | None = None
    ) -> int:
        """Add a piece that begins at `offset`; returns where the upload stands then.

        A stream that breaks off keeps what came, unless a digest was announced: then the piece is kept whole or not at
        all. Raises Busy, WrongOffset, TooMuch, WrongDigest; the stream's OSError once what came is safe.
        """
        with self._locked() as file:
            box = self.box
            index, tail = self._state(box)
            stands = min(self.size, index * CHUNK + len(tail))
            if offset != stands:
                raise WrongOffset(stands)
            if length is not None and offset + length > self.size:
                raise TooMuch
            if stands == self.size:
                # Whole: a piece without bytes asks for its end, and must not touch what lies there.
                if stream.read(1):
                    raise TooMuch
                return stands
            return _Piece(self, file, box, index, tail).take(stream, length, digest)

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        try:
            file = self.path.open("r+b")
        except FileNotFoundError:
            raise StorageError(f"the upload {self.blob_id} is missing from the storage")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy
            yield file

    def finished(self) -> tuple[bytes, Path]:
        """(SHA-256, path) of the whole, by one further read. Raises StorageError when it is not whole, Busy."""
        with self._locked() as file:
            box, digest = self.box, hashlib.sha256()
            final = frames.last_index(self.size)
            for index in range(final + 1):
                start, length = frames.position(MAGIC, index)
                file.seek(start)
                try:
                    digest.update(frames.unseal(box, MAGIC, self.blob_id, index, index == final, file.read(length)))
                except InvalidTag:
                    raise StorageError(f"the upload {self.blob_id} is not whole at frame {index}")
            return digest.digest(), self.path


class _Piece:
    """One piece being written: whole frames into the file, what is left into the tail."""

    def __init__(self, arrival: Arrival, file: BinaryIO, box: AESGCM, index: int, tail: bytes):
        self.arrival, self.file, self.box = arrival, file, box
        self.index, self.buffer = index, bytearray(tail)
        self.begun = (index, bytes(tail))

    def take(self, stream: BinaryIO, length: int | None, digest: tuple[str, bytes] | None) -> int:
        check = hashlib.new(digest[0], usedforsecurity=False) if digest else None
        start = self._stands()
        self.file.truncate(frames.position(MAGIC, self.index)[0])  # a frame cut off by a crash
        try:
            while length is None or self._stands() - start < length:
                wanted = READ if length is None else min(READ, length - (self._stands() - start))
                part = stream.read(wanted)
                if not part:
                    break
                if self._stands() + len(part) > self.arrival.size:
                    raise TooMuch
                if check:
                    check.update(part)
                self.buffer += part
                self._write_whole()
        except BaseException:
            self._settle(whole=check is None)
            raise
        complete = length is None or self._stands() - start == length
        if check and digest and (not complete or check.digest() != digest[1]):
            self._settle(whole=False)
            raise WrongDigest
        self._settle(whole=True)
        return self._stands()

    def _stands(self) -> int:
        return min(self.arrival.size, self.index * CHUNK + len(self.buffer))

    def _write_whole(self) -> None:
        final = frames.last_index(self.arrival.size)
        wanted = self.arrival.size - final * CHUNK if self.index == final else CHUNK
        while len(self.buffer) >= wanted > 0 and self.index <= final:
            plain, self.buffer = bytes(self.buffer[:wanted]), self.buffer[wanted:]
            self.file.seek(frames.position(MAGIC, self.index)[0])
            self.file.write(frames.seal(self.box, self.arrival.blob_id, self.index, self.index == final, plain))
            self.index += 1
            wanted = self.arrival.size - final * CHUNK if self.index == final else CHUNK

    def _settle(self, *, whole: bool) -> None:
        """Make durable what came, or go back to where the piece began."""
        if not whole:
            self.index, self.buffer = self.begun[0], bytearray(self.begun[1])
            self.file.truncate(frames.position(MAGIC, self.index)[0])
        self.file.flush()
        os.fsync(self.file.fileno())
        if self.buffer:
            self._write_tail()
        if self.index > self.begun[0]:
            # Older tails no longer count: the frame that they began is whole.
            for number in range(self.begun[0], self.index):
                self.arrival._tail(number).unlink(missing_ok=True)

    def _write_tail(self) -> None:
        nonce = os.urandom(NONCE)
        path = self.arrival._tail(self.index)
        temporary = path.with_suffix(".new")
        with temporary.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(nonce + self.box.encrypt(nonce, bytes(self.buffer), self.arrival._tail_context(self.index)))
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        sync_directory(path.parent)
