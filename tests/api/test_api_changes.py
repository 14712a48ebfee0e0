"""The doors of the change feed and of statistics: parameters, scopes, shapes, CSV."""

import pytest
from conftest import person, simple
from described import DescribedClient
from django.urls import reverse

from accounts import grants, tokens
from evidence import access, intake, recording

FEED, COUNTS = "/api/v1/changes", "/api/v1/statistics"


def by(user, *scopes):
    client = DescribedClient()
    if scopes:
        issued = tokens.issue(by=user, user=user, name="t", scopes=list(scopes), days=1)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    else:
        client.force_login(user)
    return client


def test_the_feed_tells_what_there_is_and_where_to_go_on(committed_database):
    # Committed: inside one transaction what was told is new again as soon as anybody else's ends.
    investigator = person("investigator")
    home = access.open_collection(by=person("administrator"), name_en="Invented", preset_level=1)
    grants.give(by=None, record=home, permission="contribute", reason="test", user=investigator)
    incident = recording.log_incident(by=investigator, collection=home, given=simple())
    item = intake.receive_item(by=investigator, collection=home, given={"kind": "testimony", "title_en": "A record"})
    client = by(investigator)
    answer = client.get(FEED, {"page_size": 1})
    assert answer.status_code == 200
    first = answer.json()
    assert first["more"] and len(first["results"]) == 1
    second = client.get(first["next"]).json()
    entries = first["results"] + second["results"]
    assert {entry["id"] for entry in entries} == {str(incident.pk), str(item.pk)}
    assert {entry["change"] for entry in entries} == {"changed"} and "body" not in entries[0]
    assert entries[0]["url"].endswith(reverse("api:incident-detail", args=[incident.pk]))
    assert not second["more"] and second["next"]


def test_bodies_are_those_of_the_list(investigator, incident):
    client = by(investigator)
    listed = client.get("/api/v1/incidents").json()["results"][0]
    (entry,) = client.get(FEED, {"types": "incident", "include": "body"}).json()["results"]
    assert entry["body"] == listed
    (entry,) = client.get(FEED, {"types": "incident", "fields": "title_en"}).json()["results"]
    assert entry["body"] == {"id": str(incident.pk), "title_en": incident.title_en}


def test_a_token_follows_the_types_that_it_may_read(investigator, incident, item):
    client = by(investigator, "items:read")
    assert [entry["type"] for entry in client.get(FEED).json()["results"]] == ["item"]
    assert client.get(FEED, {"types": "incident"}).status_code == 403
    both = by(investigator).get(FEED, {"types": "incident,item"}).json()
    cursor = both["next"].split("after=")[1]
    assert client.get(f"{FEED}?after={cursor}").status_code == 403
    assert by(investigator, "ledger:read").get(FEED).status_code == 403


@pytest.mark.parametrize("query, field", [
    ({"after": "x"}, "after"), ({"types": "crime"}, "types"), ({"page_size": "0"}, "page_size"), ({"q": "x"}, "q"),
    ({"include": "all"}, "include"),
])  # fmt: skip
def test_mistakes_are_named(investigator, query, field):
    answer = by(investigator).get(FEED, query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"


def test_a_cursor_is_of_its_person_and_its_types(investigator, incident):
    following = by(investigator).get(FEED, {"types": "incident"}).json()["next"]
    assert by(person("analyst")).get(following).status_code == 400
    cursor = following.split("after=")[1]
    assert by(investigator).get(f"{FEED}?types=item&after={cursor}").status_code == 400


def test_statistics_as_json_and_as_csv(investigator, incident):
    client = by(investigator)
    answer = client.get(COUNTS, {"group_by": "crime,year"})
    assert answer.status_code == 200
    found = answer.json()
    assert found["total"] == {"count": 1, "is_suppressed": False}
    assert {cell["year"] for cell in found["cells"]} == {"2011"}
    assert all(value["label"]["ko"] for one in found["dimensions"] for value in one["values"])
    assert len(found["notes"]) == 2
    table = client.get(COUNTS, {"group_by": "crime,year"}, HTTP_ACCEPT="text/csv")
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    lines = table.content.decode().splitlines()
    assert lines[0] == "crime,crime_en,crime_ko,year,year_en,year_ko,incidents,is_suppressed"
    assert len(lines) == 2 + len(found["cells"]) + len(found["totals"])
    assert lines[-1].endswith(",1,")


def test_small_numbers_are_null(investigator, incident):
    found = by(investigator).get(COUNTS, {"group_by": "status", "suppress": 5}).json()
    assert found["total"] == {"count": None, "is_suppressed": True} and found["suppress"] == 5
    assert found["cells"] == [{"status": "draft", "count": None, "is_suppressed": True}]


def test_a_mistake_is_a_problem_in_csv_too(investigator):
    for accept in ("application/json", "text/csv"):
        answer = by(investigator).get(COUNTS, {"group_by": "colour"}, HTTP_ACCEPT=accept)
        assert answer.status_code == 400
        assert b"group_by" in answer.content
    assert by(investigator, "items:read").get(COUNTS, {"group_by": "year"}).status_code == 403
