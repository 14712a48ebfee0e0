"""Statistics held against counting by hand: each number, its totals, and the list behind it."""

from collections import Counter

import pytest
from conftest import person, simple
from django.http import QueryDict

from accounts import grants
from accounts.errors import Invalid
from evidence import access, recording, search
from evidence.models import Incident
from evidence.search.naming import names_of
from evidence.search.statistics import DIMENSIONS, statistics

DATES = ("2009", "2011-03", "2011-03-04", "2010/2012", "../2011", "", "1998~", "199X")


def year(incident) -> str:
    first, last = incident.date_earliest, incident.date_latest
    if not first and not last:
        return "undated"
    return str(first.year) if first and last and first.year == last.year else "uncertain"


@pytest.fixture
def world(investigator, collection, other_collection, stranger):
    """Incidents of many dates, places and crimes; some of another collection, some restricted, some above a level."""
    crimes = (["cah.torture"], ["cah.torture", "cah.imprisonment"], [], ["cah.murder"])
    places = ("KP-09", "KP-01", "KP", "")
    for n in range(24):
        sexes = [{"role": "victim", "sex": ("female", "male", "unknown")[n % 3], "count_min": n % 4 + 1}]
        acts = [{"title_en": "x", "crimes": crimes[n % 4], "involvements": sexes if n % 5 else []}]
        given = simple(date=DATES[n % len(DATES)], place=places[n // 2 % 4] or None, acts=acts)
        home, by = (other_collection, stranger) if n % 6 == 5 else (collection, investigator)
        row = recording.log_incident(by=by, collection=home, given=given)
        if n % 7 == 3:
            Incident.objects.filter(pk=row.pk).update(inherits_access=False)
        if n % 9 == 4:
            Incident.objects.filter(pk=row.pk).update(effective_level=4)
    hidden = Incident.objects.filter(inherits_access=False).order_by("created_at")
    grants.give(by=None, record=hidden[0], permission="view", reason="test", user=investigator)
    first = Incident.objects.filter(collection=collection).earliest("created_at")
    grants.deny(record=first, by=investigator, reason="t", user=investigator)
    return investigator


def seen(user):
    return list(Incident.objects.permitted(user))


def codes(incident, dimension, level) -> list[str]:
    if dimension == "crime":
        return [code for code in incident.crime_codes if code.count(".") == level - 1] or ["none"]
    if dimension == "place":
        return [incident.place_path[level - 1]] if len(incident.place_path) >= level else ["none"]
    return [year(incident)] if dimension == "year" else [incident.review_status]


def by_hand(user, group_by, crime_level=1, place_level=2) -> Counter:
    counts: Counter = Counter()
    for incident in seen(user):
        keys = [()]
        for dimension in group_by:
            level = crime_level if dimension == "crime" else place_level
            keys = [(*key, code) for key in keys for code in codes(incident, dimension, level)]
        counts.update(keys)
    return counts


@pytest.mark.django_db
@pytest.mark.parametrize("query", [
    "group_by=crime", "group_by=year", "group_by=place,year", "group_by=crime,year", "group_by=year,crime",
    "group_by=crime,place,year", "group_by=status&group_by=year", "group_by=crime,place&crime_level=2&place_level=1",
])  # fmt: skip
def test_each_number_is_what_one_counts_by_hand(world, query):
    params = QueryDict(query)
    found = statistics(params, user=world)
    group_by = found.question.group_by
    levels = found.question.crime_level, found.question.place_level
    assert {key: number.count for key, number in found.cells.items()} == by_hand(world, group_by, *levels)
    assert found.total.count == len(seen(world)) > 5
    if len(group_by) > 1:
        assert {key: number.count for key, number in found.rows.items()} == by_hand(world, group_by[:-1], *levels)
        assert {key: number.count for key, number in found.columns.items()} == by_hand(world, group_by[-1:], *levels)
    names = names_of(found)
    assert [len(names[name]) for name in group_by] == [len({key[n] for key in found.cells}) for n in range(len(names))]
    assert all(one.en and one.ko for many in names.values() for one in many)


@pytest.mark.django_db
def test_years_and_what_is_not_known_are_filters_that_find_the_same(world):
    found = statistics(QueryDict("group_by=year"), user=world)
    for (code,), number in found.cells.items():
        listed = search.counted(Incident, QueryDict(f"year={code}"), search.INCIDENT_FILTERS, user=world)
        assert listed.exact() == number.count, code
    assert {"undated", "uncertain", "2011"} <= {code for (code,) in found.cells}
    for dimension in ("crime", "place"):
        numbers = set()
        for level in (1, 2, 3, 4):
            found = statistics(QueryDict(f"group_by={dimension}&{dimension}_level={level}"), user=world)
            number = found.cells[("none",)].count
            for value in [f"{dimension}:{level}", *([dimension] if level == 1 else [])]:
                for query in (f"without={value}", f"where=without:{value}"):
                    listed = search.counted(Incident, QueryDict(query), search.INCIDENT_FILTERS, user=world)
                    assert listed.exact() == number > 0, query
            numbers.add(number)
        assert len(numbers) > 1


@pytest.mark.django_db
def test_victims_are_counted_by_sex_where_their_person_may_be_seen(world, collection):
    found = statistics(QueryDict("group_by=sex"), user=world)
    wanted: Counter = Counter()
    for incident in seen(world):
        for act in incident.acts.all():
            for one in act.involvements.filter(role="victim"):
                wanted[(one.sex,)] += one.count_min or 1
    assert {key: number.count for key, number in found.cells.items()} == wanted
    assert found.question.measure == "victims" and found.total.count == sum(wanted.values())
    home = access.open_collection(by=person("administrator"), name_en="Hidden", preset_level=1)
    given = {"risk": "low", "note": "x", "sex": "other"}
    secret = recording.record_person(by=person("investigator", clearance=4), collection=home, given=given)
    act = seen(world)[0].acts.first()
    act.involvements.create(role="victim", sex="other", person=secret, created_by=world)
    assert statistics(QueryDict("group_by=sex"), user=world) == found


@pytest.mark.django_db
def test_filters_narrow_and_hidden_records_are_not_counted(world, stranger):
    found = statistics(QueryDict("group_by=year&crime=cah.torture&status=draft"), user=world)
    wanted = [row for row in seen(world) if "cah.torture" in row.crime_codes]
    assert found.total.count == len(wanted) > 0
    assert statistics(QueryDict("group_by=year"), user=stranger).total.count == len(seen(stranger))
    assert statistics(QueryDict("group_by=year"), user=person("analyst")).cells == {}


@pytest.mark.django_db
def test_small_numbers_are_left_out_with_what_would_tell_them(world):
    found = statistics(QueryDict("group_by=place,year&suppress=3"), user=world)
    whole = statistics(QueryDict("group_by=place,year"), user=world)
    for shown, real in ((found.cells, whole.cells), (found.rows, whole.rows), (found.columns, whole.columns)):
        assert shown.keys() == real.keys()
        for key, number in shown.items():
            assert number.is_suppressed or number.count == real[key].count >= 3
    for code in {key[0] for key in found.cells}:
        line = [number for key, number in found.cells.items() if key[0] == code] + [found.rows[(code,)]]
        assert sum(number.is_suppressed for number in line) != 1


@pytest.mark.django_db
@pytest.mark.parametrize("query, field", [
    ("", "group_by"), ("group_by=colour", "group_by"), ("group_by=year,year", "group_by"),
    ("group_by=crime,place,year,status", "group_by"), ("group_by=sex&measure=incidents", "measure"),
    ("group_by=year&suppress=1", "suppress"), ("group_by=year&suppress=x", "suppress"),
    ("group_by=year&crime_level=0", "crime_level"), ("group_by=year&colour=red", "colour"),
    ("group_by=year&crime=nothing", "crime"), ("group_by=year&year=20l1", "year"),
    ("group_by=year&without=sex", "without"), ("group_by=year&without=place:6", "without"),
    ("group_by=year&without=place:", "without"), ("group_by=year&without=sex:1", "without"),
    ("group_by=year&victim_sex=x", "victim_sex"),
    ("group_by=year&page_size=5", "page_size"),
])  # fmt: skip
def test_mistakes_are_named(investigator, query, field):
    with pytest.raises(Invalid) as refused:
        statistics(QueryDict(query), user=investigator)
    assert field in (refused.value.errors or {refused.value.field: ""})


def test_every_dimension_has_a_word_and_a_filter():
    from evidence.web.statistics import FILTER, dimension_words

    assert set(FILTER) == set(DIMENSIONS) == set(dimension_words())
    assert set(FILTER.values()) <= set(search.INCIDENT_FILTERS)
