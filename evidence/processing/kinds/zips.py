"""What a ZIP container is: an Office document, HWPX, a book, a web archive, or just an archive."""

import zipfile

from evidence.processing.kinds import Kind, Look

OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
    b"application/epub+zip": "epub",
    b"application/hwp+zip": "hwpx",
}
MAIN_PARTS = (("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("xl/workbook.bin", "xlsx"),
              ("ppt/presentation.xml", "pptx"), ("Contents/content.hpf", "hwpx"))  # fmt: skip


def recognise(seen: Look) -> Kind | None:
    if not seen.head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return None
    try:
        with zipfile.ZipFile(seen.path) as archive:
            return _inside(archive)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError, KeyError):
        return Kind("zip", format="ZIP archive, damaged", flags={"archive"})


def _inside(archive: zipfile.ZipFile) -> Kind:
    entries = archive.infolist()
    names = {info.filename for info in entries}
    flags: set[str] = set()
    if any(info.flag_bits & 0x1 for info in entries):
        flags.add("encrypted")
    code = _code(archive, names)
    if any(name.rpartition("/")[2].lower() in ("vbaproject.bin", "vbadata.xml") for name in names):
        flags.add("macros")
    if code in ("odt", "ods", "odp"):
        if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith("/") for name in names):
            flags.add("macros")
        if b"encryption-data" in _part(archive, "META-INF/manifest.xml"):
            flags.add("encrypted")
    if code == "hwpx":
        if b"encryption-data" in _part(archive, "META-INF/manifest.xml"):
            flags.add("encrypted")
        if any(name.startswith("Scripts/") and not name.endswith("/") for name in names):
            flags.add("scripts")
    if any(name.startswith("_xmlsignatures/") or name.endswith("META-INF/documentsignatures.xml")
           or (code == "jar" and name.upper().endswith((".RSA", ".DSA", ".EC"))) for name in names):  # fmt: skip
        flags.add("signed")
    if code in ("zip", "jar", "wacz"):
        flags.add("archive")
    return Kind(code, flags=flags)


def _code(archive: zipfile.ZipFile, names: set[str]) -> str:
    for name, code in MAIN_PARTS:
        if name in names:
            return code
    if "mimetype" in names:
        declared = _part(archive, "mimetype").strip()
        for media_type, code in OPEN_DOCUMENT.items():
            if declared.startswith(media_type):
                return code
    if "datapackage.json" in names and any(name.startswith("archive/") for name in names):
        return "wacz"
    if "META-INF/MANIFEST.MF" in names:
        return "jar"
    return "zip"


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """The beginning of a part."""
    try:
        with archive.open(name) as stream:
            return stream.read(512 * 1024)
    except Exception:
        # Locked, damaged or absent: then it tells nothing, which is no reason to know nothing of the rest.
        return b""
