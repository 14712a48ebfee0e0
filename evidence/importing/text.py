"""Cleaning of cell text that loses no meaning. Reading values out of rows is in `values`."""

import hashlib
import re
import unicodedata

_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Korean Hanja have twins that normal form C would merge although they are read differently; those stay as they are.
_NORMALISABLE = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
MAX_IDENTIFIER = 200


def clean(text: str) -> str:
    """Return `text` with plain spaces, one kind of line end, composed characters, and nothing around it."""
    if text.isascii():
        return text.replace("\r\n", "\n").replace("\r", "\n").strip() if "\r" in text else text.strip()
    text = _SPACES.sub(" ", text).replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n\ufeff")
    if unicodedata.is_normalized("NFC", text):
        return text
    return _NORMALISABLE.sub(lambda match: unicodedata.normalize("NFC", match[0]), text)


def one_line(text: str) -> str:
    """Return `text` with every run of white space turned into one space."""
    return " ".join(text.split())


def as_text(value: str | int | bool | None) -> str:
    """Return a cell's value as clean text: '' for an empty cell, 'True' or 'False' for a truth value."""
    if value is None:
        return ""
    return clean(value) if isinstance(value, str) else str(value)


def shorten(text: str, limit: int) -> str:
    """Return `text` cut to `limit` characters at a word, with an ellipsis, if it is longer."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = limit - 1 if text[limit - 1] == " " else head.rfind(" ")
    return (head[:space] if space > limit // 2 else head).rstrip(" ,;:") + "…"


def identifier(text: str) -> str:
    """Return `text` as an identifier of at most 200 characters: itself, or a digest of it where it is longer."""
    return text if len(text) <= MAX_IDENTIFIER else digest(text)


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
