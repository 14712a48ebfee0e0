"""Saved searches over the API: kept, shared with a team, found anew, ended; each only as far as the token reads."""

from conftest import TESTS
from described import DescribedClient
from test_api_incidents import client_of

from accounts import teams, tokens
from evidence.models import SavedSearch


def test_kept_opened_and_new_since(investigator, collection, log):
    api = client_of(investigator)
    made = api.post("/api/v1/saved-searches", {"name": "Drafts", "query": "status=draft&cursor=x"})
    assert made.status_code == 201
    saved = made.json()
    assert (saved["type"], saved["query"], saved["is_mine"]) == ("incident", "status=draft", True)
    address = f"/api/v1/saved-searches/{saved['id']}"
    assert api.get(f"{address}/new").json() == {"count": None, "count_is": "exact"}
    assert api.post(f"{address}/open").status_code == 200
    first = log()
    assert api.get(f"{address}/new").json() == {"count": 1, "count_is": "exact"}
    (found,) = api.get(saved["url"]).json()["results"]
    assert found["code"] == first.code
    assert api.post(f"{address}/end").status_code == 204
    assert api.get(address).status_code == 404
    assert api.get("/api/v1/saved-searches").json() == []


def test_a_team_reads_it_and_only_its_maker_ends_it(investigator, investigator2, stranger, collection):
    team = teams.form_team(by=TESTS, name_en="North", name_ko="", members=[investigator, investigator2])
    body = {"name": "Ours", "query": "", "team": team.pk}
    saved = client_of(investigator).post("/api/v1/saved-searches", body).json()
    address = f"/api/v1/saved-searches/{saved['id']}"
    other = client_of(investigator2)
    assert other.get(address).json()["is_mine"] is False
    assert other.post(f"{address}/end").status_code == 403
    assert client_of(stranger).get(address).status_code == 404
    assert client_of(stranger).post("/api/v1/saved-searches", body).json()["errors"][0]["pointer"] == "/team"


def test_mistakes_are_named_and_nothing_is_kept(investigator, collection):
    api = client_of(investigator)
    for body, pointer in (
        ({"name": "", "query": ""}, "/name"),
        ({"name": "a", "query": "nosuch=1"}, "/query"),
        ({"name": "a", "query": 5}, "/query"),
        ({"name": "a", "query": "", "type": "x"}, "/type"),
        ({"name": "a", "query": "", "team": "x"}, "/team"),
        ({"name": "a", "query": "", "other": "x"}, "/other"),
    ):
        answer = api.post("/api/v1/saved-searches", body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not SavedSearch.objects.exists()


def test_a_token_knows_only_the_searches_of_what_it_reads(investigator, collection):
    client_of(investigator).post("/api/v1/saved-searches", {"name": "Drafts", "query": "status=draft"})
    api = by_token(investigator, "items:read", "searches:write")
    assert api.get("/api/v1/saved-searches").json() == []
    assert api.post("/api/v1/saved-searches", {"name": "a", "query": ""}).status_code == 403
    assert api.post("/api/v1/saved-searches", {"name": "a", "query": "", "type": "item"}).status_code == 201


def by_token(user, *scopes: str) -> DescribedClient:
    token = tokens.issue(by=user, user=user, name="t", scopes=list(scopes), days=1).text
    api = DescribedClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return api


def test_a_token_that_only_reads_keeps_opens_and_ends_nothing(investigator, collection):
    saved = client_of(investigator).post("/api/v1/saved-searches", {"name": "Drafts", "query": ""}).json()
    api = by_token(investigator, "incidents:read")
    assert api.get(f"/api/v1/saved-searches/{saved['id']}").status_code == 200
    assert api.post("/api/v1/saved-searches", {"name": "a", "query": ""}).status_code == 403
    for act in ("open", "end"):
        assert api.post(f"/api/v1/saved-searches/{saved['id']}/{act}").status_code == 403
    kept = SavedSearch.objects.get()
    assert (kept.name, kept.ended_at) == ("Drafts", None)


def test_a_repeated_request_saves_nothing_twice(investigator, collection):
    api = client_of(investigator)
    body = {"name": "Drafts", "query": "status=draft"}
    first, again = (
        api.post("/api/v1/saved-searches", body, headers={"Idempotency-Key": "one"}) for _request in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert SavedSearch.objects.count() == 1
