"""The canonical profile: RFC 8785 restricted, so that two implementations cannot disagree."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from custody.envelope import NotCanonical, canonical, commitment, is_canonical

# RFC 8785 sorts keys by UTF-16 and we by code point: the same for the ASCII keys of the profile.
keys = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.:\-]{0,12}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=20)


@given(values)
def test_the_canonical_form_is_that_of_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(values)
def test_the_canonical_form_reads_back_and_is_its_own(value):
    data = canonical(value)
    assert json.loads(data) == value
    assert is_canonical(data)


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        float("nan"),
        2**53,
        -(2**53),
        "a\x00b",
        "\ud800",
        {"": 1},
        {"a b": 1},
        {"열쇠": 1},
        {"1a": 1},
        {"a\n": 1},
        {1: "a"},
        b"bytes",
        {"deep": [{"er": 0.1}]},
    ],
    ids=repr,
)
def test_what_two_implementations_could_read_differently_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical(value)


def test_the_refusal_names_the_path():
    with pytest.raises(NotCanonical, match=r"\$\.items\[1\]\.size"):
        canonical({"items": [{}, {"size": 2**60}]})


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{ "a":1}',
        b'{"a":1}\n',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\/"}',
        b'{"a":-0}',
        b'{"a":"\xff"}',
        b"[" * 100_000,
        b"",
    ],
    ids=lambda data: repr(data[:20]),
)
def test_another_spelling_is_not_canonical(data):
    assert not is_canonical(data)


def test_a_commitment_binds_part_salt_and_body():
    made = commitment("note", bytes(32), b"body")
    others = [
        commitment("not", bytes(32), b"ebody"),
        commitment("note", bytes(31) + b"\x01", b"body"),
        commitment("note", bytes(32), b"bodY"),
    ]
    assert made not in others


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_salt_of_another_length_is_refused(length):
    with pytest.raises(ValueError):
        commitment("note", bytes(length), b"")
