"""Dates as sources write them, into EDTF by formats named in the mapping. Nothing is tried that was not named."""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from evidence.edtf import Edtf, EdtfError, parse
from evidence.importing.checking import check_choice, check_keys, check_type, join
from evidence.importing.errors import CellError, MappingError
from evidence.importing.templates import Scope
from evidence.importing.values import Compiler, Value, compile_value

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTH = {"sept": "09"} | {
    name: f"{number:02d}" for number, full in enumerate(_MONTHS.split("|"), 1) for name in (full, full[:3])
}
_NAME = r"(?P<month>[A-Za-z]{3,9})\.?"
_DAY, _NUMBER, _YEAR = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})", r"(?P<year>\d{4})"
_GAP = r"[\s\-/.,]\s*"

# Each pattern is the whole of the text; a part that is not there stays out of the date.
FORMATS: dict[str, re.Pattern[str] | None] = {
    "edtf": None,
    "iso": re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?"),
    "iso-datetime": re.compile(
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
        r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    ),
    "year": re.compile(_YEAR),
    "month-year": re.compile(f"{_NAME}{_GAP}{_YEAR}"),
    "day-month-year": re.compile(f"{_DAY}{_GAP}{_NAME}{_GAP}{_YEAR}"),
    "month-day-year": re.compile(f"{_NAME}{_GAP}{_DAY}{_GAP}{_YEAR}"),
    "d/m/y": re.compile(f"{_DAY}{_GAP}{_NUMBER}{_GAP}{_YEAR}"),
    "m/d/y": re.compile(f"{_NUMBER}{_GAP}{_DAY}{_GAP}{_YEAR}"),
    "y/m/d": re.compile(rf"{_YEAR}{_GAP}{_NUMBER}(?:{_GAP}{_DAY}\.?)?"),
    "korean": re.compile(rf"{_YEAR}\s*년(?:\s*{_NUMBER}\s*월(?:\s*{_DAY}\s*일)?)?"),
}
# What a precision code of the source means for a range of two dates.
EXACT, WITHIN, MONTH, APPROXIMATE = "exact", "within", "month", "approximate"
PRECISIONS = (EXACT, WITHIN, MONTH, APPROXIMATE)


def read_date(text: str, formats: Sequence[str], column: str) -> str:
    """Return the EDTF form of `text` by the first of `formats` that fits, '' for ''.

    Raises:
        CellError: no format fits, or the date does not exist.
    """
    if not text:
        return ""
    for name in formats:
        pattern = FORMATS[name]
        match = pattern.fullmatch(text) if pattern else None
        if pattern is None:
            return _checked(text, column).text
        if match and (edtf := _assemble(match)):
            return _checked(edtf, column).text
    raise CellError(
        column,
        _("‘%(value)s’ is not a date in the expected form (%(formats)s).")
        % {"value": text[:80], "formats": ", ".join(formats)},
    )


def _assemble(match: re.Match[str]) -> str:
    parts = match.groupdict()
    month, day = parts.get("month"), parts.get("day")
    if month and not month.isdigit():
        month = _MONTH.get(month.lower())
        if not month:
            return ""
    return "-".join([parts["year"], *(part.zfill(2) for part in (month, day) if part)])


def _checked(edtf: str, column: str) -> Edtf:
    try:
        return parse(edtf)
    except EdtfError as error:
        raise CellError(column, error.message_ko if (get_language() or "").startswith("ko") else error.message)


@dataclass(frozen=True, slots=True)
class SingleDate:
    """A date in one column (or template)."""

    value: Value
    formats: tuple[str, ...]

    def __call__(self, scope: Scope) -> tuple[str, str]:
        """Return (EDTF or '', the words of the source)."""
        text = self.value(scope)
        return read_date(text, self.formats, self.value.column), text


@dataclass(frozen=True, slots=True)
class DateRange:
    """A date in two columns, with a code that says how exactly it is known."""

    start: Value
    end: Value
    formats: tuple[str, ...]
    precision: Value | None

    def __call__(self, scope: Scope) -> tuple[str, str]:
        """Return (EDTF or '', the words of the source)."""
        raw_start, raw_end = self.start(scope), self.end(scope)
        start = read_date(raw_start, self.formats, self.start.column)
        end = read_date(raw_end, self.formats, self.end.column)
        precision = (self.precision(scope) if self.precision else "") or EXACT
        words = raw_start if raw_start == raw_end else f"{raw_start} – {raw_end}"
        if not start and not end:
            return "", ""
        return _checked(_join(start, end, precision), self.start.column).text, words


def _join(start: str, end: str, precision: str) -> str:
    """Return one EDTF date for two ends. An empty end is unknown; a month is said only where both ends span it."""
    if not start or not end:
        return f"{start}/{end}"
    if start == end:
        # One day that the source itself calls inexact is that day approximately, never that day.
        return start if precision == EXACT else f"{start}~"
    if precision == MONTH and _spans_month(start, end):
        return start[:7]
    mark = "~" if precision == APPROXIMATE else ""
    return f"{start}{mark}/{end}{mark}"


def _spans_month(start: str, end: str) -> bool:
    if not (start.endswith("-01") and len(start) == len(end) == 10 and start[:7] == end[:7]):
        return False
    year, month, day = map(int, end.split("-"))
    return day == monthrange(year, month)[1]


def compile_date(spec: object, key: str, compiler: Compiler) -> Callable[[Scope], tuple[str, str]]:
    """Return the date that `spec` describes: {"value", "formats"} or {"start", "end", "formats", "precision"}."""
    spec = check_keys(spec, key, allowed=("value", "start", "end", "formats", "precision"), required=("formats",))
    formats = _formats(spec["formats"], join(key, "formats"))
    if ("value" in spec) == ("start" in spec) or ("start" in spec) != ("end" in spec):
        raise MappingError(key, _("Give either “value”, or “start” and “end”."))
    if "value" in spec:
        if "precision" in spec:
            raise MappingError(join(key, "precision"), _("“precision” belongs to “start” and “end”."))
        return SingleDate(compile_value(spec["value"], join(key, "value"), compiler), formats)
    start, end = (compile_value(spec[name], join(key, name), compiler) for name in ("start", "end"))
    precision = None
    if "precision" in spec:
        precision = compile_value(spec["precision"], join(key, "precision"), compiler)
        if not isinstance(precision.table, dict):
            raise MappingError(join(key, "precision"), _("A precision needs a “lookup” written out here."))
        for code, meaning in precision.table.items():
            check_choice(meaning, PRECISIONS, join(key, f"precision.lookup.{code}"))
    return DateRange(start, end, formats, precision)


def _formats(spec: object, key: str) -> tuple[str, ...]:
    check_type(spec, list, key)
    assert isinstance(spec, list)
    if not spec:
        raise MappingError(key, _("Name at least one format: %(known)s.") % {"known": ", ".join(FORMATS)})
    return tuple(check_choice(name, FORMATS, f"{key}[{index}]") for index, name in enumerate(spec))
