"""One row made into the draft of an incident by the compiled parts of a mapping. Their making is in `mapping`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from django.utils.translation import gettext as _

from evidence.importing import values
from evidence.importing.acts import Act, ActDraft
from evidence.importing.errors import CellError
from evidence.importing.sources import SourceDraft, SourceReader
from evidence.importing.templates import Scope
from evidence.importing.text import one_line
from evidence.importing.values import Value

PLACE_PRECISIONS = ("exact", "facility", "settlement", "county", "province", "country", "unknown")
# Field -> longest text. Narratives keep their lines; the others are one line.
TEXT_FIELDS = {
    "title_en": 300,
    "title_ko": 300,
    "narrative_en": 200_000,
    "narrative_ko": 200_000,
    "date_note": 500,
    "place": 20,
    "place_precision": 20,
    "place_detail": 1000,
    "latitude": 40,
    "longitude": 40,
    "verification": 40,
}
MAX_TAG = 100
MAX_EXTRA = 20_000


class Draft(TypedDict):
    """What a row says, ready to be recorded; nothing in it is from anywhere but the row and the mapping.

    Absent text is ''. `date` is EDTF. `latitude` and `longitude` are degrees WGS 84 as decimal text, both or neither.
    `warnings` are (column, reason) pairs that did not stop the row.
    """

    external_id: str
    title_en: str
    title_ko: str
    narrative_en: str
    narrative_ko: str
    date: str
    date_note: str
    place: str
    place_precision: str
    place_detail: str
    latitude: str | None
    longitude: str | None
    acts: list[ActDraft]
    sources: list[SourceDraft]
    verification: str
    tags: list[str]
    extra: dict[str, str]
    warnings: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The compiled parts of a mapping."""

    identity: Callable[[Scope], str]
    define: tuple[tuple[str, Value], ...]
    fields: dict[str, Value]
    date: Callable[[Scope], tuple[str, str]] | None
    acts: tuple[Act, ...]
    sources: tuple[SourceReader, ...]
    tags: tuple[Value, ...]
    extra: dict[str, Value]


@dataclass(slots=True)
class Attempt:
    """One row on its way to a draft; problems are collected, not raised, so that all of them are told at once."""

    recipe: Recipe
    scope: Scope
    problems: list[tuple[str, str]]
    warnings: list[tuple[str, str]]

    def draft(self, occurrence: int) -> Draft:
        recipe, scope = self.recipe, self.scope
        for name, value in recipe.define:
            scope.defined[name] = self._text(value)
        date, words = self._date()
        scope.date = date
        fields = {name: self._field(name, limit) for name, limit in TEXT_FIELDS.items()}
        latitude, longitude = self._coordinates(fields)
        found = [act(scope, self.problems, self.warnings) for act in recipe.acts]
        external_id = self._external_id(occurrence)
        self._check(fields)
        return {
            "external_id": external_id,
            "title_en": fields["title_en"],
            "title_ko": fields["title_ko"],
            "narrative_en": fields["narrative_en"],
            "narrative_ko": fields["narrative_ko"],
            "date": date,
            "date_note": fields["date_note"] or words,
            "place": fields["place"],
            "place_precision": fields["place_precision"] or "unknown",
            "place_detail": fields["place_detail"],
            "latitude": latitude,
            "longitude": longitude,
            "acts": [act for act in found if act is not None],
            "sources": [entry for source in recipe.sources for entry in source(scope, self.problems)],
            "verification": fields["verification"],
            "tags": self._tags(),
            "extra": {name: text for name, value in recipe.extra.items() if (text := self._text(value, MAX_EXTRA))},
            "warnings": self.warnings,
        }

    def _text(self, value: Value, limit: int = 0) -> str:
        try:
            text = value(self.scope)
        except CellError as error:
            self.problems.append((error.column, error.reason))
            return ""
        if limit and len(text) > limit:
            reason = _("The text has %(length)d characters; %(limit)d is the most.")
            self.problems.append((value.column, reason % {"length": len(text), "limit": limit}))
        return text

    def _field(self, name: str, limit: int) -> str:
        value = self.recipe.fields.get(name)
        if value is None:
            return ""
        text = self._text(value, limit)
        return text if name.startswith("narrative") else one_line(text)

    def _date(self) -> tuple[str, str]:
        if self.recipe.date is None:
            return "", ""
        try:
            return self.recipe.date(self.scope)
        except CellError as error:
            self.problems.append((error.column, error.reason))
            return "", ""

    def _coordinates(self, fields: dict[str, str]) -> tuple[str | None, str | None]:
        found = []
        columns = [self._column(name) for name in ("latitude", "longitude")]
        for name, column, limit in zip(("latitude", "longitude"), columns, (90, 180), strict=True):
            try:
                found.append(values.coordinate(fields[name], column, limit))
            except CellError as error:
                self.problems.append((error.column, error.reason))
                return None, None
        latitude, longitude = found
        if (latitude is None) != (longitude is None):
            missing = columns[latitude is not None]
            self.problems.append((missing, _("A latitude and a longitude need each other; one is empty.")))
        return latitude, longitude

    def _check(self, fields: dict[str, str]) -> None:
        if not fields["title_en"] and not fields["title_ko"] and not self.problems:
            column = self._column("title_en") or self._column("title_ko")
            self.problems.append((column, _("The row gives no title.")))
        precision = fields["place_precision"]
        if precision and precision not in PLACE_PRECISIONS:
            reason = _("‘%(value)s’ is not a precision of places: %(choices)s.")
            choices = ", ".join(PLACE_PRECISIONS)
            self.problems.append((self._column("place_precision"), reason % {"value": precision, "choices": choices}))

    def _column(self, field: str) -> str:
        value = self.recipe.fields.get(field)
        return value.column if value else ""

    def _external_id(self, occurrence: int) -> str:
        try:
            base = self.recipe.identity(self.scope)
        except CellError as error:
            self.problems.append((error.column, error.reason))
            return ""
        return base if occurrence == 1 else f"{base}#{occurrence}"

    def _tags(self) -> list[str]:
        tags = (one_line(self._text(value, MAX_TAG)) for value in self.recipe.tags)
        return list(dict.fromkeys(tag for tag in tags if tag))
