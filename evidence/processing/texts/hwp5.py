"""HWP 5, by its published format: an OLE2 container whose sections are streams of records, mostly compressed.

A distribution document (배포용 문서) keeps its text in `ViewText`, encrypted with a key that lies in the document
itself; the other streams hold only what a viewer shows instead. The text here comes from `ViewText` or not at all.
"""

import re
import struct
from collections.abc import Iterator

import olefile
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from evidence.processing.bounded import inflate
from evidence.processing.results import Failed, Job
from evidence.processing.texts import Pages

TOOL = "own reader of HWP 5"
PARA_TEXT, DISTRIBUTION = 67, 28
# In the text, controls of one, and of eight, units of two bytes.
SINGLE = frozenset({0, 10, 13, *range(24, 32)})
SHOWN = {9: "\t", 10: "\n", 13: "", 24: "-", 30: "\u00a0", 31: " "}
MAX_STREAM = 128 * 1024**2


def read(job: Job, pages: Pages) -> str:
    try:
        with olefile.OleFileIO(str(job.path)) as ole:
            text = _text(ole, pages)
    except Failed:
        raise
    except (OSError, struct.error, ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise Failed("damaged", type(error).__name__)
    pages.add_long(text)
    return TOOL


def _text(ole, pages: Pages) -> str:
    header = ole.openstream("FileHeader").read(256)
    bits = int.from_bytes(header[36:40], "little")
    if bits & 1 << 1:
        raise Failed("password")
    if bits & (1 << 4 | 1 << 8):
        raise Failed("unsupported", "protected by DRM or a certificate")
    is_packed, is_distributed = bool(bits & 1), bool(bits & 1 << 2)
    storage = "ViewText" if is_distributed else "BodyText"
    sections = sorted(
        (int(match[1]), "/".join(parts))
        for parts in ole.listdir()
        if len(parts) == 2 and parts[0] == storage and (match := re.fullmatch(r"Section(\d+)", parts[1]))
    )
    if not sections:
        raise Failed("damaged", f"no section in {storage}")
    pages.found["sections"] = len(sections)
    out: list[str] = []
    for _, name in sections:
        data = ole.openstream(name).read(MAX_STREAM)
        if is_distributed:
            pages.found["distribution"] = True
            data = _opened(data)
        for tag, content in records(inflate(data) if is_packed else data):
            if tag == PARA_TEXT:
                out.append(_paragraph(content))
    return "\n".join(out)


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each record; one that claims more than there is ends the stream."""
    at = 0
    while at + 4 <= len(data):
        head = int.from_bytes(data[at : at + 4], "little")
        at += 4
        size = head >> 20
        if size == 0xFFF:
            size = int.from_bytes(data[at : at + 4], "little")
            at += 4
        yield head & 0x3FF, data[at : at + size]
        at += size


def _paragraph(content: bytes) -> str:
    out, at, end = [], 0, len(content) & ~1
    while at < end:
        unit = content[at] | content[at + 1] << 8
        if unit >= 32:
            start = at
            while at < end and (content[at + 1] or content[at] >= 32):
                at += 2
            out.append(content[start:at].decode("utf-16-le", "replace"))
        else:
            out.append(SHOWN.get(unit, ""))
            at += 2 if unit in SINGLE else 16
    return "".join(out)


def _opened(data: bytes) -> bytes:
    """The stream of a distribution document: its first record scrambles the key, the rest is AES in single blocks."""
    head = int.from_bytes(data[:4], "little")
    if head & 0x3FF != DISTRIBUTION or head >> 20 != 256 or len(data) < 260:
        raise Failed("unsupported", "a distribution document of an unknown form")
    key = distribution_key(data[4:260])
    body = data[260:]
    body = body[: len(body) // 16 * 16]
    # The format's own choice; nothing here relies on it for secrecy.
    machine = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # noqa: S305
    return machine.update(body) + machine.finalize()


def distribution_key(record: bytes) -> bytes:
    """The key: unscrambled with a run of pseudo-random numbers that starts from the record's first four bytes."""
    seed = int.from_bytes(record[:4], "little")
    plain = bytes(a ^ b for a, b in zip(record, scramble(seed), strict=True))
    start = 4 + (seed & 0xF)
    return plain[start : start + 16]


def scramble(seed: int) -> bytes:
    """256 bytes of runs of one value each; the first four leave the seed itself as it is."""
    state = seed

    def number() -> int:
        nonlocal state
        state = (state * 214013 + 2531011) & 0xFFFFFFFF
        return state >> 16 & 0x7FFF

    out = bytearray()
    while len(out) < 256:
        value = number() & 0xFF
        out += bytes([value]) * ((number() & 0xF) + 1)
    return bytes(4) + bytes(out[4:256])
