"""Rows a second of an import, all ledgered and indexed; and of the same file again, when nothing changed."""

import csv
import io
import os
import secrets
import time
from pathlib import Path

from django.db import connection

from benchmarks.database import table, workplace
from evidence import batches
from evidence.models import ImportMapping

ROWS = 3_000
HEAD = (
    "", "created", "unchanged", "refused", "rows/s", "CPU ms/row, Python", "… PostgreSQL", "queries/row", "entries/row",
)  # fmt: skip


def run() -> str:
    """The section on imports. CPU seconds count what other work on the machine does not."""
    user, collection = workplace()
    data = _rows(ROWS)
    rows = []
    for label in ("first import", "the same again"):
        batch = batches.receive_batch(
            by=user,
            collection=collection,
            mapping=ImportMapping.objects.get(slug="dprk-provocations"),
            stream=io.BytesIO(data),
            filename="bench.csv",
            dry_run=False,
        )
        rows.append([label, *_measured(batch)])
    return table(f"Import of {ROWS:,} rows", list(HEAD), rows)


def _measured(batch) -> list[str]:
    queries = 0

    def counting(execute, sql, params, many, context):
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    backend, entries = _ask("SELECT pg_backend_pid()"), _ask("SELECT count(*) FROM custody.entry")
    start, used, its = time.perf_counter(), time.process_time(), _seconds_of(backend)
    with connection.execute_wrapper(counting):
        done = batches.run(batch.pk)
    seconds, used, its = time.perf_counter() - start, time.process_time() - used, _seconds_of(backend) - its
    entries = _ask("SELECT count(*) FROM custody.entry") - entries
    return [
        *(str(number) for number in (done.created, done.unchanged, done.refused)),
        f"{ROWS / seconds:.0f}",
        f"{used * 1000 / ROWS:.2f}",
        f"{its * 1000 / ROWS:.2f}",
        f"{queries / ROWS:.2f}",
        f"{entries / ROWS:.1f}",
    ]


def _rows(count: int) -> bytes:
    text, salt = io.StringIO(), secrets.token_hex(4)
    writer = csv.writer(text)
    writer.writerow(["date", "type", "event", "description", "resources"])
    for number in range(count):
        day = f"20{10 + number % 10}-{1 + number % 12:02d}-{1 + number % 28:02d}"
        told, where = "An invented description. " * 20, f"https://example.org/{number % 200}"
        writer.writerow([day, "Invented", f"Event {number} {salt}", told, where])
    return text.getvalue().encode()


def _ask(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def _seconds_of(pid: int) -> float:
    """CPU seconds of another process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
