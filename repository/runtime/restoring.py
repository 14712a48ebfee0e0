"""`manage.py restore DIR`: a backup onto an empty machine, every byte of it compared with what was backed up."""

import argparse
import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from repository.bootstrap import BASE, say
from repository.runtime import key_bundle, places, postgres_tools, processes
from repository.runtime.backing_up import FORM, _digest
from repository.runtime.key_bundle import KeysRefused
from repository.runtime.postgres import ADMINISTRATOR, Postgres, PostgresFailed
from repository.runtime.postgres_tools import ToolFailed

ROLES = ("repository_app", "ledger_sequencer")


class RestoreFailed(RuntimeError):
    """One sentence for the terminal."""


def main(arguments: list[str]) -> int:
    """0 when everything was restored and holds; every expected failure is one sentence."""
    choice = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "repository.settings.embedded")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError
    from django.db import DatabaseError

    from repository.runtime.supervisor import Stopped, UpFailed, _stop_now

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop_now)
    expected = (RestoreFailed, KeysRefused, ToolFailed, PostgresFailed, UpFailed, places.PlaceRefused, CommandError)
    try:
        return _restore(choice)
    except Stopped:
        print("Stopped: the directory holds a part. Empty it before you begin again.", file=sys.stderr)
    except ImproperlyConfigured as error:
        print(f"Wrong settings: {error}", file=sys.stderr)
    except expected as error:
        print(error, file=sys.stderr)
    except DatabaseError as error:
        print(f"The database refused: {str(error).strip().splitlines()[0]}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="manage.py restore", description="Restore a backup where nothing is yet: into an empty REPOSITORY_VAR, or "
        "an empty database by MIGRATION_DATABASE_URL and an empty storage.",
    )  # fmt: skip
    parser.add_argument("directory", type=Path)
    parser.add_argument("--at", metavar="STAMP", help="which backup of the directory; default: the newest")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="what `backup --keys-to` wrote")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE")
    parser.add_argument("--verify", action="store_true", help="verify the ledger, decrypt and hash every file")
    return parser


def _restore(choice: argparse.Namespace) -> int:
    source = choice.directory.absolute()
    made = _read_backup(source, choice.at)
    keys = None
    if choice.keys:
        phrase = key_bundle.read_passphrase(choice.passphrase_file) if choice.passphrase_file else None
        keys = key_bundle.read(choice.keys, phrase)
    var = Path(os.environ.get("REPOSITORY_VAR") or BASE / "var").expanduser().resolve()
    os.environ["REPOSITORY_VAR"] = str(var)
    from django.conf import settings

    from repository.runtime.supervisor import _alone

    with contextlib.ExitStack() as stack:
        if settings.EMBEDDED_DATABASE:
            if places.postgres_data(var).exists():
                raise RestoreFailed(f"{var} holds a database already: set REPOSITORY_VAR to an empty directory.")
            stack.enter_context(_alone(var, 0))
        if settings.STORAGE == "local" and any(Path(settings.STORAGE_DIR).glob("blobs/*/*/*")):
            raise RestoreFailed(f"{settings.STORAGE_DIR} holds files already: restore into an empty one.")
        _restore_keys(keys)
        entry = stack.enter_context(_server(var)) if settings.EMBEDDED_DATABASE else settings.MIGRATION_DATABASE
        _restore_database(source / made["database"], entry)
        _set_up()
        damaged = _restore_files(source, made)
        if hasattr(settings, "VAR_DIR"):
            from repository.runtime.preparation import SAMPLE_MARK

            (settings.VAR_DIR / SAMPLE_MARK).touch()
        return _finish(made, damaged, verify=choice.verify)


def _read_backup(source: Path, at: str | None) -> dict:
    found = sorted(source.glob(f"backup-{at or '*'}.json"))
    if not found:
        raise RestoreFailed(f"{source} holds no {'backup ' + at if at else 'finished backup'}.")
    try:
        made = json.loads(found[-1].read_text())
        if made["form"] != FORM:
            raise KeyError
        names = [made["database"], made["files"]]
        if any(name != Path(name).name for name in names):
            raise KeyError
    except (OSError, ValueError, KeyError, TypeError):
        raise RestoreFailed(f"{found[-1]} is not what `manage.py backup` wrote.")
    for name, digest in zip(names, (made["database_sha256"], made["files_sha256"]), strict=True):
        say(f"checking {name}")
        if not (source / name).is_file():
            raise RestoreFailed(f"{source / name} is missing.")
        if _digest(source / name) != digest:
            raise RestoreFailed(f"{source / name} is not what was backed up: its SHA-256 differs. Take another backup.")
    return made


def _restore_keys(keys: dict[str, bytes] | None) -> None:
    """Put the keys in their place; one that is there and differs is never replaced."""
    from django.conf import settings

    if keys is None:
        if not Path(settings.KEYRING_FILE).is_file():
            raise RestoreFailed(
                f"There is no keyring at {settings.KEYRING_FILE}: name what `backup --keys-to` wrote by --keys."
            )
        return
    folder = places.private_directory(settings.KEYS_DIR) if hasattr(settings, "KEYS_DIR") else None
    for name, data in keys.items():
        path = Path(settings.KEYRING_FILE) if name == "keyring.json" else folder / name if folder else None
        if path is None:
            say(f"{name} was not restored: put it where its process reads it")
            continue
        if path.exists() and path.read_bytes() != data:
            raise RestoreFailed(f"{path} is there already and another one: move it away.")
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())


@contextlib.contextmanager
def _server(var: Path) -> Iterator[dict]:
    """The embedded PostgreSQL for the time of the restore; yields how its administrator reaches the database."""
    from django.conf import settings

    processes.sweep_leftovers(var)
    say("starting PostgreSQL")
    server = Postgres(places.postgres_data(var), var=var, log=var / "log" / "postgres.log")
    server.start()
    try:
        yield {**settings.MIGRATION_DATABASE, "USER": ADMINISTRATOR}
    finally:
        from django.db import connections

        connections.close_all()
        server.stop()


def _restore_database(dump: Path, entry: dict) -> None:
    import psycopg2

    connection = psycopg2.connect(postgres_tools.address(entry), password=entry.get("PASSWORD") or None)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('custody.entry') IS NOT NULL")
        if cursor.fetchone()[0]:
            raise RestoreFailed("The database holds a ledger already: restore into an empty one.")
        for role in ROLES:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if not cursor.fetchone():
                cursor.execute(f"CREATE ROLE {role} LOGIN")
    say("restoring the database")
    postgres_tools.restore(entry, dump)


def _set_up() -> None:
    import django
    from django.conf import settings

    from repository.runtime import commands

    commands.prepare()
    django.setup()
    places.private_directory(settings.STORAGE_DIR)


def _restore_files(source: Path, made: dict) -> list[str]:
    from evidence import carrying

    lines = [line.partition("  ") for line in (source / made["files"]).read_text().splitlines()]
    say(f"restoring {len(lines)} files")
    damaged = list(made["lacking"])
    for number, (digest, _space, name) in enumerate(lines, start=1):
        try:
            carrying.copy_in(source / name, name, digest)
        except carrying.Damaged as error:
            print(error, file=sys.stderr, flush=True)
            damaged.append(name)
        if number % 500 == 0:
            say(f"{number} of {len(lines)}")
    return damaged


def _finish(made: dict, damaged: list[str], *, verify: bool) -> int:
    from django.core.management import call_command

    from evidence import carrying

    wrong = set(damaged)
    if verify:
        say("verifying the ledger")
        call_command("ledger_verify")
        say("decrypting and hashing every file")
        for name, problem in carrying.check_all():
            if problem:
                print(f"{name}: {problem}", file=sys.stderr, flush=True)
                wrong.add(name)
    carrying.note_restore(by=carrying.BY, files=made["count"], damaged=len(wrong), made=made["made"])
    if wrong:
        print(
            f"Restored the backup {made['made']}, but {len(wrong)} files are damaged or missing; they are named above."
        )
        return 1
    print(f"Restored the backup {made['made']}: {made['count']} files, each as it was backed up"
          f"{', every hash and the ledger verified' if verify else ''}.")  # fmt: skip
    return 0
