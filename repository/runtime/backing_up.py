"""`manage.py backup DIR`: the database as of one moment, every sealed file it names, and apart from both the keys.

Bytes are written before the row that names them and never again. So the database is dumped first, and the files that
the dump names are copied afterwards, while the servers go on.
"""

import argparse
import contextlib
import hashlib
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from repository.runtime import key_bundle, postgres_tools
from repository.runtime.key_bundle import KeysRefused
from repository.runtime.postgres import PostgresFailed
from repository.runtime.postgres_tools import ToolFailed

FORM = "accountability-backup-1"
KEPT = "SELECT id, sha256, area, size FROM public.evidence_blob WHERE wrapped_key IS NOT NULL ORDER BY id"
MEMORY = "ledger-signed.json"  # the largest tree that was signed


class BackupFailed(RuntimeError):
    """One sentence for the terminal."""


def main(arguments: list[str]) -> int:
    """0 when everything is in the backup, 1 when not; every expected failure is one sentence."""
    choice = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "repository.settings.embedded")
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    from repository.runtime.commands import prepare, unreachable

    try:
        prepare()
        import django

        django.setup()
        lacking = backup(choice)
    except (BackupFailed, KeysRefused, ToolFailed, PostgresFailed) as error:
        print(error, file=sys.stderr)
        return 1
    except ImproperlyConfigured as error:
        print(f"Wrong settings: {error}", file=sys.stderr)
        return 1
    except OperationalError as error:
        print(unreachable(error), file=sys.stderr)
        return 1
    return 1 if lacking else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="manage.py backup",
        description="Back up database and files, and the keys to another place. Repeat it into the same directory: "
        "files that are there already are not copied again.",
    )  # fmt: skip
    parser.add_argument("directory", type=Path)
    parser.add_argument("--keys-to", type=Path, metavar="DIR", help="back up the keys too, to another medium")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="encrypt the keys with this passphrase")
    parser.add_argument("--plain-keys", action="store_true", help="write the keys unencrypted, mode 600")
    return parser


def backup(choice: argparse.Namespace) -> int:
    """Make the backup; returns how many files could not be copied."""
    from django.conf import settings

    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    target = _target(choice.directory)
    # First: the signer's memory must not be ahead of the database that it will meet again.
    keys = _keys_of(choice, target)
    entry = getattr(settings, "MIGRATION_DATABASE", None) or settings.DATABASES["default"]
    dump = target / f"database-{stamp}.dump"
    with _snapshot(entry) as (snapshot, cursor):
        print("dumping the database", flush=True)
        postgres_tools.dump(entry, dump, snapshot=snapshot)
        dump.chmod(0o600)
        cursor.execute(KEPT)
        rows = cursor.fetchall()
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        major = cursor.fetchone()[0]
    listing, size, lacking = _copy_files(target, rows, stamp)
    if choice.keys_to:
        _back_up_keys(choice, stamp, keys)
    made = {
        "form": FORM, "made": stamp, "postgres": major, "database": dump.name, "database_sha256": _digest(dump),
        "files": listing.name, "files_sha256": _digest(listing), "count": len(rows), "lacking": lacking,
    }  # fmt: skip
    _write(target / f"backup-{stamp}.json", json.dumps(made, indent=1) + "\n")
    from evidence import carrying

    carrying.note_backup(
        by=carrying.BY, files=len(rows), size=size, lacking=len(lacking), with_keys=bool(choice.keys_to)
    )
    print(f"The backup {stamp} in {target} holds the database and {len(rows) - len(lacking)} of {len(rows)} files.")
    if not choice.keys_to:
        print("The keys are NOT in it, and without them nothing in it can be read: back them up with --keys-to.")
    return len(lacking)


def _target(directory: Path) -> Path:
    target = directory.absolute()
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(target, os.O_RDONLY))
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise BackupFailed(f"{target} cannot be used for the backup ({error.strerror}).")
    return target


def _keys_of(choice: argparse.Namespace, target: Path) -> dict[str, bytes]:
    """The files of the keys as they are now, by name, once it is certain where and how they are to be kept."""
    if not choice.keys_to:
        return {}
    to = choice.keys_to.absolute()
    if to == target or to.is_relative_to(target) or target.is_relative_to(to):
        raise BackupFailed("The keys must not lie with the data: name another directory, on another medium.")
    if not choice.passphrase_file and not choice.plain_keys:
        raise BackupFailed("Say how the keys are kept: --passphrase-file FILE encrypts them, --plain-keys does not.")
    if choice.passphrase_file:
        key_bundle.read_passphrase(choice.passphrase_file)
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {name: file.read_bytes() for name, file in _key_files().items()}


def _back_up_keys(choice: argparse.Namespace, stamp: str, before: dict[str, bytes]) -> None:
    """The keys with those that were made while the database was dumped, which may hold what these seal or sign; the
    signer's memory as it was before."""
    now = {name: file.read_bytes() for name, file in _key_files().items() if name != MEMORY}
    files = {**before, **now}
    to = choice.keys_to.absolute()
    passphrase = key_bundle.read_passphrase(choice.passphrase_file) if choice.passphrase_file else None
    path = to / f"keys-{stamp}.json"
    key_bundle.write(path, files, passphrase)
    key_bundle.read(path, passphrase)
    print(f"The keys are in {path}: {', '.join(sorted(files))}.")
    if passphrase is None:
        print("WARNING: they are NOT encrypted. Whoever has this file and a backup reads everything.", file=sys.stderr)


def _key_files() -> dict[str, Path]:
    """Every key this process may read, under the name that an embedded installation gives it."""
    from django.conf import settings

    files = {}
    if folder := getattr(settings, "KEYS_DIR", None):
        files = {path.name: path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")}
    for name, setting in (
        ("keyring.json", "KEYRING_FILE"),
        ("ledger-signing.key", "LEDGER_SIGNING_KEY_FILE"),
        (MEMORY, "LEDGER_SIGNER_MEMORY_FILE"),
    ):
        path = getattr(settings, setting, None)
        if path and Path(path).is_file():
            files[name] = Path(path)
    if "keyring.json" not in files:
        raise BackupFailed(
            f"There is no keyring at {settings.KEYRING_FILE}: what is sealed could never be opened again."
        )
    return files


@contextlib.contextmanager
def _snapshot(entry: dict):
    """(name of a snapshot, cursor within it): what is asked there is what the dump holds."""
    import psycopg2

    connection = psycopg2.connect(postgres_tools.address(entry), password=entry.get("PASSWORD") or None)
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0], cursor


def _copy_files(target: Path, rows: list, stamp: str) -> tuple[Path, int, list[str]]:
    """Copy what is not there yet; (list of all with their digests, bytes, names of those that could not be had)."""
    from evidence import carrying, storage
    from evidence.models import Blob

    known, lines, lacking, size = _known_digests(target), [], [], 0
    for number, (pk, sha256, area, plain) in enumerate(rows, start=1):
        name = storage.name_of(Blob(id=pk, sha256=bytes(sha256), area=area))
        size += plain
        try:
            if name not in known or not (target / name).is_file():
                known[name] = carrying.copy_out(name, target / name)
        except (storage.StorageError, OSError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            lacking.append(name)
            continue
        lines.append(f"{known[name]}  {name}\n")
        if number % 500 == 0:
            print(f"{number} of {len(rows)} files", flush=True)
    listing = target / f"files-{stamp}.sha256"
    _write(listing, "".join(lines))
    return listing, size, lacking


def _known_digests(target: Path) -> dict[str, str]:
    """Digests of what earlier backups copied, from their lists."""
    known = {}
    for listing in sorted(target.glob("files-*.sha256")):
        for line in listing.read_text().splitlines():
            digest, _space, name = line.partition("  ")
            known[name] = digest
    return known


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
