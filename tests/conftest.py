"""Fixtures every test may use: the people, a collection with their grants, and short ways to record things."""

import contextlib
import io
import itertools
import threading
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from accounts.people import invite
from accounts.roles import Permission, Role
from custody import ledger
from custody.ledger import Service
from custody.signer import Signer, SignerServer
from evidence import access, deriving, intake, recording, remembered, storage
from evidence.models import File, Rendition, Step
from evidence.processing import identify, members
from evidence.processing.results import Facts, Job, Outcome, PageText

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


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    """What the planner said of another test's rows, and which codes that had."""
    remembered.forget()


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
def own_verbs(monkeypatch):
    """For tests that declare verbs: these are none of the product."""
    monkeypatch.setattr(ledger, "VERBS", {})


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
    home = access.open_collection(
        by=person("administrator"), name_en="Invented case file", name_ko="가상 사건철", preset_level=2
    )
    for user, permission in (
        (investigator, Permission.CONTRIBUTE),
        (investigator2, Permission.CONTRIBUTE),
        (reviewer, Permission.REVIEW),
        (reviewer, Permission.CONTRIBUTE),
        (analyst, Permission.CONTRIBUTE),
    ):
        access.grant(by=TESTS, record=home, permission=permission, reason="test", user=user)
    return home


@pytest.fixture
def other_collection(stranger):
    """A collection that only the stranger may see."""
    home = access.open_collection(by=person("administrator"), name_en="Another file", preset_level=2)
    access.grant(by=TESTS, record=home, permission=Permission.CONTRIBUTE, reason="test", user=stranger)
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
def several(log):
    """Incidents by name: of different crimes, places and dates."""
    acts = lambda *codes: [{"crimes": list(codes)}]  # noqa: E731
    return {
        "torture": log(title_en="Torture", acts=acts("cah.torture"), place="KP-09", date="2010-05").pk,
        "prison": log(title_en="Prison", acts=acts("cah.imprisonment"), place="KP-01", date="2010-05/2012-06").pk,
        "undated": log(title_en="Undated", acts=[{}], place="", date="").pk,
        "vague": log(title_en="Vague", acts=[{}], place="", date="2009~").pk,
    }


@pytest.fixture
def incident(log):
    return log()


@pytest.fixture
def item(investigator, collection):
    return intake.receive_item(
        by=investigator, collection=collection, given={"kind": "testimony", "title_en": "Interview record"}
    )


def looked_at(file: File, scan: str = "clean") -> File:
    """The file as quarantine leaves it."""
    File.objects.filter(pk=file.pk).update(scan=scan)
    file.refresh_from_db()
    return file


def drawn(file: File, kind: str = "page") -> Rendition:
    """A picture made of the file, as a step leaves it."""
    blob = intake.keep_bytes(io.BytesIO(b"RIFF" + str(file.pk).encode()), limit=100, area="derived")
    step = Step.objects.create(file=file, name=kind, state="done", tool="test")
    picture = {"kind": kind, "media_type": "image/webp", "width": 1, "height": 1}
    return Rendition.objects.create(file=file, step=step, blob=blob, **picture)


@pytest.fixture
def file(investigator, item):
    return intake.receive_file(
        by=investigator, item=item, stream=io.BytesIO(b"bytes of evidence" * 1000), name="note.txt"
    )


@pytest.fixture
def keeper(collection):
    """A reviewer who manages the collection."""
    user = person(Role.REVIEWER)
    access.grant(by=TESTS, record=collection, permission=Permission.MANAGE, reason="test", user=user)
    return user


def read_by_machine(file, *, text="구류장에서", scan="clean", failed=("ocr",), found="", members=()):
    """The file as if it had been processed: scanned, one page of text, its members listed, the named steps failed."""
    row = deriving.claim(file.pk)
    verdict = Outcome(step="scan", found={"verdict": scan})
    pages = Outcome(step="text", tool="test", texts=[PageText(1, text)], found={"author": found} if found else {})
    inside = [Outcome(step="members", tool="test", found={"members": list(members), "relation": "part_of"})]
    for outcome in (
        verdict,
        pages,
        *(inside if members else ()),
        *(Outcome(step=name, state="failed", reason="damaged") for name in failed),
    ):
        deriving.settle(by=TESTS, row=row, outcome=outcome, out=None)
    deriving.finish(by=TESTS, row=row)
    file.refresh_from_db()
    return file


def with_members(item, *, by, names=("a.txt", "b.txt"), archive=None):
    """A ZIP archive in an item, processed by the real steps that say what it is and what it contains."""
    data = io.BytesIO(archive or b"")
    if archive is None:
        with zipfile.ZipFile(data, "w") as made:
            for name in names:
                made.writestr(name, f"{name}: invented")
        data.seek(0)
    file = intake.receive_file(by=by, item=item, stream=data, name="archive.zip")
    row = deriving.claim(file.pk)
    with storage.workplace() as folder:
        path = folder / "bytes"
        path.write_bytes(b"".join(storage.read(file.blob)))
        outcomes, known = [], {}
        for step in (identify, members):
            outcome = step.run(Job(path, folder, Facts("", file.blob.size, "zip", known)))
            outcome.step, known[step.NAME] = step.NAME, outcome.found
            outcomes.append(outcome)
    for outcome in (outcomes[0], Outcome(step="scan", found={"verdict": "clean"}), outcomes[1]):
        deriving.settle(by=TESTS, row=row, outcome=outcome, out=None)
    deriving.finish(by=TESTS, row=row)
    file.refresh_from_db()
    return file


def claiming(file, *, time="2008-10-22", places=()):
    """The file as if its metadata claimed a time and places."""
    File.objects.filter(pk=file.pk).update(scan="clean")
    times = [{"value": time, "field": "ExifIFD:DateTimeOriginal", "edtf": time}]
    result = {"claimed": {"times": times, "places": list(places)}, "tags": {"IFD0:Make": "Invented"}}
    Step.objects.create(file=file, name="metadata", state="done", tool="test", result=result)
    file.refresh_from_db()
    return file


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
