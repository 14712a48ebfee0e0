"""One EDTF date: its parts as written, and the first and last day it can mean. Intervals are in `parsing`."""

import re
from calendar import isleap
from dataclasses import dataclass

from evidence.edtf.errors import problem

SEASONS = {21: "spring", 22: "summer", 23: "autumn", 24: "winter"}
_WINTER = 24
_LAST_LEVEL_2_SEASON = 41
_MAX_OFFSET = 14 * 60
SPANS = {"decade": 10, "century": 100}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

POINT = re.compile(
    r"(?P<year>Y-?[0-9]+|-?[0-9]{4}|-?[0-9]{3}X|-?[0-9]{2}XX)"
    r"(?:-(?P<month>[0-9]{2}|XX)(?:-(?P<day>[0-9]{2}|XX))?)?"
    r"(?:T(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?P<zone>Z|[+-][0-9]{2}(?::[0-9]{2})?)?)?"
    r"(?P<qualifier>[?~%])?"
)

Day = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Point:
    """One date as written. Years are astronomical, as in ISO 8601: 0 is 1 BCE, -1 is 2 BCE.

    `precision` is the finest part that is known (day, month, season, year, decade, century): 2004-XX says no more than
    2004, so it is 'year', with 'month' in `unspecified`. For a decade or century `year` is its first year: 2010 for
    201X, -2019 for -201X.
    `season` is 21 to 24. `time` (hh:mm:ss) and `zone` (Z or an offset, '' for local time) are '' without a time of day.
    """

    precision: str
    year: int
    month: int | None = None
    day: int | None = None
    season: int | None = None
    unspecified: tuple[str, ...] = ()
    approximate: bool = False
    uncertain: bool = False
    time: str = ""
    zone: str = ""

    @property
    def first(self) -> Day:
        """The first day this date can mean, as (year, month, day) in the proleptic Gregorian calendar."""
        month = 3 * (self.season - 20) if self.season else self.month
        return (self.year, month or 1, self.day or 1)

    @property
    def last(self) -> Day:
        """The last day this date can mean. Winter runs to the end of February of the next year."""
        if self.season == _WINTER:
            year, month = self.year + 1, 2
        elif self.season:
            year, month = self.year, 3 * (self.season - 20) + 2
        else:
            year, month = self.year + SPANS.get(self.precision, 1) - 1, self.month or 12
        return (year, month, self.day or _days_in(year, month))


def read_point(text: str) -> Point | None:
    """Return the date that `text` says, or None if it does not have the shape of one.

    Raises:
        EdtfError: the shape is right, but the date does not exist or is level 2.
    """
    match = POINT.fullmatch(text)
    if match is None:
        return None
    precision, year = _read_year(match["year"], alone=match["month"] is None)
    if match["time"]:
        _check_time(match)
    month, season = _read_month(match)
    day = _read_day(match, year, month)
    qualifier = match["qualifier"]
    return Point(
        precision="day" if day else "season" if season else "month" if month else precision,
        year=year,
        month=month,
        day=day,
        season=season,
        unspecified=tuple(part for part in ("month", "day") if match[part] == "XX"),
        approximate=qualifier in ("~", "%"),
        uncertain=qualifier in ("?", "%"),
        time=match["time"] or "",
        zone=match["zone"] or "",
    )


def _days_in(year: int, month: int) -> int:
    return 29 if month == 2 and isleap(year) else _DAYS[month - 1]


def _read_year(text: str, *, alone: bool) -> tuple[str, int]:
    """Return (precision, year); the year of a decade or century is its first."""
    if text.startswith("Y"):
        digits = text.lstrip("Y-")
        if len(digits) < 5 or digits.startswith("0") or not alone:
            raise problem("letter_year")
        return "year", int(text[1:])
    if text == "-0000":
        raise problem("negative_zero")
    if "X" not in text:
        return "year", int(text)
    if not alone:
        raise problem("level_2_digits")
    filling = "9" if text.startswith("-") else "0"
    return ("century" if text.endswith("XX") else "decade"), int(text.replace("X", filling))


def _read_month(match: re.Match[str]) -> tuple[int | None, int | None]:
    """Return (month, season), of which at most one is set."""
    if match["month"] in (None, "XX"):
        return None, None
    code = int(match["month"])
    if 1 <= code <= 12:
        return code, None
    if code in SEASONS:
        if match["day"]:
            raise problem("season_with_day", shorter=f"{match['year']}-{code}")
        return None, code
    if max(SEASONS) < code <= _LAST_LEVEL_2_SEASON:
        raise problem("level_2_season", season=code)
    raise problem("no_such_month", month=match["month"], year=match["year"])


def _read_day(match: re.Match[str], year: int, month: int | None) -> int | None:
    if match["day"] in (None, "XX"):
        return None
    if month is None:
        raise problem("level_2_digits")
    day, last = int(match["day"]), _days_in(year, month)
    if not 1 <= day <= last:
        raise problem(
            "no_such_day",
            day=day,
            month=month,
            month_name=_MONTHS[month - 1],
            year=match["year"],
            last=last,
            shorter=f"{match['year']}-{month:02d}",
        )
    return day


def _check_time(match: re.Match[str]) -> None:
    if match["month"] in (None, "XX") or match["day"] in (None, "XX"):
        raise problem("time_needs_day")
    if match["qualifier"]:
        raise problem("time_qualified", shorter=match[0].split("T")[0] + match["qualifier"])
    hour, minute, second = (int(part) for part in match["time"].split(":"))
    if (hour > 23 or minute > 59 or second > 59) and match["time"] != "24:00:00":
        raise problem("bad_time", time=match["time"])
    zone = match["zone"] or "Z"
    if zone != "Z":
        minutes = int(zone[4:] or 0)
        offset = 60 * int(zone[1:3]) + minutes
        if minutes > 59 or offset > _MAX_OFFSET or (zone[0] == "-" and offset == 0):
            raise problem("bad_zone", zone=zone)
