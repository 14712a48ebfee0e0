"""Many incidents in one request: each line its own act and its own result, and no line twice."""

import json

import pytest
from conftest import simple
from test_api_incidents import client_of

from accounts.models import AnsweredRequest
from evidence import recording
from evidence.api import bulk
from evidence.models import Incident

KEY = {"Idempotency-Key": "a key of mine"}


@pytest.fixture
def api(investigator, collection):
    return client_of(investigator)


def send(client, *lines, headers=None):
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path, form = "/api/v1/incidents/bulk", "application/x-ndjson"
    return client.post(path, text.encode(), content_type=form, headers=headers or {})


@pytest.fixture
def line(collection):
    return lambda **changes: {"collection": collection.code, **simple(**changes)}


def test_each_line_has_its_result(api, line):
    answer = send(api, line(title_en="One"), "", line(date="soon"), "{", "[]", line(collection="SRC-NONE"), line())
    assert answer.status_code == 200
    said = answer.json()
    assert (said["created"], said["repeated"], said["refused"]) == (2, 0, 4)
    results = said["results"]
    assert [(one["line"], one["status"]) for one in results] == [
        (1, 201), (3, 400), (4, 400), (5, 400), (6, 400), (7, 201),
    ]  # fmt: skip
    assert {one["code"] for one in results if one["status"] == 201} == set(
        Incident.objects.values_list("code", flat=True)
    )
    assert results[1]["errors"][0]["pointer"] == "/date"
    assert results[4]["errors"][0]["pointer"] == "/collection"


class Read:
    """A body that a server can only be asked for in bytes, and gives in pieces of its own."""

    def __init__(self, body: bytes):
        self.rest = body

    def read(self, size: int) -> bytes:
        size = min(size, 7)
        piece, self.rest = self.rest[:size], self.rest[size:]
        return piece


def test_lines_are_found_in_whatever_pieces_they_come():
    lines = bulk.NdjsonParser().parse(Read(b"one\r\n\n" + b"x" * 70_000 + b"\nlast"))
    assert [(number, len(line.strip())) for number, line in lines] == [(1, 3), (3, 70_000), (4, 4)]


def test_a_line_that_the_server_cannot_take_keeps_no_other_back(api, line, monkeypatch):
    usual = recording.log_incident

    def failing(**given):
        return usual(**given) if given["given"]["title_en"] != "Two" else 1 / 0

    monkeypatch.setattr(bulk.recording, "log_incident", failing)
    results = send(api, line(title_en="One"), line(title_en="Two"), line(title_en="Three")).json()["results"]
    assert [one["status"] for one in results] == [201, 500, 201]
    assert Incident.objects.count() == 2


def test_a_retry_records_nothing_twice(api, line):
    lines = [line(title_en="One"), line(date="soon"), line(title_en="Three")]
    first, again = (send(api, *lines, headers=KEY).json() for _ in range(2))
    assert (first["created"], again["created"], again["repeated"]) == (2, 0, 2)
    assert [one.get("id") for one in again["results"]] == [one.get("id") for one in first["results"]]
    assert Incident.objects.count() == 2


def test_a_retry_goes_on_where_the_first_request_broke_off(api, line, monkeypatch):
    lines = [line(title_en="One"), line(title_en="Two")]
    send(api, *lines, headers=KEY)
    second = Incident.objects.get(title_en="Two")
    AnsweredRequest.objects.get(record=str(second.pk)).delete()  # as if it had never come so far
    again = send(api, *lines, headers=KEY).json()
    assert (again["created"], again["repeated"]) == (1, 1)


def test_the_key_with_other_lines_is_refused_as_a_whole(api, line):
    send(api, line(title_en="One"), headers=KEY)
    answer = send(api, line(title_en="One"), line(title_en="Two"), headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(("name", "bound"), [("MOST_LINES", 2), ("LONGEST_LINE", 300), ("LARGEST", 900)])
def test_what_is_too_much_is_refused_before_a_line_is_taken(api, line, monkeypatch, name, bound):
    monkeypatch.setattr(bulk, name, bound)
    answer = send(api, line(), line(), line())
    assert answer.status_code == 413
    assert not Incident.objects.exists()


def test_another_form_is_refused(api, line):
    assert api.post("/api/v1/incidents/bulk", line()).status_code == 415


def test_a_reading_token_records_nothing(investigator, line):
    assert send(client_of(investigator, scopes=["incidents:read"]), line()).status_code == 403


def test_a_line_with_a_field_that_there_is_not_is_refused(api, line):
    lines = [line(nosuch=1), line(reason="x"), line(acts=[{"title_en": "Held", "nosuch": 1}]), line()]
    said = send(api, *lines).json()
    assert (said["created"], said["refused"]) == (1, 3)
    pointers = [one["errors"][0]["pointer"] for one in said["results"][:3]]
    assert pointers == ["/nosuch", "/reason", "/acts/0/nosuch"]
