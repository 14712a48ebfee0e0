"""`Idempotency-Key`: nothing is done twice, the answer is made anew through the gate, and no word is kept."""

import io
import json
import threading
from datetime import timedelta

import pytest
from conftest import person, simple
from described import DescribedClient
from django.db import connections
from django.utils import timezone
from test_api_incidents import client_of

from accounts import grants, repeats
from accounts.models import AnsweredRequest, User
from evidence import access, tasks
from evidence.models import File, Incident

KEY = {"Idempotency-Key": "8a6e0d52-1f7c-4f0e-9f5b-0a4b7f1f7b11"}


@pytest.fixture
def api(investigator, collection):
    return client_of(investigator)


def log(client, collection, headers=KEY, **changes):
    return client.post("/api/v1/incidents", {**simple(**changes), "collection": str(collection.pk)}, headers=headers)


def named(name: str, content: bytes):
    stream = io.BytesIO(content)
    stream.name = name
    return stream


def test_the_same_request_is_done_once_and_answered_again(api, collection):
    first, second = log(api, collection), log(api, collection)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert (second["ETag"], second["Idempotent-Replayed"]) == (first["ETag"], "true")
    assert "Idempotent-Replayed" not in first
    assert Incident.objects.count() == 1


def test_the_order_of_names_makes_no_other_request(api, collection):
    body = {**simple(), "collection": str(collection.pk)}
    turned = dict(reversed(body.items()))
    answers = [api.post("/api/v1/incidents", sent, headers=KEY) for sent in (body, turned)]
    assert answers[0].json() == answers[1].json()


def test_another_request_under_the_key_is_refused(api, collection):
    log(api, collection)
    other = log(api, collection, title_en="Another")
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert other["Content-Type"] == "application/problem+json"
    assert Incident.objects.count() == 1


def test_a_key_is_of_one_person_and_one_path(api, investigator2, collection, incident):
    log(api, collection)
    assert log(client_of(investigator2), collection).status_code == 201
    assert api.post(f"/api/v1/incidents/{incident.pk}/submit", {"note": "x"}, headers=KEY).status_code == 200
    assert Incident.objects.count() == 3


@pytest.mark.parametrize("path", ["/api/v1/incidents?fields=id", "/api/v1/incidents/"])
def test_written_in_another_way_it_is_the_same_path(api, collection, path):
    first = log(api, collection).json()
    again = api.post(path, {**simple(), "collection": str(collection.pk)}, headers=KEY)
    assert (again.status_code, again.json()["id"], again["Idempotent-Replayed"]) == (201, first["id"], "true")
    assert Incident.objects.count() == 1


def test_without_a_key_each_request_is_one(api, collection):
    assert log(api, collection, headers={}).json()["id"] != log(api, collection, headers={}).json()["id"]
    assert not AnsweredRequest.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "\u00e9"])
def test_a_key_that_is_none_is_named(api, collection, key):
    answer = log(api, collection, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/Idempotency-Key")
    assert not Incident.objects.exists()


def test_what_was_refused_may_be_sent_again_mended(api, collection):
    assert log(api, collection, date="soon").status_code == 400
    assert log(api, collection).status_code == 201


def test_what_she_may_no_longer_see_does_not_come_back(api, investigator, collection):
    made = log(api, collection)
    record = Incident.objects.get(pk=made.json()["id"])
    access.deny(by=person("administrator"), record=record, reason="not for her", user=investigator)
    answer = log(api, collection)
    assert answer.status_code == 404
    assert record.code not in answer.content.decode()
    assert Incident.objects.count() == 1


def test_who_may_not_act_any_more_is_refused(api, investigator, collection):
    log(api, collection)
    User.objects.filter(pk=investigator.pk).update(role="analyst")
    assert log(api, collection).status_code == 403


def test_no_word_of_the_request_or_the_answer_is_kept(api, collection):
    made = log(api, collection, title_en="Marker of a title").json()
    (row,) = AnsweredRequest.objects.values()
    kept = json.dumps(row, default=str)
    for word in ("Marker", made["code"], KEY["Idempotency-Key"], str(collection.pk)):
        assert word not in kept
    assert row["record"] == made["id"]


def test_answers_that_open_something_are_not_kept(api, protected):
    path = f"/api/v1/persons/{protected.pk}/identity"
    first = api.post(path, {"reason": "needed for protection"}, headers=KEY)
    assert first.json()["names"]
    again = api.post(path, {"reason": "needed for protection"}, headers=KEY)
    assert (again.status_code, again.json()["code"]) == (409, "answer_not_kept")
    assert "홍가상" not in again.content.decode()


def test_an_invitation_is_made_once_and_its_link_not_shown_again(administrator):
    client = client_of(administrator)
    body = {"email": "new@tests.example", "name": "x", "role": "analyst", "clearance": 1}
    assert "link" in client.post("/api/v1/people", body, headers=KEY).json()
    again = client.post("/api/v1/people", body, headers=KEY)
    assert (again.status_code, "link" in again.json()) == (409, False)
    assert User.objects.filter(email=body["email"]).count() == 1


def test_an_act_without_an_answer_is_answered_without_one(api, investigator, item, incident):
    made = api.post("/api/v1/links", {"item": item.code, "incident": incident.code}, headers=KEY).json()
    path, body = f"/api/v1/links/{made['id']}/end", {"reason": "the wrong file"}
    assert [api.post(path, body, headers=KEY).status_code for _ in range(2)] == [204, 204]


def test_an_effect_that_was_only_shown_uses_no_key(administrator, analyst, incident):
    client, path = client_of(administrator), f"/api/v1/access/{incident.pk}/grant"
    body = {"person": str(analyst.pk), "permission": "view", "reason": "for the test"}
    for _ in range(2):
        shown = client.post(path, body, headers=KEY)
        assert "confirmation" in shown.json(), shown.content
    assert client.post(path, body | {"confirmation": shown.json()["confirmation"]}, headers=KEY).status_code == 204


def test_a_file_sent_twice_is_taken_once(api, item):
    path = f"/api/v1/items/{item.pk}/files"
    answers = [
        api.post(path, {"file": named("a.txt", text)}, format="multipart", headers=KEY)
        for text in (b"bytes", b"bytes", b"others")
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert answers[0].json() == answers[1].json()
    assert File.objects.count() == 1


def test_decisions_and_requests_are_answered_again(api, investigator, incident):
    body = {"code": incident.code, "permission": "manage", "reason": "I keep this file."}
    first, again = (api.post("/api/v1/access-requests", body, headers=KEY) for _ in range(2))
    assert (first.status_code, again.json()) == (201, first.json())


def test_an_upload_is_asked_at_its_own_address(api, item):
    answer = api.post("/api/v1/uploads", headers=KEY | {"Tus-Resumable": "1.0.0", "Upload-Length": "5"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/Idempotency-Key")


def test_a_key_is_forgotten_after_a_day(api, collection):
    log(api, collection)
    AnsweredRequest.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert log(api, collection).status_code == 201
    assert Incident.objects.count() == 2
    AnsweredRequest.objects.update(until=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    assert not AnsweredRequest.objects.exists()


def test_nothing_is_done_where_it_cannot_be_remembered(api, collection, monkeypatch):
    monkeypatch.setattr(repeats, "keep", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        log(api, collection)
    assert not Incident.objects.exists()


def test_a_request_that_is_being_answered_is_told_so(committed_database):
    by = person("investigator")
    home = access.open_collection(by=person("administrator"), name_en="Invented", preset_level=1)
    grants.give(by=None, record=home, permission="contribute", reason="test", user=by)
    asked = repeats.Asked.of(user=by, path="/api/v1/incidents", key=KEY["Idempotency-Key"], body=b"")
    held, done = threading.Event(), threading.Event()

    def hold():
        from django.db import transaction

        with transaction.atomic():
            repeats.claim(asked)
            held.set()
            done.wait(30)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    client = DescribedClient()
    client.force_login(by, backend="accounts.backends.SignInBackend")
    try:
        answer = log(client, home)
    finally:
        done.set()
        thread.join()
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "in_progress", "1")
    assert log(client, home).status_code == 201
