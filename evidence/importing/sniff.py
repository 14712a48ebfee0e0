"""What kind of file this is, by its content and never by its name; and whether a workbook is safe to unpack."""

import re
import zipfile
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evidence.importing.errors import TableError
from evidence.importing.rows import MAX_BYTES

MAX_UNPACKED = 1024 * 1024 * 1024
MAX_PART = 256 * 1024 * 1024
MAX_RATIO = 200
# Small archives are left alone whatever their ratio: a repetitive sheet of a few megabytes is no danger.
RATIO_FROM = 64 * 1024 * 1024
MAX_PARTS = 10_000
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_WORKBOOK = "xl/workbook.xml"

_FOREIGN = (
    (b"%PDF", gettext_lazy("a PDF document")),
    (b"MZ", gettext_lazy("a Windows program")),
    (b"\x7fELF", gettext_lazy("a program")),
    (b"\xff\xd8\xff", gettext_lazy("a JPEG image")),
    (b"\x89PNG", gettext_lazy("a PNG image")),
    (b"GIF8", gettext_lazy("a GIF image")),
    (b"\x1f\x8b", gettext_lazy("a gzip archive")),
    (b"7z\xbc\xaf\x27\x1c", gettext_lazy("a 7z archive")),
    (b"Rar!", gettext_lazy("a RAR archive")),
    (b"{\\rtf", gettext_lazy("an RTF document")),
    (b"SQLite format 3", gettext_lazy("an SQLite database")),
    (b"<?xml", gettext_lazy("an XML document")),
    (b"<!doctype", gettext_lazy("a web page")),
    (b"<html", gettext_lazy("a web page")),
)


def kind_of(path: Path) -> str:
    """Return 'xlsx' or 'csv' (any text table).

    Raises:
        TableError: empty, larger than 100 MiB, or recognisably something else; the message says what and what to do.
    """
    size = path.stat().st_size
    if not size:
        raise TableError(_("The file is empty."))
    if size > MAX_BYTES:
        raise TableError(
            _("The file has %(size)d MB; %(limit)d MB is the most that can be imported. Split it into several files.")
            % {"size": -(-size // 1024**2), "limit": MAX_BYTES // 1024**2}
        )
    with path.open("rb") as stream:
        head = stream.read(512)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _check_package(path)
        return "xlsx"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError(
            _("This is an old Excel file (.xls) or one with a password. Save it as .xlsx without a password.")
        )
    start = head.lower() if head[:1] == b"<" else head
    for magic, name in _FOREIGN:
        if start.startswith(magic):
            raise TableError(_("This is %(kind)s, not a table. Export it as CSV or XLSX.") % {"kind": name})
    return "csv"


def _check_package(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise TableError(_("The file is a damaged zip archive or workbook. Get it again from its source.")) from error
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or _WORKBOOK not in names:
        raise TableError(_foreign_package(names))
    if any(part.flag_bits & 1 for part in parts):
        raise TableError(_("The workbook has a password. Save it without one."))
    # zipfile never unpacks more of a part than its directory entry says, so these sizes can be relied on.
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    largest = max((part.file_size for part in parts if not _SHEET.fullmatch(part.filename)), default=0)
    too_dense = unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(packed, 1)
    if unpacked > MAX_UNPACKED or largest > MAX_PART or too_dense or len(parts) > MAX_PARTS:
        raise TableError(
            _("The workbook unpacks to %(size)d MB, which is more than is safe to read. Save the sheet as CSV.")
            % {"size": unpacked // 1024**2}
        )


def _foreign_package(names: set[str]) -> str:
    if "xl/workbook.bin" in names:
        return _("This is a binary Excel workbook (.xlsb). Save it as .xlsx.")
    if "mimetype" in names and "content.xml" in names:
        return _("This is an OpenDocument file. Save it as .xlsx or CSV.")
    return _("This is a zip archive, not a spreadsheet. Unpack it and import the table in it.")


def has_formulas(path: Path) -> bool:
    """Whether any sheet of the workbook may hold a formula."""
    with zipfile.ZipFile(path) as archive:
        return any(_may_hold_formula(archive, part) for part in archive.infolist() if _SHEET.fullmatch(part.filename))


def _may_hold_formula(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(1024 * 1024):
            window = tail + chunk
            # A NUL means UTF-16, where the tag cannot be looked for byte by byte.
            if b"\0" in window or re.search(rb"<(?:\w{1,60}:)?f[\s/>]", window):
                return True
            tail = window[-64:]
    return False
