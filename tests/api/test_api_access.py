"""Access by API in two steps: the effect in numbers first, then, with its confirmation, the act."""

import pytest
from conftest import TESTS, person
from test_api_incidents import client_of

from accounts import holdings, teams
from accounts.grants import permits
from evidence import access

WHY = {"reason": "Needs it for the case."}


@pytest.fixture
def api(administrator):
    return client_of(administrator)


def state(record) -> tuple:
    record.refresh_from_db()
    ways, denials = holdings.ways_to(record, inherited=False), holdings.denials_of(record)
    return record.inherits_access, len(ways), len(denials)


ACTS = {
    "grant": {"permission": "contribute"},
    "revoke": {"permission": "view"},
    "deny": {},
    "lift": {},
    "restrict": None,
    "open-up": None,
}


@pytest.mark.parametrize("act", ACTS)
def test_every_act_shows_its_effect_first_and_is_then_done(act, api, log, analyst):
    incident, other = log(), log()
    for record in (incident, other):
        access.grant(by=TESTS, record=record, permission="view", reason="exception", user=analyst)
        if act == "lift":
            access.deny(by=person("administrator"), record=record, reason="conflict", user=analyst)
        if act == "open-up":
            access.restrict(by=TESTS, record=record, reason="for the test")
    body = WHY | ({} if ACTS[act] is None else {"person": str(analyst.pk), **ACTS[act]})
    path, before = f"/api/v1/access/{incident.code}/{act}", state(incident)
    shown = api.post(path, body)
    assert (shown.status_code, state(incident)) == (200, before)
    told = shown.json()
    assert {line["person"] for line in told["lines"]} >= {str(analyst.pk)}
    assert set(told["lines"][0]["before"]) == {"incident", "item", "person", "source"}
    seal = {"confirmation": told["confirmation"]}
    for client, where, what in (
        (api, f"/api/v1/access/{other.code}/{act}", body | seal),
        (client_of(person("administrator")), path, body | seal),
        (api, path, body | {"confirmation": told["confirmation"][:-2]}),
        (api, path, body | {"confirmation": 1}),
        (api, path, body | {"confirmation": None}),
    ):
        again = client.post(where, what)
        assert (again.status_code, "confirmation" in again.json()) == (200, True)
        assert state(incident) == before
    assert api.post(path, body | seal | {"reason": "Said better."}).status_code == 204
    assert state(incident) != before


def test_what_would_be_refused_is_refused_at_once(api, administrator, incident, analyst):
    path = f"/api/v1/access/{incident.code}"
    to_oneself = api.post(f"{path}/grant", WHY | {"person": str(administrator.pk), "permission": "view"})
    assert to_oneself.status_code in (400, 409)
    assert api.post(f"{path}/grant", {"person": str(analyst.pk), "permission": "view"}).status_code == 400
    assert api.post(f"{path}/restrict", WHY).json()["code"] == "nobody_left"


def test_a_team_that_grew_meanwhile_is_shown_anew(api, collection, incident, stranger):
    team = teams.form_team(by=TESTS, name_en="North", name_ko="", members=[stranger])
    path, body = f"/api/v1/access/{collection.code}/grant", WHY | {"team": team.pk, "permission": "view"}
    first = api.post(path, body).json()
    assert (first["people"], first["lines"][0]["after"]["incident"]) == (1, 1)
    teams.join_team(by=TESTS, team=team, user=person("analyst"), reason="new duties")
    again = api.post(path, body | {"confirmation": first["confirmation"]})
    assert (again.status_code, again.json()["people"]) == (200, 2)
    assert not permits(stranger, collection)


def test_who_manages_a_record_alone_is_told_of_that_record_alone(incident, collection, log):
    log()
    manager, reader = person("investigator"), person("analyst")
    access.grant(by=TESTS, record=incident, permission="manage", reason="exception", user=manager)
    body = WHY | {"person": str(reader.pk), "permission": "view"}
    (line,) = client_of(manager).post(f"/api/v1/access/{incident.code}/grant", body).json()["lines"]
    assert (line["before"]["incident"], line["after"]["incident"]) == (0, 1)
