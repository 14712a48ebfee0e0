"""Archives and compressed streams, told by their signatures; what lies under one layer of compression is looked at."""

import bz2
import lzma
import zlib

from evidence.processing.kinds import Kind, Look

SIGNATURES = (
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"MSCF\0\0\0\0", "cab"),
)
LAYERS = (
    (b"\x1f\x8b\x08", "gzip", lambda: zlib.decompressobj(31)),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\0", "xz", lambda: lzma.LZMADecompressor(memlimit=256 * 1024**2)),
)


def recognise(seen: Look) -> Kind | None:
    for signature, code in SIGNATURES:
        if seen.head.startswith(signature):
            flags = {"archive"} | ({"encrypted"} if code == "rar" and _rar_is_locked(seen.head) else set())
            return Kind(code, flags=flags)
    if is_tar(seen.head):
        return Kind("tar", flags={"archive"})
    if seen.head[32769:32774] == b"CD001":
        return Kind("iso", flags={"archive"})
    if seen.head.startswith(b"WARC/1."):
        return _warc(seen.head, "")
    for signature, code, machine in LAYERS:
        if seen.head.startswith(signature):
            return _layer(seen.head, code, machine())
    return None


def is_tar(head: bytes) -> bool:
    """A header whose checksum is right; older tar files have no other sign."""
    block = head[:512]
    if len(block) < 512 or not block[0]:
        return False
    try:
        stated = int(block[148:156].strip(b" \0") or b"-1", 8)
    except ValueError:
        return False
    return stated == sum(block[:148]) + 8 * 32 + sum(block[156:])


def _layer(head: bytes, code: str, machine) -> Kind:
    try:
        inner = machine.decompress(head, 64 * 1024)
    except (zlib.error, OSError, EOFError, lzma.LZMAError, MemoryError):
        inner = b""
    if is_tar(inner):
        media_type = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}[code]
        return Kind("tar", media_type=media_type, format=f"tar archive, {code}", packed=code, flags={"archive"})
    if inner.startswith(b"WARC/1."):
        return _warc(inner, code)
    return Kind(code, packed=code, flags={"archive"})


def _warc(head: bytes, packed: str) -> Kind:
    version = head[5:8].decode("ascii", "replace")
    return Kind("warc", format=f"WARC {version}" + (f", {packed}" if packed else ""), packed=packed, flags={"archive"})


def _rar_is_locked(head: bytes) -> bool:
    """RAR 4 says in its main header that even its names are encrypted; RAR 5 begins with an encryption header then."""
    if head.startswith(b"Rar!\x1a\x07\x00"):
        return len(head) > 12 and bool(head[11] & 0x80 or head[10] & 0x80)
    return len(head) > 14 and 4 in head[12:15]
