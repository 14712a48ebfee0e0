"""Text tables (CSV, semicolon or tab separated): delimiter, header and rows. The encoding is found in `encodings`."""

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from evidence.importing.encodings import SAMPLE
from evidence.importing.errors import TableError
from evidence.importing.rows import MAX_CELL, Header, Row, RowInProgress, is_blank

DELIMITERS = (",", ";", "\t")
MAX_LINE = 8 * MAX_CELL
_TEXT_CONTROLS = "\t\n\r\x0b\x0c"


def detect_delimiter(path: Path, codec: str) -> str:
    """Return the delimiter that cuts the header into most columns: ',', ';' or tab.

    Raises:
        TableError: the file starts with no text, or two delimiters fit equally well.
    """
    with path.open("rb") as stream:
        sample = codecs.getincrementaldecoder(codec)("strict").decode(stream.read(SAMPLE * 4))
    line = sample.lstrip("\ufeff").partition("\n")[0]
    if any(ord(character) < 32 and character not in _TEXT_CONTROLS for character in line):
        raise TableError(_("The file is not a table: its first line holds characters that are not text."))
    widths = {delimiter: _width(sample, delimiter) for delimiter in DELIMITERS}
    most = max(widths.values())
    if most <= 1:
        return ","
    best = [delimiter for delimiter, width in widths.items() if width == most]
    if len(best) > 1:
        raise TableError(
            _("It is not clear what separates the columns: %(choices)s fit equally well. Put column names in quotes.")
            % {"choices": ", ".join(repr(choice) for choice in best)}
        )
    return best[0]


def _width(sample: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), []))
    except csv.Error:
        return 0


def read_header(path: Path, codec: str, delimiter: str) -> Header:
    for _number, record, lines in _records(path, codec, delimiter):
        if record is None:
            raise TableError(_("A quotation mark in the first row is out of place: %(line)s") % {"line": lines[:80]})
        return Header.read(record)
    raise TableError(_("The file is empty."))


def read_rows(path: Path, codec: str, delimiter: str, header: Header) -> Iterator[Row]:
    """Yield the rows after the header; blank rows are left out but counted in the numbers.

    Raises:
        TableError: a quotation mark is never closed, or a line is too long to be one.
    """
    for number, record, lines in _records(path, codec, delimiter):
        if number == 1:
            continue
        row = RowInProgress(number, header)
        if record is None:
            row.errors.append(("", _("A quotation mark is out of place, so the cells cannot be told apart.")))
            record = next(csv.reader([" ".join(lines.splitlines())], delimiter=delimiter), [])
            yield row.finish(record, must_be_full=False)
        elif not all(map(is_blank, record)):
            yield row.finish(record, must_be_full=True)


def _records(path: Path, codec: str, delimiter: str) -> Iterator[tuple[int, list[str] | None, str]]:
    """Yield (row number, cells, '') or, where quoting is broken, (row number, None, the lines as they stand)."""
    # The limit belongs to the whole process in the csv module; it is only ever raised.
    csv.field_size_limit(max(MAX_CELL, csv.field_size_limit()))
    with path.open("r", encoding=codec, errors="strict", newline="") as stream:
        tape = _Tape(stream)
        reader = csv.reader(tape, delimiter=delimiter, strict=True)
        number = 0
        while True:
            number += 1
            tape.lines.clear()
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if tape.at_end:
                    raise TableError(_never_closed(number)) from error
                if "field limit" in str(error):
                    raise TableError(_too_long(number)) from error
                yield number, None, "".join(tape.lines)
            else:
                yield number, record, ""


def _never_closed(number: int) -> str:
    return _("A quotation mark opened in row %(number)d is never closed, so the rows after it cannot be read.") % {
        "number": number
    }


def _too_long(number: int) -> str:
    text = _(
        "A cell of row %(number)d holds more than %(limit)d characters. "
        "Perhaps a quotation mark before it is never closed."
    )
    return text % {"number": number, "limit": MAX_CELL}


class _Tape:
    """The lines of a file, remembering those of the record being read."""

    def __init__(self, stream: io.TextIOBase) -> None:
        self.lines: list[str] = []
        self.at_end = False
        self._stream = stream

    def __iter__(self) -> "_Tape":
        return self

    def __next__(self) -> str:
        line = self._stream.readline(MAX_LINE)
        if not line:
            self.at_end = True
            raise StopIteration
        if len(line) == MAX_LINE:
            raise TableError(
                _("A line is longer than %(limit)d characters: this is not a table.") % {"limit": MAX_LINE}
            )
        self.lines.append(line)
        return line
