"""A migrated database with reference data, one investigator and one collection, for the time of a run."""

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.large.loading import STATES


@contextlib.contextmanager
def throwaway_database(folder: Path) -> Iterator:
    """Yields the server (repository.runtime.postgres.Postgres)."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from repository.runtime.postgres import Postgres

    # fsync stays on: a benchmark of a ledger without durability would say nothing.
    server = Postgres(folder / "postgres", var=folder, log=folder / "postgres.log")
    server.start()
    for entry in (connection.settings_dict, settings.MIGRATION_DATABASE, settings.SEQUENCER_DATABASE):
        entry["HOST"], entry["NAME"] = str(server.socket), "repository"
    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("load_reference", verbosity=0)
        yield server
    finally:
        connection.close()
        server.stop()


def workplace():
    """(investigator, collection): made anew each call."""
    import uuid

    from accounts.people import invite
    from custody.ledger import Service
    from evidence import access

    name = uuid.uuid4().hex[:8]
    email = f"{name}@example.org"
    user = invite(by=Service("bench"), email=email, name=name, role="investigator", clearance=3)
    opener = invite(by=Service("bench"), email=f"a{email}", name="a", role="administrator", clearance=0)
    collection = access.open_collection(by=opener, name_en=name, preset_level=1)
    access.grant(by=opener, record=collection, permission="contribute", reason="benchmark", user=user)
    return user, collection


@contextlib.contextmanager
def without_triggers(server, tables: list[str], named: str = "%") -> Iterator[None]:
    """The triggers with names like this of these tables (none: of all) are off inside, as only the owner of a database
    can have them, and afterwards as they were."""
    with contextlib.closing(server.connect("repository")) as owner, owner.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal"
            " AND tgname LIKE %s AND tgenabled <> 'D' AND (tgrelid = ANY(%s::regclass[]) OR %s::text[] = '{}'"
            " AND tgrelid IN (SELECT to_regclass('public.' || name) FROM custody.watched))",
            [named, tables, tables],
        )
        triggers = cursor.fetchall()
        for name, trigger, _state in triggers:
            cursor.execute(f'ALTER TABLE {name} DISABLE TRIGGER "{trigger}"')
        try:
            yield
        finally:
            for name, trigger, state in triggers:
                cursor.execute(f'ALTER TABLE {name} {STATES[state]} TRIGGER "{trigger}"')


def median(act: Callable[[], object], times: int) -> float:
    """Median seconds of `times` calls."""
    seconds = []
    for _turn in range(times):
        start = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def table(title: str, head: list[str], rows: list[list]) -> str:
    lines = [f"## {title}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join([*lines, ""])
