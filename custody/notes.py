"""C2SP signed notes and checkpoints: text, Ed25519 signature lines, verifier keys. No Django: a stranger can run it.

Unknown signature lines are skipped, as the format asks, so that cosignatures and ML-DSA lines can join later.
"""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

DASH = "\u2014 "
ED25519 = 0x01


class NoteError(ValueError):
    """A note, key or checkpoint that is malformed or does not verify."""


def key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([ED25519]) + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """`name+hex key id+base64`: what is published and handed to courts."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(bytes([ED25519]) + public).decode()}"


def checkpoint_text(origin: str, size: int, root: bytes) -> bytes:
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


def sign(text: bytes, name: str, *keys: Ed25519PrivateKey) -> bytes:
    """The note: text, blank line, a signature line a key. During a rotation the old key signs beside the new one."""
    lines = b""
    for key in keys:
        signature = base64.b64encode(key_id(name, key.public_key().public_bytes_raw()) + key.sign(text)).decode()
        lines += f"{DASH}{name} {signature}\n".encode()
    return text + b"\n" + lines


def signed_text(note: bytes) -> bytes:
    """What the signatures and time stamps of a well-formed note are over."""
    return note[: note.rindex(b"\n\n") + 1]


def open_note(note: bytes, verifier_keys: list[str]) -> bytes:
    """The signed text; raises NoteError unless a known key signed it and no known key's signature is bad."""
    if len(note) > 1 << 20 or any(c < 0x20 and c != 0x0A for c in note) or b"\n\n" not in note:
        raise NoteError("this is not a signed note")
    text = signed_text(note)
    lines = note[len(text) + 1 :].decode()
    if not lines.endswith("\n"):
        raise NoteError("the note ends in the middle of a signature line")
    known = [_parse_verifier(key) for key in verifier_keys]
    verified = False
    for line in lines.split("\n")[:-1]:
        name, identifier, signature = _parse_signature(line)
        for key_name, key_identifier, public in known:
            if (key_name, key_identifier) == (name, identifier):
                try:
                    public.verify(signature, text)
                except InvalidSignature:
                    raise NoteError(f"the signature of {name} does not fit the text")
                verified = True
    if not verified:
        raise NoteError("no signature by a known key")
    return text


def _parse_signature(line: str) -> tuple[str, bytes, bytes]:
    if not line.startswith(DASH) or line.count(" ") != 2:
        raise NoteError("a signature line is malformed")
    _, name, encoded = line.split(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise NoteError("a signature line is not base64")
    return name, raw[:4], raw[4:]


def _parse_verifier(key: str) -> tuple[str, bytes, Ed25519PublicKey]:
    try:
        name, identifier, encoded = key.split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        if raw[0] != ED25519 or len(raw) != 33 or key_id(name, raw[1:]).hex() != identifier:
            raise ValueError
    except (ValueError, IndexError):
        raise NoteError("this is not a verifier key of the form name+id+base64")
    return name, bytes.fromhex(identifier), Ed25519PublicKey.from_public_bytes(raw[1:])


def parse_checkpoint(text: bytes) -> tuple[str, int, bytes]:
    """(origin, size, root) of a checkpoint's text; raises NoteError."""
    lines = text.decode().split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise NoteError("the checkpoint is malformed")
    origin, size = lines[0], lines[1]
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError:
        root = b""
    if not (size.isascii() and size.isdigit()) or (size != "0" and size[0] == "0") or len(root) != 32:
        raise NoteError("the checkpoint is malformed")
    return origin, int(size), root
