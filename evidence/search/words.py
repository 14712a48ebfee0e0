"""What a person types into the search: words, “phrases”, OR, -exclusion. Read here; text.py makes conditions of it.

All words have to be there, in any order. OR joins its two neighbours alone, so that `border OR river guard` is
(border or river) and guard. Whatever cannot be meant is refused with a sentence that says what to write.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.errors import Invalid

LONGEST = 200  # characters
MOST = 16  # terms
QUOTES = {'"': '"', "“": "”", "„": "“”", "”": "”", "«": "»", "「": "」", "『": "』"}
OR = ("OR", "|")


@dataclass(frozen=True)
class Term:
    """A word, or what stands between quotation marks (`exact`: whole words, one after the other)."""

    text: str
    exact: bool = False


@dataclass(frozen=True)
class Query:
    """Each group has to be found by one of its terms; none of `without` may be."""

    groups: tuple[tuple[Term, ...], ...] = ()
    without: tuple[Term, ...] = ()


def read(text: str) -> Query:
    """The query that a person typed; an empty one for nothing but space. Raises Invalid."""
    if len(text) > LONGEST:
        raise _refused(_("Search for at most 200 characters."))
    if any(ord(character) < 32 or 0xD800 <= ord(character) <= 0xDFFF for character in text.strip()):
        raise _refused(_("This value cannot be searched for."))
    groups: list[list[Term]] = []
    without: list[Term] = []
    joined = False  # the next term belongs to the group before it
    last_joins = False  # there is a group before that OR can join to
    for term, excluded in _terms(text):
        if term is None:
            if joined or not last_joins:
                raise _refused(_("OR stands between two words: write one on each side of it."))
            joined = True
        elif excluded:
            if joined:
                raise _refused(_("What is left out cannot stand beside OR."))
            without.append(term)
            last_joins = False
        elif joined:
            groups[-1].append(term)
            joined = False
        else:
            groups.append([term])
            last_joins = True
    if joined:
        raise _refused(_("OR stands between two words: write one on each side of it."))
    if sum(map(len, groups)) + len(without) > MOST:
        raise _refused(_("Search for at most %(most)d words at once.") % {"most": MOST})
    return Query(tuple(map(tuple, groups)), tuple(without))


def _terms(text: str):
    """(term or None for OR, whether it is left out), in the order in which they stand."""
    place, end = 0, len(text)
    while place < end:
        if text[place].isspace():
            place += 1
            continue
        excluded = text[place] == "-" and place + 1 < end and not text[place + 1].isspace()
        place += excluded
        if closing := QUOTES.get(text[place]):
            close = next((at for at in range(place + 1, end) if text[at] in closing), None)
            if close is None:
                raise _refused(_("A quotation mark is open: close it, or leave it out."))
            yield Term(text[place + 1 : close], exact=True), excluded
            place = close + 1
            continue
        begin = place
        while place < end and not text[place].isspace() and text[place] not in QUOTES:
            place += 1
        word = text[begin:place]
        yield (None if word in OR and not excluded else Term(word)), excluded


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, field="q")
