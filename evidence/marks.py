"""Marks of names: what a name is found by while it stays sealed (docs/decisions/0036-finding-names.md).

A mark is the beginning of an HMAC-SHA256 over a piece of a name, under a key that is derived from the keyring: who has
the database alone reads no name in them. A name is marked by its words and their beginnings, by each part of a run of
Hangul, Hanja or kana, by neighbours, and by its letters in threes, which a slip of the keyboard leaves alike.
"""

import hmac
from collections.abc import Iterable
from itertools import pairwise

from django.db import connection

from evidence import scripts, vault

PURPOSE = "name-marks"
LONGEST_BEGINNING = 20  # characters; a longer word is found by so many of them
WORD, RUN, NEIGHBOURS, LETTERS = "word ", "run ", "beside ", "letters "


def marks_of(names: list[str]) -> list[list[int]]:
    """The marks of each of these names under the key that seals now."""
    active = vault.keyring().active
    pieces = (_of_pieces(plain.split()) | {LETTERS + three for three in threes} for plain, threes in read(names))
    return [_under(active, found) for found in pieces]


def read(texts: list[str]) -> list[tuple[str, list[str]]]:
    """Each text made plain, as search takes it, and its letters in threes: as the database does both."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p, public.show_trgm(public.search_letters(p)) FROM unnest(%s::text[]) WITH ORDINALITY AS u(t, n),"
            " public.search_plain(t) AS p ORDER BY n",
            [texts],
        )
        return cursor.fetchall()


def asked_for(pieces: tuple[str, ...], *, exact: bool) -> list[list[int]]:
    """What a name must have, all of it, to be found by these pieces beside each other; for each key of the keyring.

    Words are found by their beginnings unless `exact`, runs by any part.
    """
    last = len(pieces) - 1
    needed = set()
    for place, piece in enumerate(pieces):
        needed |= _parts(piece) if scripts.is_run(piece) else {WORD + _cut(piece, exact or place < last)}
    for place, (first, second) in enumerate(pairwise(pieces), start=1):
        needed.add(f"{NEIGHBOURS}{first} " + _cut(second, (exact or place < last) and not scripts.is_run(second)))
    return _under_each_key(needed)


def like(threes: list[str]) -> list[list[int]]:
    """The marks of a text's letters in threes; for each key of the keyring."""
    return _under_each_key({LETTERS + three for three in threes})


def _of_pieces(pieces: list[str]) -> set[str]:
    found: set[str] = set()
    for piece in pieces:
        found |= _parts(piece) | {RUN + one for one in piece} if scripts.is_run(piece) else _beginnings(WORD, piece)
    for first, second in pairwise(pieces):
        found |= _beginnings(f"{NEIGHBOURS}{first} ", second)
    return found


def _parts(run: str) -> set[str]:
    """A run by each two neighbours; by itself, where it has no more than one character."""
    return {RUN + run[at : at + 2] for at in range(len(run) - 1)} or {RUN + run}


def _beginnings(kind: str, piece: str) -> set[str]:
    return {kind + piece[:end] for end in range(1, min(len(piece), LONGEST_BEGINNING) + 1)} | {kind + _cut(piece, True)}


def _cut(piece: str, whole: bool) -> str:
    """As it is marked: a space ends what is a whole word."""
    return piece[:LONGEST_BEGINNING] if len(piece) > LONGEST_BEGINNING else piece + " " * whole


def _under_each_key(pieces: Iterable[str]) -> list[list[int]]:
    pieces = sorted(pieces)
    return [_under(name, pieces) for name in vault.keyring().names]


def _under(key: str, pieces: Iterable[str]) -> list[int]:
    secret = vault.keyring().secret(key, PURPOSE)
    digests = (hmac.digest(secret, piece.encode(), "sha256") for piece in pieces)
    return sorted({int.from_bytes(digest[:8], "big", signed=True) for digest in digests})
