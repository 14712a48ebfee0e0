"""Outlook's messages (.msg, MS-OXMSG): properties in streams of an OLE2 container, attachments in storages of it."""

import struct
from datetime import UTC, datetime, timedelta

from evidence.processing import encodings
from evidence.processing.messages import MAX_ATTACHED, Attached, Message
from evidence.processing.results import Failed
from evidence.processing.texts import rtf
from evidence.processing.texts.markup import visible

MAX_STREAM = 256 * 1024**2
MAX_DEPTH = 20
SUBJECT, BODY, HTML, RTF = 0x0037, 0x1000, 0x1013, 0x1009
HEADERS = (
    ("Subject", SUBJECT), ("To", 0x0E04), ("Cc", 0x0E03), ("Bcc", 0x0E02), ("Message-ID", 0x1035),
    ("Name", 0x3001), ("Company", 0x3A16), ("Title", 0x3A17), ("Business telephone", 0x3A08),
    ("Home telephone", 0x3A09), ("Mobile", 0x3A1C), ("Address", 0x3A15),
)  # fmt: skip
CONTACT = range(0x3000, 0x3B00)
SUBMITTED, DELIVERED, CODE_PAGE, MESSAGE_CODE_PAGE = 0x0039, 0x0E06, 0x3FDE, 0x3FFD
METHOD, EMBEDDED = 0x3705, 5


def parse(ole, prefix: str = "", depth: int = 0) -> Message:
    """The message in a container, or in a storage of it. Its attachments are opened from the container later."""
    if depth > MAX_DEPTH:
        raise Failed("too_deep", "messages inside messages")
    properties = Properties(ole, prefix, head=24 if prefix else 32)
    message = Message(headers=_headers(properties))
    message.body = _body(properties)
    message.encodings.add(properties.codec if properties.is_narrow else "utf-16-le")
    names = {parts[len(_split(prefix))] for parts in ole.listdir() if len(parts) > len(_split(prefix))
             and parts[: len(_split(prefix))] == _split(prefix)}  # fmt: skip
    for name in sorted(one for one in names if one.startswith("__attach_version1.0_")):
        if len(message.attached) >= MAX_ATTACHED:
            message.cut = True
            break
        _attach(ole, f"{prefix}{name}/", message, depth)
    return message


def _split(prefix: str) -> list[str]:
    return prefix.rstrip("/").split("/") if prefix else []


class Properties:
    """The properties of one object: strings in streams of their own, numbers and times in a table."""

    def __init__(self, ole, prefix: str, head: int):
        self.ole, self.prefix, self.is_narrow = ole, prefix, False
        self.fixed: dict[int, bytes] = {}
        table = self._stream("__properties_version1.0") or b""
        for at in range(head, len(table) - 15, 16):
            tag = struct.unpack_from("<I", table, at)[0]
            self.fixed[tag >> 16] = table[at + 8 : at + 16]
        number = self.number(CODE_PAGE) or self.number(MESSAGE_CODE_PAGE)
        self.codec = encodings.codec_of(f"cp{number}" if number not in (0, 65001) else "utf-8") or "cp1252"

    def _stream(self, name: str) -> bytes | None:
        path = self.prefix + name
        return self.ole.openstream(path).read(MAX_STREAM) if self.ole.exists(path) else None

    def text(self, number: int) -> str:
        wide = self._stream(f"__substg1.0_{number:04X}001F")
        if wide is not None:
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        narrow = self._stream(f"__substg1.0_{number:04X}001E")
        if narrow is None:
            return ""
        self.is_narrow = True
        return encodings.decode(narrow.rstrip(b"\0"), self.codec)[0]

    def data(self, number: int) -> bytes:
        return self._stream(f"__substg1.0_{number:04X}0102") or b""

    def number(self, number: int) -> int:
        return int.from_bytes(self.fixed.get(number, b"")[:4], "little")

    def moment(self, number: int) -> str:
        ticks = int.from_bytes(self.fixed.get(number, b""), "little")
        if not ticks:
            return ""
        try:
            return (datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)).isoformat(" ", "seconds")
        except OverflowError:
            return ""


def _headers(properties: Properties) -> list[tuple[str, str]]:
    address = properties.text(0x5D01) or properties.text(0x0C1F)
    name = properties.text(0x0C1A)
    sender = f"{name} <{address}>" if name and "@" in address and address != name else name or address
    is_contact = properties.text(0x001A).startswith(("IPM.Contact", "IPM.DistList"))
    rows = [("From", sender), ("Date", properties.moment(SUBMITTED) or properties.moment(DELIVERED))]
    return rows + [
        (label, properties.text(number).replace("\0", " ").strip())
        for label, number in HEADERS
        if number not in CONTACT or is_contact
    ]


def _body(properties: Properties) -> str:
    plain = properties.text(BODY)
    if plain.strip():
        return plain
    markup = properties.data(HTML)
    if markup:
        return visible(encodings.decode(markup, encodings.declared_in(markup) or properties.codec)[0])
    if html := properties.text(HTML):
        return visible(html)
    packed = properties.data(RTF)
    return rtf.plain(unpack_rtf(packed)) if packed else ""


def _attach(ole, prefix: str, message: Message, depth: int) -> None:
    properties = Properties(ole, prefix, head=8)
    name = properties.text(0x3707) or properties.text(0x3704) or properties.text(0x3001)
    media_type = properties.text(0x370E) or "application/octet-stream"
    stream = f"{prefix}__substg1.0_37010102"
    if properties.number(METHOD) == EMBEDDED:
        inner = parse(ole, f"{prefix}__substg1.0_3701000D/", depth + 1)
        message.inner.append(inner)
        message.attached.append(Attached(name or "message", "application/vnd.ms-outlook", is_message=True,
                                         refused="unsupported"))  # fmt: skip
    elif ole.exists(stream):
        load = lambda: ole.openstream(stream).read()  # noqa: E731
        message.attached.append(Attached(name, media_type, load, size=ole.get_size(stream)))
    else:
        message.attached.append(Attached(name, media_type, refused="unsupported"))


START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans "
    b"SerifSymbolArialTimes New RomanCourier"
    b"{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def unpack_rtf(data: bytes) -> bytes:
    """RTF as Outlook packs it (MS-OXRTFCP): references into a window of 4,096 bytes that begins with common words."""
    if len(data) < 16:
        raise Failed("damaged", "packed RTF")
    size, kind = struct.unpack_from("<I", data, 4)[0], data[8:12]
    if kind == b"MELA":
        return data[16 : 16 + size]
    window = bytearray(START.ljust(4096, b"\0"))
    out, at, write = bytearray(), 16, len(START)
    size = min(size, len(data) * 18)
    while at < len(data) and len(out) < size:
        control = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data) or len(out) >= size:
                break
            if control >> bit & 1:
                token = int.from_bytes(data[at : at + 2], "big")
                at += 2
                offset, length = token >> 4, (token & 0xF) + 2
                if offset == write % 4096:
                    return bytes(out)
                for step in range(length):
                    byte = window[(offset + step) % 4096]
                    window[write % 4096] = byte
                    write += 1
                    out.append(byte)
            else:
                window[write % 4096] = data[at]
                out.append(data[at])
                write += 1
                at += 1
    return bytes(out)
