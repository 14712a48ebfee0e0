"""A value of a draft out of a row: constant, template, column, first of several, lookup. Dates are in `dates`."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from evidence.importing.checking import check_keys, check_texts, check_type, join
from evidence.importing.errors import CellError, MappingError
from evidence.importing.templates import Lookup, Scope, Template, parse_template
from evidence.importing.text import one_line, shorten

KEYS = ("column", "template", "first", "empty", "lookup", "else", "shorten", "required")
KINDS = ("column", "template", "first")
ELSE = ("error", "keep", "empty")
MAX_COUNT = 2_147_483_647
MIN_SHORTENED = 10
_LEAST = {"least": MIN_SHORTENED}
_WHOLE = re.compile(r"\d{1,12}(\.0+)?")


@dataclass(slots=True)
class Compiler:
    """What is known while the values of one mapping are compiled, and what was found in them."""

    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)
    columns: dict[str, None] = field(default_factory=dict)
    lookups_needed: set[str] = field(default_factory=set)
    # @date joins once the date is compiled, @column inside a matrix.
    specials: set[str] = field(default_factory=lambda: {"@sheet", "@row"})

    def use(self, names: Iterable[str], key: str) -> None:
        for name in names:
            if name.startswith("$"):
                if name[1:] not in self.defined:
                    raise MappingError(
                        key, _("‘%(name)s’ is not defined, or only further down, in “define”.") % {"name": name}
                    )
            elif not name.startswith("@"):
                self.columns[name] = None
            elif name not in self.specials:
                known = ", ".join(sorted(self.specials))
                raise MappingError(
                    key, _("‘%(name)s’ cannot stand here; %(known)s can.") % {"name": name, "known": known}
                )


@dataclass(frozen=True, slots=True)
class Value:
    """A compiled value. Calling it with a Scope returns text, '' for none.

    Raises (when called):
        CellError: it is required and empty, or not in its lookup table.
    """

    source: Callable[[Scope], str]
    column: str
    empty: frozenset[str] = frozenset()
    table: dict[str, str] | str | None = None
    otherwise: "Value | str" = "error"
    shorten: int = 0
    required: bool = False

    def __call__(self, scope: Scope) -> str:
        text = self.source(scope)
        if text in self.empty:
            text = ""
        if text and self.table is not None:
            text = self._looked_up(text, scope)
        if self.required and not text:
            raise CellError(self.column, _("The value is required, but empty."))
        return shorten(one_line(text), self.shorten) if self.shorten else text

    def _looked_up(self, text: str, scope: Scope) -> str:
        table: Lookup | str | None = self.table
        if isinstance(table, str):
            table = scope.lookups[table]
        assert table is not None
        found = table.get(text)
        if found is None:
            found = table.get(text.casefold())
        if found is not None:
            return found
        if isinstance(self.otherwise, Value):
            return self.otherwise(scope)
        if self.otherwise == "error":
            raise CellError(self.column, _("‘%(value)s’ is not in the list of known values.") % {"value": text[:80]})
        return text if self.otherwise == "keep" else ""


def compile_value(spec: object, key: str, compiler: Compiler) -> Value:
    """Return the value that `spec` describes: a text (a template), or an object with column, template or first.

    Raises:
        MappingError: naming the entry that is wrong.
    """
    if isinstance(spec, str):
        return _from_template(parse_template(spec, key), key, compiler)
    check_keys(spec, key, allowed=KEYS)
    assert isinstance(spec, dict)
    kinds = [kind for kind in KINDS if kind in spec]
    if len(kinds) != 1:
        raise MappingError(key, _("Give exactly one of %(kinds)s.") % {"kinds": ", ".join(KINDS)})
    base = _source(kinds[0], spec[kinds[0]], join(key, kinds[0]), compiler)
    if "else" in spec and "lookup" not in spec:
        raise MappingError(join(key, "else"), _("“else” belongs to a “lookup”."))
    check_type(spec.get("required", False), bool, join(key, "required"))
    check_type(spec.get("shorten", MIN_SHORTENED), int, join(key, "shorten"))
    if spec.get("shorten", MIN_SHORTENED) < MIN_SHORTENED:
        raise MappingError(join(key, "shorten"), _("Text can be shortened to %(least)d characters at least.") % _LEAST)
    return Value(
        source=base.source,
        column=base.column,
        empty=frozenset(check_texts(spec.get("empty", []), join(key, "empty"))),
        table=_table(spec["lookup"], join(key, "lookup"), compiler) if "lookup" in spec else None,
        otherwise=_otherwise(spec.get("else", "error"), join(key, "else"), compiler),
        shorten=spec.get("shorten", 0),
        required=spec.get("required", False),
    )


def _from_template(template: Template, key: str, compiler: Compiler) -> Value:
    compiler.use(template.names, key)
    columns = [name for name in template.names if name[0] not in "$@"]
    if columns and template.groups == ((False, ((True, columns[0]),)),):
        return Value(source=lambda scope: scope.cell(columns[0]), column=columns[0])
    return Value(source=template.fill, column=columns[0] if columns else "")


def _source(kind: str, spec: Any, key: str, compiler: Compiler) -> Value:
    if kind == "first":
        check_type(spec, list, key)
        choices = [compile_value(item, f"{key}[{index}]", compiler) for index, item in enumerate(spec)]
        if not choices:
            raise MappingError(key, _("This list is empty."))
        return Value(source=lambda scope: next(filter(None, (c(scope) for c in choices)), ""), column=choices[0].column)
    check_type(spec, str, key)
    if kind == "template":
        return _from_template(parse_template(spec, key), key, compiler)
    if spec[:1] in ("@", "$"):
        return _from_template(parse_template(f"{{{spec}}}", key), key, compiler)
    compiler.use([spec], key)
    return Value(source=lambda scope: scope.cell(spec), column=spec)


def _table(spec: object, key: str, compiler: Compiler) -> dict[str, str] | str:
    """Return a lookup table, or its name if it will be given with the rows."""
    if isinstance(spec, str):
        if spec in compiler.tables:
            return compiler.tables[spec]
        compiler.lookups_needed.add(spec)
        return spec
    return compile_table(spec, key)


def compile_table(spec: object, key: str) -> dict[str, str]:
    """Return a lookup table that also answers to other use of capitals, unless two entries would then collide."""
    check_type(spec, dict, key)
    assert isinstance(spec, dict)
    for name, text in spec.items():
        check_type(text, str, join(key, name))
    folded: dict[str, str] = {}
    for name, text in spec.items():
        if folded.setdefault(name.casefold(), text) != text:
            raise MappingError(join(key, name), _("This value is listed twice with different meanings."))
    return folded | spec


def _otherwise(spec: object, key: str, compiler: Compiler) -> Value | str:
    if isinstance(spec, dict):
        return compile_value(spec, key, compiler)
    if spec not in ELSE:
        raise MappingError(key, _("Write “error”, “keep” or “empty”, or an object that gives another value."))
    assert isinstance(spec, str)
    return spec


def whole_number(text: str, column: str) -> int | None:
    """Return a count, None for ''."""
    if not text:
        return None
    if not _WHOLE.fullmatch(text) or (number := int(text.partition(".")[0])) > MAX_COUNT:
        raise CellError(column, _("‘%(value)s’ is not a whole number from 0 to 2,147,483,647.") % {"value": text[:80]})
    return number


def coordinate(text: str, column: str, limit: int) -> str | None:
    """Return a latitude (`limit` 90) or longitude (180) in degrees as written, None for ''."""
    if not text:
        return None
    try:
        number = Decimal(text)
        inside = abs(number) <= limit
    except InvalidOperation:
        inside = False
    if not inside:
        raise CellError(
            column,
            _("‘%(value)s’ is not a number of degrees from -%(limit)d to %(limit)d.")
            % {"value": text[:80], "limit": limit},
        )
    return format(number, "f")
