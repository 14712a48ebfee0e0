"""People and teams by API: for tokens of administrators with the scope, by the same verbs as the pages."""

import pytest
from conftest import TESTS, person
from described import DescribedClient
from test_api_incidents import client_of
from test_api_ledger import client

from accounts import invitations, teams, tokens
from accounts.models import Team, User
from evidence import access

API = "/api/v1"
NEW = {"email": "new@example.org", "name": "New", "role": "analyst", "clearance": 2}


@pytest.fixture
def api(administrator):
    return client(administrator, "people:admin")


@pytest.fixture
def team(reviewer):
    return teams.form_team(by=TESTS, name_en="North", name_ko="북부", members=[reviewer])


@pytest.mark.parametrize("path", ["/people", "/teams"])
def test_the_scope_is_needed_and_the_role(administrator, investigator, path):
    assert client(administrator, "ledger:read").get(API + path).status_code == 403
    assert client(administrator, "people:admin").get(API + path).status_code == 200
    assert client(investigator, "people:admin").get(API + path).status_code == 403


def test_a_person_is_invited_and_comes_in(api):
    answer = api.post(f"{API}/people", NEW | {"days": 2})
    assert answer.status_code == 201
    said = answer.json()
    assert (said["person"]["email"], said["person"]["has_password"]) == ("new@example.org", False)
    assert invitations.recognise(said["link"].split("/")[-2]).user == User.objects.get(email="new@example.org")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("given", "field"),
    [({"role": "owner"}, "role"), ({"clearance": 5}, "clearance"), ({"clearance": "high"}, "clearance"),
     ({"email": ""}, "email"), ({"email": ["a"]}, "email"), ({"name": ""}, "name"), ({"days": 0}, "days"),
     ({"days": "2"}, "days"), ({"role": {}}, "role")],
)  # fmt: skip
def test_a_mistake_is_pointed_at(api, given, field):
    answer = api.post(f"{API}/people", NEW | given)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{field}"]
    assert not User.objects.filter(email="new@example.org").exists()


def test_people_are_listed_and_filtered(api, analyst, reviewer, team):
    found = api.get(f"{API}/people", {"team": team.pk}).json()["results"]
    assert [(row["id"], row["teams"]) for row in found] == [(str(reviewer.pk), [team.pk])]
    assert api.get(f"{API}/people", {"role": "analyst", "count": "exact"}).json()["count"] == 1
    assert api.get(f"{API}/people", {"nosuch": "1"}).status_code == 400
    assert api.get(f"{API}/people/{analyst.pk}").json()["name"] == analyst.name
    for key in ("x", "00000000-0000-4000-8000-000000000000"):
        assert api.get(f"{API}/people/{key}").status_code == 404


def confirmed(send, path: str, given: dict):
    """The same twice: the first answer shows the effect, the second says what was done."""
    shown = send(path, given)
    assert shown.status_code == 200, shown.content
    return send(path, given | {"confirmation": shown.json()["confirmation"]})


def test_role_and_clearance_change_for_a_reason_once_the_effect_was_shown(api, analyst, incident):
    path = f"{API}/people/{analyst.pk}"
    assert api.patch(path, {"clearance": 0}).status_code == 400
    wanted = {"clearance": 0, "reason": "new duties", "name": "Other"}
    shown = api.patch(path, wanted).json()
    (line,) = shown["lines"]
    assert (line["before"]["incident"], line["after"]["incident"]) == (1, 0)
    analyst.refresh_from_db()
    assert (analyst.clearance, analyst.name) != (0, "Other")  # neither
    seal = {"confirmation": shown["confirmation"]}
    assert "lines" in api.patch(path, wanted | {"clearance": 2} | seal).json()
    assert "lines" in api.patch(f"{API}/people/{person('analyst').pk}", wanted | seal).json()
    assert "lines" in client_of(person("administrator")).patch(path, wanted | seal).json()
    changed = confirmed(api.patch, path, wanted | {"clearance": 1}).json()
    assert (changed["clearance"], changed["role"], changed["name"]) == (1, "analyst", "Other")
    assert api.patch(path, {"is_active": False}).status_code == 400
    refused = api.patch(path, {"name": "Third", "role": "owner", "reason": "new duties"})
    analyst.refresh_from_db()
    assert (refused.status_code, analyst.name) == (400, "Other")  # both or neither


def test_oneself_is_left_to_another(api, administrator):
    person("administrator")
    answer = api.patch(f"{API}/people/{administrator.pk}", {"clearance": 4, "reason": "new duties"})
    assert (answer.status_code, answer.json()["code"]) == (409, "oneself")


def test_a_suspension_by_api_ends_the_persons_token(api, investigator):
    issued = tokens.issue(by=investigator, user=investigator, name="t", scopes=["incidents:read"], days=1)
    other = DescribedClient()
    other.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    assert other.get(f"{API}/me").status_code == 200
    path = f"{API}/people/{investigator.pk}"
    assert api.post(f"{path}/suspend", {}).status_code == 400
    assert api.post(f"{path}/suspend", {"reason": "left us"}).json()["is_active"] is False
    assert other.get(f"{API}/me").status_code == 401
    assert api.post(f"{path}/reactivate", {"reason": "came back"}).json()["is_active"] is True
    assert other.get(f"{API}/me").status_code == 401


def test_links_are_made_anew_and_withdrawn(api, analyst):
    created = api.post(f"{API}/people", NEW).json()
    path = f"{API}/people/{created['person']['id']}/link"
    again = api.post(path, {"days": 1}).json()
    assert invitations.recognise(created["link"].split("/")[-2]) is None
    assert invitations.recognise(again["link"].split("/")[-2]) is not None
    assert api.post(f"{path}/withdraw").status_code == 204
    assert invitations.recognise(again["link"].split("/")[-2]) is None
    refused = api.post(f"{API}/people/{analyst.pk}/link")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")


def test_teams_are_formed_joined_left_and_dissolved(api, analyst, stranger, collection, investigator):
    members = {"members": [str(analyst.pk)]}
    formed = api.post(f"{API}/teams", {"name_en": "South", "name_ko": "남부"} | members)
    path = f"{API}/teams/{formed.json()['id']}"
    assert (formed.status_code, formed.json()["members"]) == (201, members["members"])
    said = {"person": str(stranger.pk), "reason": "works on the case"}
    joined = confirmed(api.post, f"{path}/join", said).json()
    assert sorted(joined["members"]) == sorted([str(analyst.pk), str(stranger.pk)])
    assert confirmed(api.post, f"{path}/leave", said).json()["members"] == members["members"]
    assert api.patch(path, {"name_en": "West"}).json()["name"] == {"en": "West", "ko": "남부"}
    to = {"record": collection, "permission": "view", "reason": "test", "group": Team.objects.get().group}
    access.grant(by=TESTS, **to)
    refused = api.post(f"{path}/dissolve", {"reason": "the case is closed"})
    assert (refused.status_code, refused.json()["code"]) == (409, "has_grants")
    access.revoke(by=TESTS, **to)
    assert api.post(f"{path}/dissolve", {"reason": "the case is closed"}).json()["dissolved_at"]
    assert api.get(f"{API}/teams").json() == []
    assert api.get(path).status_code == 200


@pytest.mark.parametrize("given", [{"members": []}, {"members": ["x"]}, {"members": "x"}, {"members": [7]}, {}])
def test_a_team_of_nobody_is_refused(api, given):
    answer = api.post(f"{API}/teams", {"name_en": "South"} | given)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/members"]
    assert not Team.objects.exists()


def test_an_administrator_does_not_take_herself_into_a_team_with_access(
    api, administrator, team, collection, investigator
):
    access.grant(by=TESTS, record=collection, permission="view", reason="test", group=team.group)
    said = {"person": str(administrator.pk), "reason": "works on the case"}
    answer = api.post(f"{API}/teams/{team.pk}/join", said)
    assert (answer.status_code, answer.json()["code"]) == (409, "second_person")


@pytest.mark.parametrize("key", ["x", "0", "99999999999999999999", "-1"])
def test_a_team_that_is_none_is_404(api, key):
    assert api.get(f"{API}/teams/{key}").status_code == 404
