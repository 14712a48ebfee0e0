"""A file into sheets, columns and rows, with nothing said about their meaning: that is `mapping`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from evidence.importing import delimited, encodings, sniff, workbook
from evidence.importing.errors import TableError
from evidence.importing.rows import MAX_ROWS, Header, Row

ONLY_SHEET = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table file. It holds no open file: each call of `rows` opens the file and closes it at the end.

    `sheets` are the sheets that hold anything (a text file has one, named ''). `encoding` and `delimiter` say how a
    text file was read ('UTF-8', 'UTF-16', 'UTF-32', 'CP949'; ',', ';' or tab) and are '' for a workbook.
    """

    filename: str
    kind: str
    encoding: str
    delimiter: str
    headers: dict[str, Header | TableError]
    read: Callable[[str, Header], Iterator[Row]]

    @property
    def sheets(self) -> list[str]:
        return list(self.headers)

    def columns(self, sheet: str = ONLY_SHEET) -> list[str]:
        """Return the column names of `sheet`.

        Raises:
            TableError: there is no such sheet, or its first row is no header.
        """
        return list(self._header(sheet).names)

    def rows(self, sheet: str = ONLY_SHEET) -> Iterator[Row]:
        """Yield the rows of `sheet` one at a time, without those that are blank.

        Raises:
            TableError: as `columns`; more than 500,000 rows; or the file cannot be read further.
        """
        for count, row in enumerate(self.read(sheet, self._header(sheet)), start=1):
            if count > MAX_ROWS:
                raise TableError(
                    _("The table has more than %(limit)d rows. Split it into several files.") % {"limit": MAX_ROWS}
                )
            yield row

    def _header(self, sheet: str) -> Header:
        header = self.headers.get(sheet)
        if header is None:
            raise TableError(_("The file has no sheet named ‘%(sheet)s’.") % {"sheet": sheet})
        if isinstance(header, TableError):
            raise TableError(str(header))
        return header


def open_table(path: Path, filename: str) -> Table:
    """Look at a file and return it as a table. `filename` is for people; what the file is, its content says.

    Raises:
        TableError: the file is no table, or one without a usable header or without a single row under it.
    """
    kind = sniff.kind_of(path)
    table, has_rows = _open_workbook(path, filename) if kind == "xlsx" else _open_text(path, filename)
    problems = [header for header in table.headers.values() if isinstance(header, TableError)]
    if problems and len(problems) == len(table.headers):
        raise problems[0]
    if not has_rows:
        raise TableError(_("The table has no rows: there is nothing under the column names."))
    return table


def _open_text(path: Path, filename: str) -> tuple[Table, bool]:
    codec = encodings.detect(path)
    delimiter = delimited.detect_delimiter(path, codec)
    table = Table(
        filename=filename,
        kind="csv",
        encoding=encodings.LABELS[codec],
        delimiter=delimiter,
        headers={ONLY_SHEET: delimited.read_header(path, codec, delimiter)},
        read=lambda _sheet, header: delimited.read_rows(path, codec, delimiter, header),
    )
    return table, next(table.rows(), None) is not None


def _open_workbook(path: Path, filename: str) -> tuple[Table, bool]:
    headers, has_rows = workbook.read_headers(path)
    if not headers:
        raise TableError(_("The workbook is empty."))
    formulas = sniff.has_formulas(path)
    table = Table(
        filename=filename,
        kind="xlsx",
        encoding="",
        delimiter="",
        headers=headers,
        read=lambda sheet, header: workbook.read_rows(path, sheet, header, formulas=formulas),
    )
    return table, has_rows
