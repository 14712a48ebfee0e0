"""Importing incidents: bytes into rows (`open_table`), rows into drafts (`Mapping`, `read_drafts`). No database."""

from evidence.importing.drafting import Draft
from evidence.importing.errors import MappingError, RowErrors, TableError
from evidence.importing.mapping import Mapping
from evidence.importing.reading import Outcome, read_drafts
from evidence.importing.rows import Row
from evidence.importing.shipped import shipped_mapping, shipped_names, shipped_spec
from evidence.importing.tables import Table, open_table

__all__ = [
    "Draft",
    "Mapping",
    "MappingError",
    "Outcome",
    "Row",
    "RowErrors",
    "Table",
    "TableError",
    "open_table",
    "read_drafts",
    "shipped_mapping",
    "shipped_names",
    "shipped_spec",
]
