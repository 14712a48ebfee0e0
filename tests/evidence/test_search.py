"""Finding: what each filter means, what it refuses, and pages that reach every row once."""

import pytest
from conftest import TESTS, simple
from django.http import QueryDict

from accounts.errors import Invalid
from evidence import access, assessment, recording, search
from evidence.models import Crime, Incident, Item, Organisation, Person, Source
from evidence.search.pages import capped_count, page


def found(user, query: str, *, model=Incident, filters=search.INCIDENT_FILTERS) -> set:
    rows = search.narrow(model.objects.permitted(user), QueryDict(query), filters, user=user)
    return set(rows.values_list("pk", flat=True))


def counted(user, query: str = "") -> search.Counted:
    return search.counted(Incident, QueryDict(query), search.INCIDENT_FILTERS, user=user)


def faceted(user, query: str = "", language: str = "en", **options) -> dict:
    return search.facets(counted(user, query), language=language, **{"more": False, **options})


def names(several, pks) -> set:
    return {name for name, pk in several.items() if pk in pks}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"torture", "prison", "undated", "vague"}),
        ("crime=cah.torture", {"torture"}),
        ("crime=cah", {"torture", "prison"}),
        ("crime=cah.torture&crime=cah.imprisonment", {"torture", "prison"}),
        ("crime=gen", set()),
        ("place=KP-09", {"torture"}),
        ("place=KP", {"torture", "prison"}),
        ("place=KR", set()),
        ("date_from=2011", {"prison"}),
        ("date_from=2012-06", {"prison"}),
        ("date_from=2012-07", set()),
        ("date_to=2010-04", {"vague"}),
        ("date_to=2010-05-01", {"torture", "prison", "vague"}),
        ("date_from=2010-05-31&date_to=2010-05-31", {"torture", "prison"}),
        ("dates=certain", {"torture", "prison"}),
        ("q=tort", {"torture"}),
        ("q=held+tort", {"torture"}),
        ("q=held+nothing", set()),
        ("q=100%25", set()),
        ("q=eld", set()),
        ("status=draft", {"torture", "prison", "undated", "vague"}),
        ("status=in_review&status=finalised", set()),
        ("confidentiality=2", {"torture", "prison", "undated", "vague"}),
        ("confidentiality=3", set()),
        ("verification=unverified", {"torture", "prison", "undated", "vague"}),
        ("classification=alleged", {"torture", "prison"}),
        ("classification=supported", set()),
        ("crime=&q=", {"torture", "prison", "undated", "vague"}),
    ],
)
def test_what_a_filter_finds(several, investigator, query, expected):
    assert names(several, found(investigator, query)) == expected


@pytest.mark.parametrize(
    "query",
    ["nosuch=1", "crime=none", "place=XX", "date_from=x", "date_to=2010/2011", "date_from=[2010,2011]",
     "date_from=-0044", "date_from=170000002",
     "q=_", "q=%22open", "q=OR+a", "q=a+OR", "q=" + "a+" * 20,
     "dates=x", "status=x", "confidentiality=x", "confidentiality=5",
     "bbox=1", "bbox=0,0,0,nan", "bbox=0,9,0,1", "updated_since=x", "updated_since=2010-13-45", "mine=x", "id=x",
     "source_grade=G", "source_grade=A7", "source_grade=A11", "q=%00", "crime=%00", "place=%00", "person=%00",
     "collection=%00", "organisation=%00", "updated_since=%00", "classification=x", "verification=x", "q=" + "a" * 201],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name(several, investigator, query):
    with pytest.raises(Invalid) as refusal:
        found(investigator, query)
    assert set(refusal.value.errors) == {query.split("=")[0]}


@pytest.mark.parametrize(
    ("query", "name"),
    [("date_from=2012&date_to=2010", "date_to"), ("date_from=2010-06&date_to=2010-05-31", "date_to"),
     ("began=2012..2010", "began"), ("where=date:2012..2010", "where"), ("where=began:2012..2010", "where"),
     ("where=NOT date:2012..2010 OR crime:cah.torture", "where")],
)  # fmt: skip
def test_a_time_that_ends_before_it_begins_is_refused(several, investigator, query, name):
    with pytest.raises(Invalid) as refusal:
        found(investigator, query)
    assert set(refusal.value.errors) == {name}
    assert "2012" in refusal.value.first or "2010-06" in refusal.value.first


@pytest.mark.parametrize("query", ["date_from=2010-06&date_to=2010", "date_from=2010&date_to=2010-01-01",
                                   "where=date:2010..2010-05", "date_from=&date_to=2010"])  # fmt: skip
def test_a_time_within_itself_is_in_order(several, investigator, query):
    found(investigator, query)


def test_a_beginning_that_is_no_time_is_told_once(investigator):
    with pytest.raises(Invalid) as refusal:
        found(investigator, "date_from=soon&date_to=2010")
    assert set(refusal.value.errors) == {"date_from"}


def test_several_mistakes_are_named_at_once(investigator):
    with pytest.raises(Invalid) as refusal:
        found(investigator, "nosuch=1&crime=none&bbox=1")
    assert set(refusal.value.errors) == {"nosuch", "crime", "bbox"}


def test_a_reference_code_finds_its_record(log, investigator):
    one, _other = log(), log()
    for typed in (one.code, one.code.lower(), one.code.replace("-", "")):
        assert found(investigator, f"q={typed}") == {one.pk}


def test_by_person_collection_and_organisation(log, investigator, protected, collection):
    organisation = Organisation.objects.first()
    victim = {"role": "victim", "person": str(protected.pk)}
    accused = {"role": "alleged_perpetrator", "organisation": organisation.code}
    one, _other = log(acts=[{"involvements": [victim, accused]}]), log()
    assert found(investigator, f"person={protected.code}") == {one.pk}
    assert found(investigator, f"organisation={organisation.code}") == {one.pk}
    assert len(found(investigator, f"collection={collection.code}")) == 2
    for name in ("person", "organisation", "collection"):
        assert found(investigator, f"{name}=00000000-0000-4000-8000-000000000000") == set()


def test_a_hidden_person_finds_nothing(log, investigator, reviewer, protected):
    log(acts=[{"involvements": [{"role": "victim", "person": str(protected.pk)}]}])
    Person.objects.filter(pk=protected.pk).update(inherits_access=False)
    assert found(reviewer, f"person={protected.pk}") == set()


def test_a_hidden_collection_finds_nothing_even_around_a_record_one_may_see(stranger, other_collection, investigator):
    shared = recording.log_incident(by=stranger, collection=other_collection, given=simple())
    access.grant(by=TESTS, record=shared, permission="view", reason="test", user=investigator)
    assert found(investigator, "") == {shared.pk}
    assert found(investigator, f"collection={other_collection.pk}") == set()


def test_a_person_found_once_is_listed_once(log, investigator, protected):
    roles = [{"role": "victim", "person": str(protected.pk)}, {"role": "witness", "person": str(protected.pk)}]
    one = log(acts=[{"involvements": roles}, {"involvements": roles}])
    rows = search.narrow(
        Incident.objects.permitted(investigator),
        QueryDict(f"person={protected.pk}&classification=alleged&classification=rejected"),
        search.INCIDENT_FILTERS,
        user=investigator,
    )
    assert list(rows) in ([one], [])
    assert rows.count() == len(set(rows.values_list("pk", flat=True)))


def test_by_grade_of_the_source(incident, source, investigator):
    from evidence.models import Documentation

    Documentation.objects.create(incident=incident, source=source, documented="yes", created_by=investigator)
    assessment.grade(by=investigator, source=source, reliability="B", credibility="2", reason="x")
    assert found(investigator, "source_grade=B2") == {incident.pk}
    assert found(investigator, "source_grade=B") == {incident.pk}
    assert found(investigator, "source_grade=B3") == set()
    assert found(investigator, "source_grade=A&source_grade=B2") == {incident.pk}


@pytest.mark.parametrize(
    ("box", "inside"),
    [("124,37,131,44", True), ("125,41,127,42", False), ("170,-10,-170,10", False), ("120,-90,-170,90", True)],
)
def test_by_box_also_across_the_date_line(log, investigator, box, inside):
    one = log(latitude="42.5", longitude="129.5")
    log()
    assert found(investigator, f"bbox={box}") == ({one.pk} if inside else set())


def test_a_rejected_crime_leaves_the_filter_and_the_facet(several, investigator):
    incident = Incident.objects.get(pk=several["torture"])
    row = incident.acts.get().classifications.get()
    assessment.assess(by=investigator, classification=row, status="rejected", rationale="Mistaken")
    assert several["torture"] not in found(investigator, "crime=cah.torture")
    facets = faceted(investigator)
    assert {value.code for value in facets["crime"]} == {"cah", "cah.imprisonment"}


def test_facets_count_each_record_once(several, investigator):
    facets = faceted(investigator, language="ko")
    counts = {name: {value.code: value.count for value in values} for name, values in facets.items()}
    assert counts["crime"] == {"cah": 2, "cah.imprisonment": 1, "cah.torture": 1}
    assert counts["place"] == {"KP": 2, "KP-01": 1, "KP-09": 1}
    assert counts["status"] == {"draft": 4}
    assert counts["classification"] == {"alleged": 2}
    assert any("가" <= letter <= "힣" for letter in facets["crime"][0].label)


def walk(queryset, ordering, size=2) -> list:
    seen, cursor = [], None
    while len(seen) < 100:
        params = QueryDict(mutable=True)
        params.update({"ordering": ordering, "page_size": str(size)} | ({"cursor": cursor} if cursor else {}))
        one = page(queryset, params)
        seen += [row.pk for row in one.rows]
        cursor = one.next
        if cursor is None:
            return seen
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("ordering", ["updated", "-updated", "date", "-date", "reference", "-reference"])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_reach_every_row_once_in_order(log, investigator, ordering, size):
    for date in ("", "2010", "", "2010", "2012-01", "1950~", ""):
        log(date=date)
    queryset = Incident.objects.permitted(investigator)
    seen = walk(queryset, ordering, size)
    assert len(seen) == len(set(seen)) == 7
    rows = [Incident.objects.get(pk=pk) for pk in seen]
    field = {"updated": "updated_at", "date": "date_sort", "reference": "code"}[ordering.removeprefix("-")]
    keys = [(getattr(row, field), str(row.pk)) for row in rows]
    assert keys == sorted(keys, reverse=ordering.startswith("-"))


def test_undated_records_come_last_by_newest_date(log, investigator):
    undated, dated = log(date=""), log(date="1950")
    assert walk(Incident.objects.permitted(investigator), "-date") == [dated.pk, undated.pk]


def test_back_and_forth_gives_the_same_pages(log, investigator):
    for _ in range(7):
        log()
    queryset, pages, cursor = Incident.objects.permitted(investigator), [], None
    while len(pages) < 10:
        one = page(queryset, QueryDict(f"page_size=3&cursor={cursor or ''}"))
        pages.append(one)
        if one.next is None:
            break
        cursor = one.next
    assert [len(one.rows) for one in pages] == [3, 3, 1]
    back = page(queryset, QueryDict(f"page_size=3&cursor={pages[2].previous}"))
    assert back.rows == pages[1].rows
    first = page(queryset, QueryDict(f"page_size=3&cursor={back.previous}"))
    assert (first.rows, first.previous) == (pages[0].rows, None)


@pytest.mark.parametrize("change", [lambda text: text[:-1], lambda text: "x" + text, lambda text: text.upper(),
                                    lambda text: "a:b:c", lambda text: "\x00"])  # fmt: skip
def test_a_changed_cursor_is_refused(log, investigator, change):
    for _ in range(3):
        log()
    queryset = Incident.objects.permitted(investigator)
    cursor = page(queryset, QueryDict("page_size=1")).next
    params = QueryDict(mutable=True)
    params.update({"page_size": "1", "cursor": change(cursor)})
    with pytest.raises(Invalid) as refusal:
        page(queryset, params)
    assert refusal.value.field == "cursor"


def test_a_cursor_of_another_order_is_refused(log, investigator):
    for _ in range(3):
        log()
    queryset = Incident.objects.permitted(investigator)
    cursor = page(queryset, QueryDict("page_size=1")).next
    with pytest.raises(Invalid):
        page(queryset, QueryDict(f"page_size=1&ordering=date&cursor={cursor}"))


def test_a_row_that_comes_in_between_shifts_nothing(log, investigator):
    for _ in range(4):
        log()
    queryset = Incident.objects.permitted(investigator)
    first = page(queryset, QueryDict("page_size=2"))
    log()
    second = page(queryset, QueryDict(f"page_size=2&cursor={first.next}"))
    assert not {row.pk for row in first.rows} & {row.pk for row in second.rows}


def test_a_capped_count_stops_at_the_cap(log, investigator):
    for _ in range(3):
        log()
    counts = counted(investigator)
    assert counts.capped(5) == (3, False)
    assert counts.capped(3) == (3, False)
    assert counts.capped(2) == (2, True)
    assert counts.exact() == 3
    assert [capped_count(Incident.objects.permitted(investigator), cap) for cap in (3, 2)] == [(3, False), (2, True)]


@pytest.mark.parametrize("ordering", ["date", "-date", "nothing", "--updated"])
def test_an_order_that_the_records_do_not_have_is_refused_by_name(item, investigator, ordering):
    with pytest.raises(Invalid, match="updated, reference") as refusal:
        page(Item.objects.permitted(investigator), QueryDict(f"ordering={ordering}"))
    assert refusal.value.field == "ordering"


def test_items_persons_and_sources_have_filters_of_their_own(item, protected, source, investigator):
    assert found(investigator, "kind=testimony", model=Item, filters=search.ITEM_FILTERS) == {item.pk}
    assert found(investigator, "risk=medium", model=Person, filters=search.PERSON_FILTERS) == {protected.pk}
    assert found(investigator, "q=홍가상", model=Person, filters=search.PERSON_FILTERS) == set()
    assert found(investigator, "kind=cso", model=Source, filters=search.SOURCE_FILTERS) == {source.pk}
    assert found(investigator, "q=r-1", model=Source, filters=search.SOURCE_FILTERS) == {source.pk}


def test_a_new_incident_is_found_at_once(investigator, collection):
    made = recording.log_incident(by=investigator, collection=collection, given=simple(title_ko="회령 구금"))
    assert found(investigator, "q=회령") == {made.pk}


def test_an_incident_of_every_crime_fits_into_the_indexes_of_the_lists(incident):
    """They carry the codes; a row of an index is at most a third of a page."""
    codes = list(Crime.objects.order_by("pk").values_list("pk", flat=True))
    assert len(codes) > 100
    Incident.objects.filter(pk=incident.pk).update(crime_codes=codes, place_path=["KP", "KP-09", "KP-09-X" * 8])
    assert Incident.objects.filter(crime_codes__overlap=codes[:1]).exists()
