"""Rows a second of an import, all ledgered; and of the same file again, when nothing changed."""

import csv
import io
import time
from pathlib import Path

from benchmarks.database import table, workplace
from evidence import batches
from evidence.models import ImportMapping

ROWS = 300


def run(folder: Path) -> str:
    user, collection = workplace()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["date", "type", "event", "description", "resources"])
    for number in range(ROWS):
        day = f"20{10 + number % 10}-{1 + number % 12:02d}-{1 + number % 28:02d}"
        writer.writerow([day, "Invented", f"Event {number}", "An invented description. " * 20, "https://example.org/a"])
    data = text.getvalue().encode()
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
        start = time.perf_counter()
        done = batches.run(batch.pk)
        seconds = time.perf_counter() - start
        rows.append([label, done.created, done.unchanged, done.refused, f"{ROWS / seconds:.0f}"])
    return table(f"Import of {ROWS} rows", ["", "created", "unchanged", "refused", "rows/s"], rows)
