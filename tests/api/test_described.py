"""The OpenAPI description says all: what it says of headers, errors and fields, and that the tests' client notices."""

import pytest
from described import check, description, operation
from test_api_incidents import client_of, logged, patch


@pytest.fixture
def api(investigator, collection):
    return client_of(investigator)


def said(method: str, path: str) -> dict:
    return description()["paths"][f"/api/v1/{path}"][method]


@pytest.mark.parametrize(("method", "path", "status", "header"), [
    ("get", "incidents/{id}", "200", "ETag"), ("post", "incidents", "201", "ETag"),
    ("patch", "incidents/{id}", "200", "ETag"), ("post", "incidents", "201", "Idempotent-Replayed"),
    ("post", "incidents", "409", "Retry-After"), ("get", "me", "429", "Retry-After"),
    ("get", "me", "401", "WWW-Authenticate"), ("get", "incidents.ndjson", "200", "Export-Id"),
    ("get", "sources", "200", "Export-Id"), ("post", "uploads", "201", "Location"),
    ("patch", "uploads/{id}", "204", "Upload-Offset"), ("get", "files/{id}/content", "206", "Content-Range"),
    ("post", "items/{id}/proof", "200", "Content-Disposition"), ("get", "crimes", "404", "X-Request-ID"),
])  # fmt: skip
def test_headers_are_described_where_they_are_sent(method, path, status, header):
    assert header in said(method, path)["responses"][status]["headers"]


def test_headers_are_not_described_where_none_is_sent():
    assert "ETag" not in said("get", "incidents")["responses"]["200"]["headers"]
    assert "Export-Id" not in said("get", "me")["responses"]["200"]["headers"]


def test_every_error_but_one_without_a_body_is_a_problem():
    bare = [
        (path, method, status)
        for path, whole in description()["paths"].items()
        for method, one in whole.items()
        for status, answer in one["responses"].items()
        if status >= "400" and "application/problem+json" not in answer.get("content", {})
    ]
    assert bare == [("/api/v1/files/{id}/content", "get", "416")]


def test_fields_are_described_where_they_are_read(api, collection):
    for method, path in (("get", "incidents"), ("post", "incidents"), ("patch", "items/{id}"), ("get", "files/{id}"),
                         ("post", "incidents/{id}/submit"), ("get", "incidents.ndjson")):  # fmt: skip
        assert "fields" in {one["name"] for one in said(method, path)["parameters"]}, path
    for method, path in (("get", "incidents/{id}/history"), ("get", "search"), ("get", "incidents/map")):
        assert "fields" not in {one["name"] for one in said(method, path)["parameters"]}, path


def test_an_answer_of_few_fields_is_as_described(api, collection):
    """The client checks each against the description."""
    made = logged(api, str(collection.pk))
    assert set(api.get(f"/api/v1/incidents/{made['id']}?fields=code").json()) == {"id", "code"}
    assert set(api.get("/api/v1/incidents?fields=code").json()["results"][0]) == {"id", "code"}
    answer = api.patch(f"/api/v1/incidents/{made['id']}?fields=code", {"title_en": "x"}, headers={"If-Match": '"1"'})
    assert (answer.status_code, set(answer.json())) == (200, {"id", "code"})
    assert description()["components"]["schemas"]["IncidentShape"]["required"] == ["id"]
    assert patch(api, made, {"title_en": "y"}).status_code == 412


def test_the_client_notices_what_is_not_described(api, incident):
    answer, whole = api.get(f"/api/v1/incidents/{incident.pk}"), operation("GET", f"/api/v1/incidents/{incident.pk}")
    answer["Made-Up"] = "x"
    with pytest.raises(AssertionError, match="made-up"):
        check(whole, answer, "")
    del answer["Made-Up"]
    answer.json = lambda: {"id": 5}
    with pytest.raises(AssertionError, match="not of its shape"):
        check(whole, answer, "")
    answer.status_code = 418
    with pytest.raises(AssertionError, match="418 is not described"):
        check(whole, answer, "")
