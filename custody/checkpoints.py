"""Signed checkpoints of the log. The signer keeps its own memory outside the database and refuses to fork."""

import base64
import json
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from custody import notes
from custody.models import Checkpoint
from custody.sequencer import tree
from custody.tree import verify_consistency


class ForkRefused(RuntimeError):
    """The database shows a log that does not continue what was signed before: a restored backup, or tampering."""


class Signer:
    """Signs a checkpoint only if it continues the last one; what it signed last is fsynced before the note leaves."""

    def __init__(self, origin: str, key: Ed25519PrivateKey, memory: Path):
        self.origin, self.key, self.memory = origin, key, memory
        self.size, self.root = 0, b""
        if memory.exists():
            last = json.loads(memory.read_text())
            self.size, self.root = last["size"], bytes.fromhex(last["root"])

    @classmethod
    def from_files(cls, origin: str, key_file: Path, memory: Path) -> "Signer":
        raw = base64.b64decode(key_file.read_text().strip(), validate=True)
        return cls(origin, Ed25519PrivateKey.from_private_bytes(raw), memory)

    @property
    def verifier_key(self) -> str:
        return notes.verifier_key(self.origin, self.key.public_key().public_bytes_raw())

    def sign(self, size: int, root: bytes, proof: list[bytes]) -> bytes:
        """The signed note for (size, root); raises ForkRefused."""
        if size < self.size:
            raise ForkRefused(f"the log has {size} entries, {self.size} were signed before")
        if self.size:
            try:
                verify_consistency(self.size, size, proof, self.root, root)
            except ValueError as error:
                raise ForkRefused(f"size {size} does not continue the signed size {self.size}: {error}")
        self._remember(size, root)
        return notes.sign(notes.checkpoint_text(self.origin, size, root), self.origin, self.key)

    def _remember(self, size: int, root: bytes) -> None:
        draft = self.memory.with_suffix(".new")
        with draft.open("w") as file:
            json.dump({"size": size, "root": root.hex()}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.memory)
        self.size, self.root = size, root


def publish(signer: Signer) -> int | None:
    """Sign and store a checkpoint of the present state; None when there is nothing new. Returns the size."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, root FROM custody.state")
        size, root = cursor.fetchone()
    if size == 0 or Checkpoint.objects.filter(size=size).exists():
        return None
    proof = tree(size).consistency(signer.size, size) if 0 < signer.size <= size else []
    note = signer.sign(size, bytes(root), proof)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO custody.checkpoint (size, root, note) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [size, bytes(root), note],
        )
    return size


def latest() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()
