"""Mail: headers and body, inner messages behind the one that carries them. Attachments are named."""

import platform
import struct

import olefile

from evidence.processing.messages import Message, outlook, rfc822
from evidence.processing.results import MAX_PAGES, Failed, Job
from evidence.processing.texts import Pages, whole


def read(job: Job, pages: Pages) -> str:
    message = rfc822.parse(whole(job))
    _take(message, pages)
    _tell(message, pages)
    return _TOOL


def read_mbox(job: Job, pages: Pages) -> str:
    """A message a page."""
    count = 0
    for data in rfc822.mailbox(job.path):
        count += 1
        if not pages.is_full:
            pages.add("\n\n".join(one.as_text() for one in _all(rfc822.parse(data))))
    pages.found["pages"] = count
    if count > MAX_PAGES or pages.is_full:
        pages.cut("pages")
    return _TOOL


def read_msg(job: Job, pages: Pages) -> str:
    try:
        with olefile.OleFileIO(str(job.path)) as ole:
            message = outlook.parse(ole)
    except Failed:
        raise
    except (OSError, struct.error, ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise Failed("damaged", type(error).__name__)
    _take(message, pages)
    _tell(message, pages)
    return f"own reader of MS-OXMSG, olefile {olefile.__version__}"


_TOOL = f"Python {platform.python_version()}, email"


def _all(message: Message) -> list[Message]:
    found, waiting = [], [message]
    while waiting:
        one = waiting.pop(0)
        found.append(one)
        waiting.extend(one.inner)
    return found


def _take(message: Message, pages: Pages) -> None:
    """The message, then those inside it: each begins a page of its own."""
    for one in _all(message):
        pages.add_long(one.as_text())


def _tell(message: Message, pages: Pages) -> None:
    pages.found["attachments"] = sum(len(one.attached) for one in _all(message))
    if inner := len(_all(message)) - 1:
        pages.found["inner_messages"] = inner
    if used := sorted({name for one in _all(message) for name in one.encodings}):
        pages.found["encoding"] = used[0] if len(used) == 1 else ", ".join(used)
