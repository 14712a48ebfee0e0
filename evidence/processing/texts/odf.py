"""OpenDocument: text as it runs, a sheet or a slide a page."""

from evidence.processing.bounded import Parts, read_xml
from evidence.processing.results import Failed, Job
from evidence.processing.texts import Pages

TOOL = "own reader of OpenDocument"


def read(job: Job, pages: Pages) -> str:
    with Parts(job.path) as parts:
        if "encrypted" in job.facts.of("identify").get("flags", []) or _is_locked(parts):
            raise Failed("password")
        content = Content(pages)
        read_xml(parts.chunks("content.xml"), start=content.start, end=content.end, text=content.text)
        content.finish()
    return TOOL


def _is_locked(parts: Parts) -> bool:
    name = "META-INF/manifest.xml"
    return name in parts and b"encryption-data" in parts.read(name)


class Content:
    def __init__(self, pages: Pages):
        self.pages, self.out, self._depth, self._paged = pages, [""], 0, False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("p", "h"):
            self._depth += 1
        elif name in ("tab", "line-break"):
            self.out.append("\t" if name == "tab" else "\n")
        elif name == "s":
            count = attributes.get("c", "1")
            self.out.append(" " * min(int(count) if count.isdigit() else 1, 100))
        elif name == "spreadsheet" or name == "presentation":
            self._paged = True
        elif name == "table" and self._paged and attributes.get("name"):
            self.out.append(attributes["name"] + "\n")

    def end(self, name: str) -> None:
        if name in ("p", "h"):
            self._depth -= 1
            self.out.append("\n")
        elif name == "table-cell":
            if self.out[-1] == "\n":
                self.out[-1] = "\t"
        elif name == "table-row":
            self.out.append("\n")
        elif self._paged and name in ("page", "table"):
            self._turn()

    def text(self, data: str) -> None:
        if self._depth:
            self.out.append(data)

    def _turn(self) -> None:
        self.pages.add("".join(self.out))
        self.out = [""]

    def finish(self) -> None:
        rest = "".join(self.out)
        if rest.strip():
            self.pages.add_long(rest)
