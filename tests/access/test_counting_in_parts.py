"""Counts, facets and pages put together from parts say the same as the plain rule, with as many queries for anybody."""

import datetime
import itertools
import random
from collections import Counter

import pytest
from conftest import person
from django.db import connection
from django.db.models import Count, Q
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from test_gate_at_random import World

from accounts import grants
from accounts.grants import Permission
from accounts.models import User
from accounts.roles import Role
from benchmarks.large import loading
from benchmarks.large.world import READERS, address
from evidence import search
from evidence.models import Classification, Collection, Crime, Incident, Item, Person, Source
from evidence.search import shapes
from evidence.search.counting import Budget, seen
from evidence.search.pages import page

QUERIES = ("", "crime=cah.torture&crime=cah.imprisonment", "place=KP-01", "status=draft", "confidentiality=1",
           "crime=cah&place=KP", "classification=supported", "dates=certain&date_from=2001",
           "date_from=2000&date_to=2012", "date_to=2010&crime=cah&status=draft", "collection=LARGEST",
           "collection=LARGEST&collection=NEXT&place=KP", "collection=NEXT&date_from=1995&date_to=2015",
           "where=(crime:cah.torture OR place:KP-01) AND NOT status:draft",
           "where=NOT crime:cah.torture&place=KP")  # fmt: skip
FILTERS = {Incident: search.INCIDENT_FILTERS, Item: search.ITEM_FILTERS, Person: search.PERSON_FILTERS,
           Source: search.SOURCE_FILTERS}  # fmt: skip
LITERALS = [2000, 0]


@pytest.fixture(params=LITERALS, ids=["literals", "sub-query"])
def literals(request, monkeypatch):
    monkeypatch.setattr(grants, "MAX_LITERAL_COLLECTIONS", request.param)
    monkeypatch.setattr(grants, "MAX_LITERAL_RECORDS", request.param)


@pytest.mark.parametrize("seed", range(4))
def test_parts_add_up_to_the_rule_on_random_grants(db, seed, literals):
    world = World(seed + 100)
    found_some = 0
    for user in world.users:
        user.save()
        for permission in Permission:
            for model in (Collection, Incident, Item):
                plain = set(model.objects.permitted(user, permission).values_list("pk", flat=True))
                parts = model.objects.permitted_in_parts(user, permission)
                counts: Counter = Counter()
                for part in parts:
                    for pk in part.rows.values_list("pk", flat=True):
                        counts[pk] += part.sign
                assert {pk for pk, count in counts.items() if count} == plain
                assert set(counts.values()) <= {0, 1}
                branches = [set(part.branch.values_list("pk", flat=True)) for part in parts if part.sign > 0]
                assert sum(map(len, branches)) == len(plain)
                assert set().union(*branches) == plain
                found_some += len(plain)
    assert found_some


@pytest.fixture
def large(db):
    loading.fill(connection.connection, 120)


@pytest.fixture
def readers(large) -> list[User]:
    """The five of the benchmark and some of the others."""
    others = User.objects.filter(email__startswith="person-").order_by("email")[:12]
    return [*User.objects.filter(email__in=[address(name) for name in READERS]), *others]


def queries() -> list[str]:
    """QUERIES with the collections that have most incidents."""
    homes = Incident.objects.values_list("collection__code").annotate(n=Count("*")).order_by("-n", "collection__code")
    (largest, _), (following, _) = homes[:2]
    return [query.replace("LARGEST", largest).replace("NEXT", following) for query in QUERIES]


def test_counts_and_facets_are_those_of_plain_queries(readers, literals):
    for user in readers:
        for query in queries():
            params = QueryDict(query)
            found = search.counted(Incident, params, search.INCIDENT_FILTERS, user=user)
            plain = search.narrow(Incident.objects.permitted(user), params, search.INCIDENT_FILTERS, user=user)
            rows = list(plain)
            assert found.exact() == len(rows)
            assert found.capped(5) == (min(len(rows), 5), len(rows) > 5)
            facets = search.facets(found, language="en", more=False)
            counts = {name: {value.code: value.count for value in values} for name, values in facets.items()}
            assert counts == plain_facets(rows)


def plain_facets(rows: list[Incident]) -> dict:
    statuses = Counter(
        status
        for row in rows
        for status in set(Classification.objects.filter(act__incident=row).values_list("status", flat=True))
    )
    return {
        "status": Counter(row.review_status for row in rows),
        "crime": Counter(code for row in rows for code in row.crime_codes),
        "place": Counter(code for row in rows for code in row.place_path[:2]),
        "confidentiality": Counter(str(row.effective_level) for row in rows),
        "classification": statuses,
    }


@pytest.mark.parametrize("ordering", ["-updated", "-date", "reference"])
def test_pages_of_branches_show_each_row_once_in_order(readers, ordering, monkeypatch):
    # Everybody is read in branches: those who have many single grants too.
    monkeypatch.setattr(grants, "MAX_BRANCHED_RECORDS", 2000)
    branched = 0
    for user in readers:
        params = QueryDict(f"ordering={ordering}&page_size=7")
        found = search.counted(Incident, QueryDict(), search.INCIDENT_FILTERS, user=user)
        branched += len(found.walked(Incident.objects.permitted(user), shapes.Stretch(("-updated_at", "-pk"), 8))) > 1
        queryset, shown, cursor = Incident.objects.permitted(user), [], None
        while True:
            query = params.copy()
            query["cursor"] = cursor or ""
            one = page(queryset, query, found=found)
            shown += [row.pk for row in one.rows]
            if not (cursor := one.next):
                break
        assert shown == in_order(queryset, ordering)
    assert branched > 3


def in_order(queryset, ordering: str) -> list:
    field, sign = {"updated": "updated_at", "date": "date_sort", "reference": "code"}, "-" * ("-" in ordering)
    name = field[ordering.removeprefix("-")]
    return list(queryset.order_by(f"{sign}{name}", f"{sign}pk").values_list("pk", flat=True))


ORDERINGS = ("-updated", "updated", "-date", "date", "reference", "-reference")


def test_filtered_pages_are_those_of_the_plain_rule(large, literals, monkeypatch):
    """Forwards and backwards, whether what a person sees is gathered, or the list is walked through with codes that are
    anywhere, or with codes that are rare."""
    shown_some = 0
    asked = itertools.product(READERS, queries()[1:])
    # Each in half of the orders, the next one in the other half.
    for name, query, ordering in ((*one, way) for place, one in enumerate(asked) for way in ORDERINGS[place % 2 :: 2]):
        user = User.objects.get(email=address(name))
        params = QueryDict(f"{query}&ordering={ordering}&page_size=3", mutable=True)
        found = search.counted(Incident, params, search.INCIDENT_FILTERS, user=user)
        plain = search.narrow(Incident.objects.permitted(user), params, search.INCIDENT_FILTERS, user=user)
        expected = in_order(plain, ordering)
        for gathers, rare in ((True, 0), (False, -1), (False, 3000)):
            monkeypatch.setattr(shapes.Estimate, "gathers", lambda self, size, so=gathers: so)
            monkeypatch.setattr(shapes, "RARE", rare)
            shown = pages_of(plain, params, found, expected)
            assert shown == expected[:6], (name, query, ordering, gathers, rare)
            shown_some += len(shown)
    assert shown_some > 200


def pages_of(plain, params, found, expected: list) -> list:
    """The rows of two pages; from the second the way leads back to the first."""
    params = params.copy()
    one = page(plain, params, found=found)
    shown = [row.pk for row in one.rows]
    if one.next:
        params["cursor"] = one.next
        second = page(plain, params, found=found)
        shown += [row.pk for row in second.rows]
        params["cursor"] = second.previous
        assert [row.pk for row in page(plain, params, found=found).rows] == expected[:3], params
    return shown


def test_a_gathered_page_offers_no_index_of_a_filter_or_an_order(readers):
    user = next(user for user in readers if user.email == address("middle"))
    found = search.counted(Incident, QueryDict("crime=cah.torture&place=KP"), search.INCIDENT_FILTERS, user=user)
    for part in found.gate:
        sql = str(shapes.gathered(part.branch, found.said, shapes.Stretch(("-updated_at", "-pk"), 51)).query)
        assert (sql.count("filter_bits &"), sql.count(") IS TRUE")) == (2, 2)
        candidates, looked_at = sql.split(" candidate WHERE EXISTS (")
        assert "filter_bits" in candidates
        assert "GREATEST" in candidates
        assert looked_at.endswith("OFFSET 0) ORDER BY key_0 DESC, key_1 DESC LIMIT 51))")
        assert not any(word in str(part.branch.query) for word in ("filter_bits", "IS TRUE"))


def test_a_gathered_page_looks_at_the_rows_that_it_shows(large, literals):
    """Of all that the index does not rule out, about five are looked at for a page of five."""
    user = User.objects.get(email=address("broad"))
    (part, *_others) = Incident.objects.permitted_in_parts(user)
    asked = Q(crime_codes__overlap=["cah.torture", "cah.imprisonment"])
    rows = shapes.gathered(part.branch, asked, shapes.Stretch(("-updated_at", "-pk"), 5)).values("pk")
    with connection.cursor() as cursor:
        sql, params = rows.query.sql_with_params()
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        (plan,) = cursor.fetchone()[0]
    candidates = part.branch.filter(shapes._held(asked)).count()
    (looked_at,) = [node for node in nodes(plan["Plan"]) if node.get("Parent Relationship") == "SubPlan"]
    assert 5 <= looked_at["Actual Loops"] < 10 < candidates


def nodes(plan: dict):
    yield plan
    for one in plan.get("Plans", ()):
        yield from nodes(one)


def test_the_planner_is_asked_and_reads_no_row(readers):
    user = next(user for user in readers if user.email == address("broad"))
    (part, *_others) = Incident.objects.permitted_in_parts(user)
    asked = Q(review_status="draft")
    with CaptureQueriesContext(connection) as queries:
        told = shapes.estimate(part.rows, asked)
    # The tests' role may not ANALYZE: the numbers are the planner's defaults, and enough to see what was asked.
    assert told.seen >= told.found > 0
    assert {query["sql"].split()[0] for query in queries} == {"SELECT", "EXPLAIN"}
    with CaptureQueriesContext(connection) as again:
        assert shapes.estimate(part.rows, asked) == told
    assert not again
    assert shapes.estimate(part.rows, Q(pk__in=[])).found == 0


def test_lists_of_the_other_kinds_count_alike(readers):
    for user in readers:
        for model, filters in FILTERS.items():
            found = search.counted(model, QueryDict(), filters, user=user)
            assert found.exact() == model.objects.permitted(user).count()
            home = random.Random(1).choice(list(Collection.objects.all()))
            assert seen(model, user, collection=home).exact() == (
                model.objects.permitted(user).filter(collection=home).count()
            )


def test_how_many_queries_a_list_takes_does_not_depend_on_who_asks(large):
    """Nor on how much there is: the statements are counted, for each of the readers."""
    for name in READERS:
        user = User.objects.get(email=address(name))
        grants.Scope(user, Permission.VIEW).parts(Incident)  # permissions are looked up once a process
        with grants.keeping_scopes():
            with CaptureQueriesContext(connection) as scope:
                Incident.objects.permitted_in_parts(user)
            found = search.counted(Incident, QueryDict(), search.INCIDENT_FILTERS, user=user)
            with CaptureQueriesContext(connection) as counts:
                found.exact(), found.capped()
            with CaptureQueriesContext(connection) as first:
                page(Incident.objects.permitted(user), QueryDict(), found=found)
            with CaptureQueriesContext(connection) as facets:
                search.facets(found, language="en", more=False)
            narrowed = search.counted(Incident, QueryDict("crime=cah"), search.INCIDENT_FILTERS, user=user)
            with CaptureQueriesContext(connection) as together:
                search.facets(narrowed, language="en", more=False), search.years(narrowed)
        assert len(scope) <= 7
        assert len(counts) <= 6
        assert len(first) <= 2
        # The tallies, twice two parts besides, four for the labels; what bounds their time is not among them here.
        assert len(facets) <= 11
        # Each part is read once, for all facets and the years.
        assert sum('FROM "evidence_incident"' in one["sql"] for one in together) <= 3


def test_an_array_of_ids_finds_what_a_list_of_them_finds(log):
    incidents = [log() for _ in range(3)]
    some = {incidents[0].pk, incidents[2].pk}
    for given in (some, list(some)):
        assert set(Incident.objects.filter(pk__among=given).values_list("pk", flat=True)) == some
        assert Incident.objects.exclude(pk__among=given).get() == incidents[1]
    assert not Incident.objects.filter(pk__among=[]).exists()
    assert Incident.objects.filter(collection__among=[incidents[0].collection_id]).count() == 3


def test_facets_over_their_time_are_shown_without_numbers(log, investigator, settings):
    log()
    settings.FACETS_SECONDS = 0
    found = search.counted(Incident, QueryDict(), search.INCIDENT_FILTERS, user=investigator)
    facets = search.facets(found, language="en", more=False)
    for name, least in (("status", 6), ("crime", 50), ("place", 10), ("confidentiality", 5), ("classification", 3)):
        assert len(facets[name]) >= least, name
        assert {value.count for value in facets[name]} == {None}
    assert [value.code for value in facets["place"]][:2] == ["KP", "KP-01"]


def test_that_there_is_more_than_a_cap_is_said_of_a_few_collections_alone(readers, monkeypatch):
    asked_few = 0
    for some in (1, 3, 1000):
        monkeypatch.setattr(grants, "SOME", some)
        for user in readers:
            number = Incident.objects.permitted(user).count()
            for cap in (0, 1, 5, max(number - 1, 0), number):
                found = search.counted(Incident, QueryDict(), search.INCIDENT_FILTERS, user=user)
                asked_few += bool(found.parts and found.parts[0].some)
                assert found.capped(cap) == (min(number, cap), number > cap)
    assert asked_few


def test_classifications_of_a_long_list_are_not_counted(log, investigator):
    log()
    found = search.counted(Incident, QueryDict(), search.INCIDENT_FILTERS, user=investigator)
    facets = search.facets(found, language="en", more=True)
    assert {value.count for value in facets["classification"]} == {None}
    assert {value.count for value in facets["status"]} == {1}


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


def sleep(seconds: float):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])
    return "slept"


def test_a_time_that_is_long_enough_changes_no_number(log, investigator):
    log()
    found = search.counted(Incident, QueryDict(), search.INCIDENT_FILTERS, user=investigator)
    read = {
        hours: search.facets(found, language="en", more=False, within=Budget(hours and hours * 3600))
        for hours in (None, 1)
    }
    assert read[1] == read[None]
    assert [value.count for value in read[1]["status"]] == [1]


def test_a_budget_cancels_what_takes_too_long_and_leaves_no_limit_behind(db):
    usual, now = setting(), [0.0]
    with Budget(100, clock=lambda: now[0]) as budget:
        assert budget.spend(lambda: sleep(0)) == "slept"
        assert setting() == "100s"
        now[0] = 99.95
        assert budget.spend(lambda: sleep(60)) is None
        now[0] = 100
        assert budget.spend(lambda: pytest.fail("read when the time was over")) is None
    assert setting() == usual


def test_a_budget_without_an_end_sets_no_limit(db):
    usual = setting()
    with Budget(None) as budget:
        assert budget.spend(setting) == usual


def test_a_budget_lets_other_errors_through(db):
    class Mistake(Exception):
        pass

    def wrong():
        raise Mistake

    with pytest.raises(Mistake), Budget(3600) as budget:
        budget.spend(wrong)
    assert setting() == "0"


def test_a_shorter_limit_of_the_connection_stays(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1000")
    with Budget(3600) as budget:
        assert budget.spend(lambda: sleep(60)) is None
    assert setting() == "1s"


def test_a_filter_by_a_person_counts_an_incident_once_in_each_facet(log, investigator, protected):
    roles = [{"role": "victim", "person": str(protected.pk)}, {"role": "witness", "person": str(protected.pk)}]
    log(acts=[{"crimes": ["cah.torture"], "involvements": roles}, {"involvements": roles}])
    params = QueryDict(f"person={protected.pk}&classification=alleged")
    found = search.counted(Incident, params, search.INCIDENT_FILTERS, user=investigator)
    facets = search.facets(found, language="en", more=False)
    assert found.exact() == 1
    assert {name: [value.count for value in values] for name, values in facets.items()} == {
        "status": [1], "crime": [1, 1], "place": [1, 1], "confidentiality": [1], "classification": [1],
    }  # fmt: skip


def test_an_incident_of_every_crime_can_be_kept(investigator, collection):
    """The index of a list carries the codes, and a row of an index has its limits."""
    codes = list(Crime.objects.values_list("pk", flat=True))
    made = Incident.objects.create(
        collection=collection, created_by=investigator, title_en="All", date_sort=datetime.date.min, crime_codes=codes
    )
    made.refresh_from_db()
    assert made.crime_codes == codes


def test_nobody_and_nothing_count_to_nothing(db):
    user = person(Role.AUDITOR)
    found = search.counted(Incident, QueryDict(), search.INCIDENT_FILTERS, user=user)
    assert (found.exact(), found.capped(), found.parts) == (0, (0, False), [])
    assert page(Incident.objects.permitted(user), QueryDict()).rows == []
