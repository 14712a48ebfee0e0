"""One way through the gate, see accounts.grants.Scope.parts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q


@dataclass(frozen=True)
class Part:
    """Rows that pass the gate in one way, see Scope.parts.

    Rows to be read are those without what `without` leaves out. Pages of a list without filters are quicker read from
    each part by itself where all of them are short.
    """

    sign: int
    rows: Any
    without: Q = field(default_factory=Q)
    is_short: bool = False
    is_inherited: bool = False  # these are seen by way of their collections
    is_listed: bool = False  # these are found by a list of their ids
    condition: Q = field(default_factory=Q)  # what the gate asks of them
    most: int = 0  # of a part with sign -1: more rows it cannot have
    number: Callable | None = None  # how many rows there are before any filter, where they need not be read for that
    some: Callable | None = None  # of rows seen by way of many collections: those of a few of these, soon counted

    @property
    def branch(self):
        return self.rows.filter(self.without)
