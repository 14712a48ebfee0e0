"""The canonical JSON profile of ledger entries: RFC 8785 restricted so that two implementations cannot disagree.

Keys are ASCII identifiers, integers stay below 2**53, there are no fractions, no U+0000 and no lone surrogates.
No Django here: a stranger can run it.
"""

import json
import re
from hashlib import sha256

KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.:\-]*\Z")
MAX_INTEGER = 2**53
MAX_ENVELOPE = 32 * 1024


class NotCanonical(ValueError):
    """A value outside the profile: the message names the path and what is allowed."""


def _check(value, path: str) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) >= MAX_INTEGER:
            raise NotCanonical(f"{path}: integers must stay below 2**53; write it as text")
    elif isinstance(value, str):
        if "\x00" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in value):
            raise NotCanonical(f"{path}: text may hold neither U+0000 nor lone surrogates")
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str) or not KEY.match(key):
                raise NotCanonical(f"{path}: key {key!r} must be an ASCII identifier")
            _check(inner, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for position, inner in enumerate(value):
            _check(inner, f"{path}[{position}]")
    else:
        raise NotCanonical(f"{path}: {type(value).__name__} is not allowed; write decimals and times as text")


def canonical(value) -> bytes:
    """Canonical bytes of a JSON value in the profile; raises NotCanonical."""
    _check(value, "$")
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def is_canonical(data: bytes) -> bool:
    """Whether the bytes are the one canonical form of what they say: no duplicate keys, no other spelling."""
    try:
        return canonical(json.loads(data)) == data
    except (ValueError, RecursionError):
        return False


def commitment(part: str, salt: bytes, body: bytes) -> bytes:
    """SHA-256 commitment to an erasable part of an entry; the salt has 32 bytes, which makes it binding."""
    if len(salt) != 32:
        raise ValueError("a commitment needs a salt of 32 bytes")
    return sha256(b"ledger-commit/v1\x00" + salt + part.encode() + b"\x00" + body).digest()
