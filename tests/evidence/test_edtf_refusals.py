"""EDTF: what is refused, under which code, and that the sentence says what to write instead."""

import pickle
import string

import pytest

from evidence.edtf import MAX_LENGTH, EdtfError, from_parts, parse
from evidence.edtf.errors import _MESSAGES

REFUSED = [
    (2012, "not_text"),
    (None, "not_text"),
    ("", "empty"),
    (" \t\n　", "empty"),
    ("2" * (MAX_LENGTH + 1), "too_long"),
    ("20\x0012", "bad_character"),
    ("2012\ud800", "bad_character"),
    ("２０１２", "bad_character"),
    ("٢٠١٢", "bad_character"),
    ("2010–2012", "bad_character"),
    ("nonsense", "not_edtf"),
    ("2012-", "not_edtf"),
    ("2012 / 2013", "not_edtf"),
    ("2012-03-14Z", "not_edtf"),
    ("March 2012", "not_edtf"),
    ("2012/03/14", "other_form"),
    ("14.03.2012", "other_form"),
    ("05.05.2012", "other_form"),
    ("2012-3-4", "other_form"),
    ("03.04.2012", "ambiguous_form"),
    ("2012/03", "slash_month"),
    ("85", "short_year"),
    ("85-04-12", "short_year"),
    ("12345", "long_year"),
    ("Y2012", "letter_year"),
    ("Y017000", "letter_year"),
    ("Y17000-12", "letter_year"),
    ("-0000", "negative_zero"),
    ("2012-13", "no_such_month"),
    ("2012-00", "no_such_month"),
    ("2012-20", "no_such_month"),
    ("2012-42", "no_such_month"),
    ("2012-02-30", "no_such_day"),
    ("2011-02-29", "no_such_day"),
    ("1900-02-29", "no_such_day"),
    ("2012-04-31", "no_such_day"),
    ("2012-04-00", "no_such_day"),
    ("../2012-02-30", "no_such_day"),
    ("2012-21-03", "season_with_day"),
    ("2012-21-XX", "season_with_day"),
    ("24:61", "bad_time"),
    ("2012-03-14T24:61", "bad_time"),
    ("2012-03-14T24:61:00", "bad_time"),
    ("2012-03-14T24:00:01", "bad_time"),
    ("2012-03-14T23:60:00", "bad_time"),
    ("2012-03-14T23:59:60", "bad_time"),
    ("2012-03-14T10:00:00+15", "bad_zone"),
    ("2012-03-14T10:00:00+09:60", "bad_zone"),
    ("2012-03-14T10:00:00-00:00", "bad_zone"),
    ("2012-03-14T23:20", "time_form"),
    ("2012-03-14 23:20:30", "time_form"),
    ("2012-03T23:20:30", "time_needs_day"),
    ("2012-03-XXT23:20:30", "time_needs_day"),
    ("23:20", "time_needs_day"),
    ("2012-03-14T23:20:30?", "time_qualified"),
    ("2012-03-14T23:20:30/2013", "time_in_interval"),
    ("2010/2011/2012", "too_many_slashes"),
    ("2012/2011", "interval_order"),
    ("2012-03-15/2012-03-14", "interval_order"),
    ("2010-03/2009-24", "interval_order"),
    ("Y18000/Y17000", "interval_order"),
    ("../..", "interval_no_end_known"),
    ("/..", "interval_no_end_known"),
    ("../", "interval_no_end_known"),
    ("..2012", "dots"),
    ("2010..2012", "dots"),
    ("unknown/2012", "old_keyword"),
    ("2012/open", "old_keyword"),
    ("2012?~", "two_qualifiers"),
]
# Level 2 examples of the same specification.
LEVEL_2 = [
    ("Y-17E7", "level_2_exponent"),
    ("Y17E8", "level_2_exponent"),
    ("Y3388E2S3", "level_2_exponent"),
    ("1950S2", "level_2_significant"),
    ("Y171010000S3", "level_2_significant"),
    ("2001-25", "level_2_season"),
    ("2001-34", "level_2_season"),
    ("2001-41", "level_2_season"),
    ("[1667,1668,1670..1672]", "level_2_set"),
    ("[..1760-12-03]", "level_2_set"),
    ("{1960,1961-12}", "level_2_set"),
    ("2004-06~-11", "level_2_part_qualifier"),
    ("2004?-06-11", "level_2_part_qualifier"),
    ("?2004-06-~11", "level_2_part_qualifier"),
    ("2004-%06-11", "level_2_part_qualifier"),
    ("2004-06-~01/2004-06-~20", "level_2_part_qualifier"),
    ("156X-12-25", "level_2_digits"),
    ("15XX-12-25", "level_2_digits"),
    ("XXXX-12-XX", "level_2_digits"),
    ("1XXX-XX", "level_2_digits"),
    ("1XXX-12", "level_2_digits"),
    ("1984-1X", "level_2_digits"),
    ("1985-XX-12", "level_2_digits"),
    ("2004-06-XX/2004-07-03", "level_2_interval_digits"),
]
REFUSED_PARTS = [
    ({"precision": "hour", "year": 2012}, "parts_precision"),
    ({"precision": "interval", "year": 2012}, "parts_precision"),
    ({"precision": "month", "year": 2012}, "parts_missing"),
    ({"precision": "season", "year": 2012}, "parts_missing"),
    ({"precision": "year", "year": ""}, "parts_missing"),
    ({"precision": "year", "year": "2012"}, "parts_value"),
    ({"precision": "year", "year": True}, "parts_value"),
    ({"precision": "year", "year": 10**5000}, "parts_value"),
    ({"precision": "day", "year": 2012, "month": 3, "day": -4}, "parts_value"),
    ({"precision": "season", "year": 2012, "season": "monsoon"}, "parts_season"),
    ({"precision": "season", "year": 2012, "season": 25}, "parts_season"),
    ({"precision": "year", "year": 2012, "open_start": True, "open_end": True}, "parts_ends"),
    ({"precision": "year", "year": 2012, "end": {"precision": "year", "year": 2013}, "open_end": True}, "parts_ends"),
    ({"precision": "year", "year": 2012, "end": {"hour": 3}}, "parts_unknown_key"),
    ({"precision": "year", "year": 2012, "end": {}}, "parts_precision"),
    ({"precision": "day", "year": 2012, "month": 2, "day": 30}, "no_such_day"),
    ({"precision": "month", "year": 2012, "month": 0}, "no_such_month"),
    ({"precision": "month", "year": 12012, "month": 3}, "long_year"),
    ({"precision": "year", "year": 2012, "end": {"precision": "year", "year": 2011}}, "interval_order"),
    ({"precision": "unknown", "open_end": True}, "interval_no_end_known"),
]


@pytest.mark.parametrize(("text", "code"), REFUSED + LEVEL_2)
def test_parse_refuses_with_a_code(text, code):
    with pytest.raises(EdtfError) as refusal:
        parse(text)
    assert refusal.value.code == code


@pytest.mark.parametrize(("parts", "code"), REFUSED_PARTS)
def test_from_parts_refuses_with_a_code(parts, code):
    with pytest.raises(EdtfError) as refusal:
        from_parts(**parts)
    assert refusal.value.code == code


def test_every_refusal_has_a_case_here():
    assert {code for _, code in REFUSED + LEVEL_2 + REFUSED_PARTS} == set(_MESSAGES)


@pytest.mark.parametrize("code", _MESSAGES)
def test_both_languages_of_a_refusal_name_the_text_or_the_remedy(code):
    fields = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in _MESSAGES[code]]
    remedies = {"suggestion", "shorter", "day_first", "month_first", "text", "character", "time", "zone", "limit"}
    assert fields[0] & remedies == fields[1] & remedies


@pytest.mark.parametrize("text", [text for text, _ in LEVEL_2])
def test_level_2_is_refused_by_name(text):
    with pytest.raises(EdtfError, match="level 2 of EDTF, which is not supported") as refusal:
        parse(text)
    assert "2수준" in refusal.value.message_ko


def test_a_day_that_does_not_exist_is_explained_in_both_languages():
    with pytest.raises(EdtfError) as refusal:
        parse("2012-02-30")
    assert refusal.value.message.startswith("30 February does not exist: February 2012 has 29 days.")
    assert refusal.value.message_ko.startswith("2012년 2월 30일은 없는 날짜입니다. 2012년 2월은 29일까지입니다.")
    assert str(refusal.value) == refusal.value.message


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("2012/03/14", "2012-03-14"),
        ("2012/3/4", "2012-03-04"),
        ("2012.03.14", "2012-03-14"),
        ("2012. 3. 14.", "2012-03-14"),
        ("2012-3-4", "2012-03-04"),
        ("2012-3", "2012-03"),
        ("20120314", "2012-03-14"),
        ("14.03.2012", "2012-03-14"),
        ("14/03/2012", "2012-03-14"),
        ("03/14/2012", "2012-03-14"),
        ("05.05.2012", "2012-05-05"),
        ("03.2012", "2012-03"),
        ("03/2012", "2012-03"),
        ("2012/03", "2012-03"),
        ("2012년 3월 14일", "2012-03-14"),
        ("2012년 3월", "2012-03"),
        ("201x", "201X"),
        ("2012-03-14t10:00:00z", "2012-03-14T10:00:00Z"),
        ("199u", "199X"),
        ("c. 1998", "1998~"),
        ("about 1998-05", "1998-05~"),
        ("2012~?", "2012%"),
        ("2012??", "2012?"),
        ("2004-~06", "2004-06~"),
        ("2004?-06~", "2004-06%"),
        ("2004-06-XX~/2005", "2004-06~"),
        ("2012-03-14T10:00:00~", "2012-03-14~"),
    ],
)
def test_a_common_mistake_gets_the_right_form(text, suggestion):
    with pytest.raises(EdtfError) as refusal:
        parse(text)
    assert suggestion in refusal.value.message
    assert suggestion in refusal.value.message_ko
    assert parse(suggestion).text == suggestion


def test_a_date_with_two_readings_gets_both():
    with pytest.raises(EdtfError, match="2012-04-03 if the day comes first, or 2012-03-04 if the month"):
        parse("03/04/2012")


def test_an_impossible_date_is_not_suggested():
    with pytest.raises(EdtfError) as refusal:
        parse("2012.02.30")
    assert "2012-02-30" not in refusal.value.message


def test_a_character_outside_ascii_is_named_and_not_repeated():
    with pytest.raises(EdtfError) as refusal:
        parse("2012\ud800")
    assert "U+D800" in refusal.value.message
    assert refusal.value.message.isascii()


def test_an_error_survives_a_process_boundary():
    with pytest.raises(EdtfError) as refusal:
        parse("2012-13")
    copy = pickle.loads(pickle.dumps(refusal.value))
    assert (copy.code, copy.message, copy.message_ko) == (
        refusal.value.code,
        refusal.value.message,
        refusal.value.message_ko,
    )
