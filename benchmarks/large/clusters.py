"""Large databases, each in a PostgreSQL cluster of its own under var/bench, made once for a size and used again.

The folder's name holds the size and a fingerprint of generator and columns; new indexes come by `migrate` on opening.
Only clusters that were begun here are filled or removed: their folder bears a mark.
"""

import ast
import contextlib
import fcntl
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from benchmarks.large import loading
from repository.bootstrap import BASE
from repository.runtime.postgres import DATABASE, OWNER, Postgres
from repository.settings import environment

MARK, DONE = "is-a-benchmark", "done.json"
BYTES_AN_INCIDENT, BYTES_AT_LEAST = 11_000, 300_000_000
MOST = 20_000_000
SOURCES = ("lines.py", "loading.py", "phrases.py", "records.py", "world.py")


class Unusable(RuntimeError):
    """There is no such database, or it cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Place:
    """Where the database of one size lives."""

    incidents: int
    folder: Path

    @property
    def is_done(self) -> bool:
        return (self.folder / MARK).exists() and (self.folder / DONE).exists()

    @property
    def facts(self) -> dict:
        return json.loads((self.folder / DONE).read_text())


def root() -> Path:
    return environment.folder("REPOSITORY_VAR", BASE / "var") / "bench"


def place_of(incidents: int) -> Place:
    return Place(incidents, root() / f"{incidents}-{fingerprint()}")


def is_there(incidents: int) -> bool:
    """Whether there is a database of this size already."""
    return place_of(incidents).is_done


def fingerprint() -> str:
    """Changes with what the generator copies and with the columns it copies into.

    Not with indexes, nor with the columns of people: migrations bring these, in moments, to a database that is there.
    """
    from django.apps import apps

    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update(_bare_code(Path(__file__).parent / name).encode())
    for model in apps.get_app_config("evidence").get_models():
        if model._meta.db_table in loading.TABLES:
            for field in model._meta.concrete_fields:
                digest.update(f"{model._meta.db_table}.{field.column} {field.db_type(connection)}\n".encode())
    return digest.hexdigest()[:10]


def _bare_code(path: Path) -> str:
    """The code without comments, docstrings and layout, which change no record."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def ensure(incidents: int, *, said: Callable[[str], None]) -> Place:
    """The database of this size, made if there is none; raises Unusable with a sentence that helps."""
    if not 1 <= incidents <= MOST:
        raise Unusable(f"A database has from 1 to {MOST:,} incidents, not {incidents:,}.")
    place = place_of(incidents)
    place.folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(place):
        if place.is_done:
            said(f"{incidents:,} incidents are here already: {place.folder}")
            return place
        _remove_older(place, said)
        _check_room(place)
        _make(place, said)
    return place


@contextlib.contextmanager
def opened(incidents: int) -> Iterator[Postgres]:
    """The server of a database that is there, with Django connected to it and its indexes up to date."""
    place = place_of(incidents)
    if not place.is_done:
        raise Unusable(
            f"There is no database of {incidents:,} incidents yet (or its tables have changed). "
            f"Make it: manage.py generate --incidents {incidents}"
        )
    with _alone(place), _served(place) as server:
        call_command("migrate", verbosity=0, interactive=False)
        yield server


@contextlib.contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Nobody else starts a server on the same files."""
    with place.folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unusable(f"Another run is working with {place.folder}: wait for its end.")
        yield


@contextlib.contextmanager
def _served(place: Place, *, fast: bool = False) -> Iterator[Postgres]:
    server = Postgres(place.folder / "postgres", var=place.folder, log=place.folder / "postgres.log", fast=fast)
    connection.close()
    usual = [(entry, dict(entry)) for entry in _entries()]
    server.start()
    try:
        for entry in _entries():
            entry["HOST"], entry["NAME"] = str(server.socket), DATABASE
        yield server
    finally:
        connection.close()
        for entry, before in usual:
            entry.update(before)
        server.stop()


def _entries() -> list[dict]:
    return [connection.settings_dict, settings.MIGRATION_DATABASE, settings.SEQUENCER_DATABASE]


def _remove_older(place: Place, said: Callable[[str], None]) -> None:
    """What was left unfinished, and the same size by an older generator."""
    for folder in sorted(place.folder.parent.glob(f"{place.incidents}-*")):
        if folder.is_dir() and (folder / MARK).exists():
            said(f"removing {folder}: unfinished, or of another version")
            shutil.rmtree(folder)
    if place.folder.exists():
        raise Unusable(f"{place.folder} is in the way and was not made here: move it.")


def _check_room(place: Place) -> None:
    needed = place.incidents * BYTES_AN_INCIDENT + BYTES_AT_LEAST
    free = shutil.disk_usage(place.folder.parent).free
    if needed > free:
        raise Unusable(
            f"{place.incidents:,} incidents need about {needed / 1e9:.1f} GB under {place.folder.parent}; "
            f"{free / 1e9:.1f} GB are free. Ask for fewer, or set REPOSITORY_VAR to a larger disk."
        )


def _make(place: Place, said: Callable[[str], None]) -> None:
    begun = time.monotonic()
    place.folder.mkdir(mode=0o755)
    (place.folder / MARK).touch()
    with _served(place, fast=True) as server:
        said("tables and reference data")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("load_reference", verbosity=0)
        with contextlib.closing(server.connect(DATABASE)) as administrator, administrator.cursor() as cursor:
            cursor.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
            cursor.execute("ALTER SYSTEM SET checkpoint_timeout = '30min'")
            cursor.execute("SELECT pg_reload_conf()")
            rows = _load(place, server, said)
            said("VACUUM ANALYZE")
            cursor.execute("ALTER SYSTEM RESET ALL")
            cursor.execute("SELECT pg_reload_conf()")
            cursor.execute("VACUUM (ANALYZE)")
            cursor.execute("CHECKPOINT")
            cursor.execute("SELECT pg_database_size(current_database())")
            (size,) = cursor.fetchone()
    minutes = (time.monotonic() - begun) / 60
    facts = {"incidents": place.incidents, "rows": rows, "bytes": size, "minutes": round(minutes, 1)}
    (place.folder / DONE).write_text(json.dumps(facts, indent=2) + "\n")
    said(f"done in {minutes:.1f} minutes, {size / 1e9:.2f} GB: {place.folder}")


def _load(place: Place, server: Postgres, said: Callable[[str], None]) -> dict[str, int]:
    begun = time.monotonic()

    def progress(number: int) -> None:
        if number and (number % 50_000 == 0 or number == place.incidents):
            passed = time.monotonic() - begun
            left = passed / number * (place.incidents - number) / 60
            said(
                f"{number:,} of {place.incidents:,} incidents, {number / passed:,.0f} a second, {left:.1f} minutes left"
            )

    with (
        contextlib.closing(server.connect(DATABASE, OWNER)) as owner,
        contextlib.closing(server.connect(DATABASE, "repository_app")) as copying,
        loading.bare_tables(owner, loading.TABLES, said=said),
    ):
        rows = loading.fill(copying, place.incidents, said=progress)
        with owner.cursor() as cursor:
            cursor.execute("SELECT public.evidence_tally_anew()")
        return rows
