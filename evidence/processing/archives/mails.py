"""Attachments of a message, and the messages of a mailbox."""

import platform
import struct
from collections.abc import Iterator
from functools import partial

import olefile

from evidence.processing.archives import Member, Opener, Walk
from evidence.processing.bounded import CHUNK
from evidence.processing.messages import Attached, Message, outlook, rfc822
from evidence.processing.results import Failed

TOOL = f"Python {platform.python_version()}, email"


def walk(state: Walk) -> Iterator[tuple[Member, Opener | None]]:
    state.tool = TOOL
    if state.size > rfc822.MAX_MESSAGE:
        raise Failed("too_large", "a message")
    message = rfc822.parse(state.path.read_bytes())
    state.cut = "too_many" if message.cut else ""
    yield from _all(message, "", with_inner=False)


def walk_mailbox(state: Walk) -> Iterator[tuple[Member, Opener | None]]:
    """Each message, bit for bit as it lies there, without the line that parts it from the one before."""
    state.tool = TOOL
    for number, data in enumerate(rfc822.mailbox(state.path), 1):
        subject = rfc822.header(rfc822.subject_of(data))[:100]
        member = Member(f"{number:05d} {subject}".strip() + ".eml", size=len(data))
        yield member, partial(_whole, data)


def _whole(data: bytes) -> Iterator[bytes]:
    yield data


def walk_outlook(state: Walk) -> Iterator[tuple[Member, Opener | None]]:
    state.tool = f"own reader of MS-OXMSG, olefile {olefile.__version__}"
    try:
        with olefile.OleFileIO(str(state.path)) as ole:
            message = outlook.parse(ole)
            state.cut = "too_many" if message.cut else ""
            # An inner message of Outlook is no file of its own: what hangs on it is listed here.
            yield from _all(message, "", with_inner=True)
    except (struct.error, ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise Failed("damaged", type(error).__name__)


def _all(message: Message, prefix: str, *, with_inner: bool) -> Iterator[tuple[Member, Opener | None]]:
    inner = iter(message.inner)
    for number, one in enumerate(message.attached, 1):
        name = one.name or f"attachment {number}"
        yield Member(prefix + name, size=one.size, refused=one.refused), _opener(one)
        if one.is_message and with_inner and (below := next(inner, None)) is not None:
            yield from _all(below, f"{prefix}{name}/", with_inner=True)


def _opener(one: Attached) -> Opener | None:
    if one.data is None:
        return None
    load = one.data

    def read() -> Iterator[bytes]:
        data = load()
        for start in range(0, len(data), CHUNK):
            yield data[start : start + CHUNK]

    return read
