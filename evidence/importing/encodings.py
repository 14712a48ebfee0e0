"""Which encoding a text file is in, decided by reading all of it strictly. Columns and rows are in `delimited`."""

import codecs
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from evidence.importing.errors import TableError

CHUNK = 1024 * 1024
SAMPLE = 64 * 1024
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What a person is told; the codec also says whether a byte order mark is skipped.
LABELS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp949": "CP949",
}
# Of the double-byte characters of real Korean text almost all are in EUC-KR; of misread Western text almost none are.
MAX_SHARE_OUTSIDE_EUC_KR = 0.3


def detect(path: Path) -> str:
    """Return the Python codec that reads the whole file without error: utf-8(-sig), utf-16(-le, -be), utf-32 or cp949.

    CP949 contains EUC-KR. Nothing else is tried: in the Western encodings every byte is valid.

    Raises:
        TableError: the file is in none of these; the message names the first byte that does not fit.
    """
    with path.open("rb") as stream:
        head = stream.read(SAMPLE)
    codec = next((codec for mark, codec in _BOMS if head.startswith(mark)), "") or _utf_16_by_nul(head)
    if codec:
        failure = _first_failure(path, codec)
        if failure is None:
            return codec
        raise TableError(
            _("The file begins as %(encoding)s, but byte %(offset)d does not fit. Save it again as CSV UTF-8.")
            % {"encoding": LABELS[codec], "offset": failure}
        )
    failure = _first_failure(path, "utf-8")
    if failure is None:
        return "utf-8"
    if _first_failure(path, "cp949") is None and _looks_korean(path):
        return "cp949"
    raise TableError(
        _(
            "The file is neither UTF-8 nor Korean text (EUC-KR, CP949): byte %(offset)d does not fit. "
            "Save it as CSV UTF-8."
        )
        % {"offset": failure}
    )


def _utf_16_by_nul(head: bytes) -> str:
    """Return the byte order of UTF-16 under which `head` is text in lines, or ''; a stray NUL makes no UTF-16."""
    if head.count(0) * 20 < len(head):
        return ""
    return next((codec for codec in ("utf-16-le", "utf-16-be") if _is_lines_of_text(head, codec)), "")


def _is_lines_of_text(head: bytes, codec: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(codec)("strict").decode(head)
    except UnicodeDecodeError:
        return False
    return "\n" in text and not any(character < " " and character not in "\t\n\r" for character in text)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _first_failure(path: Path, codec: str) -> int | None:
    """Return the offset of the first byte that `codec` cannot read, counted from 0, or None."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    offset = 0
    for chunk in _chunks(path):
        kept = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return offset - kept + error.start
        offset += len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return offset - len(decoder.getstate()[0])
    return None


def _looks_korean(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("cp949")("strict")
    letters = Counter(character for character in decoder.decode(next(_chunks(path))) if not character.isascii())
    outside = sum(count for letter, count in letters.items() if not _in_euc_kr(letter))
    return outside <= letters.total() * MAX_SHARE_OUTSIDE_EUC_KR


def _in_euc_kr(letter: str) -> bool:
    try:
        # Syllables that EUC-KR lacks are spelled out by the codec in eight bytes.
        return len(letter.encode("euc_kr")) == 2
    except UnicodeEncodeError:
        return False
