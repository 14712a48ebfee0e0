"""One spreadsheet cell into a value for JSON. Which cells there are is the business of `workbook`."""

import math
import re
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from django.utils.translation import gettext as _

from evidence.importing.rows import RowInProgress, Value, letter

_ESCAPED = re.compile(r"_x(005F|0009|000A|000D)_")
_NOT_PLACEHOLDERS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
# Whole numbers beyond this are not exact in a spreadsheet.
EXACT = 2**53


class Cell(Protocol):
    """What is used of openpyxl's read-only cell."""

    value: object
    data_type: str | None
    number_format: str | None


def read_cell(cell: Cell, formula: bool, row: RowInProgress, index: int) -> Value:
    """Return the value of `cell`; what is wrong or doubtful about it is added to `row`.

    `formula` says that the cell holds a formula, whose last computed value, if any, is `cell.value`.
    """
    column = row.header.names[index] if index < len(row.header.names) else ""
    place = {"cell": f"{letter(index)}{row.number}"}
    value = cell.value
    if formula:
        # A text result that is empty keeps its type; a formula never computed has none.
        if value is None and cell.data_type != "str":
            row.errors.append((column, _not_computed(place)))
            return None
        row.warnings.append((column, _("Cell %(cell)s holds a formula; its last computed value was taken.") % place))
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        if cell.data_type == "e":
            problem = _("Cell %(cell)s holds the spreadsheet error %(error)s.") % {**place, "error": value}
            row.errors.append((column, problem))
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value) if "_x" in value else value
    if isinstance(value, float):
        if not math.isfinite(value):
            row.errors.append((column, _("Cell %(cell)s holds no finite number.") % place))
            return str(value)
        return int(value) if value.is_integer() and abs(value) < EXACT else format(Decimal(repr(value)), "f")
    if isinstance(value, date):
        return _date(value, cell.number_format or "", row, column, place)
    return value.isoformat() if isinstance(value, time) else str(value)


def _not_computed(place: dict[str, str]) -> str:
    return (
        _("Cell %(cell)s holds a formula that was never computed. Open and save the file in a spreadsheet program.")
        % place
    )


def _date(value: date, shown: str, row: RowInProgress, column: str, place: dict[str, str]) -> str:
    """Return no more of a date than the sheet shows: spreadsheets store 'Dec-2016' as the first day of the month."""
    full = value.isoformat()
    if isinstance(value, datetime):
        if value.time() != time():
            return value.isoformat(sep="T")
        full = value.date().isoformat()
    parts = _parts_shown(shown)
    if "d" in parts or "y" not in parts:
        if "y" not in parts and parts:
            row.warnings.append(
                (column, _("Cell %(cell)s shows no year; %(date)s was taken.") % {**place, "date": full})
            )
        return full
    shorter = full[:7] if "m" in parts else full[:4]
    row.warnings.append(
        (
            column,
            _("Cell %(cell)s holds %(date)s but shows only %(shown)s, which was taken.")
            % {**place, "date": full, "shown": shorter},
        )
    )
    return shorter


@lru_cache(maxsize=256)
def _parts_shown(number_format: str) -> frozenset[str]:
    """Return which of d, m and y a number format such as 'mmm-yy' shows; a format with hours or none counts as all."""
    placeholders = set(_NOT_PLACEHOLDERS.sub("", number_format.partition(";")[0].lower()))
    return (
        frozenset("dmy")
        if "h" in placeholders or not placeholders & set("dmy")
        else frozenset(placeholders & set("dmy"))
    )
