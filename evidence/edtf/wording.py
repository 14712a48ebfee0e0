"""A date in a few words for lists and facts, in English and Korean. Form labels and sentences of refusal are elsewhere.

The Korean patterns use only endings that do not change with the sound before them (까지, 부터, 이전, 이후, 무렵).
"""

from evidence.edtf.parsing import OPEN, Edtf, parse
from evidence.edtf.points import SPANS, Point

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "day": "{day} {month} {year}",
        "month": "{month} {year}",
        "season": "{season} {year}",
        "year": "{year}",
        "21": "spring",
        "22": "summer",
        "23": "autumn",
        "24": "winter",
        "common_year": "{number}",
        "early_year": "{number} CE",
        "bce_year": "{number} BCE",
        "winter_years": "{first}–{last}",
        "span": "{start}s",
        "span_years": "{first}–{last}",
        "span_note": " ({first}–{last})",
        "month_unknown": ", month unknown",
        "day_unknown": ", day unknown",
        "month_day_unknown": ", month and day unknown",
        "time": ", {time}",
        "zoned_time": ", {time} UTC{offset}",
        "approximate": "c. {date}",
        "uncertain": "{date}?",
        "interval": "{start} – {end}",
        "open_start": "{end} or earlier",
        "open_end": "{start} or later",
        "unknown_start": "until {end}, start unknown",
        "unknown_end": "from {start}, end unknown",
        "unknown": "unknown date",
    },
    "ko": {
        "day": "{year} {month} {day}일",
        "month": "{year} {month}",
        "season": "{year} {season}",
        "year": "{year}",
        "21": "봄",
        "22": "여름",
        "23": "가을",
        "24": "겨울",
        "common_year": "{number}년",
        "early_year": "{number}년",
        "bce_year": "기원전 {number}년",
        "winter_years": "{first}–{last}년",
        "span": "{start}년대",
        "span_years": "{first}~{last}",
        "span_note": " ({first}~{last}년)",
        "month_unknown": " (월 미상)",
        "day_unknown": " (일 미상)",
        "month_day_unknown": " (월·일 미상)",
        "time": " {time}",
        "zoned_time": " {time} UTC{offset}",
        "approximate": "{date} 무렵",
        "uncertain": "{date}(?)",
        "interval": "{start} ~ {end}",
        "open_start": "{end} 이전",
        "open_end": "{start} 이후",
        "unknown_start": "{end}까지 (시작 미상)",
        "unknown_end": "{start}부터 (끝 미상)",
        "unknown": "날짜 미상",
    },
}


def wording(value: str | Edtf, language: str) -> str:
    """Return `value` in words; `language` is 'en' or 'ko'. An open end counts its date in: 'Sep 2012 or earlier'.

    Raises:
        EdtfError: `value` is a string that is no supported EDTF date.
        ValueError: there is no wording in that language.
    """
    if language not in _WORDS:
        raise ValueError(f"No wording of dates in language {language!r}: use one of {', '.join(_WORDS)}.")
    words = _WORDS[language]
    edtf = parse(value) if isinstance(value, str) else value
    start = _point(edtf.start, words, language) if edtf.start else ""
    end = _point(edtf.end, words, language) if edtf.end else ""
    if "/" not in edtf.text:
        return start
    return words[_interval_pattern(edtf)].format(start=start, end=end)


def _interval_pattern(edtf: Edtf) -> str:
    if edtf.precision in ("interval", "unknown"):
        return edtf.precision
    left, right = edtf.text.split("/")
    if edtf.start is None:
        return "open_start" if left == OPEN else "unknown_start"
    return "open_end" if right == OPEN else "unknown_end"


def _point(point: Point, words: dict[str, str], language: str) -> str:
    if point.precision in SPANS:
        text, note = _span(point, words)
    else:
        text, note = _calendar(point, words, language), _note(point, words)
    if point.approximate:
        text = words["approximate"].format(date=text)
    if point.uncertain:
        text = words["uncertain"].format(date=text)
    return text + note


def _calendar(point: Point, words: dict[str, str], language: str) -> str:
    month = ""
    if point.month:
        month = _MONTHS[point.month - 1] if language == "en" else f"{point.month}월"
    year = _year(point.year, words)
    if point.season == 24 and 1000 <= point.year <= 9999:
        following = point.year + 1
        last = str(following) if following % 100 == 0 else f"{following % 100:02d}"
        year = words["winter_years"].format(first=point.year, last=last)
    season = words[str(point.season)] if point.season else ""
    return words[point.precision].format(year=year, month=month, day=point.day, season=season)


def _year(year: int, words: dict[str, str]) -> str:
    if year <= 0:
        return words["bce_year"].format(number=1 - year)
    return words["early_year" if year < 1000 else "common_year"].format(number=year)


def _span(point: Point, words: dict[str, str]) -> tuple[str, str]:
    """Return the words for a decade or century and a note, where '2000s' alone could mean either."""
    first, last = point.year, point.year + SPANS[point.precision] - 1
    if first < 1000:
        return words["span_years"].format(first=_year(first, words), last=_year(last, words)), ""
    note = words["span_note"].format(first=first, last=last) if first % 100 == 0 else ""
    return words["span"].format(start=first), note


def _note(point: Point, words: dict[str, str]) -> str:
    if point.unspecified:
        return words["_".join(point.unspecified) + "_unknown"]
    if not point.time:
        return ""
    if not point.zone:
        return words["time"].format(time=point.time)
    return words["zoned_time"].format(time=point.time, offset=point.zone.removeprefix("Z"))
