"""Bytes on disk: identical back, by range, and every kind of damage noticed."""

import io
import os
import random

import pytest

from evidence import handling, intake, storage
from evidence.models import Blob
from evidence.storage import CHUNK, MAGIC, TAG, StorageError

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7)


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.fixture
def kept(db):
    """`kept(bytes)`: the row of bytes that are stored."""
    return lambda data: intake.keep_bytes(io.BytesIO(data), limit=10 * CHUNK)


def path_of(blob):
    return storage._final(bytes(blob.sha256), blob.id)


def read(blob, *args) -> bytes:
    return b"".join(storage.read(blob, *args))


@pytest.mark.parametrize("size", SIZES)
def test_bytes_come_back_identical(kept, size):
    data = content(size)
    blob = kept(data)
    assert blob.size == size
    assert read(blob) == data


@pytest.mark.parametrize("size", SIZES)
def test_every_range_is_the_slice(kept, size):
    data = content(size)
    blob = kept(data)
    edges = sorted({0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, size // 2, max(0, size - 1), size, size + 5})
    for start in edges:
        for end in edges:
            assert read(blob, start, end) == data[start:end], (start, end)


def test_nothing_readable_lies_on_the_disk(kept):
    secret = b"the name of a witness " * 100
    stored = path_of(kept(secret)).read_bytes()
    assert stored.startswith(MAGIC)
    assert b"witness" not in stored
    assert path_of(kept(secret)).stat().st_mode & 0o777 == 0o600


def test_a_stream_that_hands_out_little_at_a_time_is_read_whole(kept, db):
    class Slow(io.BytesIO):
        def read(self, count=-1):
            return super().read(min(count, 1000))

    data = content(CHUNK + 5)
    blob = intake.keep_bytes(Slow(data), limit=10 * CHUNK)
    assert read(blob) == data


@pytest.mark.parametrize(
    "place", [0, len(MAGIC), len(MAGIC) + CHUNK + TAG - 1, -1], ids=["magic", "first", "tag", "last"]
)
def test_a_flipped_bit_is_noticed(kept, place):
    blob = kept(content(2 * CHUNK))
    stored = bytearray(path_of(blob).read_bytes())
    stored[place] ^= 1
    path_of(blob).write_bytes(stored)
    with pytest.raises(StorageError):
        read(blob)


@pytest.mark.parametrize("left", [0, len(MAGIC), len(MAGIC) + CHUNK + TAG, len(MAGIC) + CHUNK + TAG + 5])
def test_a_truncated_file_is_noticed(kept, left):
    blob = kept(content(2 * CHUNK))
    os.truncate(path_of(blob), left)
    with pytest.raises(StorageError):
        read(blob)


def test_a_file_cut_at_a_chunk_with_a_smaller_size_in_the_row_is_noticed(kept):
    """Whoever can change row and file still cannot pass a part for the whole: the last chunk is marked."""
    blob = kept(content(2 * CHUNK))
    os.truncate(path_of(blob), len(MAGIC) + CHUNK + TAG)
    blob.size = CHUNK
    with pytest.raises(StorageError):
        read(blob)


def test_swapped_chunks_are_noticed(kept):
    blob = kept(content(3 * CHUNK))
    head, chunk = len(MAGIC), CHUNK + TAG
    stored = path_of(blob).read_bytes()
    swapped = (
        stored[:head]
        + stored[head + chunk : head + 2 * chunk]
        + stored[head : head + chunk]
        + stored[head + 2 * chunk :]
    )
    path_of(blob).write_bytes(swapped)
    with pytest.raises(StorageError, match="chunk 0"):
        read(blob)


def test_the_file_of_another_blob_is_noticed(kept):
    one, other = kept(content(1000)), kept(content(1001))
    path_of(one).write_bytes(path_of(other).read_bytes())
    with pytest.raises(StorageError):
        read(one)


def test_a_missing_file_is_said(kept):
    blob = kept(b"x")
    path_of(blob).unlink()
    with pytest.raises(StorageError, match="missing"):
        read(blob)


def test_a_destroyed_key_is_said(kept):
    blob = kept(b"x")
    blob.wrapped_key = None
    with pytest.raises(StorageError, match="destroyed"):
        read(blob)


def test_equal_bytes_are_stored_once(kept):
    first, second = kept(b"the same"), kept(b"the same")
    assert first.pk == second.pk
    assert not list(storage._root().glob("incoming/*"))


def test_too_many_bytes_leave_nothing(db, settings, tmp_path):
    settings.STORAGE_DIR = tmp_path
    with pytest.raises(ValueError):
        storage.receive(io.BytesIO(content(CHUNK + 2)), limit=CHUNK + 1)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_broken_upload_leaves_nothing(db, settings, tmp_path):
    class Broken(io.BytesIO):
        def read(self, count=-1):
            if self.tell() >= CHUNK:
                raise OSError("connection lost")
            return super().read(count)

    settings.STORAGE_DIR = tmp_path
    with pytest.raises(OSError):
        storage.receive(Broken(content(3 * CHUNK)), limit=None)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def sweep(hours: float) -> int:
    import time

    return storage.sweep_orphans(handling.known_blobs, now=time.time() + hours * 3600)


def test_the_sweep_takes_what_no_row_names_and_only_when_it_is_old(kept, settings, tmp_path):
    settings.STORAGE_DIR = tmp_path
    named = kept(b"named")
    orphan = storage.receive(io.BytesIO(b"orphan"))
    storage.keep(orphan)
    cut_off = storage.receive(io.BytesIO(b"cut off"))
    assert sweep(1) == 0
    assert sweep(7) == 2
    assert read(named) == b"named"
    assert not cut_off.path.exists()
    assert sweep(7) == 0


def test_a_rolled_back_arrival_is_swept_and_comes_again(committed_database, settings, tmp_path):
    from django.db import transaction

    settings.STORAGE_DIR = tmp_path
    with pytest.raises(KeyError), transaction.atomic():
        intake.keep_bytes(io.BytesIO(b"bytes"), limit=100)
        raise KeyError
    assert not Blob.objects.exists()
    blob = intake.keep_bytes(io.BytesIO(b"bytes"), limit=100)
    assert sweep(7) == 1
    assert read(blob) == b"bytes"


def test_a_foreign_file_in_the_storage_does_not_stop_the_sweep(db, settings, tmp_path):
    settings.STORAGE_DIR = tmp_path
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming" / ".nfs0001").write_bytes(b"")
    (tmp_path / "incoming" / "README").write_bytes(b"")
    orphan = storage.receive(io.BytesIO(b"orphan"))
    storage.keep(orphan)
    assert sweep(7) == 1
