"""Cleaning loses no meaning."""

import pytest

from evidence.importing.text import as_text, clean, digest, identifier, one_line, shorten


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\u00a0b\u3000c", "a b c"),
        ("\ufeff a \n", "a"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("가\u00a0나\r\n다", "가 나\n다"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("e\u0301", "é"),
    ],
)
def test_clean_evens_out_spaces_lines_and_composition(text, cleaned):
    assert clean(text) == cleaned


def test_hanja_with_a_reading_of_their_own_are_kept():
    assert clean("\uf900 \u1100\u1161") == "\uf900 가"


def test_as_text_writes_values_as_people_read_them():
    assert [as_text(value) for value in (None, True, False, 3, " x ")] == ["", "True", "False", "3", "x"]


def test_shorten_cuts_at_a_word_and_says_so():
    assert shorten("one two three four", 12) == "one two…"
    assert shorten("short", 12) == "short"


def test_long_identifiers_become_digests():
    assert identifier("x") == "x"
    assert identifier("x" * 201) == digest("x" * 201)
    assert one_line(" a\n b\tc ") == "a b c"
