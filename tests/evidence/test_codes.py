"""Reference codes: typed as people type, wrong ones noticed, not guessable."""

import pytest

from evidence.models.codes import ALPHABET, new_code, read_code

PREFIXES = ("COL", "INC", "ORG", "SIT", "SRC", "DIS", "EV", "P")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_new_code_reads_back(prefix):
    for _ in range(50):
        code = new_code(prefix)
        assert read_code(code) == code


CHANGES = {
    "small letters": str.lower,
    "no hyphen": lambda text: text.replace("-", ""),
    "spaces": lambda text: f"  {text} ".replace("-", " "),
    "the letter O": lambda text: text.replace("0", "O"),
    "the letter I": lambda text: text.replace("1", "I"),
    "a small L": lambda text: text.replace("1", "l"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_case_hyphens_and_lookalikes_are_forgiven(change):
    for _ in range(100):
        code = new_code("EV")
        prefix, rest = code.split("-", 1)
        assert read_code(f"{prefix}-{change(rest)}") == code


def is_caught(wrong: str, *, letters: set[str]) -> bool:
    """0 and Z are 31 apart, which is the modulus: the one pair that can stand for each other."""
    return read_code(f"INC-{wrong}") is None or letters == {"0", "Z"}


def test_the_check_character_catches_every_wrong_letter():
    for _ in range(20):
        body = new_code("INC")[4:].replace("-", "")
        for place, right in enumerate(body):
            for letter in set(ALPHABET) - {right}:
                wrong = body[:place] + letter + body[place + 1 :]
                assert is_caught(wrong, letters={letter, right}), (body, wrong)


def test_the_check_character_catches_exchanged_neighbours():
    for _ in range(200):
        body = new_code("INC")[4:].replace("-", "")
        for place in range(7):
            one, other = body[place : place + 2]
            wrong = body[:place] + other + one + body[place + 2 :]
            assert one == other or is_caught(wrong, letters={one, other}), (body, wrong)


@pytest.mark.parametrize("text", ["", "INC", "INC-", "INC-7Q4K", "INC-7Q4K-M3DX-9", "XYZ-7Q4K-M3DX", "INC-7Q4K-M3D*",
                                  "INC-ÄÖÜß-ABCD", "INC-７Q4K-M3DX", "\x00", "detention"])  # fmt: skip
def test_what_is_no_code_is_none(text):
    assert read_code(text) is None


def test_codes_do_not_count():
    codes = {new_code("INC") for _ in range(2000)}
    assert len(codes) == 2000
    assert len({code[4] for code in codes}) > 20
