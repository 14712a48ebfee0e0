"""The text of a file, by its kind: one module a family. `Pages` gathers it; `READERS` says who reads what."""

import re
from collections.abc import Callable
from importlib import import_module

from evidence.processing.results import MAX_PAGES, MAX_TEXT, Failed, Job, PageText

LONG = 100_000  # characters after which a text without pages of its own is parted, at a line's end
MAX_OUT = 48 * 1024**2  # bytes of all text as it is handed over
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MAX_BYTES = 128 * 1024**2  # of a file that is read whole


class Pages:
    """The pages of one text, under the limits of what may be handed over. What does not fit is told."""

    def __init__(self) -> None:
        self.texts: list[PageText] = []
        self.found: dict = {}
        self.flags: set[str] = set()
        self._left = MAX_OUT
        self._next = 1

    @property
    def is_full(self) -> bool:
        return self._left <= 0 or self._next > MAX_PAGES

    def add(self, text: str) -> None:
        """The text of the next page. An empty one keeps its number."""
        if self.is_full:
            self.cut("pages" if self._next > MAX_PAGES else "characters")
            return
        text = tidy(text)
        if len(text) > MAX_TEXT:
            self.cut("characters")
            text = text[:MAX_TEXT]
        cost = len(text.encode("ascii", "backslashreplace"))
        if cost > self._left:
            self.cut("characters")
            text = text[: self._left // 12]
        self._left -= cost
        if text:
            self.texts.append(PageText(self._next, text))
        self._next += 1

    def add_long(self, text: str) -> None:
        """A text without pages: in one piece, or parted at line ends when it is long."""
        text = tidy(text)
        while len(text) > LONG and not self.is_full:
            at = text.rfind("\n", LONG // 2, LONG)
            at = at + 1 if at > 0 else LONG
            self.add(text[:at])
            text = text[at:]
        if text:
            self.add(text)

    def cut(self, what: str) -> None:
        self.found["cut"] = what


def tidy(text: str) -> str:
    """No control characters, no blank ends of lines, no more than two empty lines in a row, none at the ends."""
    lines, empty = [], 0
    for line in CONTROLS.sub("", text).replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = line.rstrip()
        empty = 0 if line else empty + 1
        if empty <= 2:
            lines.append(line)
    return "\n".join(lines).strip("\n")


def whole(job: Job) -> bytes:
    """All bytes of a file that is read in one piece."""
    if job.facts.size > MAX_BYTES or job.path.stat().st_size > MAX_BYTES:
        raise Failed("too_large", f"more than {MAX_BYTES // 1024**2} MB of text")
    return job.path.read_bytes()


Reader = Callable[[Job, Pages], str]


# kind: module and function
READERS = {
    "pdf": "pdf.read", "docx": "words.read", "pptx": "presentations.read", "xlsx": "sheets.read", "odt": "odf.read",
    "ods": "odf.read", "odp": "odf.read", "epub": "markup.read_book", "doc": "legacy.read_doc",
    "xls": "legacy.read_xls", "ppt": "legacy.read_ppt", "rtf": "rtf.read", "html": "markup.read_html",
    "xml": "markup.read_xml_file", "svg": "markup.read_xml_file", "csv": "plain.read", "json": "plain.read",
    "plain": "plain.read", "mail": "mail.read", "mbox": "mail.read_mbox", "msg": "mail.read_msg", "hwpx": "hwpx.read",
    "hwp5": "hwp5.read", "hwp3": "hwp3.read", "ooxml-locked": "legacy.read_locked",
}  # fmt: skip


def reader_of(kind: str) -> Reader:
    """Who reads this kind: takes the job, fills the pages, returns tool and version. Others are not even imported."""
    module, function = READERS[kind].split(".")
    return getattr(import_module(f"{__name__}.{module}"), function)
