"""Reading an EDTF string: levels 0 and 1 of ISO 8601-2, whole, and nothing of level 2.

Source: Extended Date/Time Format (EDTF) Specification, Library of Congress, 4 February 2019. Beyond its level 1
examples, a season may carry a qualifier or stand at an end of an interval (2009-21~, 2009-21/2010), and a decade or
century may stand at an end (199X/2003), because the record has no other honest way to say it. '/' alone is the date
nobody knows. Words for people are in `wording`; the sentences of refusal are in `errors`.
"""

from dataclasses import dataclass
from datetime import date

from evidence.edtf.errors import problem
from evidence.edtf.hints import check_characters, check_slashes, explain
from evidence.edtf.points import Day, Point, read_point

MAX_LENGTH = 64
OPEN = ".."
UNKNOWN = "/"


@dataclass(frozen=True, slots=True)
class Edtf:
    """A date as entered, with what follows from it.

    text: as entered, without surrounding space.
    earliest, latest: the first and last day it can mean, taken strictly (a qualifier does not widen them, a time of
        day keeps the date as written, whatever its zone); None where an interval is open or its end unknown.
    precision: day, month, season, year, decade or century, the finest part known (2004-XX is 'year'); 'interval' with
        two dates, 'open' with one ('..' or nothing at the other end), 'unknown' for '/'.
    out_of_range: a bound lies outside the years 1 to 9999 and was clipped to `date.min` or `date.max`.
    start, end: the single date or the first of an interval; the second of an interval. Else None.
    """

    text: str
    earliest: date | None
    latest: date | None
    is_uncertain: bool
    is_approximate: bool
    is_unspecified: bool
    precision: str
    out_of_range: bool
    start: Point | None
    end: Point | None


def parse(text: str) -> Edtf:
    """Return the date that `text` says.

    Raises:
        EdtfError: `text` is empty, longer than 64 characters, no EDTF date, a date that does not exist, an interval
            that ends before it starts, or level 2.
    """
    if not isinstance(text, str):
        raise problem("not_text")
    text = text.strip()
    if not text:
        raise problem("empty")
    if len(text) > MAX_LENGTH:
        raise problem("too_long", length=len(text), limit=MAX_LENGTH)
    check_characters(text)
    if "/" not in text:
        point = _point(text)
        return _edtf(text, point.precision, first=point, last=point, start=point, end=None)
    check_slashes(text)
    return _interval(text)


def _point(text: str) -> Point:
    point = read_point(text)
    if point is None:
        raise explain(text)
    return point


def _interval(text: str) -> Edtf:
    if text == UNKNOWN:
        return _edtf(text, "unknown", first=None, last=None, start=None, end=None)
    start, end = (_end(part) for part in text.split("/"))
    if start is None and end is None:
        raise problem("interval_no_end_known")
    if start and end and start.first > end.last:
        left, right = text.split("/")
        raise problem("interval_order", start=left, end=right)
    precision = "interval" if start and end else "open"
    return _edtf(text, precision, first=start, last=end, start=start, end=end)


def _end(text: str) -> Point | None:
    if text in ("", OPEN):
        return None
    point = _point(text)
    if point.time:
        raise problem("time_in_interval", shorter=text.split("T")[0])
    if point.unspecified:
        raise problem("level_2_interval_digits", shorter=text.replace("-XX", ""))
    return point


def _edtf(
    text: str, precision: str, *, first: Point | None, last: Point | None, start: Point | None, end: Point | None
) -> Edtf:
    points = [point for point in (start, end) if point]
    earliest, earliest_clipped = _clip(first.first) if first else (None, False)
    latest, latest_clipped = _clip(last.last) if last else (None, False)
    return Edtf(
        text=text,
        earliest=earliest,
        latest=latest,
        is_uncertain=any(point.uncertain for point in points),
        is_approximate=any(point.approximate for point in points),
        is_unspecified="X" in text,
        precision=precision,
        out_of_range=earliest_clipped or latest_clipped,
        start=start,
        end=end,
    )


def _clip(day: Day) -> tuple[date, bool]:
    if day[0] < date.min.year:
        return date.min, True
    if day[0] > date.max.year:
        return date.max, True
    return date(*day), False
