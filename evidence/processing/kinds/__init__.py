"""What kinds of files there are, and how one is recognised by its content: each module knows one family.

A kind is a short code (`docx`, `hwp5`, `tar`); steps choose by it, since media types are too coarse or too many.
"""

from dataclasses import dataclass, field
from pathlib import Path

HEAD = 64 * 1024

# kind: media type, what people call the format
KINDS = {
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word document (OOXML)"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel workbook (OOXML)"),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "PowerPoint (OOXML)"),
    "odt": ("application/vnd.oasis.opendocument.text", "OpenDocument text"),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", "OpenDocument spreadsheet"),
    "odp": ("application/vnd.oasis.opendocument.presentation", "OpenDocument presentation"),
    "hwpx": ("application/hwp+zip", "HWPX"),
    "epub": ("application/epub+zip", "EPUB"),
    "wacz": ("application/wacz", "WACZ web archive"),
    "jar": ("application/java-archive", "Java archive"),
    "zip": ("application/zip", "ZIP archive"),
    "doc": ("application/msword", "Word 97–2003"),
    "xls": ("application/vnd.ms-excel", "Excel 97–2003"),
    "ppt": ("application/vnd.ms-powerpoint", "PowerPoint 97–2003"),
    "msg": ("application/vnd.ms-outlook", "Outlook message"),
    "hwp5": ("application/x-hwp", "HWP 5"),
    "hwp3": ("application/x-hwp", "HWP 3"),
    "ooxml-locked": ("application/x-ole-storage", "Office document, encrypted"),
    "ole": ("application/x-ole-storage", "OLE2 container"),
    "pdf": ("application/pdf", "PDF"),
    "rtf": ("application/rtf", "Rich Text Format"),
    "html": ("text/html", "HTML"),
    "svg": ("image/svg+xml", "SVG"),
    "xml": ("application/xml", "XML"),
    "mail": ("message/rfc822", "mail message"),
    "mbox": ("application/mbox", "mailbox (mbox)"),
    "csv": ("text/csv", "CSV"),
    "json": ("application/json", "JSON"),
    "plain": ("text/plain", "plain text"),
    "warc": ("application/warc", "WARC"),
    "tar": ("application/x-tar", "tar archive"),
    "gzip": ("application/gzip", "gzip"),
    "bzip2": ("application/x-bzip2", "bzip2"),
    "xz": ("application/x-xz", "xz"),
    "7z": ("application/x-7z-compressed", "7z archive"),
    "rar": ("application/vnd.rar", "RAR archive"),
    "cab": ("application/vnd.ms-cab-compressed", "CAB archive"),
    "iso": ("application/x-iso9660-image", "ISO 9660 image"),
    "heic": ("image/heic", "HEIC"),
}
ARCHIVES = ("zip", "tar", "7z", "rar", "cab", "iso", "jar", "wacz", "warc", "mbox")
OFFICE = ("docx", "xlsx", "pptx", "odt", "ods", "odp", "doc", "xls", "ppt", "hwpx", "hwp5", "hwp3", "rtf")


@dataclass
class Kind:
    """What was recognised. `detail` says more of the format: its version, its compression."""

    code: str
    media_type: str = ""
    format: str = ""
    encoding: str = ""
    packed: str = ""  # the compression around it
    flags: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        known = KINDS.get(self.code)
        if known:
            self.media_type = self.media_type or known[0]
            self.format = self.format or known[1]


@dataclass
class Look:
    """A file as the recognisers see it."""

    path: Path
    head: bytes
    tail: bytes
    size: int


def look(path: Path) -> Look:
    with path.open("rb") as file:
        head = file.read(HEAD)
        size = file.seek(0, 2)
        file.seek(max(0, size - HEAD))
        return Look(path, head, file.read(), size)


def recognise(seen: Look) -> Kind | None:
    """The kind, by this package's own recognisers; None leaves it to the library's guess."""
    from evidence.processing.kinds import documents, packed, plain, zips

    for recogniser in (packed.recognise, zips.recognise, documents.recognise, plain.recognise):
        kind = recogniser(seen)
        if kind is not None:
            return kind
    return None
