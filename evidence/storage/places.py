"""Where sealed files are kept for good: here a local directory, in storage.objects a bucket; the settings say which.

Write-once; a name is used for one content for ever.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from django.conf import settings

from evidence.storage.frames import StorageError, Unavailable


class Reader(Protocol):
    """An open sealed file."""

    def at(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`."""

    def close(self) -> None: ...


class Place(Protocol):
    """What a place of storage does. Names are like blobs/ab/cd/<sha256>-<id>."""

    def put(self, path: Path, name: str) -> None:
        """Take a complete local file over; it is durable and visible when this returns. Never overwrites."""

    def open(self, name: str) -> Reader:
        """Raises StorageError when there is no such file, now or with the first read."""

    def remove(self, name: str) -> None:
        """Only for what no row names."""

    def names(self, older_than: float) -> Iterator[str]:
        """Names of the files that were put more than so many seconds ago."""

    def clear_partial(self, older_than: float) -> int:
        """Remove what puts left behind that were cut off so many seconds ago. Returns how many."""

    def check(self) -> None:
        """Raises Unavailable, with what is wrong, when nothing can be kept here now."""


def root() -> Path:
    return Path(settings.STORAGE_DIR)


def folder(name: str) -> Path:
    """A private directory of the storage on this machine, made when it is missing."""
    path = root() / name
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _LocalReader:
    """A descriptor of its own: an answer that nobody reads to its end gives it back when it is forgotten."""

    def __init__(self, path: Path):
        self._descriptor = -1  # for __del__, should opening fail
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def at(self, offset: int, length: int) -> bytes:
        parts, missing = [], length
        while missing and (part := os.pread(self._descriptor, missing, offset + length - missing)):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    __del__ = close


class LocalPlace:
    """A directory tree on this machine, or on a file system that all machines share."""

    def put(self, path: Path, name: str) -> None:
        final = root() / name
        fresh = [parent for parent in list(final.parents)[:4] if not parent.exists()]
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.rename(final)
        # A directory that was made just now is durable once the one above it is.
        for directory in (final.parent, path.parent, *(parent.parent for parent in fresh)):
            sync_directory(directory)

    def open(self, name: str) -> Reader:
        try:
            return _LocalReader(root() / name)
        except FileNotFoundError:
            area = name.partition("/")[0]
            if not (root() / area).is_dir():  # a file system that is not mounted is no loss of evidence
                raise Unavailable(f"STORAGE_DIR {root()} has no {area}: is it mounted?")
            raise StorageError(f"{name} is missing from the storage")

    def remove(self, name: str) -> None:
        (root() / name).unlink(missing_ok=True)

    def names(self, older_than: float) -> Iterator[str]:
        now = time.time()
        for area in ("blobs", "derived"):
            for path in root().glob(f"{area}/*/*/*"):
                with suppress(FileNotFoundError):
                    if now - path.stat().st_mtime >= older_than:
                        yield path.relative_to(root()).as_posix()

    def clear_partial(self, older_than: float) -> int:
        return 0  # a rename is whole or nothing

    def check(self) -> None:
        try:
            with tempfile.NamedTemporaryFile(dir=root(), prefix=".check-"):
                return
        except OSError as error:
            raise Unavailable(f"STORAGE_DIR {root()} cannot be written: {error.strerror}")


def place() -> Place:
    """The place that the settings name."""
    if settings.STORAGE == "s3":
        from evidence.storage import objects  # its libraries take a while to import, and most processes need none

        return objects.S3Place()
    return LocalPlace()
