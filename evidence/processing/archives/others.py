"""7z, RAR, cab and ISO images, by libarchive (Debian's libarchive13), which reads all of them forward, in memory."""

import ctypes
import os
from collections.abc import Iterator

from evidence.processing.archives import Member, Opener, Walk
from evidence.processing.bounded import CHUNK, Budget
from evidence.processing.results import Failed, NotDone

PACKAGE = "libarchive13"
MAX_UNPACKED = 64 * 1024**3


def library():
    """libarchive, or what to install."""
    os.environ.setdefault("LIBARCHIVE", "libarchive.so.13")
    try:
        import libarchive
    except (ImportError, OSError, AttributeError, TypeError):
        raise NotDone("missing_program", PACKAGE)
    return libarchive


def walk(state: Walk) -> Iterator[tuple[Member, Opener | None]]:
    libarchive = library()
    version = libarchive.ffi.version_number()
    state.tool = f"libarchive {version // 1_000_000}.{version // 1_000 % 1_000}.{version % 1_000}"
    locked = libarchive.ffi.libarchive.archive_entry_is_data_encrypted
    locked.argtypes, locked.restype = [ctypes.c_void_p], ctypes.c_int
    try:
        # One format alone: what else the library could take the bytes for (mtree reads files by name) is not asked.
        with libarchive.file_reader(str(state.path), format_name=_format(state), filter_name="none") as archive:
            for entry in archive:
                member = Member(str(entry.pathname or ""), size=entry.size, kind=_kind(entry))
                if locked(entry._entry_p):
                    member.refused = "password"
                    state.flags.add("encrypted")
                yield member, _opener(libarchive, entry, state) if member.kind == "file" else None
    except libarchive.exception.ArchiveError as error:
        words = str(error).lower()
        if "encrypt" in words or "passphrase" in words:
            state.flags.add("encrypted")
            raise Failed("password")
        state.cut = "damaged"


def _kind(entry) -> str:
    if entry.isdir:
        return "folder"
    return "link" if entry.issym or entry.islnk else "file" if entry.isreg else "other"


def _format(state: Walk) -> str:
    if state.kind == "rar":
        with state.path.open("rb") as file:
            return "rar5" if file.read(8) == b"Rar!\x1a\x07\x01\x00" else "rar"
    return {"7z": "7zip", "cab": "cab", "iso": "iso9660"}[state.kind]


def _opener(libarchive, entry, state: Walk) -> Opener:
    def read() -> Iterator[bytes]:
        budget = Budget(MAX_UNPACKED, packed=state.size)
        try:
            for block in entry.get_blocks(CHUNK):
                budget.take(len(block))
                yield block
        except libarchive.exception.ArchiveError as error:
            words = str(error).lower()
            raise Failed("password" if "encrypt" in words or "passphrase" in words else "damaged")

    return read
