"""Many incidents in one request to the production server, whose ways with a body are not those of the test client."""

import contextlib
import http.client
import json

import pytest
from conftest import simple
from live_server import Live

from evidence.models import Incident

pytestmark = pytest.mark.slow


@pytest.fixture
def live(committed_database, django_db_blocker, settings, tmp_path):
    from django.db import connection

    settings.STORAGE_DIR = tmp_path / "storage"
    with django_db_blocker.unblock():
        server = Live(connection.settings_dict, settings, tmp_path).start()
        yield server.for_somebody("incidents:write")
        server.kill()


def send(live, body, **headers) -> tuple[int, dict]:
    headers = {"Authorization": f"Bearer {live.token}", "Content-Type": "application/x-ndjson", **headers}
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", live.port, timeout=120)) as connection:
        connection.request("POST", "/api/v1/incidents/bulk", body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_every_line_is_taken_or_refused(live):
    line = json.dumps({"collection": live.home.code, **simple()})
    status, said = send(live, "\r\n".join([line, "{", "", line, '{"title_en": 1}', line]).encode())
    assert (status, said["created"], said["refused"]) == (200, 3, 2)
    assert [one["line"] for one in said["results"]] == [1, 2, 4, 5, 6]
    long = simple() | {"narrative_en": "He was led away. " * 9000}
    status, said = send(live, "\n".join(json.dumps({"collection": live.home.code, **long}) for _n in range(9)).encode())
    assert (status, said["created"]) == (200, 9)
    before = Incident.objects.count()
    assert before == 12
    assert send(live, "\n".join([line] * 1001).encode())[0] == 413
    key = {"Idempotency-Key": "once"}
    assert send(live, f"{line}\n{line}".encode(), **key)[1]["created"] == 2
    assert send(live, f"{line}\n{line}\n{line}".encode(), **key)[0] == 409
    assert Incident.objects.count() == before + 2


def test_a_body_in_pieces_without_its_length_is_not_taken_for_an_empty_one(live):
    line = json.dumps({"collection": live.home.code, **simple()}).encode()
    status, said = send(live, iter([line]))
    assert (status, said["status"]) == (411, 411)
    assert "Content-Length" in said["detail"]
    assert not Incident.objects.exists()
