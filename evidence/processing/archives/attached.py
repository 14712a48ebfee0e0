"""Files embedded in a PDF, by PDFium; what else it knows of the document (scripts, signatures) is told with them."""

import ctypes
from collections.abc import Iterator

import pypdfium2 as pdfium
from pypdfium2 import raw

from evidence.processing.archives import Member, Opener, Walk
from evidence.processing.bounded import CHUNK
from evidence.processing.results import Failed
from evidence.processing.texts.pdf import TOOL, opened


def walk(state: Walk) -> Iterator[tuple[Member, Opener | None]]:
    state.tool = TOOL
    document = opened(state.path)
    if raw.FPDFDoc_GetJavaScriptActionCount(document) > 0:
        state.flags.add("scripts")
    if raw.FPDF_GetSignatureCount(document) > 0:
        state.flags.add("signed")
    for index in range(document.count_attachments()):
        attachment = document.get_attachment(index)
        yield Member(attachment.get_name() or f"attachment {index + 1}", size=_size(attachment)), _opener(attachment)


def _size(attachment) -> int | None:
    length = ctypes.c_ulong()
    return length.value if raw.FPDFAttachment_GetFile(attachment, None, 0, length) else None


def _opener(attachment) -> Opener:
    def read() -> Iterator[bytes]:
        try:
            data = bytes(attachment.get_data())
        except pdfium.PdfiumError:
            raise Failed("damaged", "PDFium cannot give it")
        for start in range(0, len(data), CHUNK):
            yield data[start : start + CHUNK]

    return read
