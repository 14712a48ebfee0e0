"""The change feed: whoever follows it ends with exactly what she may see, whatever happened in between.

These tests commit: what is new since a snapshot is a matter of transactions.
"""

import random
import threading
from datetime import timedelta

import pytest
from conftest import TESTS, person, simple
from django.db import connection, connections, transaction
from django.db.models import F
from django.utils import timezone

from accounts import grants
from accounts.errors import Invalid
from accounts.models import User
from accounts.sights import Sight, sight_of
from accounts.teams import form_team
from custody.models import Entry
from evidence import access, assessment, changes, recording
from evidence.changes import judging
from evidence.models import Incident, KeptSight, RecordChange, Source

KINDS = ("incident", "source")
MODELS = {"incident": Incident, "source": Source}


class Follower:
    """A client of the feed: keeps what it is told, and complains about what it should not have been told."""

    def __init__(self, user, kinds=KINDS, size=3):
        self.user, self.size = User.objects.get(pk=user.pk), size
        self.cursor = changes.sealed(changes.Place(kinds), self.user)
        self.holds: dict = {}
        self.log: list = []

    def page(self) -> bool:
        """One page; whether there is more."""
        user = User.objects.get(pk=self.user.pk)
        told = changes.follow(user, changes.opened(self.cursor, user), self.size)
        changes.note_followed(by=user, told=told)
        assert len(told.entries) <= self.size
        for entry in told.entries:
            self.log.append(entry)
            if entry.is_gone:
                assert entry.id in self.holds, "told that something is gone that it never was told of"
                assert entry.version is None and entry.updated_at is None
                del self.holds[entry.id]
            else:
                assert self.holds.get(entry.id, 0) <= entry.version
                self.holds[entry.id] = entry.version
        self.cursor = changes.sealed(told.place, user)
        return told.more

    def catch_up(self) -> list:
        """All pages until there is no more; the entries."""
        before = len(self.log)
        while self.page():
            assert len(self.log) - before < 10_000
        return self.log[before:]

    def expected(self) -> dict:
        user = User.objects.get(pk=self.user.pk)
        return {
            row.pk: row.version for kind in KINDS for row in MODELS[kind].objects.permitted(user).only("pk", "version")
        }


class Held:
    """An act in a transaction that stays open until it is told to end."""

    def __init__(self, act):
        self.done, self.go, self.keep = threading.Event(), threading.Event(), True
        self.error = None
        self.thread = threading.Thread(target=self.run, args=(act,))
        self.thread.start()
        assert self.done.wait(30)

    def run(self, act):
        try:
            with transaction.atomic():
                act()
                self.done.set()
                assert self.go.wait(60)
                if not self.keep:
                    transaction.set_rollback(True)
        except BaseException as error:
            self.error = error
        finally:
            self.done.set()
            connections.close_all()

    def end(self, keep: bool):
        self.keep = keep
        self.go.set()
        self.thread.join(30)
        assert self.error is None, self.error


@pytest.fixture
def homes(committed_for_module):
    admin = person("administrator")
    return [access.open_collection(by=admin, name_en=f"C{n}", preset_level=1) for n in range(3)]


def logged(home, title="An event", **changed):
    author = person("investigator", clearance=4)
    return recording.log_incident(by=author, collection=home, given=simple(title_en=title, acts=[], **changed))


def touch(record, **values):
    type(record).objects.filter(pk=record.pk).update(version=record.version + 1, **values)
    record.refresh_from_db()


def view(user, record, **more):
    return grants.give(record=record, permission="view", by=None, reason="test", user=user, **more)


def test_a_follower_gets_what_there_is_then_what_changes_then_nothing(homes):
    user = person("analyst", clearance=1)
    view(user, homes[0])
    seen = [logged(homes[0], f"Seen {n}") for n in range(4)]
    logged(homes[1], "Of another collection")
    logged(homes[0], "Above her clearance", confidentiality=3)
    follower = Follower(user)
    assert {entry.id for entry in follower.catch_up()} == {row.pk for row in seen}
    assert follower.catch_up() == []
    touch(seen[2], title_en="Another title")
    (entry,) = follower.catch_up()
    assert (entry.id, entry.version, entry.is_gone, entry.code) == (seen[2].pk, 2, False, seen[2].code)
    assert follower.catch_up() == []


@pytest.mark.parametrize("how", ["restricted", "denied", "denied home", "revoked", "expired", "raised", "suspended"])
def test_what_leaves_sight_is_gone_once_and_only_if_it_was_told(homes, how):
    user = person("analyst", clearance=1)
    grant = view(user, homes[0], expires_at=timezone.now() + timedelta(hours=1))
    record = logged(homes[0])
    told, never = Follower(user), Follower(user)
    told.catch_up()
    if how == "restricted":
        touch(record, inherits_access=False)
    elif how.startswith("denied"):
        target = homes[0] if how == "denied home" else record
        grants.deny(record=target, by=user, reason="test", user=user)
    elif how == "revoked":
        grants.take(record=homes[0], permission="view", user=user)
    elif how == "expired":
        type(grant).objects.filter(pk=grant.pk).update(expires_at=timezone.now())
    elif how == "raised":
        touch(record, effective_level=2)
    else:
        User.objects.filter(pk=user.pk).update(is_active=False)
    assert [(entry.id, entry.is_gone) for entry in told.catch_up()] == [(record.pk, True)]
    touch(record, title_en="Not her business")
    assert told.catch_up() == [] == never.catch_up()


def test_a_grant_on_an_old_collection_brings_all_of_it_page_by_page_while_others_write(homes):
    user = person("analyst", clearance=1)
    records = [logged(homes[0], f"Old {n}") for n in range(7)]
    follower = Follower(user, size=2)
    assert follower.catch_up() == []
    view(user, homes[0])
    assert follower.page()
    first = follower.log[0]
    Incident.objects.filter(pk=first.id).update(version=9)  # behind the page
    touch(max(records, key=lambda row: row.pk), effective_level=2)  # before it
    late = logged(homes[0], "Late")
    follower.catch_up()
    assert follower.holds == follower.expected()
    assert follower.holds[first.id] == 9 and late.pk in follower.holds and len(follower.holds) == 7
    assert not any(entry.is_gone for entry in follower.log)  # what was hidden meanwhile had not been told


def test_a_grant_that_ends_between_two_pages_takes_back_what_was_told_and_no_more(homes):
    user = person("analyst", clearance=1)
    for n in range(6):
        logged(homes[0], f"Old {n}")
    view(user, homes[0])
    follower = Follower(user, size=2)
    assert follower.page()
    told = set(follower.holds)
    grants.take(record=homes[0], permission="view", user=user)
    assert {entry.id for entry in follower.catch_up()} == told
    assert follower.holds == {}


def test_a_transaction_that_commits_late_is_told_late_and_not_lost(homes):
    user = person("analyst", clearance=1)
    view(user, homes[0])
    early, late = logged(homes[0]), logged(homes[0])
    follower = Follower(user)
    follower.catch_up()
    held = Held(lambda: Incident.objects.filter(pk=early.pk).update(version=5))
    Incident.objects.filter(pk=late.pk).update(version=7)
    assert [(entry.id, entry.version) for entry in follower.catch_up()] == [(late.pk, 7)]
    held.end(True)
    assert [(entry.id, entry.version) for entry in follower.catch_up()] == [(early.pk, 5)]
    assert follower.catch_up() == []


def test_what_belongs_to_a_record_is_a_change_of_it(homes):
    user = person("analyst", clearance=1)
    view(user, homes[0])
    author = person("investigator", clearance=4)
    source = recording.record_source(by=author, collection=homes[0], given={"title": "Report", "kind": "cso"})
    follower = Follower(user)
    follower.catch_up()
    assessment.grade(by=author, source=source, reliability="B", credibility="2", reason="seen")
    assert [entry.id for entry in follower.catch_up()] == [source.pk]


def test_a_cursor_is_of_one_person_and_unaltered(homes):
    one, other = person("analyst"), person("analyst")
    cursor = changes.sealed(changes.Place(KINDS), one)
    assert changes.opened(cursor, one) == changes.Place(KINDS)
    for text, user in ((cursor, other), (cursor[:-4] + "AAAA", one), ("", one), ("é", one), ("\x00", one)):
        with pytest.raises(Invalid):
            changes.opened(text, user)


def test_a_cursor_of_another_database_is_refused(homes):
    user = person("analyst")
    _snapshot, cluster = judging.present()
    ahead = changes.Stretch(changes.cursors.END, None, "90000000000:90000000000:")
    for place in (changes.Place(KINDS, (ahead,), cluster), changes.Place(KINDS, cluster=cluster + 1)):
        with pytest.raises(Invalid):
            changes.follow(user, place, 10)


def test_a_replayed_cursor_tells_the_same_again(homes):
    user = person("analyst", clearance=1)
    view(user, homes[0])
    record = logged(homes[0])
    follower = Follower(user)
    before = follower.cursor
    follower.catch_up()
    follower.cursor, follower.holds = before, {}
    assert [entry.id for entry in follower.catch_up()] == [record.pk]


def test_nothing_told_is_nothing_written(homes):
    user = person("analyst", clearance=1)
    view(user, homes[0])
    follower = Follower(user)
    follower.catch_up()
    number, kept = Entry.objects.count(), KeptSight.objects.count()
    follower.catch_up()
    assert (Entry.objects.count(), KeptSight.objects.count()) == (number, kept)


def test_the_tables_of_the_feed_are_only_added_to(homes):
    logged(homes[0])
    for statement in ("DELETE FROM", "UPDATE"):
        rest = " SET kind = 'item'" if statement == "UPDATE" else ""
        with pytest.raises(Exception, match=r"refused|permission denied"), connection.cursor() as cursor:
            cursor.execute(f"{statement} record_change{rest}")
    assert RecordChange.objects.exists()


def test_a_sight_reads_as_it_was_written(homes):
    user = person("analyst", clearance=2)
    record = logged(homes[1])
    view(user, homes[0])
    view(user, record)
    grants.deny(record=record, by=user, reason="test", user=user)
    sight = sight_of(user, judging.MODELS)
    again = Sight.from_json(sight.as_json())
    assert again.digest == sight.digest and again.collections == {homes[0].pk}
    assert again.records == {"incident": {record.pk}} == again.denied
    assert Sight().digest != sight.digest


class World:
    """Acts at random on records, grants and people, some in transactions that stay open for a while."""

    def __init__(self, seed, homes):
        self.random = random.Random(seed)
        self.homes, self.held, self.locked = homes, [], set()
        self.author = person("investigator", clearance=4)
        self.users = [person("analyst", clearance=2), person("reviewer", clearance=3)]
        self.team = form_team(by=TESTS, name_en=f"T{seed}", name_ko="", members=[person("analyst")])
        self.records = []
        for _ in range(8):
            self.record()

    def record(self):
        home, r = self.random.choice(self.homes), self.random
        if r.random() < 0.7:
            given = simple(acts=[], confidentiality=r.choice((1, 2)))
            row = recording.log_incident(by=self.author, collection=home, given=given)
        else:
            given = {"title": "Report", "kind": "cso", "confidentiality": 1}
            row = recording.record_source(by=self.author, collection=home, given=given)
        self.records.append(row)

    def step(self):
        roll = self.random.random()
        if roll < 0.1:
            self.record()
        elif roll < 0.2 and self.held:
            self.release()
        else:
            touched, act = self.act()
            if touched & self.locked:
                return
            if self.random.random() < 0.35 and len(self.held) < 3:
                self.locked |= touched
                self.held.append((touched, Held(act)))
            else:
                act()

    def release(self):
        touched, held = self.held.pop(self.random.randrange(len(self.held)))
        held.end(self.random.random() < 0.75)
        self.locked -= touched

    def act(self):
        """(what no other open transaction may touch meanwhile, the act). A single grant and a change of its record wait
        for each other (decision 39)."""
        r = self.random
        user = r.choice(self.users)
        whom = {"group": self.team.group} if r.random() < 0.3 else {"user": user}
        record, home = r.choice(self.records), r.choice(self.homes)
        place = home if r.random() < 0.6 else record
        rows = type(record).objects.filter(pk=record.pk)
        what = r.choice(
            ("touch", "touch", "level", "restrict", "move", "give", "take", "deny", "lift", "clear", "team")
        )
        values = {
            "touch": {}, "level": {"effective_level": r.choice((2, 3, 4))},
            "restrict": {"inherits_access": r.random() < 0.5}, "move": {"collection": home},
        }.get(what)  # fmt: skip
        if values is not None:
            return {record.pk}, lambda: rows.update(version=F("version") + 1, **values)
        who = whom.get("group") or user
        key = {(place.pk, who.pk)}
        granted = key if place is home else key | {record.pk}
        if what == "give":
            return granted, lambda: grants.give(record=place, permission="view", by=None, reason="test", **whom)
        if what == "take":
            return granted, lambda: grants.take(record=place, permission="view", **whom)
        if what == "deny":
            return key, lambda: grants.deny(record=place, by=self.author, reason="test", **whom)
        if what == "lift":
            return key, lambda: grants.lift(record=place, **whom)
        if what == "clear":
            level = r.choice((1, 2, 3))
            return {user.pk}, lambda: User.objects.filter(pk=user.pk).update(clearance=level)
        joins = r.random() < 0.6
        member = User.objects.get(pk=user.pk)
        act = member.groups.add if joins else member.groups.remove
        return {user.pk}, lambda: act(self.team.group)


@pytest.mark.parametrize("seed", range(3))
def test_a_follower_always_ends_with_what_she_may_see(homes, seed):
    world = World(seed, homes)
    followers = [Follower(user, size=size) for user in world.users for size in (1, 3)]
    for _ in range(80):
        world.step()
        if world.random.random() < 0.5:
            world.random.choice(followers).page()
    while world.held:
        world.release()
        world.random.choice(followers).page()
    for follower in followers:
        follower.catch_up()
        assert follower.holds == follower.expected()
        assert follower.catch_up() == []
    assert any(entry.is_gone for follower in followers for entry in follower.log)
