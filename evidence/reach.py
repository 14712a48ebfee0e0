"""How many records a person would see with another role, clearance or team: numbers for who decides, nothing else.

The gate itself is asked, for the person as she would be. No record leaves this module.
"""

from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet

from accounts.grants import keeping_scopes
from accounts.models import Team, User
from evidence.models import Collection, Incident, Item, Person, Source
from evidence.search.counting import seen

KINDS = {"collection": Collection, "incident": Incident, "item": Item, "person": Person, "source": Source}


@dataclass(frozen=True)
class Supposed:
    """A person as she would be: what the gate asks of one. Exists for counting only and is never signed in."""

    pk: object
    role: str
    clearance: int
    team_ids: QuerySet
    is_active: bool = True
    is_authenticated: bool = True


def count(
    user: User,
    *,
    role: str | None = None,
    clearance: int | None = None,
    joining: Team | None = None,
    leaving: Team | None = None,
) -> dict:
    """{kind: how many she could see} under her present grants, as an active person with what is given changed."""
    teams = Q(pk__in=user.team_ids) | Q(pk=joining.pk if joining else None)
    if leaving:
        teams &= ~Q(pk=leaving.group_id)
    supposed = Supposed(
        pk=user.pk,
        role=user.role if role is None else role,
        clearance=user.clearance if clearance is None else clearance,
        team_ids=Group.objects.filter(teams).values_list("pk", flat=True),
    )
    # What the request resolved so far is about the person as she is.
    with keeping_scopes():
        return {kind: seen(model, supposed).exact() for kind, model in KINDS.items()}


def compare(user: User, **changes) -> list[tuple[str, int, int]]:
    """(kind, now, then) of each kind, for `changes` as of `count`."""
    now, then = count(user), count(user, **changes)
    return [(kind, now[kind], then[kind]) for kind in KINDS]
