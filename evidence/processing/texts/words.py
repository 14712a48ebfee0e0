"""DOCX: body, headers and footers, notes and comments. Deleted text of tracked changes is counted, not taken."""

import re

from evidence.processing.bounded import Parts, read_xml
from evidence.processing.results import Job
from evidence.processing.texts import Pages

TOOL = "own reader of WordprocessingML"
ASIDE = re.compile(r"word/(header\d*|footer\d*|footnotes|endnotes|comments)\.xml\Z")


def read(job: Job, pages: Pages) -> str:
    with Parts(job.path) as parts:
        body = Body()
        names = ["word/document.xml", *sorted(name for name in parts.entries if ASIDE.match(name))]
        for name in names:
            read_xml(parts.chunks(name), start=body.start, end=body.end, text=body.text)
            body.out.append("\n")
        pages.add_long("".join(body.out))
        if body.deleted:
            pages.found["deleted_passages"] = body.deleted
    return TOOL


class Body:
    """Gathers the text of WordprocessingML and DrawingML as it streams by."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.deleted = 0
        self._wanted = False
        self._skipped = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        # The same text box comes twice, for programs of two ages.
        if self._skipped or name == "Fallback":
            self._skipped += 1
        elif name == "t":
            self._wanted = True
        elif name == "delText":
            self.deleted += 1
        elif name == "tab":
            self.out.append("\t")
        elif name in ("br", "cr"):
            self.out.append("\n")
        elif name == "noBreakHyphen":
            self.out.append("-")

    def end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif name == "t":
            self._wanted = False
        elif name == "p":
            self.out.append("\n")
        elif name == "tc":
            # A cell's last paragraph has just ended its line: cells of a row stand side by side.
            if self.out and self.out[-1] == "\n":
                self.out[-1] = "\t"
        elif name == "tr":
            self.out.append("\n")

    def text(self, data: str) -> None:
        if self._wanted and not self._skipped:
            self.out.append(data)
