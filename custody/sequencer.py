"""The one sequencer: gives committed entries a dense index and extends the Merkle tree, apart from the writers.

It picks up by snapshot delta (visible now, not visible at the last run), so a late commit is never lost and never put
before an entry already signed. Runs as role ledger_sequencer; several may run, an advisory lock lets one work.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from psycopg2.extras import execute_values

from custody.tree import TILE_WIDTH, Tree, complete_root

LOCK = 0x6C656467
TILES_AT_ONCE = 512  # 4 MB of hashes

# xid >= xmin bounds the scan by the index on (xid, eid); the visibility test is the delta itself.
PICK_UP = """
INSERT INTO custody.leaf (idx, eid, leaf_hash)
SELECT %(size)s + row_number() OVER (ORDER BY e.eid) - 1, e.eid, sha256('\\x00'::bytea || e.envelope)
  FROM custody.entry e
 WHERE e.eid > %(floor)s
   AND e.xid >= pg_snapshot_xmin(%(snap)s::pg_snapshot) AND NOT pg_visible_in_snapshot(e.xid, %(snap)s::pg_snapshot)
"""
# Whatever has no leaf yet: slower by the size of the log, and right whatever transaction numbers mean.
PICK_UP_ALL = """
INSERT INTO custody.leaf (idx, eid, leaf_hash)
SELECT %(size)s + row_number() OVER (ORDER BY e.eid) - 1, e.eid, sha256('\\x00'::bytea || e.envelope)
  FROM custody.entry e WHERE NOT EXISTS (SELECT FROM custody.leaf l WHERE l.eid = e.eid)
"""
STATE = """
SELECT size, root, snap::text AS snap, floor_eid AS floor, restoring::text AS restoring, cluster,
       (SELECT system_identifier FROM pg_control_system()) AS here, pg_current_snapshot()::text AS now
  FROM custody.state FOR UPDATE
"""
# The floor is drawn when a restore is noticed; the delta counts again when all that ran at that moment has ended.
KEEP_STATE = """
UPDATE custody.state
   SET size = %(new)s, root = %(root)s, snap = %(now)s::pg_snapshot, updated_at = clock_timestamp(), cluster = %(here)s,
       floor_eid = CASE WHEN cluster IS DISTINCT FROM %(here)s THEN (SELECT coalesce(max(eid), 0) FROM custody.entry)
                        ELSE floor_eid END,
       restoring = CASE WHEN cluster IS DISTINCT FROM %(here)s THEN %(now)s::pg_snapshot
                        WHEN pg_snapshot_xmin(%(now)s::pg_snapshot) < pg_snapshot_xmax(restoring) THEN restoring END
 WHERE size = %(size)s
"""
LEAVES = """
SELECT idx / 256, string_agg(leaf_hash, ''::bytea ORDER BY idx) FROM custody.leaf
 WHERE idx >= %s AND idx < %s AND %s = -1 GROUP BY 1 ORDER BY 1
"""
ROOTS_BELOW = """
SELECT n / 256, string_agg(root, ''::bytea ORDER BY n) FROM custody.tile
 WHERE n >= %s AND n < %s AND level = %s GROUP BY 1 ORDER BY 1
"""
LEFT_OUT = "SELECT count(*) FROM custody.entry e WHERE NOT EXISTS (SELECT 1 FROM custody.leaf l WHERE l.eid = e.eid)"


@dataclass(frozen=True)
class Step:
    """What one run did: the tree went from `old` to `new` leaves and has `root`."""

    old: int
    new: int
    root: bytes


def read_tile(level: int, n: int, width: int) -> bytes:
    """Hashes of a tile from the database: stored when full, derived from leaves or lower tiles when partial."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT hashes FROM custody.tile WHERE level = %s AND n = %s", [level, n])
        if row := cursor.fetchone():
            return bytes(row[0])[: 32 * width]
        if level == 0:
            query = "SELECT leaf_hash FROM custody.leaf WHERE idx >= %s AND idx < %s ORDER BY idx"
            cursor.execute(query, [n * TILE_WIDTH, n * TILE_WIDTH + width])
        else:
            query = "SELECT root FROM custody.tile WHERE level = %s AND n >= %s AND n < %s ORDER BY n"
            cursor.execute(query, [level - 1, n * TILE_WIDTH, n * TILE_WIDTH + width])
        hashes = b"".join(bytes(hash_) for (hash_,) in cursor.fetchall())
    if len(hashes) != 32 * width:
        raise RuntimeError(f"tile {level}/{n} has {len(hashes) // 32} hashes instead of {width}: the log is damaged")
    return hashes


def tree(size: int) -> Tree:
    return Tree(size, read_tile)


def integrate() -> Step | None:
    """Take up what has committed since the last run; None when another sequencer is at work."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(STATE)
        state = dict(zip((column.name for column in cursor.description), cursor.fetchone(), strict=True))
        is_restored = state["cluster"] != state["here"] or state["restoring"] is not None
        cursor.execute(PICK_UP_ALL if is_restored else PICK_UP, state)
        size, root = state["size"], state["root"]
        new = size + cursor.rowcount
        if new > size:
            _store_full_tiles(cursor, size, new)
            root = tree(new).root()
        cursor.execute(KEEP_STATE, state | {"new": new, "root": root})
        if cursor.rowcount != 1:
            raise RuntimeError("the ledger's state moved under the sequencer: stop the other one")
    return Step(size, new, bytes(root))


def _store_full_tiles(cursor, old: int, new: int) -> None:
    """Write the tiles that became full between the two sizes, level by level, many at a time."""
    level, lower, upper = 0, old // TILE_WIDTH, new // TILE_WIDTH
    while lower < upper:
        for start in range(lower, upper, TILES_AT_ONCE):
            rows = [
                (level, n, complete_root([hashes[i : i + 32] for i in range(0, len(hashes), 32)]), hashes)
                for n, hashes in _full_tiles(cursor, level, start, min(start + TILES_AT_ONCE, upper))
            ]
            execute_values(cursor.cursor, "INSERT INTO custody.tile (level, n, root, hashes) VALUES %s", rows)
        level, lower, upper = level + 1, lower // TILE_WIDTH, upper // TILE_WIDTH


def _full_tiles(cursor, level: int, start: int, end: int) -> list[tuple[int, bytes]]:
    """(n, hashes) of the full tiles [start, end) of a level, from the leaves or from the roots of the level below."""
    cursor.execute(LEAVES if level == 0 else ROOTS_BELOW, [start * TILE_WIDTH, end * TILE_WIDTH, level - 1])
    found = [(n, bytes(hashes)) for n, hashes in cursor.fetchall()]
    if [n for n, hashes in found if len(hashes) == 32 * TILE_WIDTH] != list(range(start, end)):
        raise RuntimeError(f"tiles {start} to {end} of level {level} are not whole: the log is damaged")
    return found


def left_out() -> int:
    """Entries that are not in the log yet; more than a moment's worth means that something is wrong."""
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OUT)
        return cursor.fetchone()[0]
