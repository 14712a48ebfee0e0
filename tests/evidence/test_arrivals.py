"""Uploads in pieces: whatever breaks off, what was acknowledged is there, and the whole is the same bytes."""

import hashlib
import io
import random

import pytest

from evidence.storage import CHUNK, Arrival, Busy, StorageError, TooMuch, WrongDigest, WrongOffset, arrived

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7)


@pytest.fixture(autouse=True)
def storage_dir(settings, tmp_path):
    settings.STORAGE_DIR = tmp_path
    return tmp_path


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def send(arrival, data, start, end, **kwargs) -> int:
    return arrival.write(io.BytesIO(data[start:end]), offset=start, length=end - start, **kwargs)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("piece", [CHUNK * 8, CHUNK, 700_001, 99_999])
def test_pieces_of_any_size_make_the_whole(size, piece):
    data, arrival = content(size), Arrival.begin(size)
    for start in range(0, size, piece):
        assert arrival.offset() == start
        end = min(size, start + piece)
        assert send(arrival, data, start, end) == end
    received = arrived(arrival)
    assert (received.sha256, received.size) == (hashlib.sha256(data).digest(), size)


def test_nothing_readable_lies_on_the_disk(storage_dir):
    secret = b"the name of a witness " * 60_000
    arrival = Arrival.begin(len(secret))
    send(arrival, secret, 0, CHUNK + 500)
    stored = b"".join(path.read_bytes() for path in storage_dir.rglob("*") if path.is_file())
    assert len(stored) > CHUNK + 500
    assert b"witness" not in stored


def test_a_piece_with_another_digest_leaves_nothing():
    data, arrival = content(3 * CHUNK), Arrival.begin(3 * CHUNK)
    send(arrival, data, 0, CHUNK + 5)
    with pytest.raises(WrongDigest):
        send(arrival, data, CHUNK + 5, 3 * CHUNK, digest=("sha256", b"x" * 32))
    assert arrival.offset() == CHUNK + 5
    good = hashlib.sha256(data[CHUNK + 5 :]).digest()
    assert send(arrival, data, CHUNK + 5, 3 * CHUNK, digest=("sha256", good)) == 3 * CHUNK
    assert arrived(arrival).sha256 == hashlib.sha256(data).digest()


class Breaking(io.BytesIO):
    """A connection that is lost after so many bytes."""

    def __init__(self, data, after):
        super().__init__(data)
        self.after = after

    def read(self, count=-1):
        if self.tell() >= self.after:
            raise OSError("connection lost")
        return super().read(min(count, self.after - self.tell()))


@pytest.mark.parametrize("after", [1, 300_000, CHUNK, 2 * CHUNK + 9])
def test_a_connection_that_is_lost_keeps_what_came(after):
    data, arrival = content(3 * CHUNK), Arrival.begin(3 * CHUNK)
    with pytest.raises(OSError):
        arrival.write(Breaking(data, after), offset=0, length=len(data))
    assert arrival.offset() == after
    send(arrival, data, after, len(data))
    assert arrived(arrival).sha256 == hashlib.sha256(data).digest()


def test_with_a_digest_a_lost_connection_keeps_nothing_of_the_piece():
    data, arrival = content(2 * CHUNK), Arrival.begin(2 * CHUNK)
    digest = hashlib.sha256(data).digest()
    with pytest.raises(OSError):
        arrival.write(Breaking(data, CHUNK + 1), offset=0, length=len(data), digest=("sha256", digest))
    assert arrival.offset() == 0


def test_a_shorter_stream_than_announced_is_a_lost_connection():
    data, arrival = content(2 * CHUNK), Arrival.begin(2 * CHUNK)
    assert arrival.write(io.BytesIO(data[:1000]), offset=0, length=len(data)) == 1000
    assert arrival.offset() == 1000


def test_a_piece_begins_where_the_last_one_ended():
    data, arrival = content(100), Arrival.begin(100)
    send(arrival, data, 0, 50)
    with pytest.raises(WrongOffset) as caught:
        send(arrival, data, 40, 60)
    assert caught.value.expected == 50


def test_more_than_announced_is_refused():
    data, arrival = content(100), Arrival.begin(100)
    with pytest.raises(TooMuch):
        arrival.write(io.BytesIO(data + b"x"), offset=0, length=101)
    with pytest.raises(TooMuch):
        arrival.write(io.BytesIO(data + b"x"), offset=0)
    assert arrival.offset() <= 100


def test_two_writers_at_once_are_refused():
    data, arrival = content(100), Arrival.begin(100)

    class Slow(io.BytesIO):
        def read(self, count=-1):
            with pytest.raises(Busy):
                send(arrival, data, 0, 50)
            return super().read(count)

    assert arrival.write(Slow(data), offset=0, length=100) == 100


@pytest.mark.parametrize("cut", [1, 20, 500_000])
def test_a_frame_that_a_crash_cut_off_does_not_count(cut):
    data, arrival = content(3 * CHUNK), Arrival.begin(3 * CHUNK)
    send(arrival, data, 0, 2 * CHUNK)
    with arrival.path.open("r+b") as file:
        file.truncate(arrival.path.stat().st_size - cut)
    assert arrival.offset() == CHUNK
    send(arrival, data, CHUNK, 3 * CHUNK)
    assert arrived(arrival).sha256 == hashlib.sha256(data).digest()


def test_a_tail_older_than_the_frame_it_began_does_not_count():
    data, arrival = content(3 * CHUNK), Arrival.begin(3 * CHUNK)
    send(arrival, data, 0, 500)
    tail = arrival._tail(0)
    kept = tail.read_bytes()
    send(arrival, data, 500, CHUNK)
    tail.write_bytes(kept)  # the crash came before it was removed
    assert arrival.offset() == CHUNK
    send(arrival, data, CHUNK, 3 * CHUNK)
    assert arrived(arrival).sha256 == hashlib.sha256(data).digest()


def test_what_is_not_whole_or_was_altered_is_not_taken():
    data, arrival = content(2 * CHUNK), Arrival.begin(2 * CHUNK)
    send(arrival, data, 0, CHUNK)
    with pytest.raises(StorageError):
        arrived(arrival)
    send(arrival, data, CHUNK, 2 * CHUNK)
    stored = bytearray(arrival.path.read_bytes())
    stored[CHUNK // 2] ^= 1
    arrival.path.write_bytes(stored)
    with pytest.raises(StorageError):
        arrived(arrival)


def test_discarded_leaves_nothing(storage_dir):
    arrival = Arrival.begin(100)
    send(arrival, content(100), 0, 50)
    arrival.discard()
    assert not [path for path in storage_dir.rglob("*") if path.is_file()]
    with pytest.raises(StorageError):
        arrival.offset()


@pytest.mark.parametrize("size", SIZES)
def test_an_empty_piece_at_the_end_changes_nothing(size):
    data, arrival = content(size), Arrival.begin(size)
    send(arrival, data, 0, size)
    assert arrival.is_whole()
    assert arrival.write(io.BytesIO(b""), offset=size, length=0) == size
    with pytest.raises(TooMuch):
        arrival.write(io.BytesIO(b"x"), offset=size)
    assert arrival.is_whole()
    assert arrived(arrival).sha256 == hashlib.sha256(data).digest()
    assert arrival.beginning() == data[:CHUNK]


def test_what_is_given_away_is_a_second_name_of_the_whole(storage_dir):
    data, arrival = content(CHUNK + 7), Arrival.begin(CHUNK + 7)
    send(arrival, data, 0, CHUNK)
    assert not arrival.is_whole()
    send(arrival, data, CHUNK, CHUNK + 7)
    first, second = arrived(arrival), arrived(arrival)
    first.discard()
    second.path.rename(storage_dir / "elsewhere")
    assert arrived(arrival).sha256 == hashlib.sha256(data).digest()
    arrival.discard()
    assert list((storage_dir / "incoming").iterdir()) == []
