"""Compressed streams, read as files that only go forward, under a budget of bytes and of growth."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Any

from evidence.processing.bounded import CHUNK, Budget
from evidence.processing.results import Failed

MAX_UNPACKED = 64 * 1024**3  # bytes
MACHINES: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(31),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=256 * 1024**2),
}
ERRORS = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)


class Unpacked(io.RawIOBase):
    """What comes out of a compressed file. Members that follow one another (as in .warc.gz) are one stream."""

    def __init__(self, file, packed: str, size: int):
        self._file, self._make, self._machine = file, MACHINES[packed], MACHINES[packed]()
        self._budget, self._input, self._plain, self._is_gzip = (
            Budget(MAX_UNPACKED, packed=size),
            b"",
            b"",
            packed == "gzip",
        )

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def read(self, size: int = -1) -> bytes:
        while not self._plain:
            if not self._fill():
                return b""
        size = len(self._plain) if size < 0 else size
        part, self._plain = self._plain[:size], self._plain[size:]
        return part

    def _fill(self) -> bool:
        """Some more plain bytes; False at the end."""
        if self._machine.eof:
            rest = self._machine.unused_data or self._file.read(CHUNK)
            if not rest.strip(b"\0"):
                return False
            self._machine, self._input = self._make(), rest
        data = self._input or (b"" if not self._wants() else self._file.read(CHUNK))
        if not data and self._wants():
            raise Failed("damaged", "cut off")
        try:
            self._plain = self._machine.decompress(data, 1024**2)
        except ERRORS as error:
            raise Failed("damaged", type(error).__name__)
        self._input = self._machine.unconsumed_tail if self._is_gzip else b""
        self._budget.take(len(self._plain))
        return True

    def _wants(self) -> bool:
        return not self._input if self._is_gzip else self._machine.needs_input
