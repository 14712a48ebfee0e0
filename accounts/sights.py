"""What one person can see, written down: so that it can be compared with what she could see some time before.

The rule itself is that of the gate (accounts.grants); tests hold the two to each other.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from accounts.grants import Scope
from accounts.roles import Permission

NOBODY = -1  # a clearance below every level


@dataclass(frozen=True)
class Sight:
    """Clearance; collections that are granted and not denied; denied collections; by kind, single grants and denials.

    The empty one is that of somebody who sees nothing.
    """

    clearance: int = NOBODY
    collections: frozenset = frozenset()
    closed: frozenset = frozenset()
    records: dict[str, frozenset] = field(default_factory=dict)
    denied: dict[str, frozenset] = field(default_factory=dict)

    def as_json(self) -> dict:
        """The same as plain JSON, with its ids in order."""
        return {
            "clearance": self.clearance,
            "collections": _texts(self.collections),
            "closed": _texts(self.closed),
            "records": {kind: _texts(ids) for kind, ids in sorted(self.records.items()) if ids},
            "denied": {kind: _texts(ids) for kind, ids in sorted(self.denied.items()) if ids},
        }

    @classmethod
    def from_json(cls, content: dict) -> "Sight":
        """What `as_json` wrote down."""
        return cls(
            content["clearance"],
            _ids(content["collections"]),
            _ids(content["closed"]),
            {kind: _ids(ids) for kind, ids in content["records"].items()},
            {kind: _ids(ids) for kind, ids in content["denied"].items()},
        )

    @cached_property
    def digest(self) -> bytes:
        """The same for the same sight: 32 bytes."""
        return sha256(json.dumps(self.as_json(), sort_keys=True).encode()).digest()


def sight_of(user, models: dict[str, type]) -> Sight:
    """What this person can see now of the records of these models, by their kinds."""
    scope = Scope.of(user, Permission.VIEW)
    if scope is None:
        return Sight()
    return Sight(
        scope.clearance,
        frozenset(scope.collections),
        frozenset(scope.denied_collections),
        {kind: frozenset(scope.own(model)) for kind, model in models.items()},
        {kind: frozenset(scope.denied(model)) for kind, model in models.items()},
    )


def _texts(ids) -> list[str]:
    return sorted(map(str, ids))


def _ids(texts) -> frozenset:
    return frozenset(map(UUID, texts))
