"""The sources of a row: a matrix of yes/no columns, one column that lists several, or one fixed source."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from django.utils.translation import gettext as _

from evidence.importing.checking import Spec, check_choice, check_keys, check_texts, check_type, join
from evidence.importing.errors import CellError, MappingError
from evidence.importing.templates import Scope
from evidence.importing.text import as_text, identifier, one_line, shorten
from evidence.importing.values import Compiler, Value, compile_value

DOCUMENTED = ("yes", "no", "not_applicable")
MAX_TITLE = 500
MARKS = {"yes": ["True"], "no": ["False"], "not_applicable": ["N/A"]}
_URL = re.compile(r"https?://\S+")
# An archived page has the address of the original within its own; any other text with two addresses is not one address.
_ARCHIVED = re.compile(r"https?://web\.archive\.org/")


class SourceDraft(TypedDict):
    """One source of an incident. `url` is '' where the source gave none; `documented` is one of DOCUMENTED."""

    external_id: str
    title: str
    url: str
    documented: str


Problems = list[tuple[str, str]]
SourceReader = Callable[[Scope, Problems], list[SourceDraft]]


def _draft(title: str, documented: str, external_id: str = "") -> SourceDraft:
    title = one_line(title)
    return {
        "external_id": identifier(one_line(external_id) or title),
        "title": shorten(title, MAX_TITLE),
        "url": _url(title),
        "documented": documented,
    }


def _url(text: str) -> str:
    match = _URL.search(text)
    if match is None:
        return ""
    return match[0] if text.count("://") == 1 or _ARCHIVED.match(match[0]) else ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """One source a column; the cell says whether that source documented the incident."""

    columns: tuple[tuple[str, Value, Value | None], ...]
    meanings: dict[str, str]

    def __call__(self, scope: Scope, problems: Problems) -> list[SourceDraft]:
        found = []
        for column, title, external_id in self.columns:
            if column not in scope.row.values and column in scope.optional:
                continue
            try:
                text = scope.cell(column)
                meaning = self.meanings.get(text.casefold())
                if meaning is None:
                    raise CellError(column, self._unknown(text))
                scope.column = column
                found.append(_draft(title(scope), meaning, external_id(scope) if external_id else ""))
            except CellError as error:
                problems.append((error.column, error.reason))
        return found

    def _unknown(self, text: str) -> str:
        known = ", ".join(self.meanings)
        if not text:
            return _("The cell is empty; it must say one of: %(known)s.") % {"known": known}
        return _("‘%(value)s’ must be one of: %(known)s.") % {"value": text[:80], "known": known}


@dataclass(frozen=True, slots=True)
class Split:
    """Several sources in one cell, cut at separators and before phrases that begin a source."""

    value: Value
    separators: tuple[str, ...]
    before: tuple[str, ...]
    quoted: bool

    def __call__(self, scope: Scope, problems: Problems) -> list[SourceDraft]:
        try:
            text = self.value(scope)
        except CellError as error:
            problems.append((error.column, error.reason))
            return []
        if self.quoted and len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1]
        for phrase in self.before:
            text = text.replace(phrase, self.separators[0] + phrase)
        pieces = re.split("|".join(map(re.escape, self.separators)), text)
        found = [_draft(piece, "yes") for part in pieces if (piece := one_line(part).strip("; "))]
        return list({draft["external_id"]: draft for draft in found}.values())


@dataclass(frozen=True, slots=True)
class Fixed:
    """One source, named by the mapping or by a column."""

    title: Value
    external_id: Value | None
    documented: str

    def __call__(self, scope: Scope, problems: Problems) -> list[SourceDraft]:
        try:
            title = self.title(scope)
            return (
                [_draft(title, self.documented, self.external_id(scope) if self.external_id else "")] if title else []
            )
        except CellError as error:
            problems.append((error.column, error.reason))
            return []


def compile_source(spec: object, key: str, compiler: Compiler) -> SourceReader:
    """Return the reader of sources that `spec` describes: {"matrix": …}, {"split": …} or {"title": …}."""
    check_type(spec, dict, key)
    assert isinstance(spec, dict)
    if "matrix" in spec:
        check_keys(spec, key, allowed=("matrix",))
        return _matrix(spec["matrix"], join(key, "matrix"), compiler)
    if "split" in spec:
        check_keys(spec, key, allowed=("split",))
        return _split(spec["split"], join(key, "split"), compiler)
    check_keys(spec, key, allowed=("title", "external_id", "documented", "matrix", "split"), required=("title",))
    return Fixed(
        compile_value(spec["title"], join(key, "title"), compiler),
        _optional(spec, "external_id", key, compiler),
        check_choice(spec.get("documented", "yes"), DOCUMENTED, join(key, "documented")),
    )


def _optional(spec: Spec, name: str, key: str, compiler: Compiler) -> Value | None:
    return compile_value(spec[name], join(key, name), compiler) if name in spec else None


def _matrix(spec: object, key: str, compiler: Compiler) -> Matrix:
    spec = check_keys(spec, key, allowed=("columns", "values"), required=("columns",))
    check_type(spec["columns"], list, join(key, "columns"))
    compiler.specials.add("@column")
    columns = []
    for index, entry in enumerate(spec["columns"]):
        here = f"{key}.columns[{index}]"
        entry = {"column": entry} if isinstance(entry, str) else entry
        entry = check_keys(entry, here, allowed=("column", "title", "external_id"), required=("column",))
        check_type(entry["column"], str, join(here, "column"))
        compiler.use([entry["column"]], here)
        title = compile_value(entry.get("title", "{@column}"), join(here, "title"), compiler)
        columns.append((entry["column"], title, _optional(entry, "external_id", here, compiler)))
    compiler.specials.discard("@column")
    marks = check_keys(spec.get("values", MARKS), join(key, "values"), allowed=DOCUMENTED)
    meanings: dict[str, str] = {}
    for meaning, texts in marks.items():
        for text in check_texts(texts, join(key, f"values.{meaning}")):
            if meanings.setdefault(as_text(text).casefold(), meaning) != meaning:
                raise MappingError(join(key, f"values.{meaning}"), _("‘%(text)s’ is listed twice.") % {"text": text})
    return Matrix(tuple(columns), meanings)


def _split(spec: object, key: str, compiler: Compiler) -> Split:
    spec = check_keys(spec, key, allowed=("value", "separators", "before", "quoted"), required=("value", "separators"))
    separators = check_texts(spec["separators"], join(key, "separators"))
    if not separators:
        raise MappingError(join(key, "separators"), _("This list is empty."))
    check_type(spec.get("quoted", False), bool, join(key, "quoted"))
    return Split(
        compile_value(spec["value"], join(key, "value"), compiler),
        tuple(separators),
        tuple(check_texts(spec.get("before", []), join(key, "before"))),
        spec.get("quoted", False),
    )
