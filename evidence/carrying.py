"""Sealed bytes on their way to a backup and back, and the verbs that note it. What is carried stays encrypted."""

import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from custody import ledger
from evidence import storage, vault
from evidence.models import Blob

BLOCK = 1024 * 1024
BY = ledger.Service("command-line")


class Damaged(RuntimeError):
    """Bytes that are not what was written once; the message names them."""


def copy_out(name: str, to: Path) -> str:
    """Copy a sealed file from its place, synced, whole or not at all. Returns the SHA-256 of the sealed bytes."""
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = to.with_name(f".{to.name}.part")
    digest, at = hashlib.sha256(), 0
    reader = storage.place().open(name)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            while block := reader.at(at, BLOCK):
                at += len(block)
                digest.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(to)
    finally:
        reader.close()
        draft.unlink(missing_ok=True)
    return digest.hexdigest()


def copy_in(source: Path, name: str, expected: str) -> None:
    """Put a sealed file of a backup at its place. Raises Damaged when it is missing or not what was backed up."""
    path = storage.folder("incoming") / uuid.uuid4().hex
    try:
        with (
            source.open("rb") as file,
            os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy,
        ):
            digest = hashlib.sha256()
            while block := file.read(BLOCK):
                digest.update(block)
                copy.write(block)
            copy.flush()
            os.fsync(copy.fileno())
        if digest.hexdigest() != expected:
            raise Damaged(f"{name}: altered in the backup")
        storage.place().put(path, name)
    except FileNotFoundError:
        raise Damaged(f"{name}: missing in the backup")
    finally:
        path.unlink(missing_ok=True)


def check_all() -> Iterator[tuple[str, str]]:
    """Decrypt and hash every blob that has a key: (its name, what is wrong with it or nothing)."""
    for blob in Blob.objects.filter(wrapped_key__isnull=False).order_by("pk").iterator(chunk_size=500):
        digest, name = hashlib.sha256(), storage.name_of(blob)
        try:
            for chunk in storage.read(blob):
                digest.update(chunk)
        except (storage.StorageError, vault.VaultError) as error:
            yield name, str(error)
            continue
        yield name, "" if digest.digest() == bytes(blob.sha256) else "its SHA-256 is another one"


@ledger.verb
def note_backup(*, by, files: int, size: int, lacking: int, with_keys: bool) -> None:
    """A backup was made: how much it holds. The backup itself ends before this entry."""
    data = {"files": files, "bytes": size, "lacking": lacking, "keys": with_keys}
    ledger.append("storage.backed_up", ledger.subject("job", "backup"), data=data)


@ledger.verb
def note_restore(*, by, files: int, damaged: int, made: str) -> None:
    """A backup of that time was restored here."""
    ledger.append(
        "storage.restored", ledger.subject("job", "restore"), data={"files": files, "damaged": damaged, "made": made}
    )
