"""Where somebody stands in the feed, and the cursor that says it: sealed, since it would tell how much others write."""

import base64
import json
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.errors import Invalid

END = (99, UUID(int=2**128 - 1))  # beyond every key: (number of the kind, id of the record)
FORMAT = 1


@dataclass(frozen=True)
class Stretch:
    """Records up to and with a key, which somebody was told as they were in a snapshot, seen by a sight.

    `sight` is the id of a kept one, None where she was told nothing.
    """

    until: tuple[int, UUID]
    sight: UUID | None = None
    snapshot: str = ""


@dataclass(frozen=True)
class Place:
    """All records, in stretches by key; the kinds that are followed; the cluster that the snapshots are of."""

    kinds: tuple[str, ...]
    stretches: tuple[Stretch, ...] = (Stretch(END),)
    cluster: int = 0


def sealed(place: Place, user) -> str:
    """The cursor of a place, for this person alone."""
    content = {
        "v": FORMAT,
        "u": str(user.pk),
        "k": place.kinds,
        "c": place.cluster,
        "s": [[one.until[0], one.until[1].hex, one.sight and one.sight.hex, one.snapshot] for one in place.stretches],
    }
    return _cipher().encrypt(json.dumps(content, separators=(",", ":")).encode()).decode().rstrip("=")


def opened(text: str, user) -> Place:
    """The place of a cursor; raises Invalid for one that is not this person's or was altered."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        content = json.loads(_cipher().decrypt(padded))
    except (InvalidToken, ValueError):
        content = {}
    if content.get("v") != FORMAT or content.get("u") != str(user.pk):
        raise not_yours()
    return Place(
        tuple(content["k"]),
        tuple(Stretch((n, UUID(key)), sight and UUID(sight), snapshot) for n, key, sight, snapshot in content["s"]),
        content["c"],
    )


def not_yours() -> Invalid:
    return Invalid(_("This cursor is not one of yours. Begin again without “after”."), field="after")


def _cipher() -> Fernet:
    key = sha256(b"evidence.changes.cursor\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
