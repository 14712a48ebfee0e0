"""The log as tiles (C2SP tlog-tiles), for monitors that follow it: hashes by level, entries in bundles of 256.

Only what a signed checkpoint commits to is given out.
"""

import re
import struct

from custody import checkpoints
from custody.models import Leaf
from custody.sequencer import read_tile
from custody.tree import TILE_HEIGHT, TILE_WIDTH

PLACE = re.compile(r"(?P<level>entries|[0-9]{1,2})/(?P<n>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?\Z")


class NoSuchTile(LookupError):
    """The path is none of a tile, or the signed log does not have that tile (yet)."""


def read(place: str) -> bytes:
    """The tile at `LEVEL/N` or `entries/N`, N in groups of three digits, `.p/W` for a partial one.

    Raises NoSuchTile.
    """
    found = PLACE.match(place)
    newest = checkpoints.latest()
    if found is None or newest is None:
        raise NoSuchTile(place)
    n = int(found["n"].replace("x", "").replace("/", ""))
    level = 0 if found["level"] == "entries" else int(found["level"])
    if canonical_number(n) != found["n"] or level > 7:
        raise NoSuchTile(place)
    there = (newest.size >> (TILE_HEIGHT * level)) - n * TILE_WIDTH
    width = int(found["width"]) if found["width"] else TILE_WIDTH
    is_spelled_otherwise = found["width"] and (width == TILE_WIDTH or found["width"].startswith("0"))
    if not 0 < width <= min(there, TILE_WIDTH) or is_spelled_otherwise:
        raise NoSuchTile(place)
    return bundle(n, width) if found["level"] == "entries" else read_tile(level, n, width)


def canonical_number(n: int) -> str:
    """1234067 → x001/x234/067."""
    groups = [f"{n % 1000:03d}"]
    while n := n // 1000:
        groups.insert(0, f"x{n % 1000:03d}")
    return "/".join(groups)


def bundle(n: int, width: int) -> bytes:
    """Entries [256n, 256n + width): each with its length as two bytes before it."""
    leaves = Leaf.objects.filter(idx__gte=n * TILE_WIDTH, idx__lt=n * TILE_WIDTH + width).order_by("idx")
    envelopes = [bytes(leaf.entry.envelope) for leaf in leaves.select_related("entry")]
    if len(envelopes) != width:
        raise NoSuchTile(f"entries/{canonical_number(n)}")
    return b"".join(struct.pack(">H", len(envelope)) + envelope for envelope in envelopes)
