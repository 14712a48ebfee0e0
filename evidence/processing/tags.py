"""Tags that libraries read where ExifTool is missing: EXIF and GPS of pictures, what PDF and Office files say.

They are named as ExifTool names them, so that what follows need not know who read them.
"""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from defusedxml import ElementTree
from PIL import ExifTags

from evidence.processing import documents, imaging
from evidence.processing.results import Failed

MOST = 1024 * 1024  # bytes of one part of an Office file
PARTS = ("docProps/core.xml", "docProps/app.xml", "meta.xml")
OFFICE_NAMES = {"created": "XML:CreateDate", "modified": "XML:ModifyDate", "creator": "XML:Creator",
                "lastModifiedBy": "XML:LastModifiedBy", "creation-date": "XML:CreateDate",
                "generator": "XML:Application", "initial-creator": "XML:Creator", "date": "XML:ModifyDate"}  # fmt: skip
PDF_NAMES = {"CreationDate": "PDF:CreateDate", "ModDate": "PDF:ModifyDate"}
PDF_MOMENT = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-]\d\d)'?(\d\d)?)?")


def reader(media_type: str) -> Callable[[Path], tuple[dict, str]] | None:
    """What reads the tags of this type: path → (tags, tool); None: nothing here does."""
    if media_type.startswith("image/") and media_type != "image/svg+xml":
        return of_picture
    if media_type == "application/pdf":
        return of_pdf
    is_zip = media_type.startswith((documents.OOXML, documents.ODF)) or "macroenabled" in media_type.lower()
    return of_office if is_zip else None


def of_picture(path: Path) -> tuple[dict, str]:
    found: dict = {}
    with imaging.opened(path) as image:
        found |= {"File:ImageWidth": image.width, "File:ImageHeight": image.height}
        exif = image.getexif()
    _take(found, exif, ExifTags.TAGS, "IFD0")
    _take(found, exif.get_ifd(ExifTags.IFD.Exif), ExifTags.TAGS, "ExifIFD")
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    _take(found, {number: value for number, value in gps.items() if number not in (2, 4)}, ExifTags.GPSTAGS, "GPS")
    for name, number, limit in (("GPSLatitude", 2, 90), ("GPSLongitude", 4, 180)):
        degrees = _degrees(gps.get(number), gps.get(number - 1), limit)
        if degrees is not None:
            found[f"GPS:{name}"] = degrees
    return found, imaging.TOOL


def _take(found: dict, values, names: dict, group: str) -> None:
    """Texts and numbers; what cameras keep for themselves as bytes is left out."""
    for number, value in values.items():
        name = names.get(number)
        if name is None or isinstance(value, bytes | dict):
            continue
        # EXIF calls it DateTimeDigitized; its readers say CreateDate.
        name = {"DateTimeDigitized": "CreateDate", "DateTime": "ModifyDate"}.get(name, name)
        found[f"{group}:{name}"] = str(value).strip("\x00 ")


def _degrees(parts, reference, limit: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    value = -value if str(reference).strip("\x00 ") in ("S", "W") else value
    return round(value, 7) if abs(value) <= limit else None


def of_pdf(path: Path) -> tuple[dict, str]:
    with documents.pdf(path) as document:
        said = document.get_metadata_dict(skip_empty=True)
        version, pages = document.get_version(), len(document)
    found = {PDF_NAMES.get(name, f"PDF:{name}"): pdf_moment(str(value)) for name, value in said.items()}
    return {**found, "PDF:PDFVersion": (version or 0) / 10, "PDF:PageCount": pages}, documents.TOOL


def pdf_moment(text: str) -> str:
    """A date of a PDF as EXIF writes it; other text as it is."""
    match = PDF_MOMENT.match(text)
    if match is None:
        return text
    year, month, day, hour, minute, second, utc, hours, minutes = match.groups()
    date = ":".join(part for part in (year, month, day) if part)
    zone = utc or (f"{hours}:{minutes or '00'}" if hours else "")
    return f"{date} {hour}:{minute}:{second or '00'}{zone}" if day and hour and minute else date


def of_office(path: Path) -> tuple[dict, str]:
    found: dict = {}
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            for part in PARTS:
                if part in names:
                    with archive.open(part) as file:
                        _take_xml(found, file.read(MOST))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise Failed("damaged", type(error).__name__)
    return found, "zipfile, defusedxml"


def _take_xml(found: dict, data: bytes) -> None:
    root = ElementTree.fromstring(data, forbid_dtd=True)
    for element in root.iter():
        text = (element.text or "").strip()
        name = element.tag.rpartition("}")[2]
        if text and len(found) < 200:
            found.setdefault(OFFICE_NAMES.get(name, f"XML:{name[:1].upper()}{name[1:]}"), text)
