"""What a change of access does, in numbers, before it is done: it is done, counted by the gate, and undone.

The numbers that were shown are bound to their choice by a seal: nothing else than what was shown is done with it.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from django.core import signing
from django.db import transaction

from accounts import grants
from accounts.holdings import home_of
from accounts.models import User
from accounts.roles import Act, Permission, may
from evidence.access.managing import is_managed
from evidence.models import Collection, Incident, Item, Person, Source
from evidence.search.counting import seen
from evidence.search.pages import CAP

COUNTED = {"incident": Incident, "item": Item, "person": Person, "source": Source}
MOST_PEOPLE = 50
SALT, SEALED_FOR = "evidence.access.shown", 900


@dataclass(frozen=True)
class Line:
    """One person: how many records of each kind she sees of the collection now and then; `capped` if there are more."""

    user: User
    before: dict[str, int]
    after: dict[str, int]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """(now, then) of each kind, in the order of COUNTED."""
        return [(self.before[kind], self.after[kind]) for kind in COUNTED]

    @property
    def gains(self) -> int:
        return sum(max(0, self.after[kind] - self.before[kind]) for kind in self.after)

    @property
    def loses(self) -> int:
        return sum(max(0, self.before[kind] - self.after[kind]) for kind in self.after)


@dataclass(frozen=True)
class Effect:
    """Whom a change touches and how much it opens or closes for each."""

    lines: list[Line]
    people: int

    @property
    def gaining(self) -> int:
        return sum(1 for line in self.lines if line.gains)

    @property
    def losing(self) -> int:
        return sum(1 for line in self.lines if line.loses)

    @property
    def nothing(self) -> bool:
        return not (self.gaining or self.losing)


def effect_of(act: Callable[[], object], *, by: User, record, users) -> Effect:
    """What `act` would do to what these people see of the record's collection. Raises what the act itself refuses.

    Counts stop at the cap of the lists. An administrator is told of the whole collection; others of what exists for
    them: of a collection that `by` does not manage only the record itself, of one that she manages what she sees.
    Nothing stays: the transaction is rolled back with its entries.
    """
    users = list(users)
    shown = users[:MOST_PEOPLE]
    with transaction.atomic():
        within = _within(by, record)
        before = [_numbers(user, record, within) for user in shown]
        act()
        grants.forget_scopes()
        # Anew from the database: a change of clearance is one of the acts that are asked about.
        fresh = User.objects.in_bulk([user.pk for user in shown])
        after = [_numbers(fresh[user.pk], record, within) for user in shown]
        transaction.set_rollback(True)
    grants.forget_scopes()
    record.refresh_from_db()  # what the act changed of it, and what did not stay
    lines = [Line(*triple) for triple in zip(shown, before, after, strict=True)]
    return Effect(lines, len(users))


def tried(act: Callable[[], object]) -> None:
    """Raise what `act` would refuse. Nothing stays of it."""
    with transaction.atomic():
        act()
        transaction.set_rollback(True)
    grants.forget_scopes()


def seal(*, by: User, choice: list[str]) -> str:
    """Binds this choice to the effect that is shown of it now, for fifteen minutes and for this person alone."""
    return signing.dumps(_sealed(by, choice), salt=SALT)


def was_shown(seal: str, *, by: User, choice: list[str]) -> bool:
    """Whether the effect that was shown is that of this choice."""
    try:
        return signing.loads(seal, salt=SALT, max_age=SEALED_FOR) == _sealed(by, choice)
    except (signing.BadSignature, ValueError):
        return False


def _sealed(by: User, choice: list[str]) -> str:
    # What was chosen is not sent to and fro: its digest tells as much.
    return hashlib.sha256(json.dumps([str(by.pk), *choice]).encode()).hexdigest()


def _within(by: User, record) -> dict | None:
    """What may be counted, as ids by kind; None: all of the collection."""
    if may(by, Act.ACCESS):
        return None
    home = home_of(record)
    if not is_managed(by, home):
        return {kind: [record.pk] if isinstance(record, model) else [] for kind, model in COUNTED.items()}
    return {
        kind: list(model.objects.permitted(by).filter(collection=home).values_list("pk", flat=True)[: CAP + 1])
        for kind, model in COUNTED.items()
    }


def _numbers(user, record, within: dict | None) -> dict[str, int]:
    home = home_of(record)
    if within is None:
        return {kind: seen(model, user, collection=home).capped()[0] for kind, model in COUNTED.items()}
    return {
        kind: model.objects.permitted(user).filter(pk__in=within[kind]).count() if within[kind] else 0
        for kind, model in COUNTED.items()
    }


def reach(user, record) -> tuple[int, ...]:
    """What a person can reach of a record's collection, as numbers to compare: each permission on the record, and how
    many records of each kind she sees."""
    grants.forget_scopes()
    rows = type(record)._default_manager.filter(pk=record.pk)
    single = [int(rows.permitted(user, permission).exists()) for permission in Permission]
    home = home_of(record)
    counts = []
    if isinstance(record, Collection):
        counts = [seen(model, user, collection=home).exact() for model in COUNTED.values()]
    return (*single, *counts)
