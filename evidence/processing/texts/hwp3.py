"""HWP 3 (1996 to 2000), by its published format: fonts, styles, then paragraphs with their objects inside them.

Characters are Hangul by composition (Johab), Hanja and symbols by their place in KS X 1001. What cannot be followed to
the end is a failure with its reason, and what was read until then is told as cut.
"""

import struct

from evidence.processing.bounded import inflate
from evidence.processing.results import Failed, Job
from evidence.processing.texts import Pages, whole

TOOL = "own reader of HWP 3"
SIGNATURE, INFO, SUMMARY = 30, 128, 1008
MAX_DEPTH = 64
# Controls without paragraphs inside: bytes that follow the control's two.
SIZES = {7: 82, 8: 94, 9: 6, 18: 6, 19: 6, 20: 6, 21: 6, 22: 22, 23: 8, 24: 4, 25: 4, 26: 244, 28: 62, 30: 2, 31: 2}


def read(job: Job, pages: Pages) -> str:
    data = whole(job)
    info = data[SIGNATURE : SIGNATURE + INFO]
    if len(info) < INFO:
        raise Failed("damaged", "cut off")
    if info[96:98] != b"\0\0":
        raise Failed("password")
    if data[19:22] != b"3.0":
        raise Failed("unsupported", "older than HWP 3")
    start = SIGNATURE + INFO + SUMMARY + int.from_bytes(info[126:128], "little")
    body = data[start:]
    stream = _Stream(inflate(body) if info[124] else body)
    title = _string(data[SIGNATURE + INFO : SIGNATURE + INFO + 112])
    try:
        _skip_fonts_and_styles(stream)
        stream.paragraphs()
    except (struct.error, IndexError):
        if not stream.out:
            raise Failed("damaged", "no paragraph could be read")
        pages.cut("damaged")
    if title:
        pages.found["title"] = title
    pages.add_long("".join(stream.out))
    return TOOL


def _skip_fonts_and_styles(stream: "_Stream") -> None:
    for _language in range(7):
        stream.skip(stream.word() * 40)
    stream.skip(stream.word() * 238)


class _Stream:
    def __init__(self, data: bytes):
        self.data, self.at, self.out, self.depth = data, 0, [""], 0

    def skip(self, count: int) -> None:
        self.at += count
        if self.at > len(self.data):
            raise IndexError

    def byte(self) -> int:
        self.skip(1)
        return self.data[self.at - 1]

    def word(self) -> int:
        self.skip(2)
        return self.data[self.at - 2] | self.data[self.at - 1] << 8

    def long(self) -> int:
        return self.word() | self.word() << 16

    def paragraphs(self) -> None:
        """A list of paragraphs: it ends with an empty one."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Failed("too_deep", "objects inside objects")
        while self._paragraph():
            self.out.append("\n")
        self.depth -= 1

    def _paragraph(self) -> bool:
        reuses_shape, count, lines, has_shapes = self.byte(), self.word(), self.word(), self.byte()
        self.skip(1 + 4 + 1 + 31)
        if not count:
            return False
        if not reuses_shape:
            self.skip(187)
        self.skip(14 * lines)
        if has_shapes:
            for _ in range(count):
                if not self.byte():
                    self.skip(31)
        at = 0
        while at < count:
            code = self.word()
            if code == 13:
                break
            at += self._control(code) if code < 32 else self._character(code)
        return True

    def _character(self, code: int) -> int:
        self.out.append(character(code))
        return 1

    def _control(self, code: int) -> int:
        """An object inside the text; returns how many places of the paragraph's count it takes."""
        if code in SIZES:
            self.skip(SIZES[code])
            self.out.append({9: "\t", 24: "-", 30: "\u00a0", 31: " "}.get(code, ""))
            return {7: 42, 8: 48, 22: 12, 26: 123, 28: 32, 24: 3, 25: 3, 30: 2, 31: 2, 23: 5}.get(code, 4)
        if code == 5:
            self._field()
            return 4
        if code == 6:
            self.skip(4 + 2 + 34)
        elif code == 10:
            self._box()
        elif code == 11:
            self._picture()
        elif code == 14:
            self.skip(6 + 84)
        elif code == 15:
            self._aside(8)
        elif code == 16:
            self._aside(8 + 2)
        elif code == 17:
            self._aside(8 + 6)
        elif code in (1, 2, 3, 4, 12, 27, 29):
            size = self.long()
            self.skip(2 + size)
        else:
            raise IndexError
        return 4

    def _field(self) -> None:
        size = self.long()
        self.skip(2 + size)

    def _aside(self, head: int) -> None:
        """Header, footer, note or hidden remark."""
        self.skip(6 + head)
        self.out.append("\n")
        self.paragraphs()

    def _box(self) -> None:
        """A table, text box, formula or button: its cells, then its caption."""
        self.skip(6 + 80)
        cells = self.word()
        self.skip(2)
        if not 0 < cells <= 10_000:
            raise IndexError
        self.skip(27 * cells)
        self.out.append("\n")
        for _ in range(cells):
            self.paragraphs()
        self.paragraphs()

    def _picture(self) -> None:
        self.skip(6)
        follows = self.long()
        self.skip(344 + follows)
        self.paragraphs()


def _string(data: bytes) -> str:
    """A fixed-length string of two-byte characters."""
    codes = struct.unpack(f"<{len(data) // 2}H", data)
    return "".join(character(code) for code in codes[: codes.index(0) if 0 in codes else None]).strip()


def character(code: int) -> str:
    """The Unicode for one character of HWP 3."""
    if code < 0x80:
        return chr(code)
    if code >= 0x8000:
        return bytes((code >> 8, code & 0xFF)).decode("johab", "replace")
    if 0x4000 <= code < 0x4000 + 4888:
        row, column = divmod(code - 0x4000, 94)
        return bytes((0xCA + row, 0xA1 + column)).decode("euc_kr", "replace")
    if 0x3400 <= code < 0x3400 + 1128:
        row, column = divmod(code - 0x3400, 94)
        return bytes((0xA1 + row, 0xA1 + column)).decode("euc_kr", "replace")
    return "\ufffd"
