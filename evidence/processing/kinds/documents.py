"""PDF, OLE2 containers (old Office, Outlook, HWP 5), HWP 3, RTF, and the brands of ISO media files."""

import re

import olefile

from evidence.processing.kinds import Kind, Look

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"hevc": "image/heic-sequence", b"heim": "image/heic",
    b"heis": "image/heic", b"mif1": "image/heif", b"msf1": "image/heif-sequence", b"avif": "image/avif",
    b"avis": "image/avif", b"qt  ": "video/quicktime", b"M4A ": "audio/mp4", b"M4B ": "audio/mp4",
    b"3gp4": "video/3gpp", b"3gp5": "video/3gpp", b"3gp6": "video/3gpp", b"3g2a": "video/3gpp2",
    b"crx ": "image/x-canon-cr3",
}  # fmt: skip
PDF_SIGNS = (
    (re.compile(rb"/Encrypt[\s/<\d\[]"), "encrypted"),
    (re.compile(rb"/(?:JavaScript|JS)[\s/<(\[]|/Launch[\s/>]"), "scripts"),
    (re.compile(rb"/ByteRange\s*\["), "signed"),
)


def recognise(seen: Look) -> Kind | None:
    head = seen.head
    if head.startswith(OLE):
        return _ole(seen)
    if head.startswith(b"HWP Document File V"):
        version = head[19:23].decode("ascii", "replace")
        locked = len(head) > 128 and head[30 + 96 : 30 + 98] != b"\0\0"
        return Kind("hwp3", format=f"HWP {version}", flags={"encrypted"} if locked else set())
    if head.lstrip()[:5] == b"{\\rtf":
        flags = {"macros"} if b"\\objocx" in head else set()
        return Kind("rtf", flags=flags)
    at = head[:1024].find(b"%PDF-")
    if at >= 0 and not head.startswith((b"\xff\xd8", b"GIF8", b"\x89PNG", b"PK\x03\x04")):
        return _pdf(seen, head[at + 5 : at + 8].decode("ascii", "replace"))
    if head.startswith(b"\x1aE\xdf\xa3"):
        is_webm = b"webm" in head[:256]
        return Kind(
            "video",
            media_type="video/webm" if is_webm else "video/x-matroska",
            format="WebM" if is_webm else "Matroska",
        )
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        media_type = BRANDS.get(brand)
        if brand in (b"mif1", b"msf1") and b"heic" in head[16:64]:
            media_type = "image/heic"
        if media_type:
            code = "heic" if media_type.startswith("image/hei") else "media"
            name = "HEIC" if code == "heic" else f"ISO media, {brand.decode('ascii', 'replace').strip()}"
            return Kind(code, media_type=media_type, format=name)
    return None


def _pdf(seen: Look, version: str) -> Kind:
    flags, previous = set(), b""
    with seen.path.open("rb") as file:
        while chunk := file.read(4 * 1024**2):
            window = previous + chunk
            flags |= {flag for pattern, flag in PDF_SIGNS if flag not in flags and pattern.search(window)}
            previous = chunk[-64:]
    return Kind("pdf", format=f"PDF {version}", flags=flags)


def _ole(seen: Look) -> Kind:
    try:
        with olefile.OleFileIO(str(seen.path)) as ole:
            return _inside(ole)
    except Exception:
        # olefile raises many kinds of errors on hostile input; that it is such a container is known all the same.
        return Kind("ole", format="OLE2 container, damaged")


def _inside(ole) -> Kind:
    entries = {"/".join(parts).lower() for parts in ole.listdir()}
    flags = set()
    if any(name.endswith(("_vba_project", "vba/dir")) for name in entries):
        flags.add("macros")
    if any(name.startswith(("_signatures", "_xmlsignatures")) for name in entries):
        flags.add("signed")
    if "fileheader" in entries and ole.openstream("FileHeader").read(17) == b"HWP Document File":
        return _hwp5(ole.openstream("FileHeader").read(256), flags)
    if "encryptedpackage" in entries:
        return Kind("ooxml-locked", flags=flags | {"encrypted"})
    if "worddocument" in entries:
        start = ole.openstream("WordDocument").read(32)
        locked = len(start) > 12 and bool(int.from_bytes(start[10:12], "little") & 0x0100)
        return Kind("doc", flags=flags | ({"encrypted"} if locked else set()))
    for name in ("workbook", "book"):
        if name in entries:
            locked = _biff_is_locked(ole.openstream(name).read(4096))
            return Kind("xls", flags=flags | ({"encrypted"} if locked else set()))
    if "powerpoint document" in entries:
        locked = any("encrypted" in name for name in entries)
        return Kind("ppt", flags=flags | ({"encrypted"} if locked else set()))
    if "__properties_version1.0" in entries:
        return Kind("msg", flags=flags)
    return Kind("ole", flags=flags)


def _hwp5(header: bytes, flags: set[str]) -> Kind:
    """The header names the version, and by its bits what stands in the way of reading."""
    version = ".".join(str(byte) for byte in reversed(header[32:36]))
    bits = int.from_bytes(header[36:40], "little")
    if bits & (1 << 1 | 1 << 4 | 1 << 8):
        flags.add("encrypted")
    if bits & (1 << 3):
        flags.add("scripts")
    if bits & (1 << 7):
        flags.add("signed")
    name = f"HWP {version}" + (", distribution document" if bits & (1 << 2) else "")
    return Kind("hwp5", format=name, flags=flags)


def _biff_is_locked(data: bytes) -> bool:
    """Whether FILEPASS is among the first records of a workbook."""
    at = 0
    while at + 4 <= len(data):
        record, size = int.from_bytes(data[at : at + 2], "little"), int.from_bytes(data[at + 2 : at + 4], "little")
        if record == 0x2F:
            return True
        at += 4 + size
    return False
