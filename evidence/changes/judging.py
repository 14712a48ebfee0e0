"""The feed's questions to the database. The rule of the gate stands here once more, as SQL over a sight that was kept:
what somebody could see before cannot be asked of the gate, which knows the present alone. Tests hold the two together.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from accounts.sights import Sight
from evidence.search import KINDS as SEARCHED

MODELS = {kind: what.model for kind, what in SEARCHED.items()}
KINDS = tuple(MODELS)
LOWEST = UUID(int=0)

# New since a snapshot: written by what it did not see. Ids from beyond the present are of a restored database.
_NEW = """c.cluster = evidence_cluster() AND c.xid >= pg_snapshot_xmin(%(since)s::pg_snapshot)
   AND c.xid < pg_snapshot_xmax(pg_current_snapshot())
   AND NOT pg_visible_in_snapshot(c.xid, %(since)s::pg_snapshot)"""
_IN_REACH = "c.kind = %(kind)s AND c.record > %(low)s AND c.record <= %(high)s"


@dataclass(frozen=True)
class Reach:
    """Records of one kind between two keys, the first left out, told by a sight in a snapshot ("" for: never)."""

    kind: str
    low: UUID
    high: UUID
    sight: Sight
    since: str

    @property
    def params(self) -> dict:
        return {"kind": self.kind, "low": str(self.low), "high": str(self.high), "since": self.since or None}


@dataclass(frozen=True)
class Row:
    """A record whose state for the person is another now; `sees`: whether she may see it."""

    id: UUID
    code: str
    version: int
    updated_at: datetime
    sees: bool


def present() -> tuple[str, int]:
    """(the snapshot that this transaction reads from, the cluster)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text, evidence_cluster()")
        return cursor.fetchone()


def is_ahead(snapshot: str) -> bool:
    """Whether a snapshot knows transactions that are still to come: it is from a database that was turned back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(%s::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot())", [snapshot])
        return cursor.fetchone()[0]


def anything_since(snapshot: str) -> bool:
    """Whether any record at all has changed since: one look at the end of an index."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM record_change c WHERE {_NEW})", {"since": snapshot})
        return cursor.fetchone()[0]


def changed_since(reach: Reach, now: Sight, limit: int) -> list[Row]:
    """Records that have changed since, as far as the person sees them now, or saw them then; by id."""
    saw, sees = _sees(reach.sight, reach.kind, "b", "was"), _sees(now, reach.kind, "r", "now")
    return _rows(
        f"""
        WITH delta AS (
          SELECT DISTINCT ON (c.record) c.record, c.nature, c.was_collection, c.was_inherits, c.was_level
            FROM record_change c WHERE {_IN_REACH} AND {_NEW}
           ORDER BY c.record, c.nature = 't', c.id
        ), judged AS (
          SELECT r.id, r.code, r.version, r.updated_at, {sees[0]} AS sees,
                 d.nature <> 'c' AND (
                   SELECT {saw[0]} FROM (SELECT r.id,
                     CASE d.nature WHEN 'm' THEN d.was_collection ELSE r.collection_id END AS collection_id,
                     CASE d.nature WHEN 'm' THEN d.was_inherits ELSE r.inherits_access END AS inherits_access,
                     CASE d.nature WHEN 'm' THEN d.was_level ELSE r.effective_level END AS effective_level) b) AS saw
            FROM delta d JOIN {_table(reach.kind)} r ON r.id = d.record
        )
        SELECT id, code, version, updated_at, sees FROM judged WHERE sees OR saw ORDER BY id LIMIT %(limit)s""",
        reach.params | saw[1] | sees[1] | {"limit": limit},
    )


def moved_by_sight(reach: Reach, now: Sight, limit: int) -> list[Row]:
    """Records that have not changed since, but are seen now and were not then, or the other way round; by id."""
    saw, sees, apart = (
        _sees(reach.sight, reach.kind, "r", "was"),
        _sees(now, reach.kind, "r", "now"),
        _apart(reach.sight, now, reach.kind),
    )
    unchanged = f"AND NOT EXISTS (SELECT FROM record_change c WHERE {_IN_REACH} AND c.record = r.id AND {_NEW})"
    return _rows(
        f"""
        SELECT r.id, r.code, r.version, r.updated_at, {sees[0]} AS sees FROM {_table(reach.kind)} r
         WHERE r.id > %(low)s AND r.id <= %(high)s AND ({apart[0]}) AND ({sees[0]}) <> ({saw[0]})
           {unchanged if reach.since else ""}
         ORDER BY r.id LIMIT %(limit)s""",
        reach.params | saw[1] | sees[1] | apart[1] | {"limit": limit},
    )


def _rows(sql: str, params: dict) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [Row(*row) for row in cursor.fetchall()]


def _table(kind: str) -> str:
    return connection.ops.quote_name(MODELS[kind]._meta.db_table)


def _sees(sight: Sight, kind: str, row: str, name: str) -> tuple[str, dict]:
    """The rule of docs/access.md over the columns of `row`, and its parameters, whose names begin with `name`."""
    params = {
        f"{name}_level": sight.clearance,
        f"{name}_homes": _array(sight.collections),
        f"{name}_closed": _array(sight.closed),
        f"{name}_own": _array(sight.records.get(kind, ())),
        f"{name}_denied": _array(sight.denied.get(kind, ())),
    }
    by_home = _among(f"{row}.collection_id", f"{name}_homes", sight.collections)
    by_itself = _among(f"{row}.id", f"{name}_own", sight.records.get(kind))
    closed = _among(f"{row}.collection_id", f"{name}_closed", sight.closed)
    denied = _among(f"{row}.id", f"{name}_denied", sight.denied.get(kind))
    sql = (
        f"({row}.effective_level <= %({name}_level)s AND NOT {denied}"
        f" AND (({row}.inherits_access AND {by_home}) OR ({by_itself} AND NOT {closed})))"
    )
    return sql, params


def _apart(one: Sight, other: Sight, kind: str) -> tuple[str, dict]:
    """What holds for every record on which the two sights may differ, in terms that an index can answer."""
    homes, closed = one.collections ^ other.collections, one.closed ^ other.closed
    own = one.records.get(kind, frozenset()), other.records.get(kind, frozenset())
    denied = one.denied.get(kind, frozenset()) ^ other.denied.get(kind, frozenset())
    single = own[0] ^ own[1] | denied
    terms = {
        "r.collection_id = ANY(%(apart_homes)s::uuid[])": homes | closed,
        "r.id = ANY(%(apart_single)s::uuid[])": single,
    }
    if one.clearance != other.clearance:
        low, high = sorted((one.clearance, other.clearance))
        between = f"r.effective_level > {int(low)} AND r.effective_level <= {int(high)}"
        terms[f"({between} AND r.collection_id = ANY(%(apart_every)s::uuid[]))"] = one.collections | other.collections
        terms[f"({between} AND r.id = ANY(%(apart_own)s::uuid[]))"] = own[0] | own[1]
    params = {
        "apart_homes": _array(homes | closed),
        "apart_single": _array(single),
        "apart_every": _array(one.collections | other.collections),
        "apart_own": _array(own[0] | own[1]),
    }
    return " OR ".join(term for term, ids in terms.items() if ids) or "FALSE", params


def _among(column: str, name: str, ids) -> str:
    return f"{column} = ANY(%({name})s::uuid[])" if ids else "FALSE"


def _array(ids) -> str:
    return "{" + ",".join(sorted(map(str, ids))) + "}"
