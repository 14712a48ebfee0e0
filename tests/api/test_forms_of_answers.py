"""In which form an answer comes: formats that there are not, problems in JSON everywhere, OPTIONS, pointers."""

import pytest
from described import DescribedClient
from test_api_incidents import PROBLEM, client_of

from accounts.errors import Invalid
from evidence.api.problems import as_problem


@pytest.fixture
def api(investigator, collection):
    return client_of(investigator)


@pytest.mark.parametrize(("query", "said"), [
    ("incidents?format=xml", "json, csv, geojson"), ("incidents?format=ndjson", "json, csv, geojson"),
    ("items?format=geojson", "json, csv"), ("statistics?group_by=crime&format=xml", "json, csv"),
    ("incidents.ndjson?format=csv", "no such parameter"), ("incidents.ndjson?format=json", "no such parameter"),
    ("incidents/map?format=csv", "no such parameter"), ("me?format=json", "no such parameter"),
    ("/api/schema/?format=xml", "yaml, json"),
])  # fmt: skip
def test_a_format_that_there_is_not_is_named(api, query, said):
    answer = api.get(query if query.startswith("/") else f"/api/v1/{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/format"
    assert said in error["detail"]


@pytest.mark.parametrize(("path", "known"), [("incidents", "text/csv"), ("me", "application/json")])
def test_a_media_type_that_there_is_not_is_answered_by_what_there_is(api, path, known):
    answer = api.get(f"/api/v1/{path}", headers={"Accept": "image/png"})
    assert (answer.status_code, answer["Content-Type"]) == (406, PROBLEM)
    assert known in answer.json()["detail"]


def test_a_whole_list_is_given_to_who_takes_json_alone(api, incident):
    answer = api.get("/api/v1/incidents.ndjson", headers={"Accept": "application/json"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/x-ndjson")
    assert b'"end":true' in b"".join(answer.streaming_content)


@pytest.mark.parametrize(("path", "accept"), [
    ("/api/schema/", "*/*"), ("/api/schema/", "application/json"), ("/api/docs/", "*/*"),
    ("/api/v1/statistics?format=csv", "*/*"), ("/api/v1/incidents", "text/csv"),
])  # fmt: skip
def test_a_problem_is_json_whatever_was_asked_for(db, path, accept):
    answer = DescribedClient().get(path, headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
    assert (answer.json()["status"], answer.json()["title"]) == (401, "Sign-in needed")


def test_a_browser_that_is_not_signed_in_is_led_from_the_docs_to_the_sign_in(client, db):
    answer = client.get("/api/docs/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/api/docs/")


@pytest.mark.parametrize(
    ("field", "pointer"),
    [("a.b/c~d", "/a.b~1c~0d"), ("~1", "/~01"), ("/x", "/~1x"), ("plain", "/plain"), ("a b", "/a b")],
)
def test_a_name_in_a_pointer_is_escaped(api, collection, item, field, pointer):
    for path, body in (("incidents", {"collection": collection.code, "title_en": "x"}), ("links", {})):
        errors = api.post(f"/api/v1/{path}", {**body, field: 1}).json()["errors"]
        assert [error["pointer"] for error in errors] == [pointer]
    assert api.get("/api/v1/incidents", {field: 1}).json()["errors"][0]["pointer"] == pointer


def test_a_pointer_leads_into_lists():
    answer = as_problem(Invalid("x", field="acts.0.date"), {"request": None})
    assert answer.data["errors"] == [{"pointer": "/acts/0/date", "detail": "x"}]


@pytest.mark.parametrize("path", ["incidents", "incidents/INC-0000-0000", "me", "statistics", "crimes", "tokens"])
def test_options_says_which_methods_there_are(api, mechanism, path):
    for client in (api, client_of(mechanism)):
        answer = client.options(f"/api/v1/{path}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert {"GET", "OPTIONS"} <= set(answer["Allow"].split(", "))
    assert DescribedClient().options(f"/api/v1/{path}").status_code == 401
