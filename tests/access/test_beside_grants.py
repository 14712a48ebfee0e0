"""What stands beside a single grant is what its record says, whatever changes, whoever is first; counts rest on it."""

import threading
import time

import pytest
from conftest import person
from django.db import connection, transaction
from test_gate_at_random import World

from accounts import grants
from accounts.grants import Permission
from accounts.roles import Role
from evidence.models import Collection, Incident, Item, Person, Situation, Source
from evidence.models.record import JUDGED_BY
from evidence.search.counting import seen

MODELS = (Incident, Item, Person, Source, Situation)


def differing() -> list:
    """Grants whose copy is not what their record says."""
    return [
        grant
        for model in MODELS
        for table in (grants.tables_of(model).by_user, grants.tables_of(model).by_group)
        for grant in table.objects.select_related("content_object")
        if any(getattr(grant, name) != getattr(grant.content_object, name) for name in JUDGED_BY)
    ]


def change_some(world: World) -> None:
    """As verbs change records, in rows or in one statement; World keeps no book of it."""
    for record in world.random.sample(world.records, 20):
        record.collection = world.random.choice(world.collections)
        record.inherits_access = not record.inherits_access
        record.effective_level = world.random.randint(record.confidentiality, 4)
        record.save()
    some = [record.pk for record in world.records[:10]]
    Incident.objects.filter(pk__in=some).update(inherits_access=False, effective_level=4)


@pytest.mark.parametrize("seed", range(4))
def test_counts_by_the_copies_are_those_of_the_rule_on_random_grants(db, seed):
    world = World(seed + 300)
    found = 0
    for _turn in range(2):
        assert differing() == []
        for user in world.users:
            for model in (Incident, Item):
                for permission in Permission:
                    plain = model.objects.permitted(user, permission).count()
                    parts = model.objects.permitted_in_parts(user, permission)
                    counts = [part.number() if part.number else part.rows.count() for part in parts]
                    assert sum(part.sign * count for part, count in zip(parts, counts, strict=True)) == plain
                    found += sum(bool(part.number and part.number()) for part in parts)
                assert seen(model, user).exact() == model.objects.permitted(user).count()
        change_some(world)
    assert differing() == []
    assert found


def test_by_the_copies_nothing_is_looked_up_in_the_records(log, stranger, django_assert_num_queries):
    for _number in range(3):
        grants.give(record=log(confidentiality=0), permission="view", by=None, reason="test", user=stranger)
    with grants.keeping_scopes():
        found = seen(Incident, stranger)
        with django_assert_num_queries(1) as caught:
            assert found.exact() == 3
    assert 'evidence_incident"' not in caught[0]["sql"] and "evidence_incidentuserpermission" in caught[0]["sql"]


def test_a_filter_is_counted_in_the_records(log, stranger):
    for level in (0, 1):
        grants.give(record=log(confidentiality=level), permission="view", by=None, reason="test", user=stranger)
    some = Incident.objects.filter(confidentiality=0)
    assert [part.number for part in some.permitted_in_parts(stranger)] == [None]
    assert seen(Incident, stranger, confidentiality=0).exact() == 1


@pytest.mark.parametrize("first", ["the grant", "the record"])
def test_at_the_same_time_none_misses_the_other(committed_database, first):
    """Whoever comes second waits for the other and copies, or is copied, what then holds."""
    author = person(Role.INVESTIGATOR, clearance=4)
    home = Collection.objects.create(name_en="C", created_by=author)
    incident = Incident.objects.create(
        collection=home, created_by=author, confidentiality=0, effective_level=0, title_en="One", date_sort="2001-01-01"
    )
    begun, waited = threading.Event(), []

    def give():
        grants.give(record=incident, permission="view", by=None, reason="test", user=author)

    def raise_level():
        Incident.objects.filter(pk=incident.pk).update(effective_level=3)

    one, other = (give, raise_level) if first == "the grant" else (raise_level, give)

    def second():
        try:
            begun.wait(10)
            started = time.monotonic()
            with transaction.atomic():
                other()
            waited.append(time.monotonic() - started)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        one()
        begun.set()
        time.sleep(0.5)
    thread.join(10)
    assert waited and waited[0] > 0.2
    assert grants.tables_of(Incident).by_user.objects.get().effective_level == 3
    assert differing() == []


def test_a_changed_copy_leaves_no_entry(log, stranger):
    """Nothing of the grant changed: the record's own entry says what did."""
    incident = log(confidentiality=0)
    grants.give(record=incident, permission="view", by=None, reason="test", user=stranger)

    def entries() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM custody.entry WHERE object_type = 'incidentuserpermission'")
            return cursor.fetchone()[0]

    before = entries()
    assert before
    Incident.objects.filter(pk=incident.pk).update(effective_level=4)
    assert grants.tables_of(Incident).by_user.objects.get(user=stranger).effective_level == 4
    assert entries() == before
