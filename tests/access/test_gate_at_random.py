"""The gate against a slow, plain statement of its rule, over random grants, denials, levels and teams."""

import random
from datetime import timedelta

import pytest
from conftest import TESTS, person
from django.utils import timezone

from accounts import grants
from accounts.grants import Permission, permits
from accounts.roles import ROLE_PERMISSIONS, SATISFIED_BY, Role
from accounts.teams import form_team
from evidence import access
from evidence.models import Collection, Denial, Incident, Item

ROUNDS = 6


class World:
    """People, teams, collections and records with random grants; what was given is kept in plain lists beside."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.now = timezone.now()
        self.grants, self.denials = [], []
        roles = [Role.INVESTIGATOR, Role.REVIEWER, Role.ANALYST, Role.ADMINISTRATOR, Role.AUDITOR, Role.MECHANISM]
        self.users = [person(role, clearance=self.random.randint(0, 4)) for role in roles]
        self.users += [person(Role.INVESTIGATOR, clearance=4), person(Role.REVIEWER, clearance=2)]
        self.users[-1].is_active = self.users[0].is_superuser = bool(seed % 2)
        self.teams = {
            form_team(by=TESTS, name_en=f"Team {n}", name_ko="", members=members).group: members
            for n in range(3)
            if (members := self.random.sample(self.users, 3))
        }
        author = self.users[0]
        self.collections = [
            access.open_collection(by=person("administrator"), name_en=f"C{n}", preset_level=n) for n in range(4)
        ]
        self.records = [
            model.objects.create(
                collection=self.random.choice(self.collections),
                created_by=author,
                confidentiality=(level := self.random.randint(0, 3)),
                effective_level=self.random.randint(level, 4),
                inherits_access=self.random.random() < 0.7,
                title_en=f"{n}",
                **({"date_sort": self.now.date()} if model is Incident else {"kind": "testimony"}),
            )
            for n in range(30)
            for model in (Incident, Item)
        ]
        for _ in range(25):
            self.give(self.random.choice(self.collections))
            self.give(self.random.choice(self.records))
        for _ in range(6):
            self.deny(self.random.choice([*self.collections, *self.records]))

    def principal(self):
        if self.random.random() < 0.5:
            return {"user": self.random.choice(self.users)}
        return {"group": self.random.choice(list(self.teams))}

    def give(self, record):
        who, permission = self.principal(), self.random.choice(list(Permission))
        begins = self.now + timedelta(hours=self.random.choice([-2, -1, -1, 1]))
        expires = self.random.choice([None, None, self.now - timedelta(minutes=1), self.now + timedelta(hours=3)])
        # One row a principal, permission and record: a later grant replaces the earlier one.
        self.grants = [row for row in self.grants if row[:3] != (record, who, permission)]
        self.grants.append((record, who, permission, begins, expires))
        grants.give(
            record=record, permission=permission, by=None, reason="test", begins_at=begins, expires_at=expires, **who
        )

    def deny(self, record):
        who = self.principal()
        self.denials.append((record, who))
        Denial.objects.create(reason="test", denied_by=self.users[0], **who, **{record._meta.model_name: record})

    def reaches(self, who, user) -> bool:
        return who.get("user") == user or ("group" in who and user in self.teams[who["group"]])

    def granted(self, user, record, permission) -> bool:
        return any(
            target == record
            and self.reaches(who, user)
            and given in SATISFIED_BY[permission]
            and begins <= self.now
            and (expires is None or expires > self.now)
            for target, who, given, begins, expires in self.grants
        )

    def visible(self, user, record, permission) -> bool:
        """The rule of docs/access.md, read aloud."""
        home = record if isinstance(record, Collection) else record.collection
        if not user.is_active or permission not in ROLE_PERMISSIONS[user.role]:
            return False
        if record.effective_level > user.clearance:
            return False
        if any(target in (record, home) and self.reaches(who, user) for target, who in self.denials):
            return False
        if isinstance(record, Collection):
            return self.granted(user, record, permission)
        inherited = record.inherits_access and self.granted(user, home, permission)
        return inherited or self.granted(user, record, permission)


@pytest.mark.parametrize("literal", [64, 0], ids=["literals", "sub-query"])
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_lists_counts_and_single_answers_follow_the_rule(db, seed, literal, monkeypatch):
    monkeypatch.setattr(grants, "MAX_LITERAL_COLLECTIONS", literal)
    world = World(seed)
    found_some = 0
    for user in world.users:
        user.save()
        for permission in Permission:
            for model in (Collection, Incident, Item):
                rows = [row for row in (*world.collections, *world.records) if type(row) is model]
                expected = {row.pk for row in rows if world.visible(user, row, permission)}
                seen = model.objects.permitted(user, permission)
                assert set(seen.values_list("pk", flat=True)) == expected
                assert seen.count() == len(expected)
                by_row = model.objects.permitted(user, permission, by_row=True)
                assert set(by_row.values_list("pk", flat=True)) == expected
                found_some += len(expected)
            record = world.random.choice(world.records)
            assert permits(user, record, permission) == world.visible(user, record, permission)
    assert found_some
