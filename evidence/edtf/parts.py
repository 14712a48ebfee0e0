"""From the separate fields of a form to an EDTF string. Reading one is in `parsing`."""

from collections.abc import Mapping
from typing import Any

from evidence.edtf.errors import problem
from evidence.edtf.parsing import OPEN, UNKNOWN, parse
from evidence.edtf.points import SEASONS

_SEASON_CODES = {name: code for code, name in SEASONS.items()} | {code: code for code in SEASONS}
_KOREAN_PARTS = {"year": "연도", "month": "월", "day": "일", "season": "계절"}
_LARGEST = 10**18 - 1
_DEFAULTS: dict[str, Any] = {
    "precision": None,
    "year": None,
    "month": None,
    "day": None,
    "season": None,
    "approximate": False,
    "uncertain": False,
}


def from_parts(
    *,
    precision: str,
    year: int | None = None,
    month: int | None = None,
    day: int | None = None,
    season: str | int | None = None,
    approximate: bool = False,
    uncertain: bool = False,
    end: Mapping[str, Any] | None = None,
    open_start: bool = False,
    open_end: bool = False,
) -> str:
    """Return the EDTF string for one date or period.

    `precision` is day, month, season, year, decade, century or unknown; parts finer than it are ignored, since a form
    hides them. `season` is spring … winter or 21 … 24. Any year of a decade or century stands for it. `end` holds the
    same fields (precision to uncertain) for the second date of a period; `open_start` turns the date into the end of a
    period without start, `open_end` into the start of one without end. Precision 'unknown' on one side of a period
    makes that side unknown.

    Raises:
        EdtfError: a part is missing or not a number, the ends contradict each other, or `parse` refuses the result.
    """
    text = _point_text(
        precision=precision,
        year=year,
        month=month,
        day=day,
        season=season,
        approximate=approximate,
        uncertain=uncertain,
    )
    if (end is not None) + open_start + open_end > 1:
        raise problem("parts_ends")
    if end is not None:
        text = f"{text}/{_end_text(end)}"
    elif open_start:
        text = f"{OPEN}/{text}"
    elif open_end:
        text = f"{text}/{OPEN}"
    elif not text:
        text = UNKNOWN
    return parse(text).text


def _end_text(end: Mapping[str, Any]) -> str:
    if not end.keys() <= _DEFAULTS.keys():
        raise problem("parts_unknown_key")
    return _point_text(**{**_DEFAULTS, **end})


def _point_text(
    *, precision: Any, year: Any, month: Any, day: Any, season: Any, approximate: bool, uncertain: bool
) -> str:
    if precision == "unknown":
        return ""
    if precision not in ("day", "month", "season", "year", "decade", "century"):
        raise problem("parts_precision")
    number = _whole("year", year)
    text = _year_text(precision, number)
    if precision in ("day", "month"):
        text += f"-{_whole('month', month, least=0):02d}"
    if precision == "day":
        text += f"-{_whole('day', day, least=0):02d}"
    if precision == "season":
        text += f"-{_season_code(season)}"
    return (
        text
        + {(False, False): "", (True, False): "~", (False, True): "?", (True, True): "%"}[
            bool(approximate), bool(uncertain)
        ]
    )


def _year_text(precision: str, year: int) -> str:
    sign, digits = "-" if year < 0 else "", f"{abs(year):04d}"
    if precision == "year" and len(digits) > 4:
        return f"Y{sign}{digits}"
    hidden = {"decade": 1, "century": 2}.get(precision, 0)
    return sign + digits[: len(digits) - hidden] + "X" * hidden


def _season_code(season: Any) -> int:
    if season in (None, ""):
        raise problem("parts_missing", part="season", part_ko=_KOREAN_PARTS["season"])
    if not isinstance(season, (str, int)) or season not in _SEASON_CODES:
        raise problem("parts_season")
    return _SEASON_CODES[season]


def _whole(part: str, value: Any, *, least: int = -_LARGEST) -> int:
    if value in (None, ""):
        raise problem("parts_missing", part=part, part_ko=_KOREAN_PARTS[part])
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _LARGEST:
        raise problem("parts_value", part=part, part_ko=_KOREAN_PARTS[part])
    return value
