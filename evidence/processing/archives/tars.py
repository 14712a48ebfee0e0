"""tar, plain or under one layer of compression: read forward once. Links and devices are told, never made."""

import tarfile
from collections.abc import Iterator

from evidence.processing import encodings
from evidence.processing.archives import Member, Opener, Walk
from evidence.processing.archives.streams import Unpacked
from evidence.processing.bounded import CHUNK
from evidence.processing.results import Failed


def walk(state: Walk) -> Iterator[tuple[Member, Opener | None]]:
    state.tool = "Python tarfile"
    with state.path.open("rb") as file:
        source = Unpacked(file, state.packed, state.size) if state.packed else file
        try:
            with tarfile.open(fileobj=source, mode="r|", errorlevel=1) as archive:
                for info in archive:
                    yield _member(info), _opener(archive, info) if info.isreg() else None
                    archive.members = []  # type: ignore[attr-defined]
        except (tarfile.TarError, EOFError, ValueError, OSError, KeyError):
            state.cut = "damaged"
        except Failed as error:
            if error.reason != "damaged":
                raise
            state.cut = "damaged"


def _member(info: tarfile.TarInfo) -> Member:
    raw = info.name.encode("utf-8", "surrogateescape")
    name = encodings.decode(raw)[0] if not raw.isascii() else info.name
    kind = "folder" if info.isdir() else "link" if info.issym() or info.islnk() else "file" if info.isreg() else "other"
    member = Member(name, size=info.size, kind=kind)
    if info.issparse():
        member.refused = "unsupported"
    return member


def _opener(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Opener:
    def read() -> Iterator[bytes]:
        try:
            stream = archive.extractfile(info)
            while stream is not None and (chunk := stream.read(CHUNK)):
                yield chunk
        except (tarfile.TarError, EOFError, ValueError, OSError, KeyError) as error:
            raise Failed("damaged", type(error).__name__)

    return read
