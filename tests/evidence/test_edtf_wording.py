"""EDTF: dates in words, English and Korean, and the way from the fields of a form to the string."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.edtf import EdtfError, from_parts, parse, wording


@pytest.mark.parametrize(
    ("text", "english", "korean"),
    [
        ("2012-03-14", "14 Mar 2012", "2012년 3월 14일"),
        ("2012-09", "Sep 2012", "2012년 9월"),
        ("2012", "2012", "2012년"),
        ("2012?", "2012?", "2012년(?)"),
        ("1998~", "c. 1998", "1998년 무렵"),
        ("2012-03-14%", "c. 14 Mar 2012?", "2012년 3월 14일 무렵(?)"),
        ("2009-21~", "c. spring 2009", "2009년 봄 무렵"),
        ("2009-24", "winter 2009–10", "2009–10년 겨울"),
        ("1999-24", "winter 1999–2000", "1999–2000년 겨울"),
        ("2010-10/2011-01", "Oct 2010 – Jan 2011", "2010년 10월 ~ 2011년 1월"),
        ("2010-23~/2011-01?", "c. autumn 2010 – Jan 2011?", "2010년 가을 무렵 ~ 2011년 1월(?)"),
        ("../2012-09", "Sep 2012 or earlier", "2012년 9월 이전"),
        ("2012-09/..", "Sep 2012 or later", "2012년 9월 이후"),
        ("/2012-09", "until Sep 2012, start unknown", "2012년 9월까지 (시작 미상)"),
        ("2012-09~/", "from c. Sep 2012, end unknown", "2012년 9월 무렵부터 (끝 미상)"),
        ("199X", "1990s", "1990년대"),
        ("200X~", "c. 2000s (2000–2009)", "2000년대 무렵 (2000~2009년)"),
        ("19XX", "1900s (1900–1999)", "1900년대 (1900~1999년)"),
        ("199X/2003", "1990s – 2003", "1990년대 ~ 2003년"),
        ("2004-XX", "2004, month unknown", "2004년 (월 미상)"),
        ("1985-04-XX", "Apr 1985, day unknown", "1985년 4월 (일 미상)"),
        ("1985-XX-XX?", "1985?, month and day unknown", "1985년(?) (월·일 미상)"),
        ("1985-04-12T23:20:30", "12 Apr 1985, 23:20:30", "1985년 4월 12일 23:20:30"),
        ("1985-04-12T23:20:30Z", "12 Apr 1985, 23:20:30 UTC", "1985년 4월 12일 23:20:30 UTC"),
        ("1985-04-12T23:20:30+09:00", "12 Apr 1985, 23:20:30 UTC+09:00", "1985년 4월 12일 23:20:30 UTC+09:00"),
        ("0085-04", "Apr 85 CE", "85년 4월"),
        ("-1985", "1986 BCE", "기원전 1986년"),
        ("-0001-24", "winter 2 BCE", "기원전 2년 겨울"),
        ("-201X", "2020 BCE–2011 BCE", "기원전 2020년~기원전 2011년"),
        ("Y170000002", "170000002", "170000002년"),
        ("/", "unknown date", "날짜 미상"),
    ],
)
def test_wording_in_both_languages(text, english, korean):
    assert (wording(text, "en"), wording(parse(text), "ko")) == (english, korean)


def test_wording_refuses_an_unknown_language():
    with pytest.raises(ValueError, match="'fr'"):
        wording("2012", "fr")


def test_wording_of_a_bad_date_is_an_edtf_error():
    with pytest.raises(EdtfError):
        wording("2012-13", "ko")


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"precision": "day", "year": 2012, "month": 3, "day": 4}, "2012-03-04"),
        ({"precision": "month", "year": 2012, "month": 3, "approximate": True}, "2012-03~"),
        ({"precision": "season", "year": 2009, "season": "winter", "uncertain": True}, "2009-24?"),
        ({"precision": "season", "year": 2009, "season": 21}, "2009-21"),
        ({"precision": "year", "year": 85, "approximate": True, "uncertain": True}, "0085%"),
        ({"precision": "year", "year": -5}, "-0005"),
        ({"precision": "year", "year": 12012}, "Y12012"),
        ({"precision": "year", "year": -12012}, "Y-12012"),
        ({"precision": "decade", "year": 1997}, "199X"),
        ({"precision": "century", "year": 1997}, "19XX"),
        ({"precision": "year", "year": 2012, "open_start": True}, "../2012"),
        ({"precision": "year", "year": 2012, "open_end": True}, "2012/.."),
        ({"precision": "unknown"}, "/"),
        ({"precision": "unknown", "end": {"precision": "year", "year": 2012}}, "/2012"),
        ({"precision": "year", "year": 2012, "end": {"precision": "unknown"}}, "2012/"),
        ({"precision": "year", "year": 2012, "month": 3, "day": 4}, "2012"),
        (
            {
                "precision": "season",
                "year": 2010,
                "season": "autumn",
                "approximate": True,
                "end": {"precision": "month", "year": 2011, "month": 1, "uncertain": True},
            },
            "2010-23~/2011-01?",
        ),
    ],
)
def test_from_parts_writes_the_string(parts, text):
    assert from_parts(**parts) == text


points = st.fixed_dictionaries(
    {
        "precision": st.sampled_from(["day", "month", "season", "year", "decade", "century"]),
        "year": st.integers(-9999, 9999),
        "month": st.integers(1, 12),
        "day": st.integers(1, 28),
        "season": st.sampled_from(["spring", "summer", "autumn", "winter"]),
        "approximate": st.booleans(),
        "uncertain": st.booleans(),
    }
)


@given(points)
def test_what_a_form_writes_is_read_back_the_same(parts):
    parsed = parse(from_parts(**parts))
    assert parsed.precision == parts["precision"]
    assert (parsed.is_approximate, parsed.is_uncertain) == (parts["approximate"], parts["uncertain"])
    assert parsed.start.first[0] <= parts["year"] <= parsed.start.last[0]
    if parsed.precision in ("day", "month"):
        assert parsed.start.month == parts["month"]
    if parsed.precision == "day":
        assert parsed.start.day == parts["day"]
