"""Copies the lines into the tables; what an insert would have to keep up is off meanwhile, and made again."""

import contextlib
import io
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random

from benchmarks.large import world
from benchmarks.large.records import Records

SEED = 20261125
# What is copied into; people, teams and the grants on collections are few and written by Django.
TABLES = [
    f"evidence_{name}"
    for name in (
        "person", "source", "grading", "act", "incident", "classification", "involvement", "item", "link",
        "documentation", "incidentuserpermission", "incidentgrouppermission", "itemuserpermission", "denial",
    )
]  # fmt: skip
# What the rows are to have even here: their text for search, their place in the change feed, what is beside grants.
KEPT_TRIGGERS = ["search_details_bring", "changed_insert", "beside_grant"]
# The incidents' text for search is gathered from the acts, which are copied before them.
KEPT_INDEXED = "evidence_act.incident_id"
STATES = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}


def fill(connection, incidents: int, *, said: Callable[[int], None] = lambda number: None) -> dict[str, int]:
    """Write a world of this many incidents through psycopg2's `connection`; returns rows by table.

    Django's own connection must reach the same database: it writes the people and the grants on collections.
    """
    random = Random(SEED)
    records = Records(random, world.make(random), incidents)
    with ThreadPoolExecutor(1) as copying:
        # One chunk is copied while the next one is invented.
        pending: Future | None = None
        for number in records.chunks():
            texts = [(lines.sql, lines.take()) for lines in records.tables.values() if lines.rows]
            if pending:
                pending.result()
            pending = copying.submit(_copy, connection, texts)
            said(number)
        if pending:
            pending.result()
    return {lines.model._meta.db_table: lines.count for lines in records.tables.values()}


def _copy(connection, texts: list[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        for sql, text in texts:
            cursor.copy_expert(sql, io.StringIO(text))


@contextlib.contextmanager
def bare_tables(owner, tables: list[str], *, said: Callable[[str], None]) -> Iterator[None]:
    """Inside, the tables have neither foreign keys nor indexes but what the copying itself needs, and few triggers.

    For a database that nobody works in. Afterwards everything is as before, and each foreign key has been checked.
    """
    with owner.cursor() as cursor:
        keys, indexes, triggers = _foreign_keys(cursor, tables), _indexes(cursor, tables), _triggers(cursor, tables)
        for table, name, _state in triggers:
            cursor.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')
        for table, name, _definition in keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        cursor.execute("SET maintenance_work_mem = '512MB'")
        said(f"making {len(indexes)} indexes")
        for _name, definition in indexes:
            cursor.execute(definition)
        said(f"checking {len(keys)} foreign keys")
        for table, name, definition in keys:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for table, name, state in triggers:
            cursor.execute(f'ALTER TABLE {table} {STATES[state]} TRIGGER "{name}"')


def _foreign_keys(cursor, tables: list[str]) -> list[tuple[str, str, str]]:
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY 1, 2",
        [tables],
    )
    return cursor.fetchall()


def _indexes(cursor, tables: list[str]) -> list[tuple[str, str]]:
    """All indexes but those that a constraint owns and the one that copying reads."""
    cursor.execute(
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = ANY(%s::regclass[])"
        " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
        " AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
        "                  AND i.indrelid::regclass || '.' || a.attname = %s) ORDER BY 1",
        [tables, KEPT_INDEXED],
    )
    return cursor.fetchall()


def _triggers(cursor, tables: list[str]) -> list[tuple[str, str, str]]:
    """(table, name, state) of the triggers to be off: not those of constraints and those that are kept."""
    cursor.execute(
        "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal"
        " AND tgenabled <> 'D' AND tgname <> ALL(%s)"
        " AND (tgrelid = ANY(%s::regclass[])"
        " OR tgrelid IN (SELECT to_regclass('public.' || name) FROM custody.watched))"
        " ORDER BY 1, 2",
        [KEPT_TRIGGERS, tables],
    )
    return cursor.fetchall()
