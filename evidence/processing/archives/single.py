"""One compressed file: gzip, bzip2, xz. Its name is the one that gzip remembers, if any."""

from collections.abc import Iterator

from evidence.processing import encodings
from evidence.processing.archives import Member, Opener, Walk
from evidence.processing.archives.streams import Unpacked
from evidence.processing.bounded import CHUNK


def walk(state: Walk) -> Iterator[tuple[Member, Opener | None]]:
    state.tool = {"gzip": "Python zlib", "bzip2": "Python bz2", "xz": "Python lzma"}[state.packed]

    def read() -> Iterator[bytes]:
        with state.path.open("rb") as file:
            stream = Unpacked(file, state.packed, state.size)
            while chunk := stream.read(CHUNK):
                yield chunk

    yield Member(_name(state) or "content"), read


def _name(state: Walk) -> str:
    if state.packed != "gzip":
        return ""
    with state.path.open("rb") as file:
        head = file.read(4096)
    flags, at = head[3] if len(head) > 10 else 0, 10
    if flags & 4:
        at += 2 + int.from_bytes(head[at : at + 2], "little")
    end = head.find(b"\0", at)
    return encodings.decode(head[at:end])[0] if flags & 8 and end > at else ""
