"""XLSX workbooks: sheets, headers and rows, streamed. One cell is read in `cells`; safety of the zip is in `sniff`."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice, repeat
from pathlib import Path

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.worksheet.worksheet import Worksheet

from evidence.importing.cells import Cell, read_cell
from evidence.importing.errors import TableError
from evidence.importing.rows import LAST_ROW, Header, Row, RowInProgress, is_blank

BATCH = 200
Cells = Sequence[Cell]


def read_headers(path: Path) -> tuple[dict[str, Header | TableError], bool]:
    """Return the header of each sheet that holds anything, or why it has none; and whether any has rows under it."""
    found: dict[str, Header | TableError] = {}
    has_rows = False
    with _opened(path, data_only=True) as book:
        for sheet in book.worksheets:
            rows = _cells(sheet)
            values = [cell.value for cell in next(rows, ())]
            filled = any(map(_filled, rows))
            if filled or any(value is not None for value in values):
                header = found[sheet.title] = _header(values)
                has_rows |= filled and isinstance(header, Header)
    return found, has_rows


def _header(values: list[object]) -> Header | TableError:
    try:
        return Header.read(values)
    except TableError as error:
        return error


def _filled(row: Cells) -> bool:
    return any(cell.value is not None for cell in row)


def read_rows(path: Path, sheet: str, header: Header, *, formulas: bool) -> Iterator[Row]:
    """Yield the rows after the header; blank rows are left out but counted in the numbers.

    With `formulas` the workbook is read twice in step, because the library gives either a formula or its value.

    Raises:
        TableError: the sheet is damaged from some row on.
    """
    with ExitStack() as stack:
        computed = _cells(stack.enter_context(_opened(path, data_only=True))[sheet])
        written: Iterator[Cells | None] = repeat(None)
        if formulas:
            written = _cells(stack.enter_context(_opened(path, data_only=False))[sheet])
        for number, (cells, originals) in enumerate(zip(computed, written, strict=False), start=1):
            if number == 1:
                continue
            row = _row(number, header, cells, originals)
            if row.errors or row.warnings or not all(map(is_blank, row.values.values())):
                yield row


def _row(number: int, header: Header, cells: Cells, originals: Cells | None) -> Row:
    row = RowInProgress(number, header)
    values = []
    for index, cell in enumerate(cells):
        formula = originals is not None and originals[index].data_type == "f"
        values.append(read_cell(cell, formula, row, index) if formula or cell.value is not None else None)
    return row.finish(values, must_be_full=False)


@contextmanager
def _opened(path: Path, *, data_only: bool) -> Iterator[openpyxl.Workbook]:
    # Opened here and not by the library, which leaves the file open when a workbook turns out to be broken.
    with path.open("rb") as stream:
        with _damage_reported(), _library_quiet():
            book = openpyxl.load_workbook(stream, read_only=True, data_only=data_only, keep_links=False)
            for sheet in book.worksheets:
                # The size written in the file may be wrong, and rows beyond it would be lost without a word.
                sheet.reset_dimensions()
        try:
            yield book
        finally:
            book.close()


def _cells(sheet: Worksheet) -> Iterator[Cells]:
    """Yield the rows of a sheet, in batches so that the library's warnings are silenced only while it works."""
    rows, number = sheet.iter_rows(), 0
    while True:
        with _damage_reported(number), _library_quiet():
            batch = list(islice(rows, BATCH))
        if not batch:
            return
        number += len(batch)
        if number > LAST_ROW + BATCH:
            raise TableError(_("Sheet ‘%(sheet)s’ is damaged: it has impossible row numbers.") % {"sheet": sheet.title})
        yield from batch


@contextmanager
def _library_quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        # By module, so that nothing else is hidden if another thread restores these filters out of turn.
        warnings.filterwarnings("ignore", module=r"openpyxl\.")
        yield


@contextmanager
def _damage_reported(number: int | None = None) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # the library raises whatever its parsers raise on a damaged or hostile file
        if number:
            message = _("The workbook is damaged after row %(number)d. Save it again in a spreadsheet program.") % {
                "number": number
            }
        else:
            message = _("The workbook is damaged. Open it in a spreadsheet program and save it again.")
        raise TableError(message) from error
