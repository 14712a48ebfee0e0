"""What is held, by API: custody events, steps with a reason, holds, retention, destruction by two, fixity."""

import pytest
from conftest import TESTS, looked_at
from test_api_incidents import client_of

from evidence import handling
from evidence.models import Hold, Item

WHY = {"reason": "Request 12 of the court"}


@pytest.fixture
def file(file):
    return looked_at(file)


def test_custody_events_are_stated_and_listed(item, investigator):
    api, url = client_of(investigator), f"/api/v1/items/{item.pk}/custody-events"
    wrong = api.post(url, {"event": "viewed", "happened_on": "soon", "place": "x"})
    assert {one["pointer"] for one in wrong.json()["errors"]} == {"/event", "/happened_on"}
    made = api.post(url, {"event": "received", "happened_on": "2019~", "place": "Seoul", "seal_number": "S-17"})
    assert made.status_code == 201
    assert made.json()["event"]["label"]["ko"] == "수령"
    again = api.post(url, {"event": "received", "happened_on": "2018", "place": "Seoul", "corrects": made.json()["id"]})
    assert [row["corrects"] for row in api.get(url).json()] == [made.json()["id"], None]
    assert again.status_code == 201


def test_steps_need_a_reason_and_the_right_state(item, investigator):
    api, url = client_of(investigator), f"/api/v1/items/{item.pk}"
    assert api.post(f"{url}/seal", {}).json()["errors"][0]["pointer"] == "/reason"
    assert api.post(f"{url}/seal", WHY).json()["sealed_at"]
    assert api.post(f"{url}/seal", WHY).json()["code"] == "sealed"
    assert api.post(f"{url}/unseal", WHY).status_code == 403
    assert api.post(f"{url}/withdraw", WHY).json()["withdrawn_at"]
    assert api.get("/api/v1/items").json()["results"][0]["withdrawn_at"]
    assert api.post(f"{url}/restore", WHY).json()["withdrawn_at"] is None


def test_holds_and_terms(item, collection, keeper, investigator):
    api, url = client_of(keeper), f"/api/v1/items/{item.pk}"
    assert api.post("/api/v1/holds", {"collection": "COL-0000-0000", **WHY}).status_code == 400
    held = api.post("/api/v1/holds", {"collection": collection.code, **WHY}).json()
    assert api.post(f"{url}/holds", WHY).status_code == 201
    assert {row["id"] for row in client_of(investigator).get(f"{url}/holds").json()} >= {held["id"]}
    assert api.post(f"{url}/withdraw", WHY).json()["code"] == "held"
    assert api.post(f"/api/v1/holds/{held['id']}/end", WHY).json()["ended_at"]
    assert Hold.objects.filter(ended_at=None).count() == 1
    assert api.post("/api/v1/holds/retention", {"collection": collection.code, "years": "x", **WHY}).status_code == 400
    assert api.post("/api/v1/holds/retention", {"collection": collection.code, "years": 3, **WHY}).status_code == 204
    assert api.post(f"{url}/retention", {"until": "2020", **WHY}).json()["retain_until"] == "2020"
    assert [row["id"] for row in api.get("/api/v1/items/retention-due").json()] == [str(item.pk)]
    assert client_of(investigator).get("/api/v1/items/retention-due").json() == []


def test_destruction_by_two(item, file, investigator, keeper, reviewer):
    handling.withdraw_item(by=investigator, item=item, reason=WHY["reason"])
    asked = {"record": item.code, "kind": "destroy", "reason": "The witness withdrew."}
    api = client_of(investigator)
    assert api.post("/api/v1/decisions", asked).json()["errors"][0]["pointer"] == "/basis"
    made = api.post("/api/v1/decisions", asked | {"basis": "Order 12 of the authority"})
    assert made.status_code == 201
    url = f"/api/v1/decisions/{made.json()['id']}/answer"
    answer = {"agree": True, "answer": "The order is in force."}
    assert client_of(reviewer).post(url, answer).status_code == 403
    assert client_of(keeper).post(url, answer).json()["state"] == "carried_out"
    told = api.get(f"/api/v1/files/{file.pk}").json()
    assert told["destroyed_at"]
    assert (told["name"], told["sha256"]) == (file.name, file.blob.digest)
    assert Item.objects.get(pk=item.pk).destroyed_at


def test_fixity_is_told_in_numbers(file, auditor):
    handling.report_altered(by=TESTS, blob=file.blob)
    found = client_of(auditor).get("/api/v1/fixity").json()
    assert (found["blobs"], found["altered"], found["frozen_items"], found["days"]) == (1, 1, 1, 90)
