"""Pages of documents as pictures: PDF by PDFium, Office files by LibreOffice, when it is there, and PDFium."""

import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image
from pypdfium2 import PdfDocument, PdfiumError

from evidence.processing import programs
from evidence.processing.results import Failed

TOOL = f"PDFium {pypdfium2.version.PDFIUM_INFO.build} (pypdfium2 {pypdfium2.version.PYPDFIUM_INFO.version})"
PACKAGE = "libreoffice-writer-nogui"
OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
# What LibreOffice opens here, and the ending that tells it so.
OFFICE = {
    f"{OOXML}wordprocessingml.document": "docx",
    f"{OOXML}presentationml.presentation": "pptx",
    f"{OOXML}spreadsheetml.sheet": "xlsx",
    f"{OOXML}wordprocessingml.template": "dotx",
    f"{OOXML}presentationml.slideshow": "ppsx",
    "application/vnd.ms-word.document.macroenabled.12": "docm",
    "application/vnd.ms-excel.sheet.macroenabled.12": "xlsm",
    "application/vnd.ms-powerpoint.presentation.macroenabled.12": "pptm",
    f"{ODF}text": "odt", f"{ODF}presentation": "odp", f"{ODF}spreadsheet": "ods", f"{ODF}graphics": "odg",
    "application/msword": "doc", "application/vnd.ms-powerpoint": "ppt", "application/rtf": "rtf", "text/rtf": "rtf",
}  # fmt: skip
# Old spreadsheets share their type with other files that lie in the same container: by the ending of the name too.
OLD_SHEET = "application/vnd.ms-excel"
CONVERT_SECONDS = 300
# No macros, no links that are followed, no questions.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks"
 oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value>
</prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>1</value>
</prop></item>
</oor:items>
"""


def office_ending(media_type: str, ending: str) -> str:
    """The ending under which LibreOffice opens the file; empty: it does not."""
    if media_type == OLD_SHEET and ending in ("xls", "xlt"):
        return ending
    return OFFICE.get(media_type, "")


@contextmanager
def pdf(path: Path) -> Iterator[PdfDocument]:
    """The document, with its form fields drawn. Raises Failed: password, damaged."""
    try:
        document = PdfDocument(path)
    except PdfiumError as error:
        locked = getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD
        raise Failed("password" if locked else "damaged", "" if locked else str(error)[:200])
    try:
        with suppress(PdfiumError):
            document.init_forms()
        yield document
    finally:
        document.close()


def page(document: PdfDocument, index: int, longest: int) -> Image.Image:
    """One page as a picture, its longer side so many pixels. Raises Failed for a page without a sensible size."""
    try:
        one = document[index]
    except PdfiumError:
        raise Failed("damaged", f"page {index + 1}")
    try:
        width, height = one.get_size()
        if not (math.isfinite(width) and math.isfinite(height) and min(width, height) > 0):
            raise Failed("damaged", f"page {index + 1} has no size")
        picture = one.render(scale=longest / max(width, height)).to_pil()
        return picture if picture.mode in ("RGB", "L") else picture.convert("RGB")
    finally:
        one.close()


def as_pdf(path: Path, ending: str, folder: Path) -> tuple[Path, str]:
    """(PDF, tool) of an Office file. Raises NotDone without LibreOffice, Failed when it cannot read the file."""
    program = "soffice" if programs.has("soffice") else "libreoffice"
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS, encoding="utf-8")
    source = folder / f"source.{ending}"
    source.symlink_to(path)
    try:
        home = f"-env:UserInstallation={profile.as_uri()}"
        tool = programs.version([program, home, "--version"], package=PACKAGE)
        code, _, _ = programs.call(
            [program, home, "--headless", "--norestore", "--nolockcheck", "--convert-to", "pdf",
             "--outdir", str(folder), str(source)],
            package=PACKAGE, seconds=CONVERT_SECONDS,
        )  # fmt: skip
    finally:
        shutil.rmtree(profile, ignore_errors=True)
    made = folder / "source.pdf"
    if not made.is_file():
        raise Failed("damaged", f"LibreOffice could not read it (code {code})")
    return made, tool
