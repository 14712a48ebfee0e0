"""Completeness of a record's history: per object how many entries it has and a chain over them, in one Merkle tree.

A manifest (`ledger.heads`) commits to the heads of all objects at a size. Heads follow from the log alone: the table
custody.head only spares computing them anew, and the full verification does so all the same.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction
from psycopg2.extras import execute_values

from custody.tree import Tree, in_memory, leaf_hash

BEGINNING = b"ledger-object/v1\x00"
AT_ONCE = 5000
NEW_LEAVES = """
SELECT e.object_id, l.leaf_hash FROM custody.leaf l JOIN custody.entry e USING (eid)
 WHERE l.idx >= %s AND l.idx < %s ORDER BY e.object_id, l.idx
"""
KEEP = """
INSERT INTO custody.head (object_id, entries, chain) VALUES %s
ON CONFLICT (object_id) DO UPDATE SET entries = excluded.entries, chain = excluded.chain
"""


@dataclass(frozen=True)
class Manifest:
    size: int
    entry_id: UUID
    objects: int
    root: bytes


def chain_start(object_id: UUID) -> bytes:
    return sha256(BEGINNING + object_id.bytes).digest()


def chain_next(chain: bytes, leaf: bytes) -> bytes:
    return sha256(b"\x02" + chain + leaf).digest()


def head(object_id: UUID, count: int, chain: bytes) -> bytes:
    """56 bytes: the object's id, the number of its entries, the end of the chain over their leaf hashes."""
    return object_id.bytes + struct.pack(">Q", count) + chain


def read(sql: str, params=()) -> Iterator[tuple]:
    """Rows as a stream, in constant memory."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DECLARE stream NO SCROLL CURSOR FOR {sql}", params)
        while True:
            cursor.execute(f"FETCH {AT_ONCE} FROM stream")
            rows = cursor.fetchall()
            yield from rows
            if len(rows) < AT_ONCE:
                cursor.execute("CLOSE stream")
                return


def grown(old: int, new: int, known: dict[UUID, tuple[int, bytes]]) -> Iterator[tuple[UUID, int, bytes]]:
    """(object, count, chain) of the objects with entries in [old, new), from their heads at `old`."""
    current, count, chain = None, 0, b""
    for object_id, leaf in read(NEW_LEAVES, [old, new]):
        if object_id != current:
            if current is not None:
                yield current, count, chain
            current = object_id
            count, chain = known.get(object_id) or (0, chain_start(object_id))
        count, chain = count + 1, chain_next(chain, bytes(leaf))
    if current is not None:
        yield current, count, chain


def advance(old: int, new: int) -> Tree:
    """Bring the kept heads from size `old` to `new`; the tree over all of them. In the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT object_id, entries, chain FROM custody.head WHERE object_id IN ("
            "SELECT e.object_id FROM custody.entry e JOIN custody.leaf l USING (eid) WHERE l.idx >= %s AND l.idx < %s)",
            [old, new],
        )
        known = {object_id: (count, bytes(chain)) for object_id, count, chain in cursor.fetchall()}
        rows = list(grown(old, new, known))
        for start in range(0, len(rows), AT_ONCE):
            execute_values(cursor.cursor, KEEP, [(str(row[0]), *row[1:]) for row in rows[start : start + AT_ONCE]])
    return kept_tree()


def kept() -> Iterator[bytes]:
    """The heads of all objects at the last manifest, by object id."""
    for object_id, count, chain in read("SELECT object_id, entries, chain FROM custody.head ORDER BY object_id"):
        yield head(object_id, count, bytes(chain))


def kept_tree() -> Tree:
    return in_memory([leaf_hash(entry) for entry in kept()])


def anew(size: int) -> Tree:
    """The tree over the heads of all objects among the first `size` entries, derived from the log alone."""
    return in_memory([leaf_hash(head(*row)) for row in grown(0, size, {})])


def last_manifest() -> Manifest | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, entry_id, objects, root FROM custody.manifest ORDER BY size DESC LIMIT 1")
        row = cursor.fetchone()
    if row is None:
        return None
    size, entry_id, objects, root = row
    return Manifest(size, entry_id, objects, bytes(root))


def keep_manifest(size: int, entry_id: UUID, tree: Tree) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO custody.manifest (size, entry_id, objects, root) VALUES (%s, %s, %s, %s)",
            [size, entry_id, tree.size, tree.root()],
        )


def proof(object_id: UUID) -> tuple[bytes, int, list[bytes]] | None:
    """(head, its index, audit path) of an object in the last manifest; None when it had no entry then."""
    own, index, leaves = b"", -1, []
    for number, entry in enumerate(kept()):
        if entry[:16] == object_id.bytes:
            own, index = entry, number
        leaves.append(leaf_hash(entry))
    if index < 0:
        return None
    return own, index, in_memory(leaves).inclusion(index, len(leaves))
