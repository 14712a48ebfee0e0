"""Mail messages (RFC 822 and MIME) and mailboxes of them, with the encodings and the mistakes that occur in them."""

import email
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.generator import BytesGenerator
from email.header import decode_header
from email.message import Message as Part
from email.policy import Compat32
from io import BytesIO
from pathlib import Path

from evidence.processing import encodings
from evidence.processing.messages import MAX_ATTACHED, Attached, Message
from evidence.processing.results import Failed
from evidence.processing.texts.markup import visible

SHOWN = ("From", "Sender", "To", "Cc", "Bcc", "Reply-To", "Date", "Subject", "Message-ID", "In-Reply-To")
MAX_MESSAGE = 512 * 1024**2
MAX_BODY = 8_000_000  # characters
MAX_DEPTH = 40
FROM = re.compile(rb"From \S.*\d{4}\s*$")


class _Bare(Compat32):
    """Headers as the bytes they are: what is not encoded as it should be is looked at, not replaced."""

    def header_fetch_parse(self, name, value):
        return value


BARE = _Bare()


def parse(data: bytes) -> Message:
    return _message(email.message_from_bytes(data, policy=BARE))


def _message(root: Part, depth: int = 0) -> Message:
    if depth > MAX_DEPTH:
        raise Failed("too_deep", "messages inside messages")
    message = Message(headers=[(name, value) for name in SHOWN for value in _values(root, name)])
    bodies: list[str] = []
    _walk(root, message, bodies, depth)
    message.body = "\n\n".join(body for body in bodies if body.strip())[:MAX_BODY]
    return message


def _values(root: Part, name: str) -> list[str]:
    return [header(value) for value in root.get_all(name, [])[:20]]


def _walk(root: Part, message: Message, bodies: list[str], depth: int) -> None:
    """Parts in their order. Of alternatives, the plain one; the others say the same again."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        kind = part.get_content_type()
        if part.is_multipart() and kind != "message/rfc822":
            inner = [one for one in part.get_payload() if isinstance(one, Part)]
            if kind == "multipart/alternative":
                inner = _alternative(inner)
            waiting.extend(reversed(inner))
        elif kind == "message/rfc822" and part.is_multipart():
            _inner_message(part, message, depth)
        elif _is_body(part, root):
            bodies.append(_body(part, message))
        else:
            _attach(part, message)


def _alternative(parts: list[Part]) -> list[Part]:
    plain = [part for part in parts if part.get_content_type() == "text/plain" and str(part.get_payload()).strip()]
    if not plain:
        return parts
    rest = [part for part in parts if part.get_content_maintype() != "text" and part not in plain]
    # What hangs on an alternative (a calendar, pictures of the HTML) is kept.
    for part in parts:
        if part.get_content_type() == "text/calendar":
            rest.append(part)
    return [plain[0], *[part for part in rest if part.get_content_type() != "text/html"]]


def _is_body(part: Part, root: Part) -> bool:
    if part.get_content_type() not in ("text/plain", "text/html"):
        return part is root and part.get_content_maintype() == "text"
    return part.get_content_disposition() != "attachment" and not part.get_filename()


def _body(part: Part, message: Message) -> str:
    data = part.get_payload(decode=True)
    text, encoding = encodings.decode(data if isinstance(data, bytes) else b"", _charset(part))
    message.encodings.add(encoding)
    return visible(text) if part.get_content_type() == "text/html" else text


def _charset(part: Part) -> str:
    value = part.get_param("charset")
    return value[2] if isinstance(value, tuple) else str(value or "")


def _attach(part: Part, message: Message) -> None:
    if len(message.attached) >= MAX_ATTACHED:
        message.cut = True
        return
    name = header(part.get_filename() or "")
    payload = part.get_payload()
    size = len(payload) if isinstance(payload, str) else 0
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        size = size * 3 // 4
    message.attached.append(Attached(name, part.get_content_type(), lambda: _bytes(part), size=size))


def _bytes(part: Part) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _inner_message(part: Part, message: Message, depth: int) -> None:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(inner, Part):
        return
    if len(message.attached) >= MAX_ATTACHED:
        message.cut = True
        return
    subject = next(iter(_values(inner, "Subject")), "") or "message"
    name = header(part.get_filename() or "") or f"{subject[:100]}.eml"
    message.attached.append(Attached(name, "message/rfc822", lambda: _flat(inner), is_message=True))
    message.inner.append(_message(inner, depth + 1))


def _flat(part: Part) -> bytes:
    """An inner message as it would stand alone; its lines are not folded anew."""
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, maxheaderlen=0, policy=BARE).flatten(part)
    return out.getvalue()


def header(value) -> str:
    """A header's words, decoded: what is encoded says how, what is bare bytes is looked at."""
    text = str(value)
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError, LookupError):
        pieces = [(text, None)]
    words = []
    for piece, charset in pieces:
        data = piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogateescape")
        if charset and charset != "unknown-8bit":
            words.append(encodings.decode(data, charset)[0])
        else:
            words.append(encodings.decode(data)[0] if not data.isascii() or b"\x1b" in data else data.decode("ascii"))
    return re.sub(r"\s+", " ", "".join(words)).strip()[:2000]


def mailbox(path: Path) -> Iterator[bytes]:
    """The messages of an mbox, one after the other, without the lines that part them."""
    lines: list[bytes] = []
    size, began, after_blank = 0, False, True
    with path.open("rb") as file:
        while line := file.readline(1024**2):
            if after_blank and FROM.match(line):
                if began:
                    yield b"".join(lines)
                lines, size, began = [], 0, True
                after_blank = False
                continue
            after_blank = not line.strip(b"\r\n")
            if re.match(rb">+From ", line):
                line = line[1:]
            size += len(line)
            if size > MAX_MESSAGE:
                raise Failed("too_large", "one message of a mailbox")
            lines.append(line)
    if began:
        yield b"".join(lines)


def subject_of(data: bytes) -> str:
    """The subject of a message, without reading the rest of it."""
    match = re.search(rb"^Subject:[ \t]*((?:.*)(?:\r?\n[ \t].*)*)", data[:64_000], re.IGNORECASE | re.MULTILINE)
    return match[1].decode("utf-8", "surrogateescape") if match else ""
