"""Taking in large files by each way, against `cp` and `sha256sum` of the same file on the same disk; and the memory.

Each way hashes, encrypts, writes and syncs. Uploads in pieces check a digest of each piece as it comes, and read the
whole once more for its SHA-256.
"""

import hashlib
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.database import table, workplace

MB = 1024**2
SIZE = int(os.environ.get("BENCH_INTAKE_MB", "512")) * MB
LARGE = int(os.environ.get("BENCH_INTAKE_LARGE_MB", str(10 * 1024))) * MB
PIECE = 8 * MB
TURNS = 3
WANTED = {"plain": 0.70, "folder": 0.70, "pieces": 0.40}


def run(folder: Path) -> str:
    base = Path(os.environ.get("BENCH_INTAKE_DIR") or folder)
    with tempfile.TemporaryDirectory(prefix="bench-intake-", dir=base) as made:
        return _throughput(Path(made)) + "\n" + _memory(Path(made))


def _throughput(folder: Path) -> str:
    from django.conf import settings

    settings.STORAGE_DIR = folder / "storage"
    settings.STORAGE_DIR.mkdir()
    source = folder / "source" / "file.bin"
    source.parent.mkdir()
    with source.open("wb") as file:
        for _part in range(SIZE // MB):
            file.write(os.urandom(MB))
    ways = {
        "cp": lambda: _copy_and_sum(source, folder / "copy"),
        "plain": lambda: _plain(source),
        "folder": lambda: _folder(source.parent),
        "pieces": lambda: _pieces(source),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _turn in range(TURNS):
        for name, act in ways.items():  # in turn, so that what else the machine does falls on all of them
            seconds[name].append(act())
    shutil.rmtree(settings.STORAGE_DIR)
    base = statistics.median(seconds["cp"])
    labels = {
        "cp": "`cp`, `sha256sum`",
        "plain": "plain POST: received in one pass, kept",
        "folder": "`import_folder`: with item, entries and manifest check",
        "pieces": "tus: pieces of 8 MiB, SHA-256 of each, then of the whole; kept",
    }
    rows = []
    for name, label in labels.items():
        took = statistics.median(seconds[name])
        wanted = f"{WANTED[name]:.2f}" if name in WANTED else ""
        rows.append([label, f"{SIZE / MB / took:.0f}", f"{base / took:.2f}", wanted])
    return table(f"Taking in a file of {SIZE // MB} MB", ["", "MB/s", "ratio", "at least"], rows)


def _timed(act) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _copy_and_sum(source: Path, copy: Path) -> float:
    def act():
        subprocess.run(["cp", source, copy], check=True)
        subprocess.run(["sha256sum", copy], check=True, stdout=subprocess.DEVNULL)

    try:
        return _timed(act)
    finally:
        copy.unlink()


def _plain(source: Path) -> float:
    from evidence import storage

    def act():
        with source.open("rb") as stream:
            storage.keep(storage.receive(stream))

    return _timed(act)


def _folder(folder: Path) -> float:
    from evidence.folders import manifests, taking
    from evidence.models import Blob

    user, collection = workplace()
    # Bytes that are known are not kept again: each turn brings others of the same size.
    with (folder / "file.bin").open("r+b") as file:
        file.write(os.urandom(64))
    digest = hashlib.sha256()
    with (folder / "file.bin").open("rb") as file:
        while part := file.read(MB):
            digest.update(part)
    entries = [manifests.Entry("file.bin", {}, {"sha256": digest.hexdigest()})]

    def act():
        batch = taking.open_folder(by=user, collection=collection, label="bench", given={"kind": "other"})
        (taken,) = taking.take_folder(by=user, batch=batch, root=folder, entries=entries)
        assert taken.state == "kept", taken.reason
        taking.close_folder(by=user, batch=batch)

    took = _timed(act)
    assert Blob.objects.filter(sha256=digest.digest()).exists()
    return took


def _pieces(source: Path) -> float:
    from evidence import storage

    def act():
        arrival = storage.Arrival.begin(SIZE)
        with source.open("rb") as stream:
            at = 0
            # The sender's digests are made before, by another machine.
            for piece, digest in pieces:
                stream.seek(at)
                at = arrival.write(io.BytesIO(piece), offset=at, length=len(piece), digest=("sha256", digest))
        storage.keep(storage.arrived(arrival))

    with source.open("rb") as stream:
        pieces = []
        while piece := stream.read(PIECE):
            pieces.append((piece, hashlib.sha256(piece).digest()))
    return _timed(act)


def _memory(folder: Path) -> str:
    """Each way in a process of its own: how far its memory rises above where it idled, for one large sparse file."""
    source = folder / "large"
    with source.open("wb") as file:
        file.truncate(LARGE)
    rows = []
    for way, label in (("plain", "received in one pass"), ("pieces", "pieces of 8 MiB from a socket")):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.intake", way, str(source)],
            env={**os.environ, "BENCH_INTAKE_STORAGE": str(folder / way)}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        shutil.rmtree(folder / way, ignore_errors=True)
        said = json.loads(done.stdout)
        rows.append(
            [label, f"{said['idle']:.0f}", f"{said['peak'] - said['idle']:.1f}", f"{LARGE / MB / said['s']:.0f}"]
        )
    head = ["", "idle, MB", "above idle at most, MB (allowed: 64)", "MB/s"]
    return table(f"Memory for a file of {LARGE // MB:,} MB", head, rows)


class _Socket(io.RawIOBase):
    """The next piece of a file as a socket gives it: a little at a time, never from memory."""

    def __init__(self, file, length: int):
        self._file, self._left = file, length

    def read(self, count: int = -1) -> bytes:
        part = self._file.read(min(count, self._left, 64 * 1024))
        self._left -= len(part)
        return part


def _resident(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise RuntimeError(name)


def _measure(way: str, source: Path) -> dict:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "repository.settings.testing")
    import django

    django.setup()
    from django.conf import settings

    from evidence import storage

    settings.STORAGE_DIR = Path(os.environ["BENCH_INTAKE_STORAGE"])
    size = source.stat().st_size
    storage.receive(io.BytesIO(b"warm")).discard()
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    idle, start = _resident("VmRSS"), time.perf_counter()
    with source.open("rb") as stream:
        if way == "plain":
            storage.receive(stream)
        else:
            arrival = storage.Arrival.begin(size)
            for at in range(0, size, PIECE):
                length = min(PIECE, size - at)
                arrival.write(_Socket(stream, length), offset=at, length=length)  # type: ignore[arg-type]
            arrival.finished()
    return {"idle": idle, "peak": _resident("VmHWM"), "s": time.perf_counter() - start}


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], Path(sys.argv[2]))))
