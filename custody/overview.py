"""How the log stands now, in figures: for the page that an administrator or auditor looks at."""

from dataclasses import dataclass

from django.db import connection

from custody import checkpoints, heads
from custody.models import Checkpoint


@dataclass(frozen=True)
class State:
    """`waiting` entries have no number yet; `lag` is the age in seconds of the oldest of them."""

    size: int
    root: str
    waiting: int
    lag: float | None
    unattributed: int
    newest: Checkpoint | None
    signed: int
    stamps: list[tuple]
    publications: list[tuple]
    manifest: heads.Manifest | None


def state() -> State:
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, root FROM custody.state")
        size, root = cursor.fetchone()
        cursor.execute(
            "SELECT count(*), extract(epoch FROM clock_timestamp() - min(recorded_at)) FROM custody.entry e"
            " WHERE e.eid > (SELECT coalesce(min(eid), 0)"
            "                  FROM (SELECT eid FROM custody.leaf ORDER BY idx DESC LIMIT 1000) s)"
            " AND NOT EXISTS (SELECT FROM custody.leaf l WHERE l.eid = e.eid)"
        )
        waiting, lag = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM custody.entry WHERE act IN ('raw.inserted', 'raw.updated', 'raw.deleted')")
        (unattributed,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM custody.checkpoint")
        (signed,) = cursor.fetchone()
    return State(
        size, bytes(root).hex(), waiting, float(lag) if lag is not None else None, unattributed, checkpoints.latest(),
        signed, _newest("rfc3161"), _newest("publication"), heads.last_manifest(),
    )  # fmt: skip


def _newest(kind: str) -> list[tuple]:
    """(issuer, size, asserted time, obtained time) of each issuer's newest anchor."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (issuer) issuer, size, asserted_at, obtained_at FROM custody.anchor"
            " WHERE kind = %s ORDER BY issuer, id DESC",
            [kind],
        )
        return cursor.fetchall()
