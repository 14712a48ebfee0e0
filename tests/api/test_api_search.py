"""Search over the API: hits with passages, filters, pages, scopes, clear refusals."""

import pytest
from test_api_incidents import client_of

from evidence.models import Incident


@pytest.fixture
def api(investigator, collection):
    return client_of(investigator)


def test_hits_say_where_the_words_are(api, incident):
    answer = api.get("/api/v1/search?q=구류장&count=capped")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["count"], body["count_is"], body["next"]) == (1, "exact", None)
    (hit,) = body["results"]
    assert (hit["type"], hit["code"], hit["id"]) == ("incident", incident.code, str(incident.pk))
    assert hit["titles"]["title_ko"] == [
        {"text": "군 ", "is_match": False},
        {"text": "구류장", "is_match": True},
        {"text": " 구금", "is_match": False},
    ]
    assert api.get(hit["url"]).json()["code"] == incident.code


@pytest.mark.parametrize("ordering", ["-updated", "date", "relevance"])
def test_pages_lead_to_every_hit_once(api, log, ordering):
    made = {log().code for _number in range(5)}
    url, seen = f"/api/v1/search?q=detention&page_size=2&ordering={ordering}", []
    while url:
        body = api.get(url).json()
        seen += [hit["code"] for hit in body["results"]]
        url = body["next"]
    assert len(seen) == 5
    assert set(seen) == made


def test_filters_of_the_type_and_other_types(api, incident, item, source, protected):
    assert len(api.get("/api/v1/search?q=detention&place=KP-09").json()["results"]) == 1
    assert api.get("/api/v1/search?q=detention&place=KP-01").json()["results"] == []
    for kind, text, code in (
        ("item", item.title_en, item.code), ("source", source.title, source.code), ("person", "", protected.code)
    ):  # fmt: skip
        (hit,) = api.get("/api/v1/search", {"q": text or code, "type": kind}).json()["results"]
        assert (hit["type"], hit["code"]) == (kind, code)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("", "q"), ("q=%20", "q"), ("q=%22open", "q"), ("q=_", "q"), ("q=a&type=x", "type"), ("q=a&nosuch=1", "nosuch"),
     ("q=a&ordering=x", "ordering"), ("q=a&cursor=x", "cursor"), ("q=a&page_size=0", "page_size"),
     ("q=a&count=x", "count"), ("q=a&type=person&place=KP", "place")],
)  # fmt: skip
def test_mistakes_are_named(api, query, pointer):
    answer = api.get(f"/api/v1/search?{query}")
    assert answer.status_code == 400
    assert [error["pointer"].strip("#/") for error in answer.json()["errors"]] == [pointer]


def test_each_type_needs_its_scope(investigator, collection):
    api = client_of(investigator, scopes=("incidents:read",))
    assert api.get("/api/v1/search?q=a").status_code == 200
    assert api.get("/api/v1/search?q=a&type=item").status_code == 403


def test_q_narrows_the_list_of_incidents(api, log):
    one, _other = log(narrative_en="A hollow lantern stood there."), log()
    body = api.get('/api/v1/incidents?q="hollow lantern"&count=exact').json()
    assert [row["code"] for row in body["results"]] == [one.code]
    assert body["count"] == 1
    Incident.objects.filter(pk=one.pk).update(inherits_access=False)
    assert api.get('/api/v1/incidents?q="hollow lantern"').json()["results"] == []
