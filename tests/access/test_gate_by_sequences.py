"""The gate against the slow, plain statement of its rule, after any sequence of acts that hypothesis thinks of.

After each a list, a count, a facet, a search and a single object have to agree with the statement, for everybody.
"""

from datetime import timedelta

from conftest import TESTS, person, simple
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts import grants, holdings
from accounts.grants import Permission, permits
from accounts.models import User
from accounts.roles import ROLE_PERMISSIONS, SATISFIED_BY, Role
from accounts.teams import form_team
from evidence import access, recording, search
from evidence.models import Collection, Denial, Incident

ROLES = (Role.INVESTIGATOR, Role.REVIEWER, Role.ANALYST, Role.ADMINISTRATOR, Role.AUDITOR, Role.MECHANISM)
WORD = "Zebrafink"
WHEN = ("on", "past", "later")
people, teams, homes, records = (st.integers(0, top) for top in (5, 1, 1, 3))
places = st.one_of(st.tuples(st.just("home"), homes), st.tuples(st.just("record"), records))
whom = st.one_of(st.tuples(st.just("user"), people), st.tuples(st.just("group"), teams))
acts = st.one_of(
    st.tuples(st.just("give"), places, whom, st.sampled_from(list(Permission)), st.sampled_from(WHEN)),
    st.tuples(st.just("take"), places, whom, st.sampled_from(list(Permission))),
    st.tuples(st.just("deny"), places, whom),
    st.tuples(st.just("lift"), places, whom),
    st.tuples(st.just("restrict"), records, st.booleans()),
    st.tuples(st.just("level"), records, st.integers(0, 4)),
    st.tuples(st.just("clear"), people, st.integers(0, 4)),
    st.tuples(st.just("active"), people, st.booleans()),
    st.tuples(st.just("member"), people, teams, st.booleans()),
)


class Stated:
    """What was done, kept in plain lists, and the rule of docs/access.md read aloud over them."""

    def __init__(self, test):
        # Anew from the database: each example is undone there, and not in what an earlier one has changed in memory.
        self.users = [User.objects.get(pk=user.pk) for user in test.users]
        self.records = [Incident.objects.select_related("collection").get(pk=row.pk) for row in test.records]
        self.homes, self.groups = list(test.homes), list(test.groups)
        self.given, self.denied = {}, set()
        self.members = {group.pk: set() for group in self.groups}

    def place(self, name):
        kind, number = name
        return (self.homes if kind == "home" else self.records)[number]

    def who(self, name) -> dict:
        kind, number = name
        return {"user": self.users[number]} if kind == "user" else {"group": self.groups[number]}

    def do(self, act, *args) -> None:
        getattr(self, f"do_{act}")(*args)

    def do_give(self, place, whom, permission, when):
        record, who, now = self.place(place), self.who(whom), timezone.now()
        begins = now + timedelta(hours=1) if when == "later" else now - timedelta(hours=1)
        expires = now - timedelta(seconds=1) if when == "past" else None
        grants.give(
            record=record, permission=permission, by=None, reason="test", begins_at=begins, expires_at=expires, **who
        )
        self.given[place, whom, permission] = when == "on"

    def do_take(self, place, whom, permission):
        access.revoke(by=TESTS, record=self.place(place), permission=permission, reason="over", **self.who(whom))
        self.given.pop((place, whom, permission), None)

    def do_deny(self, place, whom):
        record, who = self.place(place), self.who(whom)
        grants.deny(record=record, by=self.users[0], reason="conflict", **who)
        self.denied.add((place, whom))

    def do_lift(self, place, whom):
        access.lift_denial(by=TESTS, record=self.place(place), reason="over", **self.who(whom))
        self.denied.discard((place, whom))

    def do_restrict(self, number, restricted):
        self.records[number].inherits_access = not restricted
        Incident.objects.filter(pk=self.records[number].pk).update(inherits_access=not restricted)

    def do_level(self, number, level):
        self.records[number].effective_level = self.records[number].confidentiality = level
        Incident.objects.filter(pk=self.records[number].pk).update(confidentiality=level, effective_level=level)

    def do_clear(self, number, clearance):
        self._set(number, clearance=clearance)

    def do_active(self, number, active):
        self._set(number, is_active=active)

    def _set(self, number, **values):
        User.objects.filter(pk=self.users[number].pk).update(**values)
        self.users[number].refresh_from_db()

    def do_member(self, number, team, joins):
        group = self.groups[team]
        (self.users[number].groups.add if joins else self.users[number].groups.remove)(group)
        (self.members[group.pk].add if joins else self.members[group.pk].discard)(number)

    def reaches(self, whom, number) -> bool:
        kind, other = whom
        return other == number if kind == "user" else number in self.members[self.groups[other].pk]

    def allowed(self, number, place, permission) -> bool:
        return any(
            in_force and target == place and given in SATISFIED_BY[permission] and self.reaches(whom, number)
            for (target, whom, given), in_force in self.given.items()
        )

    def visible(self, number, place, permission) -> bool:
        user, record = self.users[number], self.place(place)
        home = place if place[0] == "home" else ("home", self.homes.index(record.collection))
        if not user.is_active or permission not in ROLE_PERMISSIONS[user.role]:
            return False
        if record.effective_level > user.clearance:
            return False
        if any(target in (place, home) and self.reaches(whom, number) for target, whom in self.denied):
            return False
        inherits = place != home and record.inherits_access
        return self.allowed(number, place, permission) or (inherits and self.allowed(number, home, permission))


class AnySequence(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.users = [person(role, clearance=3) for role in ROLES]
        spare = person("analyst")
        cls.groups = [form_team(by=TESTS, name_en=f"T{n}", name_ko="", members=[spare]).group for n in range(2)]
        opener, author = person("administrator"), person("investigator", clearance=4)
        cls.homes = [access.open_collection(by=opener, name_en=f"C{n}", preset_level=1) for n in range(2)]
        cls.records = [
            recording.log_incident(
                by=author, collection=cls.homes[n % 2], given=simple(title_en=f"{WORD} {n}", acts=[], confidentiality=1)
            )
            for n in range(4)
        ]

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(acts, min_size=1, max_size=14))
    def test_the_gate_says_what_the_rule_says(self, sequence):
        stated = Stated(self)
        for act in sequence:
            stated.do(*act)
        for number, user in enumerate(stated.users):
            for permission in Permission:
                self._agree(stated, number, user, permission)
            self._finds(stated, number, user)
        self._explains(stated)

    def _agree(self, stated, number, user, permission):
        for kind, model, rows in (("home", Collection, stated.homes), ("record", Incident, stated.records)):
            expected = {row.pk for n, row in enumerate(rows) if stated.visible(number, (kind, n), permission)}
            seen = model.objects.permitted(user, permission)
            assert set(seen.values_list("pk", flat=True)) == expected
            assert seen.count() == len(expected)
            for row in rows:
                assert permits(user, row, permission) == (row.pk in expected)
                assert user.has_perm(f"evidence.{permission}_{model._meta.model_name}", row) == (row.pk in expected)

    def _finds(self, stated, number, user):
        expected = {row.pk for n, row in enumerate(stated.records) if stated.visible(number, ("record", n), "view")}
        narrowed = search.narrow(
            Incident.objects.permitted(user), QueryDict(f"q={WORD}"), search.INCIDENT_FILTERS, user=user
        )
        found = search.counted(Incident, QueryDict(f"q={WORD}"), search.INCIDENT_FILTERS, user=user)
        for parts in (None, found):
            shown = [row.pk for row in search.page(narrowed, QueryDict(), found=parts).rows]
            assert (set(shown), len(shown)) == (expected, len(expected))
        assert search.pages.capped_count(narrowed) == found.capped() == (len(expected), False)
        assert found.exact() == len(expected)
        everything = search.counted(Incident, QueryDict(), search.INCIDENT_FILTERS, user=user)
        facets = search.facets(everything, language="en", more=False)
        for name in ("status", "confidentiality"):
            assert sum(value.count for value in facets[name]) == len(expected)

    def _explains(self, stated):
        for n, record in enumerate(stated.records):
            told = {reader.user.pk: reader for reader in holdings.readers(Incident.objects.get(pk=record.pk))}
            for number, user in enumerate(stated.users):
                sees = user.pk in told and told[user.pk].sees
                assert sees == stated.visible(number, ("record", n), "view")
        assert Denial.objects.count() == len(stated.denied)
