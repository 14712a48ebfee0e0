"""A whole table through a mapping: an outcome for each row, with what only the other rows can tell."""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass

from django.utils.translation import gettext as _

from evidence.importing.drafting import Draft
from evidence.importing.errors import RowErrors, TableError
from evidence.importing.mapping import ERROR, Mapping
from evidence.importing.rows import Row
from evidence.importing.tables import Table
from evidence.importing.templates import Lookup


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: a draft, or errors; never both, never neither."""

    sheet: str
    row: Row
    draft: Draft | None
    errors: RowErrors


def read_drafts(
    table: Table,
    mapping: Mapping,
    *,
    sheets: Iterable[str] | None = None,
    lookups: ReadOnly[str, Lookup] | None = None,
) -> Iterator[Outcome]:
    """Yield the outcome of each row of `sheets` (default: all), in order. A bad row does not stop the others.

    Identities count over all sheets together. Memory grows with the number of rows only by their identities.

    Raises:
        TableError: before the first row, if a sheet lacks columns; later, if the file cannot be read further.
        MappingError: a lookup table the mapping needs was not given.
    """
    chosen = list(table.sheets if sheets is None else sheets)
    for sheet in chosen:
        missing = mapping.missing_columns(table.columns(sheet))
        if missing:
            raise TableError(_missing(sheet, missing))
    first_seen: dict[str, str] = {}
    counts: dict[str, int] = {}
    for sheet in chosen:
        for row in table.rows(sheet):
            base = mapping.identity(row, sheet)
            counts[base] = counts.get(base, 0) + 1
            result = mapping.apply(row, sheet, lookups=lookups, occurrence=counts[base] if base else 1)
            if base and counts[base] > 1 and mapping.repeats == ERROR:
                errors = result if isinstance(result, RowErrors) else RowErrors()
                errors.append(("", _repeated(base, first_seen[base])))
                result = errors
            first_seen.setdefault(base, f"{sheet} {row.number}".strip())
            if isinstance(result, RowErrors):
                yield Outcome(sheet, row, None, result)
            else:
                yield Outcome(sheet, row, result, RowErrors())


def _missing(sheet: str, columns: list[str]) -> str:
    names = ", ".join(f"‘{column}’" for column in columns)
    if not sheet:
        return _("The table lacks columns that the mapping needs: %(columns)s.") % {"columns": names}
    return _("Sheet ‘%(sheet)s’ lacks columns that the mapping needs: %(columns)s.") % {
        "sheet": sheet,
        "columns": names,
    }


def _repeated(identity: str, place: str) -> str:
    return _("‘%(identity)s’ already stands in row %(place)s; each row must be identified differently.") % {
        "identity": identity[:80],
        "place": place,
    }
