"""Bytes at rest, on a disk and in a bucket: identical back, by range, and every kind of damage noticed."""

import contextlib
import io
import random

import pytest

from evidence import handling, intake, storage
from evidence.models import Blob
from evidence.storage import CHUNK, MAGIC, NONCE, TAG, StorageError
from tests.evidence import object_server

FRAME = NONCE + CHUNK + TAG

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7)


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.fixture(scope="session")
def bucket_server(tmp_path_factory):
    with object_server.running(tmp_path_factory.mktemp("objects")) as server:
        yield server


@pytest.fixture(params=["local", "s3"], autouse=True)
def place(request, settings, tmp_path):
    """Everything below holds of both places; a test may look at what lies there, and change it."""
    settings.STORAGE_DIR = tmp_path
    if request.param == "s3":
        server = request.getfixturevalue("bucket_server")
        settings.STORAGE, settings.S3_ENDPOINT, settings.S3_BUCKET = "s3", server.endpoint, server.make_bucket()
        settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = object_server.KEY, object_server.SECRET
        yield InBucket(server.client(), settings.S3_BUCKET)
    else:
        yield OnDisk(tmp_path)


class OnDisk:
    def __init__(self, root):
        self.root = root

    def get(self, blob) -> bytes:
        return (self.root / storage.name_of(blob)).read_bytes()

    def change(self, blob, data: bytes) -> None:
        (self.root / storage.name_of(blob)).write_bytes(data)

    def remove(self, blob) -> None:
        (self.root / storage.name_of(blob)).unlink()


class InBucket:
    def __init__(self, client, bucket):
        self.client, self.bucket = client, bucket

    def get(self, blob) -> bytes:
        with contextlib.closing(self.client.get_object(Bucket=self.bucket, Key=storage.name_of(blob))["Body"]) as body:
            return body.read()

    def change(self, blob, data: bytes) -> None:
        self.client.put_object(Bucket=self.bucket, Key=storage.name_of(blob), Body=data)

    def remove(self, blob) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=storage.name_of(blob))


@pytest.fixture
def kept(db):
    """`kept(bytes)`: the row of bytes that are stored."""
    return lambda data: intake.keep_bytes(io.BytesIO(data), limit=10 * CHUNK)


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


def test_nothing_readable_lies_there(kept, place):
    secret = b"the name of a witness " * 100
    blob = kept(secret)
    assert place.get(blob).startswith(MAGIC)
    assert b"witness" not in place.get(blob)
    if isinstance(place, OnDisk):
        assert (place.root / storage.name_of(blob)).stat().st_mode & 0o777 == 0o600


def test_a_stream_that_hands_out_little_at_a_time_is_read_whole(kept, db):
    class Slow(io.BytesIO):
        def read(self, count=-1):
            return super().read(min(count, 1000))

    data = content(CHUNK + 5)
    blob = intake.keep_bytes(Slow(data), limit=10 * CHUNK)
    assert read(blob) == data


@pytest.mark.parametrize("where", [0, len(MAGIC), len(MAGIC) + FRAME - 1, -1], ids=["magic", "first", "tag", "last"])
def test_a_flipped_bit_is_noticed(kept, place, where):
    blob = kept(content(2 * CHUNK))
    stored = bytearray(place.get(blob))
    stored[where] ^= 1
    place.change(blob, bytes(stored))
    with pytest.raises(StorageError):
        read(blob)


@pytest.mark.parametrize("left", [0, len(MAGIC), len(MAGIC) + FRAME, len(MAGIC) + FRAME + 5])
def test_a_truncated_file_is_noticed(kept, place, left):
    blob = kept(content(2 * CHUNK))
    place.change(blob, place.get(blob)[:left])
    with pytest.raises(StorageError):
        read(blob)


def test_a_file_cut_at_a_chunk_with_a_smaller_size_in_the_row_is_noticed(kept, place):
    """Whoever can change row and file still cannot pass a part for the whole: the last chunk is marked."""
    blob = kept(content(2 * CHUNK))
    place.change(blob, place.get(blob)[: len(MAGIC) + FRAME])
    blob.size = CHUNK
    with pytest.raises(StorageError):
        read(blob)


def test_swapped_chunks_are_noticed(kept, place):
    blob = kept(content(3 * CHUNK))
    head, chunk = len(MAGIC), FRAME
    stored = place.get(blob)
    swapped = (
        stored[:head]
        + stored[head + chunk : head + 2 * chunk]
        + stored[head : head + chunk]
        + stored[head + 2 * chunk :]
    )
    place.change(blob, swapped)
    with pytest.raises(StorageError, match="chunk 0"):
        read(blob)


def test_the_file_of_another_blob_is_noticed(kept, place):
    one, other = kept(content(1000)), kept(content(1001))
    place.change(one, place.get(other))
    with pytest.raises(StorageError):
        read(one)


def test_a_missing_file_is_said(kept, place):
    blob = kept(b"x")
    place.remove(blob)
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
    assert not list(storage.root().glob("incoming/*"))


def test_too_many_bytes_leave_nothing(db, tmp_path):
    with pytest.raises(ValueError):
        storage.receive(io.BytesIO(content(CHUNK + 2)), limit=CHUNK + 1)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_broken_upload_leaves_nothing(db, tmp_path):
    class Broken(io.BytesIO):
        def read(self, count=-1):
            if self.tell() >= CHUNK:
                raise OSError("connection lost")
            return super().read(count)

    with pytest.raises(OSError):
        storage.receive(Broken(content(3 * CHUNK)), limit=None)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def sweep(hours: float) -> int:
    import time

    return storage.sweep_orphans(handling.known_blobs, now=time.time() + hours * 3600)


def test_the_sweep_takes_what_no_row_names_and_only_when_it_is_old(kept):
    named = kept(b"named")
    orphan = storage.receive(io.BytesIO(b"orphan"))
    storage.keep(orphan)
    cut_off = storage.receive(io.BytesIO(b"cut off"))
    assert sweep(1) == 0
    assert sweep(7) == 2
    assert read(named) == b"named"
    assert not cut_off.path.exists()
    assert sweep(7) == 0


def test_a_rolled_back_arrival_is_swept_and_comes_again(committed_database):
    from django.db import transaction

    with pytest.raises(KeyError), transaction.atomic():
        intake.keep_bytes(io.BytesIO(b"bytes"), limit=100)
        raise KeyError
    assert not Blob.objects.exists()
    blob = intake.keep_bytes(io.BytesIO(b"bytes"), limit=100)
    assert sweep(7) == 1
    assert read(blob) == b"bytes"


def test_a_foreign_file_in_the_storage_does_not_stop_the_sweep(db, tmp_path):
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming" / ".nfs0001").write_bytes(b"")
    (tmp_path / "incoming" / "README").write_bytes(b"")
    orphan = storage.receive(io.BytesIO(b"orphan"))
    storage.keep(orphan)
    assert sweep(7) == 1


def test_what_is_kept_ahead_of_its_row_is_kept_once(db, place):
    received = storage.receive(io.BytesIO(b"ahead"))
    storage.keep(received)
    storage.keep(received)
    assert not received.path.exists()
    assert read(intake.keep_received(received)) == b"ahead"


def test_an_iterator_that_nobody_reads_gives_its_file_back(kept):
    blob = kept(content(CHUNK + 1))
    chunks = storage.read(blob)
    del chunks
    started = storage.read(blob)
    next(started)
    started.close()
