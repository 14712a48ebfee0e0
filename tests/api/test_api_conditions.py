"""Conditions of providers and the question of use, by API: the second gate beside consent."""

import pytest
from conftest import TESTS, person
from described import DescribedClient
from test_api_incidents import client_of

from accounts import tokens
from accounts.models import User
from custody.ledger import history
from evidence import access, protection, recording
from evidence.models import Item, ProviderCondition

USE = {"use": "share_icc", "recipient": "icc_otp"}
SAID = {"use": "share_icc", "recipient": "*", "is_allowed": False, "terms": "Not before the trial"}


@pytest.fixture
def api(investigator, collection):
    return client_of(investigator)


def with_token(user: User, *scopes: str) -> DescribedClient:
    client = DescribedClient()
    issued = tokens.issue(by=user, user=user, name="t", scopes=list(scopes), days=1)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    return client


@pytest.mark.parametrize("kind", ["sources", "items"])
def test_a_condition_is_set_superseded_listed_and_ended(api, source, item, kind):
    record = {"sources": source, "items": item}[kind]
    path = f"/api/v1/{kind}/{record.code}/conditions"
    first = api.post(path, SAID)
    assert (first.status_code, first.json()["is_allowed"]) == (201, False)
    second = api.post(path, SAID | {"is_allowed": True, "expires_at": "2099-01-01T00:00:00Z"}).json()
    assert [row["id"] for row in api.get(path).json()] == [second["id"]]
    assert api.post(f"{path}/{second['id']}/end", {"reason": ""}).status_code == 400
    assert api.post(f"{path}/{second['id']}/end", {"reason": "No longer said."}).status_code == 204
    assert api.get(path).json() == []
    assert api.post(f"{path}/{second['id']}/end", {"reason": "No longer said."}).status_code == 409
    acts = {event.act for event in history([record.pk])}
    assert {"condition.set", "condition.ended"} <= acts


def test_what_forbids_is_not_ended_but_superseded(api, source):
    path = f"/api/v1/sources/{source.pk}/conditions"
    row = api.post(path, SAID).json()
    answer = api.post(f"{path}/{row['id']}/end", {"reason": "No longer said."})
    assert (answer.status_code, answer.json()["code"]) == (409, "forbids")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"use": "nonsense"}, "use"),
        ({"use": None}, "use"),
        ({"recipient": "nobody"}, "recipient"),
        ({"is_allowed": "yes"}, "is_allowed"),
        ({"is_allowed": None}, "is_allowed"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"terms": "x" * 5001}, "terms"),
        ({"person": "x"}, "person"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_kept(api, item, change, field):
    answer = api.post(f"/api/v1/items/{item.pk}/conditions", SAID | change)
    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (400, [f"/{field}"])
    assert not ProviderCondition.objects.exists()


def test_a_condition_of_another_record_is_none_of_this(api, item, source):
    row = api.post(f"/api/v1/sources/{source.pk}/conditions", SAID | {"is_allowed": True}).json()
    for key in (row["id"], "nonsense", "00000000-0000-4000-8000-000000000000", "%00"):
        answer = api.post(f"/api/v1/items/{item.pk}/conditions/{key}/end", {"reason": "No longer said."})
        assert answer.status_code == 404
    assert ProviderCondition.objects.get().ended_at is None


def test_both_gates_are_asked_now(api, item, protected, investigator):
    recording.link(by=investigator, item=item, target=protected)
    path = f"/api/v1/items/{item.code}/use"
    assert api.get(path, USE).json() == {
        "allowed": False, "identity_level": "none", "obstacles": [{"kind": "no_consent", "person": protected.code}],
    }  # fmt: skip
    given = USE | {"status": "granted", "identity_level": "pseudonym", "given_on": "2019", "form": "written_signed"}
    protection.record_consent(by=investigator, person=protected, given=given)
    assert api.get(path, USE).json() == {"allowed": True, "identity_level": "pseudonym", "obstacles": []}
    assert not api.get(path, USE | {"sexual_violence": "true"}).json()["allowed"]
    api.post(f"/api/v1/items/{item.code}/conditions", SAID)
    told = api.get(path, USE).json()
    assert (told["allowed"], told["obstacles"]) == (False, [{"kind": "provider", "person": None}])


@pytest.mark.parametrize(
    ("change", "field"),
    [({"use": "x"}, "use"), ({"use": ""}, "use"), ({"recipient": "*"}, "recipient"),
     ({"sexual_violence": "maybe"}, "sexual_violence")],
)  # fmt: skip
def test_a_question_with_a_mistake_is_refused_by_name(api, item, change, field):
    answer = api.get(f"/api/v1/items/{item.pk}/use", USE | change)
    assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (400, [f"/{field}"])


def test_a_hidden_person_behind_the_item_is_a_review_and_no_name(item, protected, investigator, collection):
    recording.link(by=investigator, item=item, target=protected)
    outsider = person("analyst")
    access.grant(by=TESTS, record=item, permission="view", reason="exception", user=outsider)
    told = client_of(outsider).get(f"/api/v1/items/{item.code}/use", USE).json()
    assert told == {"allowed": False, "identity_level": "none", "obstacles": [{"kind": "review", "person": None}]}


def test_a_condition_on_a_hidden_source_is_not_told_beside_the_item(item, source, investigator):
    Item.objects.filter(pk=item.pk).update(source=source)
    outsider = person("analyst")
    access.grant(by=TESTS, record=item, permission="view", reason="exception", user=outsider)
    protection.set_condition(by=investigator, record=source, **SAID)
    client = client_of(outsider)
    assert client.get(f"/api/v1/items/{item.code}/conditions").json() == []
    assert client.get(f"/api/v1/sources/{source.code}/conditions").status_code == 404
    assert client.get(f"/api/v1/items/{item.code}/use", USE).json()["obstacles"] == [{"kind": "review", "person": None}]


def test_tokens_need_the_scope_of_the_kind_of_record(investigator, item, source):
    reads, writes = with_token(investigator, "items:read"), with_token(investigator, "items:write")
    assert reads.get(f"/api/v1/items/{item.code}/use", USE).status_code == 200
    assert reads.get(f"/api/v1/items/{item.code}/conditions").status_code == 200
    assert reads.post(f"/api/v1/items/{item.code}/conditions", SAID).status_code == 403
    assert writes.get(f"/api/v1/items/{item.code}/use", USE).status_code == 403
    assert writes.post(f"/api/v1/items/{item.code}/conditions", SAID).status_code == 201
    assert writes.post(f"/api/v1/sources/{source.code}/conditions", SAID).status_code == 403
    assert reads.get(f"/api/v1/sources/{source.code}/conditions").status_code == 403


def test_the_schema_names_them(api):
    paths = api.get("/api/schema/?format=json").json()["paths"]
    assert {"get", "post"} <= set(paths["/api/v1/sources/{id}/conditions"])
    assert "post" in paths["/api/v1/items/{id}/conditions/{condition}/end"]
    asked = {one["name"] for one in paths["/api/v1/items/{id}/use"]["get"]["parameters"]}
    assert {"use", "recipient", "sexual_violence"} <= asked
