"""Makes the keys of an embedded installation at its first start. Never replaces one: what a lost key sealed is lost."""

import base64
import json
import os
import secrets
from pathlib import Path

from repository.runtime.places import private_directory

KEY_BYTES = 32


def make_keys(directory: Path) -> None:
    """See that secret_key, keyring.json and ledger-signing.key exist, mode 600, in a directory of mode 700.

    keyring.json is {"active": "k1", "keys": {"k1": base64 of 32 bytes}}; the signing key is base64 of 32 bytes, an
    Ed25519 private key.
    """
    private_directory(directory)
    _write_once(directory / "secret_key", secrets.token_urlsafe(64))
    _write_once(directory / "keyring.json", json.dumps({"active": "k1", "keys": {"k1": _random()}}))
    _write_once(directory / "ledger-signing.key", _random())


def _random() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _write_once(path: Path, content: str) -> None:
    """Write through to the disk under a draft name, then link: a key is whole or absent, and never overwritten."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
