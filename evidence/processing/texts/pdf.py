"""PDF, by PDFium, page by page. A page that can't be read leaves its number empty; a password is asked of nobody."""

import pypdfium2 as pdfium
from pypdfium2 import raw

from evidence.processing.results import MAX_PAGES, Failed, Job
from evidence.processing.texts import Pages

TOOL = f"PDFium {pdfium.version.PDFIUM_INFO}"
LINE_END_HYPHENS = str.maketrans({"\ufffe": None, "\x02": None, "\x00": None})


def opened(path) -> pdfium.PdfDocument:
    """The document, or the failure that says why not."""
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise Failed("password")
        if code == raw.FPDF_ERR_SECURITY:
            raise Failed("unsupported", "an unknown way of encryption")
        raise Failed("damaged", "PDFium cannot open it")


def read(job: Job, pages: Pages) -> str:
    document = opened(job.path)
    count = len(document)
    pages.found["pages"] = count
    broken = empty = 0
    for index in range(min(count, MAX_PAGES)):
        if pages.is_full:
            break
        try:
            text = text_of(document, index)
            # A stamp or a page number is not yet the text of a page: recognition looks at it (`ocr.lacks_text`).
            empty += len("".join(text.split())) < 20
            pages.add(text)
        except pdfium.PdfiumError:
            broken += 1
            pages.add("")
    pages.found["without_text"] = empty
    if count > MAX_PAGES:
        pages.cut("pages")
    if broken:
        pages.found["broken_pages"] = broken
    if broken and broken == min(count, MAX_PAGES):
        raise Failed("damaged", "no page can be read")
    return TOOL


def text_of(document: pdfium.PdfDocument, index: int) -> str:
    page = document[index]
    try:
        layer = page.get_textpage()
        try:
            return layer.get_text_bounded().translate(LINE_END_HYPHENS)
        finally:
            layer.close()
    finally:
        page.close()
