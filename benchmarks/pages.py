"""The list through the gate against the same page without it, and its plan, on 20,000 incidents."""

import uuid
from datetime import date, timedelta
from pathlib import Path

from django.http import QueryDict

from benchmarks.database import median, table, workplace
from evidence import search
from evidence.models import Incident

COUNT = 20_000


def run(folder: Path) -> str:
    user, collection = workplace()
    _fill(user, collection)
    rows = []
    for label, queries in (("first page", ""), ("by date", "ordering=-date"), ("torture", "crime=cah.torture")):
        params = QueryDict(queries)

        def narrowed(rows_of, params=params):
            found = search.narrow(rows_of, params, search.INCIDENT_FILTERS, user=user)
            return search.page(found, params)

        with_gate = median(lambda: narrowed(Incident.objects.permitted(user)), 15) * 1000
        without = median(lambda: narrowed(Incident.objects.all()), 15) * 1000
        rows.append([label, f"{with_gate:.1f}", f"{without:.1f}", f"{with_gate / without:.2f}"])
    plan = Incident.objects.permitted(user).order_by("-updated_at", "-pk")[:50].explain(analyze=True)
    text = table(f"A page of 50 of {COUNT:,} incidents", ["", "through the gate, ms", "without, ms", "ratio"], rows)
    return text + f"\nThe plan of the first page:\n```\n{plan}\n```\n"


def _fill(user, collection) -> None:
    """Invented rows by bulk insert: this measures reading."""
    crimes = (["cah", "cah.torture"], ["cah", "cah.imprisonment"], ["cah", "cah.murder"])
    day = date(1995, 1, 1)
    for start in range(0, COUNT, 5000):
        Incident.objects.bulk_create(
            Incident(
                id=uuid.uuid4(),
                code=f"B{number:07d}",
                collection=collection,
                created_by=user,
                title_en=f"Invented incident {number}",
                date=str(day + timedelta(days=number % 9000)),
                date_earliest=day + timedelta(days=number % 9000),
                date_latest=day + timedelta(days=number % 9000),
                date_sort=day + timedelta(days=number % 9000),
                confidentiality=1,
                effective_level=1,
                crime_codes=crimes[number % 3],
                place_id="KP-09",
                place_path=["KP", "KP-09"],
                place_precision="province",
            )
            for number in range(start, start + 5000)
        )
