"""Verifications of the whole ledger as rows: asked for, taken up by a worker, kept with what they found.

The row's state is the queue. Asking and the outcome have entries of their own, written by the callers' verbs.
"""

import json
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from custody.verification import Finding, holds, verify

STUCK = "15 minutes"  # a run that began so long ago and did not end was cut off


@dataclass(frozen=True)
class Run:
    """One verification; times are null before they come, `findings` as verification.Finding.as_json gives them."""

    id: UUID
    requested_by: UUID | None
    requested_at: object
    started_at: object
    finished_at: object
    size: int | None
    holds: bool | None
    findings: list


PENDING = "SELECT * FROM custody.verification WHERE finished_at IS NULL ORDER BY requested_at LIMIT 1"
RECENT = "SELECT * FROM custody.verification ORDER BY requested_at DESC LIMIT %s"
ASK = "INSERT INTO custody.verification (requested_by) VALUES (%s) RETURNING *"
CLAIM = """
UPDATE custody.verification SET started_at = clock_timestamp() WHERE id = (
  SELECT id FROM custody.verification
   WHERE finished_at IS NULL AND (started_at IS NULL OR started_at < clock_timestamp() - %s::interval)
   ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING *
"""


def _runs(sql: str, params=()) -> list[Run]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = [list(row) for row in cursor.fetchall()]
    for row in rows:
        row[-1] = row[-1] if isinstance(row[-1], list) else json.loads(row[-1])
    return [Run(*row) for row in rows]


def ask(user_id: UUID | None) -> Run:
    """A new run, or the one that is waiting already."""
    waiting = _runs(PENDING)
    return waiting[0] if waiting else _runs(ASK, [str(user_id) if user_id else None])[0]


def claim() -> Run | None:
    """Take up the oldest run that waits or was cut off; None when there is none."""
    found = _runs(CLAIM, [STUCK])
    return found[0] if found else None


def check() -> tuple[int, list[Finding]]:
    """(size, findings) of the whole ledger as it is now."""
    findings = list(verify())
    sizes = [finding.facts["size"] for finding in findings if finding.check == "numbering"]
    return sizes[0], findings


def finish(run: Run, size: int, findings: list[Finding]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE custody.verification SET finished_at = clock_timestamp(), size = %s, holds = %s, findings = %s"
            " WHERE id = %s",
            [size, holds(findings), json.dumps([finding.as_json() for finding in findings]), str(run.id)],
        )


def recent(limit: int = 20) -> list[Run]:
    return _runs(RECENT, [limit])
