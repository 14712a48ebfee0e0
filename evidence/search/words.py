"""What a person types into the search: words, “phrases”, OR, -exclusion. Read here; text.py makes conditions of it.

All words have to be there, in any order; AND between them says no more. OR joins its two neighbours alone, so that
`border OR river guard` is (border or river) and guard. NOT leaves out what follows, as "-" does. Whatever cannot be
meant is refused with a sentence that says what to write.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.errors import Invalid

LONGEST = 200  # characters
MOST = 16  # terms
QUOTES = {'"': '"', "“": "”", "„": "“”", "”": "”", "«": "»", "「": "」", "『": "』"}
OR, AND, NOT, TERM, LEFT_OUT = "OR", "AND", "NOT", "term", "left out"
OPERATORS = {"OR": OR, "|": OR, "AND": AND, "NOT": NOT}
BRACKETS = frozenset("()（）")


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
    said = list(_said(text))
    _check_brackets(said)
    groups: list[list[Term]] = []
    without: list[Term] = []
    operator = last = ""  # that waits for a term; what came last: a term or one that is left out
    for kind, term in said:
        if kind in (OR, AND):
            if operator or not last or (kind == OR and last != TERM):
                raise _between(kind)
            operator = kind
        elif operator == OR and kind != TERM:
            raise _refused(_("What is left out cannot stand beside OR."))
        elif kind == NOT:
            operator = NOT
        elif operator == NOT or kind == LEFT_OUT:
            without.append(term)
            operator, last = "", LEFT_OUT
        else:
            groups[-1].append(term) if operator == OR else groups.append([term])
            operator, last = "", TERM
    if operator == NOT:
        raise _refused(_("NOT stands before a word: write after it what is to be left out."))
    if operator:
        raise _between(operator)
    if sum(map(len, groups)) + len(without) > MOST:
        raise _refused(_("Search for at most %(most)d words at once.") % {"most": MOST})
    return Query(tuple(map(tuple, groups)), tuple(without))


def _check_brackets(said: list[tuple[str, Term]]) -> None:
    """Brackets are signs like any other, which nothing looks for; but beside an operator they would be meant."""
    if any(kind in (OR, AND, NOT) for kind, _term in said) and any(
        not term.exact and not BRACKETS.isdisjoint(term.text) for _kind, term in said
    ):
        raise _refused(_("Brackets put no words together here: leave them out, or use the query builder for groups."))


def _said(text: str) -> Iterator[tuple[str, Term]]:
    """Each word or phrase with what it is: OR, AND, NOT, TERM or LEFT_OUT, in the order in which they stand."""
    place, end = 0, len(text)
    while place < end:
        if text[place].isspace():
            place += 1
            continue
        excluded = text[place] == "-" and place + 1 < end and not text[place + 1].isspace()
        place += excluded
        kind = LEFT_OUT if excluded else TERM
        if closing := QUOTES.get(text[place]):
            close = next((at for at in range(place + 1, end) if text[at] in closing), None)
            if close is None:
                raise _refused(_("A quotation mark is open: close it, or leave it out."))
            yield kind, Term(text[place + 1 : close], exact=True)
            place = close + 1
            continue
        begin = place
        while place < end and not text[place].isspace() and text[place] not in QUOTES:
            place += 1
        word = text[begin:place]
        yield (kind if excluded else OPERATORS.get(word, kind)), Term(word)


def _between(word: str) -> Invalid:
    return _refused(_("%(word)s stands between two words: write one on each side of it.") % {"word": word})


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, field="q")
