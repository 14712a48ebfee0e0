"""The keys of an installation in one file, kept apart from the data: encrypted with a passphrase, or plain if so asked.

scrypt makes the key from the passphrase, AES-256-GCM encrypts; what is not secret of it is in the file as JSON.
"""

import base64
import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

FORM = "accountability-keys-1"
N, R, P = 2**17, 8, 1  # 128 MB and about half a second a guess
SHORTEST = 16


class KeysRefused(RuntimeError):
    """One sentence for the terminal."""


def read_passphrase(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise KeysRefused(f"The passphrase file {path} cannot be read ({type(error).__name__}).")
    if len(text) < SHORTEST:
        raise KeysRefused(f"The passphrase must have at least {SHORTEST} characters: six random words do.")
    return text


def write(path: Path, files: dict[str, bytes], passphrase: str | None) -> None:
    """Write the bundle, mode 600, whole or not at all; never over another one."""
    content = json.dumps({name: base64.b64encode(data).decode() for name, data in sorted(files.items())}).encode()
    if passphrase is None:
        held = {"form": FORM, "kdf": "none", "content": base64.b64encode(content).decode()}
    else:
        salt, nonce = os.urandom(16), os.urandom(12)
        box = AESGCM(_key(passphrase, salt, N, R, P)).encrypt(nonce, content, FORM.encode())
        held = {"form": FORM, "kdf": "scrypt", "n": N, "r": R, "p": P}
        held |= {
            name: base64.b64encode(data).decode() for name, data in (("salt", salt), ("nonce", nonce), ("content", box))
        }
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(json.dumps(held) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise KeysRefused(f"The keys cannot be written to {path} ({error.strerror}).")


def _key(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase.encode())


def read(path: Path, passphrase: str | None) -> dict[str, bytes]:
    """The files of a bundle by name. A wrong passphrase and a flipped bit are refused alike."""
    try:
        held = json.loads(path.read_text())
        if held["form"] != FORM:
            raise KeyError
        content = base64.b64decode(held["content"], validate=True)
        if held["kdf"] == "scrypt":
            if passphrase is None:
                raise KeysRefused(f"{path} is encrypted: name a file with its passphrase by --passphrase-file.")
            if held["n"] > 2**20 or held["r"] > 32 or held["p"] > 16:
                raise KeyError
            salt, nonce = base64.b64decode(held["salt"]), base64.b64decode(held["nonce"])
            key = _key(passphrase, salt, held["n"], held["r"], held["p"])
            content = AESGCM(key).decrypt(nonce, content, FORM.encode())
        files = {name: base64.b64decode(data) for name, data in json.loads(content).items()}
    except InvalidTag:
        raise KeysRefused(f"{path} does not open: the passphrase is another one, or the file was altered.")
    except OSError as error:
        raise KeysRefused(f"{path} cannot be read ({error.strerror}).")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeysRefused(f"{path} is not a file of keys that `backup --keys-to` wrote.")
    if bad := [name for name in files if name != Path(name).name or name.startswith(".")]:
        raise KeysRefused(f"{path} holds a key under a name that is a path: {bad[0]!r}.")
    return files
