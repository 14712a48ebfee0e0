"""Who is in the large database: people, teams, collections of very unequal size, and who may read which of them.

Five of the people are the readers that the benchmark asks as; their grants are laid out, all others are random.
"""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from django.contrib.auth.models import Group, Permission

from accounts.models import Team, User
from accounts.roles import Role
from evidence.models import (
    Collection,
    CollectionGroupPermission,
    CollectionUserPermission,
    Denial,
)
from evidence.models.codes import ALPHABET, check_character

PEOPLE, TEAMS, COLLECTIONS = 500, 60, 800
SKEW = 0.9  # the largest of 800 collections holds a tenth of the records, the smallest one in 4,000
BEGUN = datetime(2023, 1, 1, tzinfo=UTC)
ENDED = datetime(2024, 1, 1, tzinfo=UTC)
NOT_YET = datetime(2090, 1, 1, tzinfo=UTC)
ROLES = ([Role.INVESTIGATOR] * 55 + [Role.ANALYST] * 25 + [Role.REVIEWER] * 12 + [Role.MECHANISM] * 4
         + [Role.ADMINISTRATOR] * 2 + [Role.AUDITOR] * 2)  # fmt: skip
# Reader: role, clearance, collections by their rank in size, how many single incidents.
READERS = {
    "broad": (Role.ANALYST, 3, [rank for rank in range(1, COLLECTIONS + 1) if rank % 7], 0),
    "middle": (Role.REVIEWER, 2, [2, *range(20, COLLECTIONS, 20)], 300),
    "narrow": (Role.INVESTIGATOR, 3, [700, 705, 710, 715, 720], 20),
    "outside": (Role.ANALYST, 2, [], 500),
    "nobody": (Role.INVESTIGATOR, 3, [], 0),
}
BROAD_TEAMS = 5


def address(reader: str) -> str:
    return f"{reader}@example.org"


def code(prefix: str, number: int) -> str:
    """The reference code of the nth record of a kind: all different, in no order that shows, and it checks."""
    number = (number * 0x5DEECE66D + 0xB5297A4D) % 2**35  # an odd factor: no two numbers meet
    body = "".join(ALPHABET[number >> shift & 31] for shift in range(0, 35, 5))
    return f"{prefix}-{body[:4]}-{body[4:]}{check_character(body)}"


@dataclass
class World:
    """What the records are hung on; ids are text, as COPY takes them."""

    readers: dict[str, User]
    others: list[str]  # people who are none of the readers
    authors: list[str]
    groups: list[int]
    collections: list[str]  # the largest first
    weights: list[float]  # cumulative
    view: dict[str, int] = field(default_factory=dict)  # ids of view permissions by model


def make(random: Random) -> World:
    """Write people, teams, collections and their grants; returns what the records need of them."""
    readers, others = _people(random)
    groups = _teams(random, readers, others)
    authors = [user for user in others if user.role == Role.INVESTIGATOR]
    collections = _collections(random, authors)
    _grant(random, readers, others, groups, collections)
    total, weights = 0.0, []
    for rank in range(1, COLLECTIONS + 1):
        total += rank**-SKEW
        weights.append(total)
    view = {
        model: Permission.objects.get(content_type__app_label="evidence", codename=f"view_{model}").pk
        for model in ("incident", "item")
    }
    return World(
        readers,
        [str(user.pk) for user in others],
        [str(user.pk) for user in authors],
        [group.pk for group in groups],
        [str(one.pk) for one in collections],
        weights,
        view,
    )


def _uuid(random: Random) -> uuid.UUID:
    return uuid.UUID(int=random.getrandbits(128), version=4)


def _people(random: Random) -> tuple[dict[str, User], list[User]]:
    def user(email: str, name: str, role: str, clearance: int) -> User:
        # "!" begins a password that nobody can have.
        return User(
            id=_uuid(random), email=email, name=name, role=role, clearance=clearance, password="!", created_at=BEGUN
        )

    readers = {
        name: user(address(name), f"Invented {name} reader", role, clearance)
        for name, (role, clearance, *_grants) in READERS.items()
    }
    others = [
        user(
            f"person-{number:03}@example.org",
            f"Invented person {number}",
            random.choice(ROLES),
            random.choice((1, 2, 2, 3, 3)),
        )
        for number in range(PEOPLE - len(readers))
    ]
    User.objects.bulk_create([*readers.values(), *others])
    return readers, others


def _teams(random: Random, readers: dict[str, User], others: list[User]) -> list[Group]:
    names = [f"Invented team {number:02}" for number in range(TEAMS)]
    groups = Group.objects.bulk_create([Group(name=name) for name in names])
    Team.objects.bulk_create(
        [Team(group=group, name_en=group.name, name_ko=f"가상 조 {number:02}") for number, group in enumerate(groups)]
    )
    memberships = User.groups.through
    rows = [memberships(user=readers["broad"], group=group) for group in groups[:BROAD_TEAMS]]
    rows.append(memberships(user=readers["middle"], group=groups[BROAD_TEAMS]))
    for person in others:
        for group in random.sample(groups, random.choice((1, 1, 2, 3))):
            rows.append(memberships(user=person, group=group))
    memberships.objects.bulk_create(rows)
    return groups


def _collections(random: Random, authors: list[User]) -> list[Collection]:
    rows = []
    for rank in range(1, COLLECTIONS + 1):
        level = random.choice((0, 1, 1, 1, 2, 2, 3))
        rows.append(
            Collection(
                id=_uuid(random),
                code=code("COL", rank),
                name_en=f"Invented archive {rank}",
                name_ko=f"가상 문서철 {rank}",
                preset_level=level,
                confidentiality=level,
                effective_level=level,
                created_by=random.choice(authors),
            )
        )
    return Collection.objects.bulk_create(rows)


def _grant(random: Random, readers: dict, others: list[User], groups: list[Group], collections: list) -> None:
    names = ("view", "contribute", "review", "manage")
    ids = {
        row.codename.split("_")[0]: row.pk
        for row in Permission.objects.filter(content_type__app_label="evidence", content_type__model="collection")
    }
    own: dict[tuple, dict] = {}
    shared: dict[tuple, dict] = {}

    def give(table: dict, who, rank: int, permission: str = "view", *, for_sure: bool = True) -> None:
        chance = 1.0 if for_sure else random.random()
        when = {
            "begins_at": NOT_YET if chance < 0.01 else BEGUN,
            "expires_at": ENDED if 0.01 <= chance < 0.04 else None,
        }
        table[who.pk, ids[permission], rank] = when

    for position, rank in enumerate(READERS["broad"][2]):
        # Through five teams and some of them herself, as an analyst of long standing has them.
        if position % 8 == 7:
            give(own, readers["broad"], rank)
        else:
            give(shared, groups[position % BROAD_TEAMS], rank, random.choices(names, (6, 3, 1, 0))[0])
    for position, rank in enumerate(READERS["middle"][2]):
        if position % 2:
            give(own, readers["middle"], rank)
        else:
            give(shared, groups[BROAD_TEAMS], rank)
    for rank in READERS["narrow"][2]:
        give(own, readers["narrow"], rank, "contribute")
    for group in groups[BROAD_TEAMS + 1 :]:
        for rank in random.sample(range(1, COLLECTIONS + 1), 40):
            give(shared, group, rank, random.choices(names, (60, 30, 8, 2))[0], for_sure=False)
    for person in others:
        for rank in random.sample(range(1, COLLECTIONS + 1), random.choice((0, 0, 1, 2, 2))):
            give(own, person, rank, random.choices(names, (60, 30, 8, 2))[0], for_sure=False)
    for model, who, table in (
        (CollectionUserPermission, "user_id", own),
        (CollectionGroupPermission, "group_id", shared),
    ):
        model.objects.bulk_create(
            model(
                content_object=collections[rank - 1], permission_id=permission, reason="invented", **{who: pk}, **when
            )
            for (pk, permission, rank), when in table.items()
        )
    _deny(random, readers, others, groups, collections)


def _deny(random: Random, readers: dict, others: list[User], groups: list[Group], collections: list) -> None:
    """Whole collections closed to somebody who else would read them."""
    rows = [(readers["broad"], None, rank) for rank in (31, 101, 401)]
    rows += [(readers["middle"], None, 40), (readers["narrow"], None, 720)]
    rows += [(random.choice(others), None, random.randint(1, COLLECTIONS)) for _ in range(120)]
    rows += [(None, random.choice(groups[BROAD_TEAMS + 1 :]), random.randint(1, COLLECTIONS)) for _ in range(20)]
    Denial.objects.bulk_create(
        Denial(user=user, group=group, collection=collections[rank - 1], reason="invented", denied_by=others[0])
        for user, group, rank in rows
    )
