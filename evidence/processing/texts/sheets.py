"""XLSX: a sheet a page, its name first, rows as lines, cells between tabs. Stored results, never computed ones."""

import re
from contextlib import suppress

from openpyxl.utils.datetime import from_excel

from evidence.processing.bounded import Parts, read_xml
from evidence.processing.results import MAX_TEXT, Failed, Job
from evidence.processing.texts import Pages
from evidence.processing.texts.relations import listed

TOOL = "own reader of SpreadsheetML"
DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
MAX_STRINGS = 2_000_000


def read(job: Job, pages: Pages) -> str:
    with Parts(job.path) as parts:
        if "xl/workbook.xml" not in parts:
            raise Failed("unsupported", "binary workbook (xlsb)")
        strings, dates = _strings(parts), _dates(parts)
        sheets = listed(parts, "xl/workbook.xml", "sheet")
        for name, part in sheets:
            if pages.is_full:
                pages.cut("pages")
                break
            sheet = Sheet(strings, dates)
            try:
                read_xml(parts.chunks(part), start=sheet.start, end=sheet.end, text=sheet.text)
            except Enough:
                pages.cut("characters")
            pages.add(f"{name}\n" + "".join(sheet.out))
        pages.found["pages"] = len(sheets)
    return TOOL


class Enough(Exception):
    """A page holds no more."""


class Sheet:
    def __init__(self, strings: list[str], dates: set[int]):
        self.out: list[str] = []
        self._strings, self._dates, self._size = strings, dates, 0
        self._type, self._style, self._value, self._wanted, self._row = "", 0, [""], False, [""]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._row = []
        elif name == "c":
            self._type, self._value = attributes.get("t", "n"), []
            self._style = int(attributes.get("s", 0)) if attributes.get("s", "0").isdigit() else 0
        elif name in ("v", "t"):
            self._wanted = True

    def text(self, data: str) -> None:
        if self._wanted:
            self._value.append(data)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._wanted = False
        elif name == "c":
            self._row.append(self._shown("".join(self._value)))
        elif name == "row":
            line = "\t".join(self._row)
            if line.strip():
                self.out.append(line + "\n")
                self._size += len(line) + 1
            if self._size > MAX_TEXT:
                raise Enough

    def _shown(self, value: str) -> str:
        if self._type == "s":
            index = int(value) if value.isdigit() else -1
            return self._strings[index] if 0 <= index < len(self._strings) else ""
        if self._type == "b":
            return "TRUE" if value == "1" else "FALSE"
        if self._type == "n" and value and self._style in self._dates:
            with suppress(ValueError, OverflowError, TypeError):
                return str(from_excel(float(value)))
        return value.replace("\n", " ")


def _strings(parts: Parts) -> list[str]:
    found: list[str] = []
    state = {"wanted": False, "skipped": False}
    piece: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "rPh":  # how to read it aloud
            state["skipped"] = True
        elif name == "t":
            state["wanted"] = not state["skipped"]

    def end(name: str) -> None:
        if name == "rPh":
            state["skipped"] = False
        elif name == "t":
            state["wanted"] = False
        elif name == "si":
            found.append("".join(piece).replace("\n", " "))
            piece.clear()
            if len(found) > MAX_STRINGS:
                raise Failed("too_many", "strings of a workbook")

    if "xl/sharedStrings.xml" in parts:
        chunks = parts.chunks("xl/sharedStrings.xml")
        read_xml(chunks, start=start, end=end, text=lambda data: piece.append(data) if state["wanted"] else None)
    return found


def _dates(parts: Parts) -> set[int]:
    """The numbers of the cell formats that show dates."""
    own: set[int] = set()
    formats: list[int] = []
    state = {"inside": False}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            code = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", attributes.get("formatCode", "")).lower()
            if re.search(r"[ymdhs]", code) and "general" not in code:
                own.add(int(attributes.get("numFmtId", "0") or 0))
        elif name == "cellXfs":
            state["inside"] = True
        elif name == "xf" and state["inside"]:
            formats.append(int(attributes.get("numFmtId", "0") or 0))

    def end(name: str) -> None:
        if name == "cellXfs":
            state["inside"] = False

    if "xl/styles.xml" in parts:
        read_xml(parts.chunks("xl/styles.xml"), start=start, end=end)
    return {index for index, number in enumerate(formats) if number in DATES or number in own}
