"""Diagnosis: why a text that is not level 0 or 1 was refused, and what the writer probably meant.

Only ever run on a text that has already failed. It suggests and never corrects: what a person did not write is not
stored for her, and a text with two readings gets both.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

from evidence.edtf.errors import EdtfError, problem
from evidence.edtf.points import POINT

_KOREAN = re.compile(r"([0-9]{4})년(?: ?([0-9]{1,2})월(?: ?([0-9]{1,2})일)?)?")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-./ ]{1,2}([0-9]{1,2})(?:[-./ ]{1,2}([0-9]{1,2})\.?)?")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-./ ]([0-9]{1,2})[-./ ]([0-9]{4})")
_MONTH_YEAR = re.compile(r"([0-9]{1,2})[-./ ]([0-9]{4})")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_ABOUT = re.compile(r"(?:c|ca|circa|about|around)\.? ?([0-9]{4}(?:-[0-9]{2}){0,2})", re.IGNORECASE)


def check_characters(text: str) -> None:
    """Raise if `text` holds a character that no EDTF date has, with a suggestion where the meaning is plain."""
    if match := _KOREAN.fullmatch(text):
        _suggest(text, *match.groups())
    for character in text:
        if not " " <= character <= "~":
            raise problem("bad_character", character=_character_name(character))


def check_slashes(text: str) -> None:
    """Raise if `text` uses '/' as in an everyday date, or more than once: in EDTF it joins the ends of an interval."""
    if match := re.fullmatch(r"([0-9]{4})/([0-9]{1,2})|([0-9]{1,2})/([0-9]{4})", text):
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        if suggestion := _iso(year, month, None):
            raise problem("slash_month", text=text, suggestion=suggestion)
    if text.count("/") > 1:
        _everyday_date(text)
        raise problem("too_many_slashes", text=text)


def explain(text: str) -> EdtfError:
    """Return the error that says best why `text`, one date or one end of an interval, is refused."""
    try:
        for check in _CHECKS:
            check(text)
    except EdtfError as error:
        return error
    return problem("not_edtf", text=text)


def _iso(year: str, month: str | None, day: str | None) -> str | None:
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return "-".join([year, *(part.zfill(2) for part in (month, day) if part)])


def _suggest(text: str, year: str, month: str | None, day: str | None) -> None:
    if suggestion := _iso(year, month, day):
        raise problem("other_form", text=text, suggestion=suggestion)


def _character_name(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}" + (f" ({name})" if name else "")


def _level_2(text: str) -> None:
    if re.search(r"[\[\]{},]", text):
        raise problem("level_2_set")
    if re.fullmatch(r"Y?-?[0-9]+E[0-9]+(S[0-9]+)?", text, re.IGNORECASE):
        raise problem("level_2_exponent")
    if re.fullmatch(r"Y?-?[0-9]+S[0-9]+", text, re.IGNORECASE):
        raise problem("level_2_significant")


def _dots(text: str) -> None:
    if ".." in text:
        raise problem("dots", text=text)


def _qualifiers(text: str) -> None:
    signs = re.findall(r"[?~%]", text)
    bare = re.sub(r"[?~%]", "", text)
    sign = signs[0] if len(set(signs)) == 1 else "%"
    if len(signs) > 1 and text.startswith(bare):
        raise problem("two_qualifiers", suggestion=bare + sign)
    if signs and POINT.fullmatch(bare):
        raise problem("level_2_part_qualifier", suggestion=bare + sign)


def _letters(text: str) -> None:
    """The letters of older drafts, small letters, X where level 1 has none, and 'about' in words."""
    if text in ("open", "unknown"):
        raise problem("old_keyword")
    for suggestion in (text.upper(), text.replace("u", "X")):
        if suggestion != text and POINT.fullmatch(suggestion):
            raise problem("other_form", text=text, suggestion=suggestion)
    if re.fullmatch(r"(?=.*X)-?[0-9X]+(-[0-9X]{1,2}){0,2}[?~%]?", text):
        raise problem("level_2_digits")
    if match := _ABOUT.fullmatch(text):
        raise problem("other_form", text=text, suggestion=match[1] + "~")


def _everyday_date(text: str) -> None:
    if match := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
        _suggest(text, *match.groups())
    if match := _MONTH_YEAR.fullmatch(text):
        _suggest(text, match[2], match[1], None)
    if match := _YEAR_LAST.fullmatch(text):
        first, second, year = match.groups()
        day_first, month_first = _iso(year, second, first), _iso(year, first, second)
        if day_first and month_first and day_first != month_first:
            raise problem("ambiguous_form", text=text, day_first=day_first, month_first=month_first)
        if suggestion := day_first or month_first:
            raise problem("other_form", text=text, suggestion=suggestion)


def _time(text: str) -> None:
    match = re.match(r"(-?[0-9]{4}-[0-9]{2}-[0-9]{2}[T ])?([0-9]{1,2}):([0-9]{2})(?![0-9])", text)
    if match and (int(match[2]) > 24 or int(match[3]) > 59 or (match[2] == "24" and match[3] != "00")):
        raise problem("bad_time", time=f"{match[2]}:{match[3]}")
    if match and not match[1]:
        raise problem("time_needs_day")
    if re.match(r"-?[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]", text):
        raise problem("time_form", text=text)


def _year_digits(text: str) -> None:
    match = re.fullmatch(r"-?([0-9]+)(-[0-9]{2}){0,2}[?~%]?", text)
    if match and len(match[1]) != 4:
        raise problem("short_year" if len(match[1]) < 4 else "long_year", text=text)


_CHECKS: tuple[Callable[[str], None], ...] = (
    _level_2,
    _everyday_date,
    _dots,
    _qualifiers,
    _letters,
    _time,
    _year_digits,
)
