"""The text of `where`: (crime:cah.torture AND place:KP-09) OR NOT status:draft. Read and written here, not asked.

    any   = all { "OR" all }                    AND binds closer than OR
    all   = part { "AND" part }
    part  = [ "NOT" ] ( "(" any ")" | term )
    term  = field ":" value { "," value }       one of several values
    value = bare text | "quoted text"           inside quotes: \\" and \\\\

Nothing here knows a field or a record: a mistake of the text is refused with its place, counted from 1.
"""

import re
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from accounts.errors import Invalid

LONGEST = 1500  # characters
MOST = 24  # terms
DEEPEST = 5  # groups within groups
AND, OR, NOT = "AND", "OR", "NOT"
FIELD = re.compile(r"([A-Za-z_]+):")
BARE = re.compile(r'[^\s(),"]+')
SPACE = re.compile(r"\s*")
PLAIN = re.compile(r'[^\s(),"\\]+')


@dataclass(frozen=True)
class Term:
    """One field with the values of which a record has one; `at` is where it stands, from 1."""

    field: str
    values: tuple[str, ...]
    is_not: bool = False
    at: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Group:
    """Parts that have to be true all (AND) or of which one has to be (OR)."""

    join: str
    parts: tuple["Node", ...]
    is_not: bool = False


Node = Term | Group


def read(text: str) -> Group:
    """The outermost group of what was typed; raises Invalid, which says where and how to put it right."""
    if len(text) > LONGEST:
        raise _refused(_("Write at most %(most)d characters.") % {"most": LONGEST})
    if any(ord(character) < 32 or 0xD800 <= ord(character) <= 0xDFFF for character in text.strip()):
        raise _refused(_("This value cannot be searched for."))
    reader = _Reader(text)
    node = reader.any(0)
    if not reader.is_done:
        raise reader.mistake(
            _("A bracket is closed here that was not opened: take it away.")
            if reader.sees(")")
            else _("Write AND or OR between two conditions.")
        )
    return node if isinstance(node, Group) else Group(AND, (node,))


def terms(node: Node) -> list[Term]:
    """All conditions, in the order in which they stand."""
    return [node] if isinstance(node, Term) else [term for part in node.parts for term in terms(part)]


def written(node: Node, *, outermost: bool = True) -> str:
    """The text that is read as this; empty for a group of nothing, which stands in no other group."""
    if isinstance(node, Term):
        text = f"{node.field}:{','.join(map(_value, node.values))}"
        return f"{NOT} {text}" if node.is_not else text
    if len(node.parts) == 1:  # a group of one is what is in it
        (part,) = node.parts
        return written(replace(part, is_not=part.is_not != node.is_not), outermost=outermost)
    text = f" {node.join} ".join(written(part, outermost=False) for part in node.parts)
    if text and (node.is_not or not outermost):
        text = f"({text})"
    return f"{NOT} {text}" if text and node.is_not else text


def _value(value: str) -> str:
    if PLAIN.fullmatch(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Reader:
    """A place in the text. Each method reads one rule of the grammar and stands behind it."""

    def __init__(self, text: str):
        self.text, self.place, self.count = text, 0, 0
        self.skip()

    @property
    def is_done(self) -> bool:
        return self.place >= len(self.text)

    def skip(self) -> None:
        self.place = SPACE.match(self.text, self.place).end()

    def sees(self, sign: str) -> bool:
        return self.text.startswith(sign, self.place)

    def takes(self, sign: str) -> bool:
        """Step over a sign, or a word if it stands by itself."""
        end = self.place + len(sign)
        if not self.sees(sign) or (sign.isalpha() and self.text[end : end + 1].strip(' ("\t\r\n')):
            return False
        self.place = end
        self.skip()
        return True

    def mistake(self, sentence: str, at: int | None = None) -> Invalid:
        return _refused(placed((self.place if at is None else at) + 1, sentence))

    def any(self, depth: int) -> Node:
        return self._joined(OR, lambda: self._joined(AND, lambda: self.part(depth)))

    def _joined(self, join: str, one) -> Node:
        parts = [one()]
        while self.takes(join):
            parts.append(one())
        return parts[0] if len(parts) == 1 else Group(join, tuple(parts))

    def part(self, depth: int) -> Node:
        is_not = False
        while self.takes(NOT):
            is_not = not is_not
        begin = self.place
        if not self.takes("("):
            return replace(self.term(), is_not=is_not)
        if depth >= DEEPEST:
            raise self.mistake(_("Groups stand at most %(most)d deep in each other.") % {"most": DEEPEST}, begin)
        node = self.any(depth + 1)
        if not self.takes(")"):
            if self.is_done:
                raise self.mistake(_("This bracket is not closed: write “)” at the end of its group."), begin)
            raise self.mistake(_("Write AND or OR between two conditions."))
        return replace(node, is_not=node.is_not != is_not)

    def term(self) -> Term:
        begin = self.place
        found = FIELD.match(self.text, self.place)
        if not found:
            raise self.mistake(_("Write a condition here, like status:draft."))
        self.count += 1
        if self.count > MOST:
            raise self.mistake(_("Write at most %(most)d conditions.") % {"most": MOST})
        self.place = found.end()
        values = [self.value(found[1])]
        self.skip()
        while self.takes(","):
            values.append(self.value(found[1]))
            self.skip()
        return Term(found[1], tuple(values), at=begin + 1)

    def value(self, name: str) -> str:
        if self.sees('"'):
            return self._quoted()
        found = BARE.match(self.text, self.place)
        if not found:
            example = _('Write a value after “%(field)s:”, with spaces or brackets in it like %(field)s:"two words".')
            raise self.mistake(example % {"field": name})
        self.place = found.end()
        return found[0]

    def _quoted(self) -> str:
        begin, said = self.place, []
        self.place += 1
        while not self.is_done and not self.sees('"'):
            if self.sees("\\") and self.text[self.place + 1 : self.place + 2] in ('"', "\\"):
                self.place += 1
            said.append(self.text[self.place])
            self.place += 1
        if self.is_done:
            raise self.mistake(_("A quotation mark is open: close it, or leave it out."), begin)
        self.place += 1
        if not "".join(said).strip():
            raise self.mistake(_("Write something between the quotation marks."), begin)
        return "".join(said)


def placed(at: int, sentence: str) -> str:
    """A sentence with the place that it speaks of."""
    return _("At character %(at)d: %(what)s") % {"at": at, "what": sentence}


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, field="where")
