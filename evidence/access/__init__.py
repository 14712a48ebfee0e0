"""Verbs on access: collections, grants, denials, restrictions, requests, broken glass. The rule is accounts.grants."""

from evidence.access.deciding import ask, ask_for, decide, request_for, requests_to, withdraw_request
from evidence.access.effects import Effect, Line, effect_of, seal, tried, was_shown
from evidence.access.following import follow
from evidence.access.glass import break_glass, end_glass, glass_for, glass_to, record_of, review_glass
from evidence.access.granting import (
    deny,
    grant,
    lift_denial,
    open_collection,
    open_up,
    restrict,
    revoke,
)
from evidence.access.managing import (
    KINDS,
    find_managed,
    is_managed,
    laid_open,
    managed_collections,
    people_of,
    readers_around,
)

__all__ = [
    "KINDS",
    "Effect",
    "Line",
    "ask",
    "ask_for",
    "break_glass",
    "decide",
    "deny",
    "effect_of",
    "end_glass",
    "find_managed",
    "follow",
    "glass_for",
    "glass_to",
    "grant",
    "is_managed",
    "laid_open",
    "lift_denial",
    "managed_collections",
    "open_collection",
    "open_up",
    "people_of",
    "readers_around",
    "record_of",
    "request_for",
    "requests_to",
    "restrict",
    "review_glass",
    "revoke",
    "seal",
    "tried",
    "was_shown",
    "withdraw_request",
]
