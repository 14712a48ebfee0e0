"""HWPX: the sections of a ZIP container, in their order."""

import re

from evidence.processing.bounded import Parts, read_xml
from evidence.processing.results import Failed, Job
from evidence.processing.texts import Pages

TOOL = "own reader of HWPX (KS X 6101)"
SECTION = re.compile(r"Contents/section(\d+)\.xml\Z")


def read(job: Job, pages: Pages) -> str:
    with Parts(job.path) as parts:
        if "META-INF/manifest.xml" in parts and b"encryption-data" in parts.read("META-INF/manifest.xml"):
            raise Failed("password")
        sections = sorted((int(match[1]), name) for name in parts.entries if (match := SECTION.match(name)))
        if not sections:
            raise Failed("damaged", "no section")
        section = Section()
        for _, name in sections:
            read_xml(parts.chunks(name), start=section.start, end=section.end, text=section.text)
        pages.found["sections"] = len(sections)
        pages.add_long("".join(section.out))
    return TOOL


class Section:
    """Text runs lie in `t`; a table stands inside the paragraph that holds it."""

    def __init__(self) -> None:
        self.out: list[str] = [""]
        self._inside = 0
        self._skipped = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._skipped or name == "deleteBegin":
            self._skipped += 1
        elif name == "t":
            self._inside += 1
        elif name == "tab":
            self.out.append("\t" if self._inside else "")
        elif name == "lineBreak":
            self.out.append("\n")
        elif name in ("nbSpace", "fwSpace"):
            self.out.append(" ")
        elif name == "tbl" and self.out[-1] not in ("", "\n"):
            self.out.append("\n")

    def end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif name == "t":
            self._inside -= 1
        elif name == "p":
            self.out.append("\n")
        elif name == "tc":
            if self.out[-1] == "\n":
                self.out[-1] = "\t"
        elif name == "tr":
            self.out.append("\n")

    def text(self, data: str) -> None:
        if self._inside and not self._skipped:
            self.out.append(data)
