"""The Merkle tree of RFC 6962 / RFC 9162: hashes, 256-wide tiles, proofs and their verification.

Standard library only: a stranger can run it. Sizes and indices count leaves; every hash has 32 bytes.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT


class ProofError(ValueError):
    """A proof that does not hold; the message says why."""


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """Root over 2**k hashes."""
    level = list(hashes)
    while len(level) > 1:
        pairs = iter(level)
        level = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=True)]
    return level[0]


def _split(count: int) -> int:
    """The largest power of two below count (count >= 2)."""
    return 1 << ((count - 1).bit_length() - 1)


class Tree:
    """A tree of `size` leaves over `tile(level, n, width)`, which returns width × 32 bytes of hashes."""

    def __init__(self, size: int, tile: Callable[[int, int, int], bytes]):
        self.size = size
        self._tile_reader = tile
        self._cache: dict[tuple[int, int], bytes] = {}

    def _tile(self, level: int, n: int) -> bytes:
        if (level, n) not in self._cache:
            nodes = self.size >> (TILE_HEIGHT * level)
            self._cache[level, n] = self._tile_reader(level, n, min(TILE_WIDTH, nodes - n * TILE_WIDTH))
        return self._cache[level, n]

    def _node(self, height: int, index: int) -> bytes:
        level, above = divmod(height, TILE_HEIGHT)
        n, offset = divmod(index << above, TILE_WIDTH)
        tile = self._tile(level, n)
        return complete_root([tile[32 * i : 32 * i + 32] for i in range(offset, offset + (1 << above))])

    def _range(self, low: int, high: int) -> bytes:
        count = high - low
        if count == 0:
            return EMPTY_ROOT
        if count & (count - 1) == 0 and low % count == 0:
            height = count.bit_length() - 1
            return self._node(height, low >> height)
        k = _split(count)
        return node_hash(self._range(low, low + k), self._range(low + k, high))

    def root(self, size: int | None = None) -> bytes:
        return self._range(0, self.size if size is None else size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Audit path of leaf `index` in the tree of `size` leaves."""
        if not 0 <= index < size <= self.size:
            raise ProofError(f"leaf {index} is not in a tree of {size}")
        return self._path(index, 0, size)

    def _path(self, index: int, low: int, high: int) -> list[bytes]:
        if high - low == 1:
            return []
        k = _split(high - low)
        if index < k:
            return [*self._path(index, low, low + k), self._range(low + k, high)]
        return [*self._path(index - k, low + k, high), self._range(low, low + k)]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Proof that the tree of `old` leaves is a prefix of the tree of `new` leaves."""
        if not 0 < old <= new <= self.size:
            raise ProofError(f"no consistency proof from {old} to {new} in a tree of {self.size}")
        return self._subproof(old, 0, new, True)

    def _subproof(self, old: int, low: int, high: int, whole: bool) -> list[bytes]:
        if old == high - low:
            return [] if whole else [self._range(low, high)]
        k = _split(high - low)
        if old <= k:
            return [*self._subproof(old, low, low + k, whole), self._range(low + k, high)]
        return [*self._subproof(old - k, low + k, high, False), self._range(low, low + k)]


def in_memory(leaf_hashes: Sequence[bytes]) -> Tree:
    """A tree over hashes held in memory."""
    levels = [list(leaf_hashes)]
    while len(levels[-1]) >= TILE_WIDTH:
        below = levels[-1]
        full = len(below) // TILE_WIDTH * TILE_WIDTH
        levels.append([complete_root(below[i : i + TILE_WIDTH]) for i in range(0, full, TILE_WIDTH)])

    def tile(level: int, n: int, width: int) -> bytes:
        return b"".join(levels[level][n * TILE_WIDTH : n * TILE_WIDTH + width])

    return Tree(len(leaf_hashes), tile)


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 2.1.3.2; raises ProofError."""
    if not 0 <= index < size or len(leaf) != 32 or len(root) != 32:
        raise ProofError("index, size, leaf or root is malformed")
    fn, sn, running = index, size - 1, leaf
    for step in proof:
        if len(step) != 32 or sn == 0:
            raise ProofError("the proof is malformed or too long")
        if fn & 1 or fn == sn:
            running = node_hash(step, running)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            running = node_hash(running, step)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise ProofError("the proof is too short")
    if running != root:
        raise ProofError("the proof leads to another root")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """RFC 9162 2.1.4.2; raises ProofError. A proof from the empty tree proves nothing and is refused."""
    if old <= 0 or new < old:
        raise ProofError("sizes are out of order, or the older tree is empty")
    if any(len(step) != 32 for step in (*proof, old_root, new_root)):
        raise ProofError("a hash does not have 32 bytes")
    if old == new:
        if proof or old_root != new_root:
            raise ProofError("two roots for one size" if old_root != new_root else "the proof must be empty")
        return
    if not proof:
        raise ProofError("the proof is empty")
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if sn == 0:
            raise ProofError("the proof is too long")
        if fn & 1 or fn == sn:
            first, second = node_hash(step, first), node_hash(step, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, step)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise ProofError("the proof is too short")
    if first != old_root or second != new_root:
        raise ProofError("the proof leads to other roots")
