"""Fixtures every test may use: the people, a collection with their grants, and short ways to record things."""

import contextlib
import io
import itertools
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from accounts.people import invite
from accounts.roles import Permission, Role
from custody.ledger import Service
from custody.signer import Signer, SignerServer
from evidence import access, intake, recording

pytest_plugins = ["repository.runtime.pytest_plugin"]
TESTS = Service("tests")
PASSWORD = "correct horse battery staple"
_number = itertools.count(1)


def person(role: str, *, clearance: int = 3, name: str = "") -> User:
    """A new active person of this role."""
    number = next(_number)
    email = f"{role}{number}@tests.example"
    return invite(
        by=TESTS, email=email, name=name or f"{role} {number}", role=role, clearance=clearance, password=PASSWORD
    )


@contextlib.contextmanager
def signer_at_work(memory: Path):
    """A signer at its socket, with the suite's key and a memory of its own."""
    server = SignerServer(
        Signer(settings.LEDGER_ORIGIN, settings.LEDGER_SIGNING_KEY_FILE, memory), settings.LEDGER_SIGNER_SOCKET
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.signer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def signing(tmp_path):
    with signer_at_work(tmp_path / "signed.json") as signer:
        yield signer


@contextlib.contextmanager
def as_sequencer():
    """Django's connection with the rights of the sequencer, and no more."""
    usual = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update({**settings.SEQUENCER_DATABASE, "NAME": usual["NAME"]})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(usual)


@pytest.fixture
def investigator(db):
    return person(Role.INVESTIGATOR)


@pytest.fixture
def investigator2(db):
    return person(Role.INVESTIGATOR)


@pytest.fixture
def reviewer(db):
    return person(Role.REVIEWER)


@pytest.fixture
def analyst(db):
    return person(Role.ANALYST)


@pytest.fixture
def administrator(db):
    return person(Role.ADMINISTRATOR)


@pytest.fixture
def auditor(db):
    return person(Role.AUDITOR)


@pytest.fixture
def mechanism(db):
    return person(Role.MECHANISM)


@pytest.fixture
def stranger(db):
    """An investigator of another team: sees nothing of `collection`."""
    return person(Role.INVESTIGATOR)


@pytest.fixture
def collection(investigator, investigator2, reviewer, analyst):
    """An open collection, level confidential; all but the reviewer contribute, the reviewer reviews too."""
    home = access.open_collection(by=investigator, name_en="Invented case file", name_ko="가상 사건철", preset_level=2)
    for user, permission in (
        (investigator, Permission.CONTRIBUTE),
        (investigator2, Permission.CONTRIBUTE),
        (reviewer, Permission.REVIEW),
        (reviewer, Permission.CONTRIBUTE),
        (analyst, Permission.CONTRIBUTE),
    ):
        access.grant(by=investigator, record=home, permission=permission, reason="test", user=user)
    return home


@pytest.fixture
def other_collection(stranger):
    """A collection that only the stranger may see."""
    home = access.open_collection(by=stranger, name_en="Another file", preset_level=2)
    access.grant(by=stranger, record=home, permission=Permission.CONTRIBUTE, reason="test", user=stranger)
    return home


def simple(**changes) -> dict:
    """What a short log of an incident says."""
    return {
        "title_en": "Detention at a county holding centre",
        "title_ko": "군 구류장 구금",
        "narrative_en": "Three people were held for eleven days.",
        "date": "2011-03",
        "place": "KP-09",
        "place_precision": "province",
        "acts": [
            {
                "title_en": "Detention",
                "crimes": ["cah.imprisonment"],
                "involvements": [{"role": "victim", "count_min": 3, "count_max": 5}],
            }
        ],
        **changes,
    }


@pytest.fixture
def log(investigator, collection):
    """`log(title_en=…)`: an incident of the investigator in the collection."""

    def make(*, by=None, home=None, **changes):
        return recording.log_incident(by=by or investigator, collection=home or collection, given=simple(**changes))

    return make


@pytest.fixture
def incident(log):
    return log()


@pytest.fixture
def item(investigator, collection):
    return intake.receive_item(
        by=investigator, collection=collection, given={"kind": "testimony", "title_en": "Interview record"}
    )


@pytest.fixture
def file(investigator, item):
    return intake.receive_file(
        by=investigator, item=item, stream=io.BytesIO(b"bytes of evidence" * 1000), name="note.txt"
    )


@pytest.fixture
def protected(investigator, collection):
    """A protected person with a sealed name, level medium."""
    given = {
        "risk": "medium",
        "note": "Former detainee",
        "names": [{"script": "hangul", "kind": "legal", "value": "홍가상"}],
    }
    return recording.record_person(by=investigator, collection=collection, given=given)


@pytest.fixture
def source(investigator, collection):
    return recording.record_source(by=investigator, collection=collection, given={"title": "Report R-1", "kind": "cso"})
