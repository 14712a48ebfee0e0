import json

import pytest
from django.test import RequestFactory

from repository import health


@pytest.fixture
def ask():
    def ask(view):
        answer = view(RequestFactory().get("/health"))
        return answer.status_code, answer.content.decode()

    return ask


def test_live_asks_nothing_of_the_database(ask):
    assert ask(health.live) == (200, "ok")


@pytest.mark.django_db
def test_ready_names_each_part(ask):
    status, text = ask(health.ready)
    assert (status, json.loads(text)) == (
        200,
        {"database": "ok", "migrations": "ok", "broker": "ok", "storage": "ok", "data": "ok"},
    )


@pytest.mark.django_db
def test_a_lost_storage_makes_it_unready(ask, settings, tmp_path):
    settings.STORAGE_DIR = tmp_path / "gone"
    status, text = ask(health.ready)
    assert (status, json.loads(text)["storage"]) == (503, "missing")


@pytest.mark.django_db
def test_a_failing_part_says_no_address(ask, monkeypatch):
    def fail():
        raise OSError("could not connect to postgresql://user:secret@db")

    monkeypatch.setitem(health.PROBES, "database", fail)
    status, text = ask(health.ready)
    assert (status, json.loads(text)["database"]) == (503, "unreachable")
    assert "secret" not in text
