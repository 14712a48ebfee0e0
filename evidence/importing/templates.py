"""Templates of columns such as "{event}[, {place}] ({$day})". What a value may be besides a template is in `values`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from evidence.importing.errors import CellError, MappingError
from evidence.importing.rows import Row
from evidence.importing.text import as_text

_TOKEN = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{([^{}\[\]]+)\}|[{}\[\]]|[^{}\[\]]+")
Lookup = Mapping[str, str]


@dataclass(slots=True)
class Scope:
    """What a value of one row is made from: its cells, the sheet, lookup tables and the values defined so far."""

    row: Row
    sheet: str
    lookups: Mapping[str, Lookup]
    optional: frozenset[str] = frozenset()
    defined: dict[str, str] = field(default_factory=dict)
    date: str = ""
    column: str = ""

    def cell(self, column: str) -> str:
        """Return the clean text of a cell, '' if it is empty.

        Raises:
            CellError: the table has no such column, and it is not an optional one.
        """
        if column in self.row.values:
            return as_text(self.row.values[column])
        if column in self.optional:
            return ""
        raise CellError(column, _("The table has no such column."))

    def fetch(self, name: str) -> str:
        """Return what a placeholder stands for: a column, "$defined", "@sheet", "@row", "@date" (EDTF) or "@column"."""
        if name.startswith("$"):
            return self.defined[name[1:]]
        if name.startswith("@"):
            return {
                "@sheet": self.sheet,
                "@row": str(self.row.number),
                "@date": self.date,
                "@column": self.column,
            }[name]
        return self.cell(name)


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: texts, placeholders, and groups that vanish when one of their placeholders is empty.

    Each part is (is_placeholder, text); each group is a tuple of parts.
    """

    groups: tuple[tuple[bool, tuple[tuple[bool, str], ...]], ...]

    @property
    def names(self) -> list[str]:
        return [text for _optional, parts in self.groups for is_name, text in parts if is_name]

    def fill(self, scope: Scope) -> str:
        out = []
        for optional, parts in self.groups:
            texts = [scope.fetch(text) if is_name else text for is_name, text in parts]
            if not optional or all(texts):
                out += texts
        return "".join(out)


def parse_template(text: str, key: str) -> Template:
    """Return the template: `{name}` is a placeholder, `[…]` a group that may vanish, `{{ }} [[ ]]` plain brackets.

    Raises:
        MappingError: a bracket without its partner, or a group in a group.
    """
    groups: list[tuple[bool, tuple[tuple[bool, str], ...]]] = []
    parts: list[tuple[bool, str]] = []
    in_group = False
    for match in _TOKEN.finditer(text):
        piece, name = match[0], match[1]
        if piece in ("[", "]"):
            if in_group == (piece == "["):
                raise MappingError(key, _("The square brackets do not match, or one group stands in another."))
            groups.append((in_group, tuple(parts)))
            parts, in_group = [], not in_group
        elif name is not None:
            parts.append((True, name))
        elif piece in ("{", "}"):
            raise MappingError(key, _("A brace stands alone. Write {column}, or {{ and }} for braces in the text."))
        else:
            parts.append((False, piece[0] if piece in ("{{", "}}", "[[", "]]") else piece))
    if in_group:
        raise MappingError(key, _("The square brackets do not match, or one group stands in another."))
    groups.append((False, tuple(parts)))
    return Template(tuple(group for group in groups if group[1]))
