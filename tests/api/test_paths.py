"""The API as a script uses it, from logging to the finished review, with the errors it answers."""

import hashlib
import io

import pytest
from conftest import looked_at
from described import DescribedClient

from accounts.roles import SCOPES
from accounts.tokens import issue
from evidence.models import File

API = "/api/v1"


@pytest.fixture
def as_token():
    """`as_token(user, *scopes)`: a client with a fresh token; without scopes, all of them."""

    def client(user, *scopes):
        issued = issue(by=user, user=user, name="test", scopes=list(scopes or SCOPES), days=1)
        api = DescribedClient()
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
        return api

    return client


def body(collection, **changes) -> dict:
    acts = [{"crimes": ["cah.torture"], "involvements": [{"role": "victim", "count_min": 2, "count_max": 4}]}]
    return {"collection": str(collection.pk), "title_en": "Invented", "narrative_en": "Words.", "date": "2009-21",
            "place": "KP-09", "place_precision": "province", "acts": acts, **changes}  # fmt: skip


def test_an_incident_from_logging_to_final(as_token, investigator, reviewer, collection):
    author, second = as_token(investigator), as_token(reviewer)
    made = author.post(f"{API}/incidents", body(collection))
    assert made.status_code == 201, made.content
    url = f"{API}/incidents/{made.json()['id']}"
    assert made["ETag"] == '"1"'
    assert author.patch(url, {"title_ko": "제목"}).status_code == 428
    assert author.patch(url, {"title_ko": "제목"}, headers={"If-Match": '"1"'}).status_code == 200
    stale = author.patch(url, {"title_ko": "다른 제목"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    assert author.post(f"{url}/submit").status_code == 200
    assert author.post(f"{url}/pass").status_code == 403
    assert second.post(f"{url}/return", {"note": "Which month?"}).status_code == 200
    assert author.post(f"{url}/submit").status_code == 200
    assert second.post(f"{url}/pass").status_code == 200
    final = second.post(f"{url}/finalise")
    assert final.json()["review_status"]["code"] == "finalised"
    acts = [event["act"] for event in author.get(f"{url}/history").json()]
    assert acts.count("incident.submitted") == 2


def test_filters_find_by_heading_place_and_overlap(as_token, investigator, collection):
    client = as_token(investigator)
    client.post(f"{API}/incidents", body(collection))
    for query, found in (
        ("crime=cah", 1), ("crime=cah.murder", 0), ("place=KP", 1), ("place=KP-10", 0),
        ("date_from=2009-05&date_to=2009-12", 1), ("date_from=2010", 0),
        ("status=draft", 1), ("q=inven", 1), ("q=nothing", 0),
    ):  # fmt: skip
        assert len(client.get(f"{API}/incidents?{query}").json()["results"]) == found, query


@pytest.mark.parametrize(
    "query", ["nope=1", "crime=zzz", "date_from=2009-13", "cursor=abc", "ordering=foo", "page_size=0"]
)
def test_a_wrong_query_is_a_problem_and_never_ignored(as_token, investigator, collection, query):
    answer = as_token(investigator).get(f"{API}/incidents?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"]


def test_a_classification_is_assessed(as_token, investigator, analyst, collection):
    made = as_token(investigator).post(f"{API}/incidents", body(collection)).json()
    row = made["acts"][0]["classifications"][0]
    url = f"{API}/classifications/{row['id']}"
    client = as_token(analyst)
    bare = client.patch(url, {"status": "supported"}, headers={"If-Match": '"1"'})
    assert bare.status_code == 400
    done = client.patch(url, {"status": "supported", "rationale": "Two sources"}, headers={"If-Match": '"1"'})
    assert done.json()["status"]["code"] == "supported"


def test_bytes_come_back_as_they_went_in(as_token, investigator, collection):
    client = as_token(investigator)
    item = client.post(
        f"{API}/items", {"collection": collection.code, "kind": "testimony", "title_en": "Record"}
    ).json()
    data = bytes(range(256)) * 8000
    upload = io.BytesIO(data)
    upload.name = "증거.bin"
    file = client.post(f"{API}/items/{item['id']}/files", {"file": upload}, format="multipart")
    assert file.status_code == 201, file.content
    assert file.json()["sha256"] == hashlib.sha256(data).hexdigest()
    looked_at(File.objects.get(pk=file.json()["id"]))
    url = client.post(file.json()["openings_url"], {"purpose": "for the test"}).json()["url"]
    assert b"".join(client.get(url).streaming_content) == data
    part = client.get(url, headers={"Range": "bytes=1048570-1048585"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, data[1048570:1048586])
    assert client.get(url, headers={"Range": "bytes=99999999-"}).status_code == 416


def test_a_source_is_graded(as_token, investigator, source):
    client = as_token(investigator)
    answer = client.post(
        f"{API}/sources/{source.pk}/gradings", {"reliability": "B", "credibility": "2", "reason": "Twice"}
    )
    assert answer.status_code == 201
    wrong = client.post(f"{API}/sources/{source.pk}/gradings", {"reliability": "Z", "credibility": "2", "reason": "x"})
    assert wrong.json()["errors"][0]["pointer"] == "/reliability"


def test_a_token_does_no_more_than_its_scopes(as_token, investigator, incident, protected):
    reader = as_token(investigator, "incidents:read")
    assert reader.get(f"{API}/incidents/{incident.pk}").status_code == 200
    assert reader.post(f"{API}/incidents/{incident.pk}/submit").status_code == 403
    assert reader.get(f"{API}/persons/{protected.pk}").status_code == 403
    assert reader.get(f"{API}/me").status_code == 200


def test_identities_open_for_a_reason_only(as_token, investigator, protected):
    client = as_token(investigator)
    url = f"{API}/persons/{protected.pk}/identity"
    assert client.post(url, {}).status_code == 400
    opened = client.post(url, {"reason": "Contact before the second interview"})
    assert opened.json()["names"][0]["value"] == "홍가상"
    assert "identity.opened" in [event["act"] for event in client.get(f"{API}/persons/{protected.pk}/history").json()]


@pytest.mark.parametrize("content", ['{"title_en": "\\ud800"}', '{"title_en": "a\\u0000"}', "[1]", "{bad", "[" * 5000])
def test_hostile_json_is_a_400(as_token, investigator, collection, content):
    answer = as_token(investigator).post(f"{API}/incidents", content, content_type="application/json")
    assert answer.status_code == 400


def test_without_sign_in_and_without_sight(as_token, investigator, stranger, incident):
    assert DescribedClient().get(f"{API}/incidents").status_code == 401
    hidden = as_token(stranger).get(f"{API}/incidents/{incident.pk}").json()
    absent = as_token(stranger).get(f"{API}/incidents/00000000-0000-4000-8000-000000000009").json()
    assert hidden | {"request": ""} == absent | {"request": ""}


def test_the_schema_is_valid_openapi(as_token, investigator):
    from openapi_spec_validator import validate

    answer = as_token(investigator).get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    validate(answer.data)
