"""A row and a header, whatever the file was, and the limits of a table. Bytes are read in `delimited`, `workbook`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from evidence.importing.errors import TableError
from evidence.importing.text import clean

MAX_BYTES = 100 * 1024 * 1024
MAX_ROWS = 500_000
MAX_COLUMNS = 400
MAX_CELL = 1024 * 1024
MAX_NAME = 300
# The last row a spreadsheet program can have; a higher number is a damaged or hostile file.
LAST_ROW = 1_048_576

Value = str | int | bool | None
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet as read.

    `number` is the row number a spreadsheet program shows (the header is 1). `values` maps column name to the original
    value, ready for JSON: text, whole number, True/False or None; other numbers and dates are text ('2.5',
    '2016-12-05'). `errors` and `warnings` are (column, reason) pairs about single cells; column '' is the whole row.
    """

    number: int
    values: dict[str, Value]
    errors: Pairs = ()
    warnings: Pairs = ()


@dataclass(frozen=True, slots=True)
class Header:
    """The column names of a sheet, in order; columns after the last named one have no name."""

    names: tuple[str, ...]

    @classmethod
    def read(cls, cells: Iterable[object]) -> "Header":
        """Return the header in the first row of a sheet.

        Raises:
            TableError: no name at all, a gap, a name used twice, too many columns, or a name of 300 characters or more.
        """
        names = [" ".join(clean(str(cell)).split()) if cell is not None else "" for cell in cells]
        while names and not names[-1]:
            names.pop()
        if not names:
            raise TableError(_("The first row is empty. Put the column names in row 1."))
        if len(names) > MAX_COLUMNS:
            raise TableError(
                _("The table has %(count)d columns; %(limit)d is the most that can be read.")
                % {"count": len(names), "limit": MAX_COLUMNS}
            )
        seen: dict[str, int] = {}
        for index, name in enumerate(names):
            _check_name(name, index, seen)
            seen[name] = index
        return cls(tuple(names))


def _check_name(name: str, index: int, seen: dict[str, int]) -> None:
    if not name:
        raise TableError(
            _("Column %(letter)s has no name in the first row. Name it, or delete it.") % {"letter": letter(index)}
        )
    if name in seen:
        raise TableError(
            _("Columns %(first)s and %(second)s are both named ‘%(name)s’. Give each column a name of its own.")
            % {"first": letter(seen[name]), "second": letter(index), "name": name}
        )
    if len(name) >= MAX_NAME or any(ord(character) < 32 for character in name):
        raise TableError(
            _("The first row holds no column names: column %(letter)s begins ‘%(start)s’.")
            % {"letter": letter(index), "start": "".join(c if c.isprintable() else "�" for c in name[:40])}
        )


def letter(index: int) -> str:
    """Return the spreadsheet name of the column at `index`, counted from 0: A, B, … Z, AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


@dataclass(slots=True)
class RowInProgress:
    """A row while it is being read: collects what is wrong with its cells."""

    number: int
    header: Header
    errors: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def finish(self, cells: Sequence[Value], *, must_be_full: bool) -> Row:
        """Return the row. Surplus blanks are dropped; surplus values, and missing cells of a text file, are errors."""
        names = self.header.names
        for index in range(len(names), len(cells)):
            if not is_blank(cells[index]):
                self.errors.append(("", self._surplus(index)))
                break
        if must_be_full and len(cells) < len(names):
            self.errors.append(
                (
                    "",
                    _("The row has %(found)d cells, the header has %(expected)d columns.")
                    % {"found": len(cells), "expected": len(names)},
                )
            )
        values: dict[str, Value] = dict.fromkeys(names)
        for name, cell in zip(names, cells, strict=False):
            values[name] = self._checked(name, cell)
        return Row(self.number, values, tuple(self.errors), tuple(self.warnings))

    def _surplus(self, index: int) -> str:
        return _("Cell %(cell)s holds a value, but its column has no name in the first row.") % {
            "cell": f"{letter(index)}{self.number}"
        }

    def _checked(self, name: str, value: Value) -> Value:
        if not isinstance(value, str):
            return value
        if "\0" in value:
            self.errors.append((name, _("The cell holds a NUL character, which is not text.")))
            # JSON columns cannot store NUL; its visible symbol keeps the place.
            value = value.replace("\0", "␀")
        if len(value) > MAX_CELL:
            self.errors.append(
                (name, _("The cell holds more than %(limit)d characters.") % {"limit": MAX_CELL}),
            )
            value = value[:MAX_CELL]
        return value


def is_blank(value: Value) -> bool:
    """Whether the cell holds nothing but space."""
    return value is None or (isinstance(value, str) and not value.strip())
