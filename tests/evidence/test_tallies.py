"""Tallies say what counting says: after any change, in any order, put together or not, and to each person her own."""

import random
from collections import Counter

import pytest
from conftest import simple
from django.db import connection, transaction
from django.http import QueryDict

from accounts import grants
from evidence import recording, search
from evidence.models import Incident, IncidentTally
from evidence.models.incident import ReviewStatus
from evidence.search import counting, tallies
from evidence.search.counting import Counted
from evidence.search.tallies import COUNTED_BY

CRIMES = ([], ["cah.torture"], ["cah.torture", "cah.murder"], ["cah.imprisonment"])


def of(user) -> Counted:
    return search.counted(Incident, QueryDict(""), search.INCIDENT_FILTERS, user=user)


def value_of(row: Incident, name: str):
    value = row.date_sort.year if name == "date_sort__year" else getattr(row, name)
    return tuple(value) if isinstance(value, list) else value


def assert_counted_right(user):
    rows = list(Incident.objects.permitted(user))
    found = of(user)
    assert found.is_whole
    plain = tallies.Tally()
    plain.add_counted([Counter(tuple(value_of(row, name) for name in names) for row in rows) for names in COUNTED_BY])
    assert found.tally == plain
    assert sum(found.tally.states.values()) == len(rows)
    assert search.years(found) == dict(plain.years)


def log(by, home, n: int):
    acts = [{"title_en": "x", "crimes": CRIMES[n % 4]}] if CRIMES[n % 4] else []
    given = simple(date=("2009", "", "../2011", "2010-03")[n % 4], place=("KP-09", None, "KP")[n % 3], acts=acts)
    return recording.log_incident(by=by, collection=home, given=given)


@pytest.mark.django_db
def test_every_change_of_an_incident_is_added_up(investigator, stranger, collection, other_collection):
    rng = random.Random(35)
    rows = [log(*((stranger, other_collection) if n % 5 == 4 else (investigator, collection)), n) for n in range(20)]
    assert_counted_right(investigator)
    for n in range(40):
        row = rng.choice(rows)
        change = rng.choice((
            {"review_status": rng.choice(ReviewStatus.values)},
            {"place_id": rng.choice(("KP-09", None))}, {"inherits_access": rng.random() < 0.7},
            {"effective_level": rng.randint(2, 4)},
            {"crime_codes": rng.choice(([], ["cah", "cah.murder"]))}, {"title_en": f"renamed {n}"},
            {"collection": rng.choice((collection, other_collection))},
        ))  # fmt: skip
        Incident.objects.filter(pk=row.pk).update(**change)
        if n % 7 == 0:
            assert tallies.put_together() > 0
        for user in (investigator, stranger):
            assert_counted_right(user)
    own = Incident.objects.filter(inherits_access=False).first()
    grants.give(by=None, record=own, permission="view", reason="test", user=investigator)
    for row in Incident.objects.permitted(investigator)[:3]:
        grants.deny(record=row, by=investigator, reason="test", user=investigator)
    assert_counted_right(investigator)


@pytest.mark.django_db
def test_what_is_undone_or_changes_nothing_counted_leaves_nothing(investigator, collection):
    row = log(investigator, collection, 1)
    before = IncidentTally.objects.count()
    with transaction.atomic():
        log(investigator, collection, 2)
        assert IncidentTally.objects.count() > before
        transaction.set_rollback(True)
    Incident.objects.filter(pk=row.pk).update(title_en="another")
    assert IncidentTally.objects.count() == before
    assert_counted_right(investigator)


@pytest.mark.django_db
def test_put_together_there_is_one_row_of_each_and_none_of_nothing(investigator, collection):
    rows = [log(investigator, collection, 1) for _n in range(3)]
    Incident.objects.filter(pk=rows[0].pk).update(place=None)
    tallies.put_together()
    keys = list(IncidentTally.objects.values_list("collection", "inherits_access", "effective_level", "facet", "code"))
    assert len(keys) == len(set(keys)) and not IncidentTally.objects.filter(n=0).exists()
    assert tallies.put_together() == 0
    assert_counted_right(investigator)


@pytest.mark.django_db
def test_made_anew_they_are_the_same(investigator, collection):
    for n in range(6):
        log(investigator, collection, n)
    tallies.put_together()
    kept = sorted(IncidentTally.objects.values_list("facet", "code", "effective_level", "n"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.evidence_tally_anew()")
    assert sorted(IncidentTally.objects.values_list("facet", "code", "effective_level", "n")) == kept


@pytest.mark.django_db
def test_a_narrowed_list_is_counted(investigator, collection):
    log(investigator, collection, 1)
    found = search.counted(Incident, QueryDict("status=draft"), search.INCIDENT_FILTERS, user=investigator)
    assert not found.is_whole and not counting.seen(Incident, investigator, place=None).is_whole
