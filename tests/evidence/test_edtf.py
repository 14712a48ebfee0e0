"""EDTF: the published level 0 and 1 examples, the known traps, another implementation, arbitrary text."""

import dataclasses
from datetime import date

import edtf as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.edtf import EdtfError, parse, wording
from evidence.edtf.errors import _MESSAGES
from evidence.edtf.points import POINT

# Every level 0 and level 1 example of the specification (Library of Congress, 4 February 2019): text, precision,
# earliest, latest. None is an open or unknown end.
LEVEL_0 = [
    ("1985-04-12", "day", "1985-04-12", "1985-04-12"),
    ("1985-04", "month", "1985-04-01", "1985-04-30"),
    ("1985", "year", "1985-01-01", "1985-12-31"),
    ("1985-04-12T23:20:30", "day", "1985-04-12", "1985-04-12"),
    ("1985-04-12T23:20:30Z", "day", "1985-04-12", "1985-04-12"),
    ("1985-04-12T23:20:30-04", "day", "1985-04-12", "1985-04-12"),
    ("1985-04-12T23:20:30+04:30", "day", "1985-04-12", "1985-04-12"),
    ("1964/2008", "interval", "1964-01-01", "2008-12-31"),
    ("2004-06/2006-08", "interval", "2004-06-01", "2006-08-31"),
    ("2004-02-01/2005-02-08", "interval", "2004-02-01", "2005-02-08"),
    ("2004-02-01/2005-02", "interval", "2004-02-01", "2005-02-28"),
    ("2004-02-01/2005", "interval", "2004-02-01", "2005-12-31"),
    ("2005/2006-02", "interval", "2005-01-01", "2006-02-28"),
]
LEVEL_1 = [
    ("Y170000002", "year", "9999-12-31", "9999-12-31"),
    ("Y-170000002", "year", "0001-01-01", "0001-01-01"),
    ("2001-21", "season", "2001-03-01", "2001-05-31"),
    ("1984?", "year", "1984-01-01", "1984-12-31"),
    ("2004-06~", "month", "2004-06-01", "2004-06-30"),
    ("2004-06-11%", "day", "2004-06-11", "2004-06-11"),
    ("201X", "decade", "2010-01-01", "2019-12-31"),
    ("20XX", "century", "2000-01-01", "2099-12-31"),
    ("2004-XX", "year", "2004-01-01", "2004-12-31"),
    ("1985-04-XX", "month", "1985-04-01", "1985-04-30"),
    ("1985-XX-XX", "year", "1985-01-01", "1985-12-31"),
    ("1985-04-12/..", "open", "1985-04-12", None),
    ("1985-04/..", "open", "1985-04-01", None),
    ("1985/..", "open", "1985-01-01", None),
    ("../1985-04-12", "open", None, "1985-04-12"),
    ("../1985-04", "open", None, "1985-04-30"),
    ("../1985", "open", None, "1985-12-31"),
    ("1985-04-12/", "open", "1985-04-12", None),
    ("1985-04/", "open", "1985-04-01", None),
    ("1985/", "open", "1985-01-01", None),
    ("/1985-04-12", "open", None, "1985-04-12"),
    ("/1985-04", "open", None, "1985-04-30"),
    ("/1985", "open", None, "1985-12-31"),
    ("1984?/2004~", "interval", "1984-01-01", "2004-12-31"),
    ("-1985", "year", "0001-01-01", "0001-01-01"),
]
# What other libraries get wrong, and the corners of the calendar.
TRAPS = [
    ("2009-21~", "season", "2009-03-01", "2009-05-31"),
    ("2009-22", "season", "2009-06-01", "2009-08-31"),
    ("2009-23%", "season", "2009-09-01", "2009-11-30"),
    ("2009-24", "season", "2009-12-01", "2010-02-28"),
    ("2011-24?", "season", "2011-12-01", "2012-02-29"),
    ("9999-24", "season", "9999-12-01", "9999-12-31"),
    ("2009-21/2010-24", "interval", "2009-03-01", "2011-02-28"),
    ("2009-24~/..", "open", "2009-12-01", None),
    ("/2009-24", "open", None, "2010-02-28"),
    ("2012-06/2012", "interval", "2012-06-01", "2012-12-31"),
    ("2012/2012-06", "interval", "2012-01-01", "2012-06-30"),
    ("2012-06-01/2012-06-01", "interval", "2012-06-01", "2012-06-01"),
    ("199X~/2003", "interval", "1990-01-01", "2003-12-31"),
    ("199X?", "decade", "1990-01-01", "1999-12-31"),
    ("2012-02-29", "day", "2012-02-29", "2012-02-29"),
    ("2000-02", "month", "2000-02-01", "2000-02-29"),
    ("1900-02", "month", "1900-02-01", "1900-02-28"),
    ("2012-03-14T24:00:00", "day", "2012-03-14", "2012-03-14"),
    ("2012-03-14T23:59:59+14:00", "day", "2012-03-14", "2012-03-14"),
    ("-0004-02-29", "day", "0001-01-01", "0001-01-01"),
    ("0000", "year", "0001-01-01", "0001-01-01"),
    ("0001-01-01", "day", "0001-01-01", "0001-01-01"),
    ("00XX", "century", "0001-01-01", "0099-12-31"),
    ("-0500/0500", "interval", "0001-01-01", "0500-12-31"),
    ("Y17000/Y18000?", "interval", "9999-12-31", "9999-12-31"),
    ("/", "unknown", None, None),
]


def _day(text):
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize(("text", "precision", "earliest", "latest"), LEVEL_0 + LEVEL_1 + TRAPS)
def test_parse_gives_precision_and_bounds(text, precision, earliest, latest):
    parsed = parse(text)
    assert (parsed.precision, parsed.earliest, parsed.latest) == (precision, _day(earliest), _day(latest))


@pytest.mark.parametrize(
    ("text", "uncertain", "approximate", "unspecified"),
    [
        ("2012", False, False, False),
        ("1984?", True, False, False),
        ("2004-06~", False, True, False),
        ("2004-06-11%", True, True, False),
        ("2009-21%", True, True, False),
        ("1984?/2004~", True, True, False),
        ("../2004~", False, True, False),
        ("201X", False, False, True),
        ("1985-XX-XX?", True, False, True),
        ("1990/201X", False, False, True),
    ],
)
def test_parse_tells_the_three_kinds_of_doubt_apart(text, uncertain, approximate, unspecified):
    parsed = parse(text)
    assert (parsed.is_uncertain, parsed.is_approximate, parsed.is_unspecified) == (uncertain, approximate, unspecified)


@pytest.mark.parametrize("text", ["Y170000002", "-1985", "0000", "00XX", "9999-24", "-0500/2012", "2012/Y10000"])
def test_parse_says_when_a_bound_was_clipped(text):
    assert parse(text).out_of_range


@pytest.mark.parametrize("text", ["0001", "9999", "9999-23", "0001-01-01/9999-12-31", "../2012", "/"])
def test_parse_does_not_claim_clipping_within_the_calendar(text):
    assert not parse(text).out_of_range


def test_parse_keeps_the_text_as_entered_but_for_space_around_it():
    assert parse("  2009-21~\n").text == "2009-21~"


def test_a_parsed_date_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse("2012").text = "2013"


def test_the_parts_of_an_interval_can_be_read():
    parsed = parse("2009-24~/2010-10-05")
    assert (parsed.start.season, parsed.start.approximate) == (24, True)
    assert (parsed.end.year, parsed.end.month, parsed.end.day) == (2010, 10, 5)


@pytest.mark.parametrize(
    "text",
    [
        *(row[0] for row in LEVEL_0),
        *(row[0] for row in LEVEL_1 if row[1] != "open" and not row[0].startswith("Y")),
        *("2012-02-29", "1900-02", "199X?", "2004-XX~", "199X/2001", "1985-04-12T24:00:00"),
        *("0000", "-0004-02", "-201X", "1984~/2004-06%", "2001-23"),
    ],
)
def test_bounds_agree_with_another_implementation(text):
    theirs = oracle.parse_edtf(text)
    ours = parse(text)
    if ours.out_of_range:
        points = (ours.start.first, (ours.end or ours.start).last)
    else:
        points = tuple((day.year, day.month, day.day) for day in (ours.earliest, ours.latest))
    assert points == (tuple(theirs.lower_strict()[:3]), tuple(theirs.upper_strict()[:3]))


any_text = st.one_of(
    st.text(st.characters(), max_size=80),
    st.text("0123456789XYTZ-+:/.?~% xu[]{},ES", max_size=24),
    st.from_regex(POINT, fullmatch=True),
    st.tuples(st.from_regex(POINT, fullmatch=True), st.from_regex(POINT, fullmatch=True)).map("/".join),
    st.tuples(st.sampled_from(["", ".."]), st.from_regex(POINT, fullmatch=True)).map("/".join),
)


@given(any_text)
def test_any_text_is_a_date_or_an_edtf_error(text):
    try:
        parsed = parse(text)
    except EdtfError as refusal:
        assert refusal.code in _MESSAGES
        assert refusal.message.encode()
        assert refusal.message_ko.encode()
        return
    assert parsed.earliest is None or parsed.latest is None or parsed.earliest <= parsed.latest
    assert parse(parsed.text) == parsed
    assert wording(parsed, "en")
    assert wording(parsed, "ko")
