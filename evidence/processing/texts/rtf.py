"""RTF: the shown text, in the code pages of its fonts. Pictures, objects and descriptions are left out."""

import re

from evidence.processing import encodings
from evidence.processing.results import Failed, Job
from evidence.processing.texts import Pages, whole

TOOL = "own reader of RTF"
TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
LEFT_OUT = {
    b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"themedata", b"colorschememapping",
    b"datastore",
    b"latentstyles", b"listtable", b"listoverridetable", b"rsidtbl", b"generator", b"filetbl", b"xmlnstbl", b"fldinst",
    b"revtbl", b"bkmkstart", b"bkmkend", b"pgptbl", b"mmathPr", b"userprops", b"operator",
}  # fmt: skip
LETTERS = {b"par": "\n", b"line": "\n", b"page": "\n", b"sect": "\n", b"row": "\n", b"cell": "\t", b"tab": "\t",
           b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
           b"rdblquote": "”"}  # fmt: skip
CHARSETS = {0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5",
            161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
            222: "cp874", 238: "cp1250"}  # fmt: skip
MAX_DEPTH = 2_000


def read(job: Job, pages: Pages) -> str:
    pages.add_long(plain(whole(job)))
    return TOOL


def plain(data: bytes) -> str:
    """The text of an RTF document."""
    return _Reader(data).text()


class _Reader:
    def __init__(self, data: bytes):
        self.data = data
        self.out: list[str] = []
        self.pending = bytearray()
        self.fonts: dict[int, str] = {}
        self.codec = "cp1252"
        # Of the group: font, whether it is left out, how many characters stand in for one of Unicode.
        self.font, self.hidden, self.fallback = -1, False, 1
        self.in_fonts, self.current = False, -1
        self.stack: list[tuple] = []
        self.pass_over = 0
        self.starred = False

    def text(self) -> str:
        at = 0
        while at < len(self.data):
            match = TOKEN.match(self.data, at)
            if match is None:
                at += 1
                continue
            at = match.end()
            word, number, byte, sign, brace, run = match.groups()
            if word is not None:
                at += self._word(word, int(number) if number else None)
            elif byte is not None:
                self._bytes(bytes([int(byte, 16)]))
            elif sign is not None:
                self._sign(sign)
            elif brace is not None:
                self._brace(brace)
            elif run is not None:
                self._bytes(run)
        self._flush()
        return "".join(self.out)

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self.starred = False
        if brace == b"{":
            if len(self.stack) >= MAX_DEPTH:
                raise Failed("too_deep", "groups inside groups")
            self.stack.append((self.font, self.hidden, self.fallback, self.in_fonts))
        elif self.stack:
            self.font, self.hidden, self.fallback, self.in_fonts = self.stack.pop()

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self.starred = True
        elif sign in b"{}\\":
            self._bytes(sign)
        elif sign == b"~":
            self._write("\u00a0")
        elif sign == b"_":
            self._write("-")
        elif sign in b"\r\n":
            self._write("\n")

    def _word(self, word: bytes, number: int | None) -> int:
        """What a control word means; returns how many bytes of binary data follow it."""
        if word == b"bin":
            return max(0, number or 0)
        self._flush()
        if word in LEFT_OUT or self.starred:
            self.in_fonts = self.in_fonts or word == b"fonttbl"
            self.hidden, self.starred = True, False
        elif word == b"ansicpg" and number:
            self.codec = encodings.codec_of(f"cp{number}") or self.codec
        elif word == b"uc":
            self.fallback = max(0, min(number or 0, 16))
        elif word == b"u" and number is not None:
            self._write(chr(number % 65536))
            self.pass_over = self.fallback
        elif word == b"f" and number is not None:
            self.font = self.current = number
        elif word == b"fcharset" and self.in_fonts and number is not None:
            self.fonts[self.current] = CHARSETS.get(number, "")
        elif word in LETTERS:
            self._write(LETTERS[word])
        return 0

    def _bytes(self, run: bytes) -> None:
        if self.pass_over:
            passed = min(self.pass_over, len(run))
            self.pass_over -= passed
            run = run[passed:]
        if not self.hidden:
            self.pending += run

    def _flush(self) -> None:
        if self.pending:
            self.out.append(bytes(self.pending).decode(self.fonts.get(self.font) or self.codec, "replace"))
            self.pending.clear()

    def _write(self, text: str) -> None:
        self._flush()
        self.pass_over = 0
        if not self.hidden:
            # Halves of a pair come one after the other.
            if "\udc00" <= text <= "\udfff" and self.out and "\ud800" <= self.out[-1][-1:] <= "\udbff":
                high = self.out.pop()
                self.out.append(
                    high[:-1] + (high[-1] + text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
                )
            else:
                self.out.append(text)
