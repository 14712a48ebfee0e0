"""Text of all sorts, by what it says: mail, mailboxes, HTML, XML, SVG, JSON, CSV, or just text."""

import csv
import re

from evidence.processing import encodings
from evidence.processing.kinds import Kind, Look

HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,70}):[ \t]?.*\Z")
MAIL_HEADERS = {"from", "to", "subject", "date", "message-id", "received", "return-path", "mime-version", "cc", "bcc",
                "content-type", "reply-to", "delivered-to", "x-mailer", "in-reply-to", "sender"}  # fmt: skip
HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<title>|<script[\s>]|<meta\s)",
    re.IGNORECASE | re.DOTALL,
)
SVG = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype\s+svg[^>[]*(?:\[.*?\])?\s*>\s*)?"
    r"(?:<!--.*?-->\s*)*<(?:svg:)?svg[\s>]",
    re.IGNORECASE | re.DOTALL,
)
JSON = re.compile(r'[\[{]\s*["\[{\d\]}tfn-]')
ACTIVE = re.compile(r"<script[\s>]|\son[a-z]{3,20}\s*=|javascript:|<foreignObject|<iframe[\s>]", re.IGNORECASE)
DELIMITERS = ",;\t|"
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF87a", b"GIF89a")


def recognise(seen: Look) -> Kind | None:
    if not seen.head or seen.head.startswith(PICTURES):
        return None
    encoding = encodings.detect(_whole_lines(seen))
    if not encoding:
        return None
    text = seen.head.decode(encoding, "replace").lstrip("\ufeff")
    kind = _of(text, seen)
    kind.encoding = encoding
    return kind


def _whole_lines(seen: Look) -> bytes:
    """The head without the line that its end cuts, so that no character is cut either."""
    if seen.size <= len(seen.head):
        return seen.head
    cut = seen.head.rfind(b"\n")
    return seen.head[: cut + 1] if cut > 0 else seen.head


def _of(text: str, seen: Look) -> Kind:
    if SVG.match(text):
        return Kind("svg", flags={"scripts"} if _is_active(text, seen) else set())
    if HTML.match(text):
        return Kind("html", flags={"scripts"} if _is_active(text, seen) else set())
    start = text.lstrip()
    if start.startswith("<?xml") or re.match(r"<[A-Za-z_][\w:.-]*(\s[^<>]*)?/?>", start[:2000]):
        return Kind("xml") if start.startswith("<?xml") or start.rstrip().endswith(">") else Kind("plain")
    if text.startswith("From ") and re.match(r"From \S+.*\d{4}.*\n[A-Za-z][A-Za-z0-9-]*:", text):
        return Kind("mbox", flags={"archive"})
    if _is_mail(text):
        return Kind("mail", flags=_mail_flags(text))
    if (
        start[:1] in ("{", "[")
        and seen.tail.rstrip()[-1:] in (b"}", b"]")
        and re.match(r'[\[{]\s*["\[{\d\]}tfn-]', start)
    ):
        return Kind("json")
    if delimiter := _delimiter(text):
        name = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}[delimiter]
        return Kind("csv", format=f"CSV, separated by {name}")
    return Kind("plain")


def _is_active(text: str, seen: Look) -> bool:
    if ACTIVE.search(text):
        return True
    with seen.path.open("rb") as file:
        previous = ""
        while chunk := file.read(1024**2):
            piece = chunk.decode("latin-1")
            if ACTIVE.search(previous + piece):
                return True
            previous = piece[-200:]
    return False


def _is_mail(text: str) -> bool:
    """Headers from the first line on, at least two of those that mail has, and an empty line after them."""
    known, seen = set(), 0
    for line in text.splitlines()[:400]:
        if not line.strip():
            break
        if line[0] in " \t":
            if not seen:
                return False
            continue
        match = HEADER.match(line)
        if match is None:
            return False
        seen += 1
        known.add(match[1].lower())
    return len(known & MAIL_HEADERS) >= 2 and bool(known & {"from", "received", "message-id", "mime-version"})


def _mail_flags(text: str) -> set[str]:
    flags = set()
    if re.search(r"^content-type:\s*multipart/signed|pkcs7-signature|smime-type=signed", text, re.I | re.M):
        flags.add("signed")
    if re.search(r"^content-type:\s*multipart/encrypted|smime-type=\"?enveloped|BEGIN PGP MESSAGE", text, re.I | re.M):
        flags.add("encrypted")
    return flags


def _delimiter(text: str) -> str:
    """What separates the cells, when the first lines have as many of them each; else nothing."""
    lines = [line for line in text.splitlines()[:30] if line.strip()]
    if len(text) > 60_000:
        lines = lines[:-1]
    if len(lines) < 2:
        return ""
    for delimiter in DELIMITERS:
        try:
            widths = {len(row) for row in csv.reader(lines, delimiter=delimiter, strict=True)}
        except csv.Error:
            continue
        if len(widths) == 1 and widths.pop() > (2 if delimiter in ",|" and len(lines) < 4 else 1):
            return delimiter
    return ""
