"""A saved mapping: rows of one kind of table into drafts of incidents. Which rows there are is in `tables`.

The specification is described in README.md beside this file. Nothing here knows the database: codes of places, roles,
crimes and verification are passed on as the mapping gives them.
"""

import json
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from evidence.importing import acts, dates, sources, values
from evidence.importing.checking import Spec, check_choice, check_keys, check_storable, check_texts, check_type, join
from evidence.importing.drafting import TEXT_FIELDS, Attempt, Draft, Recipe
from evidence.importing.errors import CellError, MappingError, RowErrors
from evidence.importing.rows import Row
from evidence.importing.templates import Lookup, Scope, parse_template
from evidence.importing.text import as_text, digest, identifier, one_line
from evidence.importing.values import Compiler, Value, compile_value

FORMAT = 1
KEYS = (
    "format", "name", "label", "description", "credit", "optional_columns", "lookups", "define",
    "identity", "fields", "acts", "sources", "tags", "extra",
)  # fmt: skip
ERROR, NUMBER = "error", "number"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A checked mapping. Make one with `from_dict`.

    `name` and `label` ({"en", "ko"}) are for people. `repeats` says what a second row with the same identity is:
    'error', or 'number' for one more incident whose identity gets a running number. `lookups_needed` are the lookup
    tables that `apply` must be given.
    """

    name: str
    label: dict[str, str]
    description: dict[str, str]
    spec: Spec
    repeats: str
    columns: tuple[str, ...]
    optional: frozenset[str]
    lookups_needed: frozenset[str]
    recipe: Recipe

    @classmethod
    def from_dict(cls, spec: object) -> "Mapping":
        """Check a specification and return it as a mapping.

        Raises:
            MappingError: naming the entry that is wrong and what it may be.
        """
        return _compile(spec)

    def missing_columns(self, columns: Iterable[str]) -> list[str]:
        """Return the columns that the mapping needs and a table with `columns` lacks."""
        present = set(columns)
        return [column for column in self.columns if column not in present and column not in self.optional]

    def unused_columns(self, columns: Iterable[str]) -> list[str]:
        """Return the columns of a table that no entry of the mapping reads; they stay in the original row only."""
        return [column for column in columns if column not in self.columns]

    def identity(self, row: Row, sheet: str) -> str:
        """Return what identifies the row within its source, before any running number; '' if it cannot be made."""
        try:
            return self.recipe.identity(Scope(row, sheet, {}, self.optional))
        except CellError:
            return ""

    def apply(
        self, row: Row, sheet: str, *, lookups: Table[str, Lookup] | None = None, occurrence: int = 1
    ) -> Draft | RowErrors:
        """Return the draft of an incident, or every reason why the row makes none.

        `occurrence` is 1 for the first row with this identity, 2 for the next, if `repeats` is 'number'.

        Raises:
            MappingError: a lookup table the mapping needs is not in `lookups`.
        """
        for name in self.lookups_needed - (lookups or {}).keys():
            raise MappingError("lookup", _("The lookup table ‘%(name)s’ was not given.") % {"name": name})
        problems = [pair for pair in row.errors if not pair[0] or pair[0] in self.columns]
        warnings = [pair for pair in row.errors if pair not in problems] + list(row.warnings)
        scope = Scope(row, sheet, lookups or {}, self.optional)
        draft = Attempt(self.recipe, scope, problems, warnings).draft(occurrence)
        return RowErrors(dict.fromkeys(problems)) if problems else draft


def _compile(spec: object) -> Mapping:
    check_storable(spec)
    spec = check_keys(spec, "", allowed=KEYS, required=("format", "name", "label", "identity", "fields"))
    if spec["format"] != FORMAT:
        raise MappingError("format", _("This version of the program reads format %(format)d.") % {"format": FORMAT})
    check_type(spec["name"], str, "name")
    compiler = Compiler()
    for name, table in _object(spec, "lookups").items():
        compiler.tables[name] = values.compile_table(table, join("lookups", name))
    define = []
    for name, entry in _object(spec, "define").items():
        define.append((name, compile_value(entry, join("define", name), compiler)))
        compiler.defined.add(name)
    identity, repeats = _compile_identity(spec["identity"], compiler)
    fields, date = _compile_fields(spec["fields"], compiler)
    recipe = Recipe(
        identity=identity,
        define=tuple(define),
        fields=fields,
        date=date,
        acts=_each(spec, "acts", acts.compile_act, compiler),
        sources=_each(spec, "sources", sources.compile_source, compiler),
        tags=_each(spec, "tags", compile_value, compiler),
        extra={
            name: compile_value(entry, join("extra", name), compiler) for name, entry in _object(spec, "extra").items()
        },
    )
    return Mapping(
        name=spec["name"],
        label=_both_languages(spec["label"], "label"),
        description=_both_languages(spec.get("description", {"en": "", "ko": ""}), "description"),
        spec=spec,
        repeats=repeats,
        columns=tuple(compiler.columns),
        optional=frozenset(check_texts(spec.get("optional_columns", []), "optional_columns")),
        lookups_needed=frozenset(compiler.lookups_needed),
        recipe=recipe,
    )


def _object(spec: Spec, name: str) -> Spec:
    found = spec.get(name, {})
    check_type(found, dict, name)
    return found


def _each(
    spec: Spec, name: str, compile_one: Callable[[object, str, Compiler], Any], compiler: Compiler
) -> tuple[Any, ...]:
    check_type(spec.get(name, []), list, name)
    return tuple(compile_one(entry, f"{name}[{index}]", compiler) for index, entry in enumerate(spec.get(name, [])))


def _both_languages(spec: object, key: str) -> dict[str, str]:
    spec = check_keys(spec, key, allowed=("en", "ko"), required=("en", "ko"))
    for language, text in spec.items():
        check_type(text, str, join(key, language))
    return spec


def _compile_fields(spec: object, compiler: Compiler) -> tuple[dict[str, Value], Callable | None]:
    spec = check_keys(spec, "fields", allowed=(*TEXT_FIELDS, "date"))
    if "title_en" not in spec and "title_ko" not in spec:
        raise MappingError("fields", _("A mapping needs “title_en” or “title_ko”."))
    date = dates.compile_date(spec["date"], "fields.date", compiler) if "date" in spec else None
    compiler.specials.add("@date")
    found = {n: compile_value(spec[n], f"fields.{n}", compiler) for n in TEXT_FIELDS if n in spec}
    return found, date


def _compile_identity(spec: object, compiler: Compiler) -> tuple[Callable[[Scope], str], str]:
    spec = check_keys(spec, "identity", allowed=("template", "content", "repeats"))
    if ("template" in spec) == ("content" in spec):
        raise MappingError("identity", _("Give either “template” or “content”."))
    repeats = check_choice(spec.get("repeats", ERROR), (ERROR, NUMBER), "identity.repeats")
    if "content" in spec:
        columns = None if spec["content"] == "all" else check_texts(spec["content"], "identity.content")
        compiler.use(columns or (), "identity.content")
        return lambda scope: _content(scope, columns), repeats
    check_type(spec["template"], str, "identity.template")
    value = compile_value(spec["template"], "identity.template", compiler)
    names = parse_template(spec["template"], "identity.template").names
    if not any(not name.startswith("@") for name in names) or any(name.startswith("$") for name in names):
        raise MappingError("identity.template", _("An identity is made of columns, such as {id}."))
    return lambda scope: _identity(scope, value, names), repeats


def _identity(scope: Scope, value: Value, names: list[str]) -> str:
    for name in names:
        if not scope.fetch(name) and name != "@sheet":
            raise CellError(name, _("The cell is empty, but the row is identified by it."))
    return identifier(one_line(value(scope)))


def _content(scope: Scope, columns: list[str] | None) -> str:
    """Return a digest of the sheet and of the cleaned texts of `columns`, or of all columns by name."""
    names = sorted(scope.row.values) if columns is None else columns
    cells = [[name, scope.cell(name) if columns else as_text(scope.row.values[name])] for name in names]
    return digest(json.dumps([scope.sheet, cells], ensure_ascii=False, separators=(",", ":")))
