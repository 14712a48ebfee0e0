"""Taking in a file (hash, encrypt, write, fsync in one pass) against `cp` and `sha256sum` of the same file."""

import os
import subprocess
from pathlib import Path

from benchmarks.database import median, table
from evidence import storage

SIZE = 256 * 1024**2


def run(folder: Path) -> str:
    source, copy = folder / "source", folder / "copy"
    with source.open("wb") as file:
        for _part in range(SIZE // 2**20):
            file.write(os.urandom(2**20))

    def receive():
        with source.open("rb") as stream:
            storage.receive(stream).discard()

    def copy_and_sum():
        subprocess.run(["cp", source, copy], check=True)
        subprocess.run(["sync", copy], check=True)
        subprocess.run(["sha256sum", copy], check=True, stdout=subprocess.DEVNULL)

    ours, theirs = median(receive, 3), median(copy_and_sum, 3)
    megabytes = SIZE / 2**20
    rows = [
        ["hash, encrypt, write, fsync", f"{megabytes / ours:.0f}", f"{theirs / ours:.2f}"],
        ["cp, sync, sha256sum", f"{megabytes / theirs:.0f}", "1.00"],
    ]
    return table(f"Taking in a file of {megabytes:.0f} MB", ["", "MB/s", "ratio"], rows)
