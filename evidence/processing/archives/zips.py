"""ZIP: by its directory, whose claims are checked against each other before anything is read."""

import zipfile
import zlib
from collections.abc import Iterator

from evidence.processing import encodings
from evidence.processing.archives import MAX_MEMBERS, Member, Opener, Walk
from evidence.processing.bounded import CHUNK, MAX_RATIO, ROOM, Budget
from evidence.processing.results import Failed

FOLDER, LINK = 0o040000, 0o120000


def walk(state: Walk) -> Iterator[tuple[Member, Opener | None]]:
    state.tool = "Python zipfile"
    try:
        archive = zipfile.ZipFile(state.path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise Failed("damaged", type(error).__name__)
    with archive:
        entries = archive.infolist()
        overlapping = _overlapping(entries)
        names = _names(entries[: MAX_MEMBERS + 1])
        for info, name in zip(entries, names, strict=False):
            member = Member(name, size=info.file_size, kind=_kind(info))
            if info.flag_bits & 0x1:
                member.refused = "password"
                state.flags.add("encrypted")
            elif info.header_offset in overlapping or _grows(info):
                member.refused = "hostile"
            yield member, _opener(archive, info) if member.kind == "file" else None


def _grows(info: zipfile.ZipInfo) -> bool:
    return info.file_size > ROOM and info.file_size > info.compress_size * MAX_RATIO


def _kind(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16 & 0o170000
    if info.is_dir() or mode == FOLDER:
        return "folder"
    return "link" if mode == LINK else "file"


def _names(entries: list[zipfile.ZipInfo]) -> list[str]:
    """Names that are not marked as UTF-8 are in the code page of whoever made the archive: looked at together."""
    bare = b"\n".join(_raw(info) for info in entries if not info.flag_bits & 0x800)
    codec = encodings.detect(bare) or "cp437"
    return [info.orig_filename if info.flag_bits & 0x800 else _raw(info).decode(codec, "replace") for info in entries]


def _raw(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("cp437", "replace")


def _overlapping(entries: list[zipfile.ZipInfo]) -> set[int]:
    """Where members begin that share their bytes with others: the sign of a bomb."""
    found: set[int] = set()
    end, last = -1, -1
    for info in sorted(entries, key=lambda one: one.header_offset):
        if info.header_offset < end:
            found |= {info.header_offset, last}
        last = info.header_offset
        end = max(end, last + 30 + len(_raw(info)) + info.compress_size)
    return found


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Opener:
    def read() -> Iterator[bytes]:
        budget = Budget(1 << 62, packed=info.compress_size)
        try:
            with archive.open(info) as stream:
                while chunk := stream.read(CHUNK):
                    budget.take(len(chunk))
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
            raise Failed("unsupported" if isinstance(error, NotImplementedError) else "damaged", type(error).__name__)

    return read
