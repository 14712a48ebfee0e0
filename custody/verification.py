"""Verification of the whole ledger: everything that can be checked from inside, each check with what it found.

A check that fails names the first index at which the ledger differs, where one can be named. What only an outsider can
see needs a checkpoint that was kept elsewhere (`against`).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from uuid import UUID

from django.db import connection, transaction

from custody import anchors, checkpoints, heads, notes, verify_custody
from custody.models import Checkpoint
from custody.tree import EMPTY_ROOT, complete_root, node_hash

SIGNATURES = 2000  # the newest; the roots of all are compared
STAMPS = 200
# An entry is dated when it is written and numbered when its transaction ends: a long one may lie this far apart.
TOLERANCE = "1 hour"


@dataclass(frozen=True)
class Finding:
    """One check: its code, whether it holds, the first index at which it does not, and its figures."""

    check: str
    holds: bool
    index: int | None = None
    facts: dict = field(default_factory=dict)

    def as_json(self) -> dict:
        return asdict(self)


def verify(*, against: Sequence[bytes] = (), deep: bool = False) -> Iterator[Finding]:
    """Every check in turn; `against` are checkpoint notes kept elsewhere, `deep` reads every envelope and part."""
    if connection.in_atomic_block:
        yield from _verify(against, deep)
        return
    # One snapshot for all checks: the log grows meanwhile.
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield from _verify(against, deep)


def _verify(against: Sequence[bytes], deep: bool) -> Iterator[Finding]:
    size, root = _state()
    kept = [_kept(note) for note in against]
    yield from (finding for finding in kept if isinstance(finding, Finding))
    outside = {item[0]: item[1] for item in kept if not isinstance(item, Finding)}
    yield _numbering(size)
    yield _leaves()
    yield _tiles()
    yield from _roots(size, root, outside)
    yield _signatures()
    yield from _stamps()
    yield _times()
    yield _left_out()
    yield _triggers()
    yield from _tables()
    if deep:
        yield from _deep()


def holds(findings: list[Finding]) -> bool:
    return all(finding.holds for finding in findings)


def _one(sql: str, params=()) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()


def _state() -> tuple[int, bytes]:
    size, root = _one("SELECT size, root FROM custody.state")
    return size, bytes(root)


def _kept(note: bytes):
    """(size, root) of a checkpoint that somebody kept, or the finding that it is none of this log's."""
    try:
        origin, size, root = checkpoints.opened(note)
        if origin != _one("SELECT custody.origin()")[0]:
            raise notes.NoteError("it is of another log")
    except (notes.NoteError, UnicodeDecodeError) as error:
        return Finding("kept_readable", False, facts={"reason": str(error)})
    return size, root


def _numbering(size: int) -> Finding:
    """Indices run from 0 without a gap, one an entry."""
    count, last = _one("SELECT count(*), coalesce(max(idx), -1) FROM custody.leaf")
    if count == size == last + 1:
        return Finding("numbering", True, facts={"size": size})
    (gap,) = _one(
        "SELECT min(i) FROM (SELECT idx AS n, row_number() OVER (ORDER BY idx) - 1 AS i FROM custody.leaf) s"
        " WHERE n <> i"
    )
    return Finding("numbering", False, gap if gap is not None else min(count, size), {"size": size, "leaves": count})


def _leaves() -> Finding:
    """Each leaf is the hash of the bytes of its entry."""
    index, wrong = _one(
        "SELECT min(l.idx), count(*) FROM custody.leaf l LEFT JOIN custody.entry e USING (eid)"
        " WHERE e.eid IS NULL OR l.leaf_hash <> sha256('\\x00'::bytea || e.envelope)"
    )
    return Finding("leaves", wrong == 0, index, {"wrong": wrong})


def _tiles() -> Finding:
    """The stored tiles are those of the leaves; level 0 against the leaves, the upper ones against those below."""
    (index,) = _one(
        "WITH made AS (SELECT idx / 256 AS n, string_agg(leaf_hash, ''::bytea ORDER BY idx) AS hashes FROM custody.leaf"
        " GROUP BY 1 HAVING count(*) = 256)"
        " SELECT min(n) * 256 FROM made FULL JOIN custody.tile t USING (n)"
        " WHERE coalesce(t.level, 0) = 0 AND t.hashes IS DISTINCT FROM made.hashes"
    )
    if index is not None:
        return Finding("tiles", False, index + _first_difference(index // 256))
    upper = _one(
        "WITH made AS (SELECT level + 1 AS level, n / 256 AS n, string_agg(root, ''::bytea ORDER BY n) AS hashes"
        " FROM custody.tile GROUP BY 1, 2 HAVING count(*) = 256)"
        " SELECT count(*) FROM made FULL JOIN custody.tile t USING (level, n)"
        " WHERE level > 0 AND t.hashes IS DISTINCT FROM made.hashes"
    )[0]
    return Finding("tiles", upper == 0, 0 if upper else None, {"upper": upper})


def _first_difference(n: int) -> int:
    row = _one("SELECT hashes FROM custody.tile WHERE level = 0 AND n = %s", [n])
    with connection.cursor() as cursor:
        cursor.execute("SELECT leaf_hash FROM custody.leaf WHERE idx / 256 = %s ORDER BY idx", [n])
        made = b"".join(bytes(leaf) for (leaf,) in cursor.fetchall())
    stored = bytes(row[0]) if row else b""
    return next((at for at in range(256) if stored[32 * at : 32 * at + 32] != made[32 * at : 32 * at + 32]), 0)


def _roots(size: int, root: bytes, outside: dict[int, bytes]) -> Iterator[Finding]:
    """The root grown anew from the leaves: at every signed size, at the sizes kept elsewhere, and at the end."""
    signed = {size_: bytes(root_) for size_, root_ in Checkpoint.objects.values_list("size", "root")}
    wanted = sorted({*signed, *outside})
    grown = dict(_grown(wanted))
    first_wrong = next((at for at in wanted if at in signed and grown.get(at) != signed[at]), None)
    last_right = max((at for at in signed if grown.get(at) == signed[at] and at < (first_wrong or at + 1)), default=0)
    facts = {"checkpoints": len(signed), "first_wrong": first_wrong, "last_right": last_right}
    yield Finding("checkpoints", first_wrong is None, last_right if first_wrong is not None else None, facts)
    yield Finding("root", grown["end"] == root, None if grown["end"] == root else last_right, {"size": size})
    for at, kept in sorted(outside.items()):
        if at > size:
            yield Finding("kept", False, size, {"kept": at, "size": size, "reason": "shorter"})
        else:
            fits = grown.get(at) == kept
            yield Finding("kept", fits, None if fits else last_right, {"kept": at, "size": size})


def _grown(sizes: list[int]) -> Iterator[tuple]:
    """(size, root) at each of the sizes, and ("end", root); 256 leaves at a time, in constant memory."""
    stack: list[tuple[int, bytes]] = []  # complete subtrees, largest first
    total, wanted = 0, iter(sizes)
    next_size = next(wanted, None)
    while next_size == 0:
        yield 0, EMPTY_ROOT
        next_size = next(wanted, None)
    sql = "SELECT string_agg(leaf_hash, ''::bytea ORDER BY idx) FROM custody.leaf GROUP BY idx / 256 ORDER BY idx / 256"
    for (block,) in heads.read(sql):
        block = bytes(block)
        leaves = [block[at : at + 32] for at in range(0, len(block), 32)]
        is_whole = len(leaves) == 256 and (next_size is None or next_size >= total + 256)
        for width, value in [(256, complete_root(leaves))] if is_whole else [(1, leaf) for leaf in leaves]:
            _push(stack, width, value)
            total += width
            if total == next_size:
                yield total, _folded(stack)
                next_size = next(wanted, None)
    yield "end", _folded(stack)


def _push(stack: list[tuple[int, bytes]], width: int, value: bytes) -> None:
    while stack and stack[-1][0] == width:
        value, width = node_hash(stack.pop()[1], value), width * 2
    stack.append((width, value))


def _folded(stack: list[tuple[int, bytes]]) -> bytes:
    if not stack:
        return EMPTY_ROOT
    value = stack[-1][1]
    for _width, left in reversed(stack[:-1]):
        value = node_hash(left, value)
    return value


def _signatures() -> Finding:
    """The newest checkpoints are signed by announced keys, over the size and root that stand beside them."""
    keys, checked = list(checkpoints.announced_keys()), 0
    for checkpoint in Checkpoint.objects.order_by("-size")[:SIGNATURES].iterator():
        try:
            _origin, size, root = checkpoints.opened(bytes(checkpoint.note), keys)
            if (size, root) != (checkpoint.size, bytes(checkpoint.root)):
                raise notes.NoteError("the note speaks of another tree")
        except notes.NoteError as error:
            return Finding("signatures", False, facts={"size": checkpoint.size, "reason": str(error)})
        checked += 1
    return Finding("signatures", True, facts={"checked": checked, "keys": len(keys)})


def _stamps() -> Iterator[Finding]:
    """The newest time stamps, judged by the roots of the settings."""
    roots, checked, newest = anchors.roots(), 0, None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.size, a.issuer, a.proof, c.note FROM custody.anchor a JOIN custody.checkpoint c USING (size)"
            " WHERE a.kind = 'rfc3161' ORDER BY a.id DESC LIMIT %s",
            [STAMPS],
        )
        rows = cursor.fetchall()
    for size, issuer, token, note in rows:
        try:
            when, _name = verify_custody.check_stamp(bytes(token), notes.signed_text(bytes(note)), roots)
        except verify_custody.MALFORMED as error:
            yield Finding("stamps", False, facts={"size": size, "issuer": issuer, "reason": str(error)})
            return
        checked, newest = checked + 1, newest or (size, when.isoformat())
    yield Finding("stamps", True, facts={"checked": checked, "newest": newest})


def _times() -> Finding:
    """No entry claims a time far outside those that the stamps around it prove: a backdated entry does."""
    index, at = _one(
        "WITH a AS (SELECT array_agg(size ORDER BY size) AS sizes, array_agg(asserted_at ORDER BY size) AS times FROM ("
        "  SELECT size, min(asserted_at) AS asserted_at FROM custody.anchor WHERE kind = 'rfc3161' GROUP BY 1) s)"
        " SELECT l.idx, e.recorded_at FROM a, custody.leaf l JOIN custody.entry e USING (eid)"
        " WHERE a.sizes IS NOT NULL"
        "   AND (e.recorded_at < a.times[width_bucket(l.idx, a.sizes)] - %(far)s::interval"
        "     OR e.recorded_at > a.times[width_bucket(l.idx, a.sizes) + 1] + %(far)s::interval)"
        " UNION ALL SELECT NULL, NULL ORDER BY 1 NULLS LAST LIMIT 1",
        {"far": TOLERANCE},
    )
    return Finding("times", index is None, index, {"claims": at.isoformat()} if at else {})


def _left_out() -> Finding:
    """Whatever committed more than a minute ago is numbered."""
    (waiting,) = _one(
        "SELECT count(*) FROM custody.entry e WHERE NOT EXISTS (SELECT FROM custody.leaf l WHERE l.eid = e.eid)"
        " AND e.recorded_at < clock_timestamp() - interval '1 minute'"
    )
    return Finding("left_out", waiting == 0, facts={"waiting": waiting})


def _triggers() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT custody.unwatched()")
        lifted = [name for (name,) in cursor.fetchall()]
    return Finding("triggers", not lifted, facts={"tables": lifted})


def _tables() -> Iterator[Finding]:
    """The rows of each watched table are what their last entries say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM custody.watched ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall()]
        wrong = {}
        for table in tables:
            cursor.execute("SELECT object_id::text, finding FROM custody.reconcile(%s, 20)", [table])
            if rows := cursor.fetchall():
                wrong[table] = [list(row) for row in rows]
    yield Finding("tables", not wrong, facts={"tables": len(tables), "wrong": wrong})


def _deep() -> Iterator[Finding]:
    """Every envelope and part: canonical, what the columns repeat of it, what the commitments bind, each erasure."""
    spelled = columns = parts = None
    sql = """
    SELECT l.idx, e.envelope, e.entry_id, e.act, e.object_type, e.object_id, e.actor_id, e.recorded_at,
           (SELECT json_agg(json_build_array(p.part, p.redacted_by,
                    CASE WHEN p.salt IS NOT NULL THEN encode(p.salt, 'hex') END,
                    CASE WHEN p.body IS NOT NULL THEN convert_from(p.body, 'UTF8') END))
              FROM custody.payload p WHERE p.entry_id = e.entry_id)
      FROM custody.leaf l JOIN custody.entry e USING (eid) ORDER BY l.idx
    """
    erased: dict[tuple, tuple] = {}
    told: dict[str, tuple] = {}
    for index, raw, *rest, held in heads.read(sql):
        try:
            entry = verify_custody.parse_entry(bytes(raw))
        except verify_custody.MALFORMED:
            spelled = index if spelled is None else spelled
            continue
        if columns is None and not _repeats(entry, rest):
            columns = index
        held = held if isinstance(held, list) else json.loads(held or "[]")
        if parts is None and not _opens(entry, held):
            parts = index
        erased |= {(entry["id"], part): (by, index) for part, by, *_ in held if by}
        if entry["type"] == "ledger.redacted":
            told[entry["id"]] = (entry["data"]["entry"], entry["data"]["part"])
    yield Finding("canonical", spelled is None, spelled)
    yield Finding("columns", columns is None, columns)
    yield Finding("parts", parts is None, parts)
    untold = [index for of, (by, index) in erased.items() if told.get(by) != of]
    yield Finding("erasures", not untold, min(untold, default=None), {"erased": len(erased)})
    yield _manifest()


def _repeats(entry: dict, row: list) -> bool:
    entry_id, act, object_type, object_id, actor_id, at = row
    return (
        UUID(entry["id"]), entry["type"], entry["object"]["type"], UUID(entry["object"]["id"]),
        entry["actor"].get("id"), entry["at"],
    ) == (entry_id, act, object_type, object_id, str(actor_id) if actor_id else None,
          at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))  # fmt: skip


def _opens(entry: dict, held: list) -> bool:
    parts = {part: {"redacted_by": by} if by else {"salt": salt, "body": body} for part, by, salt, body in held}
    try:
        verify_custody.check_parts(entry, parts)
    except verify_custody.MALFORMED:
        return False
    return True


def _manifest() -> Finding:
    """The last manifest follows from the log alone."""
    last = heads.last_manifest()
    if last is None:
        return Finding("manifest", True, facts={"size": 0})
    fits = heads.anew(last.size).root() == last.root == heads.kept_tree().root()
    return Finding("manifest", fits, facts={"size": last.size, "objects": last.objects})
