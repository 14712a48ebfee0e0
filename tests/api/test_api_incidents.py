"""The API by use: an incident from the log to the final review, by token and by session."""

import json

import pytest
from conftest import person, simple
from described import DescribedClient

from accounts import tokens
from accounts.roles import SCOPES
from evidence.models import Incident

PROBLEM = "application/problem+json"


def client_of(user, *, scopes=tuple(SCOPES)) -> DescribedClient:
    client = DescribedClient()
    issued = tokens.issue(by=user, user=user, name="tests", scopes=list(scopes), days=1)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    return client


@pytest.fixture
def api(investigator, collection):
    return client_of(investigator)


@pytest.fixture
def reviewing(reviewer, collection):
    return client_of(reviewer)


@pytest.fixture
def home(collection):
    return str(collection.pk)


def logged(api, home, **changes) -> dict:
    answer = api.post("/api/v1/incidents", {**simple(**changes), "collection": home})
    assert answer.status_code == 201, answer.content
    return answer.json()


def patch(api, incident, body, version=None):
    tag = f'"{incident["version"] if version is None else version}"'
    return api.patch(f"/api/v1/incidents/{incident['id']}", body, headers={"If-Match": tag})


def step(client, incident, name, note="Reasons given"):
    return client.post(f"/api/v1/incidents/{incident['id']}/{name}", {"note": note})


def test_logging_answers_with_the_whole_record(api, home):
    made = logged(api, home)
    assert made["date"] == {
        "edtf": "2011-03",
        "earliest": "2011-03-01",
        "latest": "2011-03-31",
        "wording": {"en": "Mar 2011", "ko": "2011년 3월"},
    }
    assert made["crimes"] == ["cah", "cah.imprisonment"]
    assert made["place"]["code"] == "KP-09"
    assert made["confidentiality"]["rank"] == made["effective_level"]["rank"] == 2
    (act,) = made["acts"]
    assert act["involvements"][0]["count_max"] == 5
    assert act["classifications"][0]["notice"].startswith("An analytical allegation")


def test_a_collection_can_be_named_by_its_reference(api, collection):
    answer = api.post("/api/v1/incidents", {**simple(), "collection": collection.code.lower()})
    assert answer.status_code == 201


def test_a_record_is_found_by_id_and_by_reference(api, home):
    made = logged(api, home)
    for key in (made["id"], made["code"], made["code"].lower().replace("-", "")):
        assert api.get(f"/api/v1/incidents/{key}").json()["id"] == made["id"]


def test_the_list_narrows(api, home):
    first = logged(api, home)
    second = logged(api, home, date="2015", title_en="Elsewhere", acts=[{"crimes": ["cah.torture"]}], place="KP-01")
    listed = lambda query: {row["id"] for row in api.get(f"/api/v1/incidents?{query}").json()["results"]}  # noqa: E731
    assert listed("") == {first["id"], second["id"]}
    assert listed("crime=cah.torture") == {second["id"]}
    assert listed("crime=cah") == {first["id"], second["id"]}
    assert listed("crime=cah.torture&crime=cah.imprisonment") == {first["id"], second["id"]}
    assert listed("place=KP-09") == {first["id"]}
    assert listed("date_from=2012") == {second["id"]}
    assert listed("q=elsewhere") == {second["id"]}
    assert listed(f"id={first['id']}") == {first["id"]}
    assert listed("status=finalised") == set()


@pytest.mark.parametrize(
    "query",
    ["nosuch=1", "crime=none", "status=none", "place=XX", "date_from=soon", "bbox=1,2,3", "ordering=title",
     "page_size=0", "page_size=201", "page_size=x", "cursor=forged", "count=all", "id=1", "q=" + "a" * 201,
     "source_grade=Z9", "updated_since=0001-01-01T00:00:00%2B23:59", "updated_since=9999-12-31T23:59:59-23:59",
     "confidentiality=9", "updated_since=x", "dates=some", "q=%00", "mine=no", "verification=maybe"],
)  # fmt: skip
def test_a_wrong_query_is_400_and_names_the_parameter(api, query):
    answer = api.get(f"/api/v1/incidents?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == PROBLEM
    assert answer.json()["errors"][0]["pointer"] == "/" + query.split("=")[0]


def test_paging_reaches_every_record_once(api, home):
    made = {logged(api, home, date=date)["id"] for date in ("2011", "", "2013-05", "", "2009~")}
    for ordering in ("-updated", "date", "-date", "reference"):
        seen, url = [], f"/api/v1/incidents?page_size=2&ordering={ordering}"
        while url:
            page = api.get(url).json()
            seen += [row["id"] for row in page["results"]]
            url = page["next"]
        assert len(seen) == 5, ordering
        assert set(seen) == made


def test_a_cursor_is_of_one_list(api, home):
    for _ in range(3):
        logged(api, home)
    following = api.get("/api/v1/incidents?page_size=2&ordering=reference").json()["next"]
    assert api.get(following).status_code == 200
    for other in ("items", "persons", "sources", "collections"):
        answer = api.get(following.replace("/incidents?", f"/{other}?"))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/cursor"), other


def test_who_follows_by_the_instant_of_the_last_change_is_told_of_classifications(api, home):
    one = logged(api, home, acts=[{"title_en": "Held"}])
    since = api.get(f"/api/v1/incidents/{one['id']}").json()["updated_at"]
    listed = lambda: api.get("/api/v1/incidents", {"updated_since": since}).json()["results"]  # noqa: E731
    act = api.get(f"/api/v1/incidents/{one['id']}").json()["acts"][0]["id"]
    made = api.post(f"/api/v1/incidents/{one['id']}/classifications", {"act": act, "crime": "cah.torture"})
    assert made.status_code == 201
    (row,) = listed()
    assert "cah.torture" in row["crimes"] and row["updated_at"] > since


def test_paging_back_gives_the_same_page(api, home):
    for _ in range(5):
        logged(api, home)
    first = api.get("/api/v1/incidents?page_size=2").json()
    second = api.get(first["next"]).json()
    assert api.get(second["previous"]).json()["results"] == first["results"]


def test_fields_narrow_the_answer(api, home):
    made = logged(api, home)
    assert set(api.get(f"/api/v1/incidents/{made['id']}?fields=title_en").json()) == {"id", "title_en"}
    (row,) = api.get("/api/v1/incidents?fields=title_en,code").json()["results"]
    assert set(row) == {"id", "title_en", "code"}


def test_a_change_needs_the_version_it_changes(api, home):
    made = logged(api, home)
    answer = api.patch(f"/api/v1/incidents/{made['id']}", {"title_en": "x"})
    assert (answer.status_code, answer["Content-Type"]) == (428, PROBLEM)
    for tag in ("abc", "²", "-1", "9" * 5000, "1.0"):
        assert patch(api, made, {"title_en": "x"}, version=tag).status_code == 400


def test_a_change_of_an_old_version_is_412_and_says_which_is_current(api, home):
    made = logged(api, home)
    changed = patch(api, made, {"title_en": "First"})
    assert (changed.status_code, changed["ETag"]) == (200, f'"{made["version"] + 1}"')
    late = patch(api, made, {"title_en": "Second"})
    assert late.status_code == 412
    assert late.json()["current_version"] == made["version"] + 1
    assert Incident.objects.get(pk=made["id"]).title_en == "First"


def test_the_etag_of_an_answer_is_the_one_to_send(api, home):
    made = logged(api, home)
    tag = api.get(f"/api/v1/incidents/{made['id']}")["ETag"]
    answer = api.patch(f"/api/v1/incidents/{made['id']}", {"title_en": "x"}, headers={"If-Match": tag})
    assert answer.status_code == 200


def test_the_review_from_draft_to_final(api, reviewing, home):
    made = logged(api, home)
    status = lambda answer: answer.json()["review_status"]["code"]  # noqa: E731
    assert status(step(api, made, "submit")) == "in_review"
    assert patch(api, api.get(f"/api/v1/incidents/{made['id']}").json(), {"title_en": "x"}).status_code == 409
    assert status(step(reviewing, made, "return", "Say where")) == "returned"
    assert status(step(api, made, "submit")) == "in_review"
    assert status(step(reviewing, made, "pass")) == "second_review"
    assert status(step(reviewing, made, "finalise")) == "finalised"
    assert step(reviewing, made, "finalise").status_code == 409
    events = [event["act"] for event in api.get(f"/api/v1/incidents/{made['id']}/history").json()]
    assert [act for act in events if "opened" not in act] == [
        "incident.finalised", "incident.passed", "incident.submitted", "incident.returned", "incident.submitted",
        "incident.logged",
    ]  # fmt: skip


def test_returning_needs_a_note(api, reviewing, home):
    made = logged(api, home)
    step(api, made, "submit")
    answer = step(reviewing, made, "return", " ")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/note"


def test_the_author_cannot_review_her_own(reviewing, home):
    made = logged(reviewing, home)
    step(reviewing, made, "submit")
    answer = step(reviewing, made, "pass")
    assert (answer.status_code, answer.json()["code"]) == (409, "reviewer_is_author")


def test_classifying_and_assessing(api, home):
    made = logged(api, home)
    url = f"/api/v1/incidents/{made['id']}/classifications"
    answer = api.post(url, {"act": made["acts"][0]["id"], "crime": "cah.torture", "rationale": "Beaten"})
    assert answer.status_code == 201
    assert api.post(url, {"act": made["acts"][0]["id"], "crime": "cah.torture"}).status_code == 400
    row = answer.json()
    change = lambda body, version: api.patch(  # noqa: E731
        f"/api/v1/classifications/{row['id']}", body, headers={"If-Match": f'"{version}"'}
    )
    assert change({"status": "rejected", "rationale": "Mistaken"}, 1).status_code == 200
    assert change({"status": "supported", "rationale": "Again"}, 1).status_code == 412
    assert change({"status": "supported"}, 2).status_code == 400
    assert "cah.torture" not in api.get(f"/api/v1/incidents/{made['id']}").json()["crimes"]


def test_an_act_of_another_incident_cannot_be_classified_here(api, home):
    made, other = logged(api, home), logged(api, home)
    answer = api.post(
        f"/api/v1/incidents/{made['id']}/classifications", {"act": other["acts"][0]["id"], "crime": "cah.torture"}
    )
    assert answer.status_code in (400, 404)


def test_every_mistake_is_told_at_once_with_a_pointer(api, home):
    body = {
        "collection": home, "title_en": "x" * 301, "date": "2011-13", "place": "XX", "latitude": "91", "nosuch": 1,
        "acts": [{"crimes": ["none"], "involvements": [{"role": "none"}]}],
    }  # fmt: skip
    answer = api.post("/api/v1/incidents", body)
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/title_en", "/date", "/place", "/latitude", "/nosuch", "/acts/0/crimes/0",
                        "/acts/0/involvements/0/role"}  # fmt: skip
    assert all(error["detail"] for error in answer.json()["errors"])
    assert not Incident.objects.exists()


HOSTILE = [
    b'{"title_en": "a\\u0000b", "collection": "%s"}',
    b'{"title_en": "\\ud800", "collection": "%s"}',
    b'{"title_en": ["list"], "collection": "%s"}',
    b'{"title_en": {"a": 1}, "collection": "%s"}',
    b'{"title_en": 7, "collection": "%s"}',
    b'{"title_en": "x", "acts": "none", "collection": "%s"}',
    b'{"title_en": "x", "acts": [[]], "collection": "%s"}',
    b'{"title_en": "x", "acts": [{"crimes": {"a": 1}}], "collection": "%s"}',
    b'{"title_en": "x", "acts": [{"crimes": [{}]}], "collection": "%s"}',
    b'{"title_en": "x", "acts": [{"involvements": {"a": 1}}], "collection": "%s"}',
    b'{"title_en": "x", "acts": [{"involvements": [{"role": []}]}], "collection": "%s"}',
    b'{"title_en": "x", "acts": [{"involvements": [{"role": "victim", "person": {}}]}], "collection": "%s"}',
    b'{"title_en": "x", "acts": [{"involvements": [{"role": "victim", "count_min": 1e99}]}], "collection": "%s"}',
    b'{"title_en": "x", "acts": [{"involvements": [{"role": "victim", "characteristics": [[]]}]}], "collection": "%s"}',
    b'{"title_en": "x", "place": ["KP"], "collection": "%s"}',
    b'{"title_en": "x", "place_precision": ["exact"], "collection": "%s"}',
    b'{"title_en": "x", "place_precision": {}, "collection": "%s"}',
    b'{"title_en": "x", "verification_status": {}, "collection": "%s"}',
    b'{"title_en": "x", "latitude": NaN, "longitude": NaN, "collection": "%s"}',
    b'{"title_en": "x", "latitude": Infinity, "longitude": 1, "collection": "%s"}',
    b'{"title_en": "x", "latitude": {}, "longitude": [], "collection": "%s"}',
    b'{"title_en": "x", "confidentiality": {}, "collection": "%s"}',
    b'{"title_en": "x", "confidentiality": "\\u0664", "collection": "%s"}',
    b'{"title_en": "x", "confidentiality": "\\u00b2", "collection": "%s"}',
    b'{"title_en": "x", "tags": [7], "collection": "%s"}',
    b'{"title_en": "x", "date": ["2011"], "collection": "%s"}',
    b'{"title_en": "x", "\\u0000": 1, "collection": "%s"}',
    b'{"title_en": "x", "collection": ["%s"]}',
    b'{"title_en": "x", "collection": "\\u0000"}',
    b'{"title_en": "x", "collection": {"a": "%s"}}',
    b'["%s"]',
    b'"%s"',
    b"null",
    b"7",
    b"{",
    b'\xff"%s"',
    b"[" * 10_000,
]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: body[:60].decode("latin-1"))
def test_a_hostile_body_is_400_and_never_500(api, home, body):
    content = body.replace(b"%s", home.encode())
    answer = api.post("/api/v1/incidents", content, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM), answer.content
    json.loads(answer.content)


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: body[:60].decode("latin-1"))
def test_a_hostile_change_is_400_and_never_500(api, incident, body):
    content = body.replace(b', "collection": "%s"', b"").replace(b"%s", b"x")
    answer = api.patch(
        f"/api/v1/incidents/{incident.pk}", content, content_type="application/json", headers={"If-Match": '"1"'}
    )
    assert answer.status_code in (200, 400), answer.content


def test_a_narrative_of_ten_megabytes_is_refused_clearly(api, home):
    answer = api.post("/api/v1/incidents", {"title_en": "x", "narrative_en": "가" * 3_500_000, "collection": home})
    assert answer.status_code == 413
    assert answer["Content-Type"] == PROBLEM
    assert "large" in answer.json()["detail"]


def test_a_stranger_is_refused_in_the_same_words(home):
    answer = client_of(person("investigator")).post("/api/v1/incidents", {**simple(), "collection": home})
    assert answer.status_code == 400
    assert "Name a collection" in json.dumps(answer.json())
