"""The one sequencer: gives committed entries a dense index and extends the Merkle tree, apart from the writers.

It picks up by snapshot delta (visible now, not visible at the last run), so a late commit is never lost and never put
before an entry already signed. Runs as role ledger_sequencer; several may run, an advisory lock lets one work.
"""

from dataclasses import dataclass

from django.db import connection, transaction

from custody.tree import TILE_WIDTH, Tree, complete_root

LOCK = 0x6C656467

# xid >= xmin bounds the scan by the index on (xid, eid); the visibility test is the delta itself.
PICK_UP = """
INSERT INTO custody.leaf (idx, eid, leaf_hash)
SELECT %(size)s + row_number() OVER (ORDER BY e.eid) - 1, e.eid, sha256('\\x00'::bytea || e.envelope)
  FROM custody.entry e
 WHERE e.xid >= pg_snapshot_xmin(%(snap)s::pg_snapshot) AND NOT pg_visible_in_snapshot(e.xid, %(snap)s::pg_snapshot)
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
        cursor.execute("SELECT size, root, snap::text, pg_current_snapshot()::text FROM custody.state FOR UPDATE")
        size, root, snap, now = cursor.fetchone()
        cursor.execute(PICK_UP, {"size": size, "snap": snap})
        new = size + cursor.rowcount
        if new > size:
            _store_full_tiles(cursor, size, new)
            root = tree(new).root()
        cursor.execute(
            "UPDATE custody.state SET size = %s, root = %s, snap = %s::pg_snapshot, updated_at = clock_timestamp()"
            " WHERE size = %s",
            [new, root, now, size],
        )
        if cursor.rowcount != 1:
            raise RuntimeError("the ledger's state moved under the sequencer: stop the other one")
    return Step(size, new, bytes(root))


def _store_full_tiles(cursor, old: int, new: int) -> None:
    """Write the tiles that became full between the two sizes, level by level."""
    level, lower, upper = 0, old // TILE_WIDTH, new // TILE_WIDTH
    while lower < upper:
        for n in range(lower, upper):
            hashes = read_tile(level, n, TILE_WIDTH)
            root = complete_root([hashes[i : i + 32] for i in range(0, len(hashes), 32)])
            cursor.execute(
                "INSERT INTO custody.tile (level, n, root, hashes) VALUES (%s, %s, %s, %s)", [level, n, root, hashes]
            )
        level, lower, upper = level + 1, lower // TILE_WIDTH, upper // TILE_WIDTH


def left_out() -> int:
    """Entries that are not in the log yet; more than a moment's worth means that something is wrong."""
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OUT)
        return cursor.fetchone()[0]
