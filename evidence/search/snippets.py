"""Where a query was found in a text, for people to see: the passage around it, with what was found marked.

Works on text of records that have passed the gate, page by page of a list, and only marks: which records are found is
the database's to say. What Python folds differently from it (a few rare letters) is shown without a mark.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from evidence.scripts import ALIKE, SEPARATORS, SPELLED_OUT, STRIPPED, SUBSTRINGS
from evidence.search.text import Prepared, Term

BEFORE, LONG = 60, 220  # characters before the first mark, and of the passage in all
FARTHEST = 20_000  # characters that are looked through letter by letter where a plain look found nothing

_STRIPPED, _SEPARATOR, _RUN = (re.compile(f"[{one}]") for one in (STRIPPED, SEPARATORS, SUBSTRINGS))


@dataclass(frozen=True)
class Part:
    """A stretch of a text, and whether it is what was looked for."""

    text: str
    is_match: bool = False


@dataclass(frozen=True)
class Token:
    """A word or a run of a script without spaces: folded, and where each of its letters stands in the text."""

    folded: str
    places: tuple[int, ...]
    is_run: bool


@lru_cache(maxsize=4096)
def _fold(letter: str) -> str:
    """One letter as search takes it: small, without accents; a space for what separates."""
    if letter == "\u318d":
        return " "
    bare = unicodedata.normalize("NFC", _STRIPPED.sub("", unicodedata.normalize("NFKD", letter))).lower()
    bare = "".join(SPELLED_OUT.get(one, ALIKE.get(one, one)) for one in bare)
    return _SEPARATOR.sub(" ", bare)


def tokens(text: str, begin: int = 0) -> list[Token]:
    """The words and runs of a text from `begin` on, as the database has them in its plain text."""
    found: list[Token] = []
    letters: list[str] = []
    places: list[int] = []
    in_run = False

    def close() -> None:
        if letters:
            found.append(Token("".join(letters), tuple(places), in_run))
            letters.clear()
            places.clear()

    for place in range(begin, len(text)):
        for one in _fold(text[place]):
            if one == " ":
                close()
                continue
            is_run = bool(_RUN.match(one))
            if letters and is_run != in_run:
                close()
            in_run = is_run
            letters.append(one)
            places.append(place)
    close()
    return found


def spans(text: str, prepared: Prepared, begin: int = 0) -> list[tuple[int, int]]:
    """Where the terms of a query stand in a text: (first, behind the last) of each place, in order, none twice."""
    found: list[tuple[int, int]] = []
    words = tokens(text, begin)
    for term in prepared.terms:
        found += _of_term(term, words)
    merged: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _of_term(term: Term, words: list[Token]) -> Iterator[tuple[int, int]]:
    size = len(term.pieces)
    if size == 1 and words:
        (piece,) = term.pieces
        for word in words:
            if word.is_run:
                for at in _all_places(word.folded, piece):
                    yield word.places[at], word.places[at + len(piece) - 1] + 1
            elif _begins(word, piece, term):
                yield word.places[0], word.places[-1] + 1
        return
    for start in range(len(words) - size + 1):
        stretch = words[start : start + size]
        if _stands(term, stretch):
            skipped = len(stretch[0].folded) - len(term.pieces[0]) if stretch[0].is_run else 0
            last = stretch[-1]
            end = len(term.pieces[-1]) if last.is_run else len(last.folded)
            yield stretch[0].places[skipped], last.places[end - 1] + 1


def _all_places(run: str, piece: str) -> Iterator[int]:
    at = run.find(piece)
    while at >= 0:
        yield at
        at = run.find(piece, at + 1)


def _begins(word: Token, piece: str, term: Term) -> bool:
    if term.exact or len(piece) == 1:
        return word.folded == piece
    return word.folded.startswith(piece) or (bool(term.stem) and word.folded.startswith(term.stem))


def _stands(term: Term, stretch: list[Token]) -> bool:
    first, *middle, last = term.pieces
    begins = stretch[0].folded.endswith(first) if stretch[0].is_run else stretch[0].folded == first
    if not begins or any(token.folded != piece for token, piece in zip(stretch[1:-1], middle, strict=True)):
        return False
    whole = not stretch[-1].is_run and (term.exact or len(last) == 1)
    return stretch[-1].folded == last if whole else stretch[-1].folded.startswith(last)


def marked(text: str, prepared: Prepared) -> list[Part]:
    """A whole text, such as a title, with what was found marked."""
    return _parts(text, spans(text, prepared), 0, len(text))


def snippet(texts: Iterable[str], prepared: Prepared) -> list[Part]:
    """The passage around the first place in the first of the texts that has one; else how the first text begins."""
    beginning = ""
    for text in texts:
        beginning = beginning or text
        near = _nearby(text, prepared)
        found = spans(text[: near + 2 * LONG], prepared, max(0, near - BEFORE)) if near >= 0 else []
        if not found and text:
            found = spans(text[:FARTHEST], prepared)
        if found:
            return _passage(text, found)
    return [Part(_shortened(beginning, 0, min(len(beginning), LONG)))] if beginning else []


def _nearby(text: str, prepared: Prepared) -> int:
    """Where the first of the words stands, by a look that is quick and misses accents; -1: nowhere."""
    pieces = {piece for term in prepared.terms for piece in (term.pieces[0], term.stem) if piece}
    if not pieces:
        return -1
    pattern = "|".join(
        re.escape(piece) if _RUN.match(piece) else rf"(?<!\w){re.escape(piece)}" for piece in sorted(pieces)
    )
    found = re.search(pattern, text, re.IGNORECASE)
    # From the beginning of its word or run, so that it is taken as a whole.
    return -1 if found is None else found.start()


def _passage(text: str, found: list[tuple[int, int]]) -> list[Part]:
    begin = max(0, found[0][0] - BEFORE)
    if begin and (space := text.find(" ", begin, found[0][0])) >= 0:
        begin = space + 1
    end = min(len(text), max(begin + LONG, found[0][1]))
    if end < len(text) and (space := text.rfind(" ", found[0][1], end)) >= 0:
        end = space
    parts = _parts(text, [(first, min(last, end)) for first, last in found if begin <= first < end], begin, end)
    return [*([Part("… ")] if begin else []), *parts, *([Part(" …")] if end < len(text) else [])]


def _parts(text: str, found: list[tuple[int, int]], begin: int, end: int) -> list[Part]:
    parts, at = [], begin
    for first, last in found:
        parts += [Part(text[at:first]), Part(text[first:last], is_match=True)]
        at = last
    return [part for part in [*parts, Part(text[at:end])] if part.text]


def _shortened(text: str, begin: int, end: int) -> str:
    if end >= len(text):
        return text[begin:]
    space = text.rfind(" ", begin, end)
    return text[begin : space if space > begin else end] + " …"
