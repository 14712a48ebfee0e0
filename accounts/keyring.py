"""The keyring: master keys kept outside the database, and what is sealed with them.

AES-256-GCM from `cryptography`; each purpose has its own key, derived by HKDF from a master key of the keyring file.
What is sealed carries the id of its key, so that keys rotate: new ones seal, old ones still open. No models here.
"""

import base64
import binascii
import json
import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = 1
NONCE = 12


class VaultError(RuntimeError):
    """The keyring is missing or malformed, the key is unknown, or what was sealed has been altered."""


class Keyring:
    """Master keys by id; `active` is the one that seals. Read from {"active": id, "keys": {id: base64 of 32 bytes}}."""

    def __init__(self, active: str, keys: dict[str, bytes]):
        if active not in keys:
            raise VaultError(f"the keyring names {active!r} as active but does not hold it")
        for name, key in keys.items():
            if len(key) != 32 or not (name.isascii() and 1 <= len(name) <= 32):
                raise VaultError(f"key {name!r} of the keyring must have 32 bytes and a short ASCII name")
        self.active, self._keys = active, keys

    @classmethod
    def read(cls, path: Path) -> "Keyring":
        try:
            content = json.loads(Path(path).read_text())
            keys = {name: base64.b64decode(key, validate=True) for name, key in content["keys"].items()}
            return cls(content["active"], keys)
        except FileNotFoundError:
            raise VaultError(f"there is no keyring at {path}: restore it from its backup, sealed data needs it")
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise VaultError(f"the keyring at {path} is malformed: {error}")

    @property
    def names(self) -> list[str]:
        """The ids of all keys, the active one first."""
        return sorted(self._keys, key=lambda name: (name != self.active, name))

    def secret(self, name: str, purpose: str) -> bytes:
        """32 bytes for one purpose, derived from a master key."""
        if name not in self._keys:
            raise VaultError(f"the keyring does not hold the key {name!r}: add it back from its backup")
        derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"accountability/" + purpose.encode())
        return derived.derive(self._keys[name])

    def key(self, name: str, purpose: str) -> AESGCM:
        return AESGCM(self.secret(name, purpose))


@lru_cache(maxsize=4)
def _read_keyring(path: str, changed: float) -> Keyring:
    return Keyring.read(Path(path))


def keyring() -> Keyring:
    """The keyring of this installation; read anew when the file changes, so that rotation needs no downtime."""
    path = Path(settings.KEYRING_FILE)
    try:
        return _read_keyring(str(path), path.stat().st_mtime)
    except FileNotFoundError:
        raise VaultError(f"there is no keyring at {path}: restore it from its backup, sealed data needs it")


def seal(plain: bytes, *, purpose: str, context: bytes) -> bytes:
    """Encrypt under the active key; `context` (the row's id) binds the result to its place."""
    ring = keyring()
    name, nonce = ring.active.encode(), os.urandom(NONCE)
    box = ring.key(ring.active, purpose).encrypt(nonce, plain, context)
    return bytes([VERSION, len(name)]) + name + nonce + box


def unseal(sealed: bytes, *, purpose: str, context: bytes) -> bytes:
    """The plain bytes; raises VaultError when altered, moved to another row, or the key is unknown."""
    sealed = bytes(sealed)
    if len(sealed) < 2 + NONCE or sealed[0] != VERSION:
        raise VaultError("this is not sealed by this vault")
    end = 2 + sealed[1]
    name, nonce, box = sealed[2:end].decode("ascii", "replace"), sealed[end : end + NONCE], sealed[end + NONCE :]
    try:
        return keyring().key(name, purpose).decrypt(nonce, box, context)
    except InvalidTag:
        raise VaultError("what was sealed has been altered, or belongs to another record")
