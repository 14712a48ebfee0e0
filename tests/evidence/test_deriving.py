"""Making files readable: what is kept of each step, what a second worker, a killed one and a retry do."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import Refused
from custody import ledger
from evidence import deriving, intake, storage
from evidence.models import Blob, File, FileText, Processing, Rendition
from evidence.processing.results import Outcome, PageText


@pytest.fixture
def receive(item, investigator):
    def make(data=b"hello", name="a.txt") -> File:
        return intake.receive_file(by=investigator, item=item, stream=io.BytesIO(data), name=name)

    return make


def acts(item) -> list[str]:
    return [event.act for event in ledger.history([item.pk])]


def expire(file):
    Processing.objects.filter(file=file).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_file_is_made_readable_once(receive, item):
    file = receive("진술서: 구류장에서".encode())
    assert deriving.pending() == [file.pk]
    assert deriving.process(file.pk).state == "done"
    file.refresh_from_db()
    assert file.scan == File.Scan.UNSCANNED
    assert file.scan_note == "not_configured"
    assert [text.text for text in file.texts.all()] == ["진술서: 구류장에서"]
    assert deriving.pending() == []
    assert deriving.process(file.pk) is None
    assert acts(item)[0] == "file.processing_finished"
    assert not [path for path in storage.root().glob("working/*") if path.is_dir()]


def test_pictures_and_odd_steps(receive, settings):
    settings.PROCESSING_STEPS = "tests.evidence.odd_steps"
    file = receive()
    names = ["good", "locked", "missing", "dying"]
    row = deriving.claim(file.pk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deriving, "SECONDS", dict.fromkeys(["identify", *names], 20))
        patch.setattr(deriving, "NAMES", ("identify", "scan", *names))
        deriving._work(row, file, list(deriving.NAMES))
    deriving.finish(by=deriving.WORKER, row=row)
    states = dict(file.steps.values_list("name", "reason"))
    assert states == {"identify": "", "scan": "not_configured", "good": "", "locked": "password",
                      "missing": "missing_program", "dying": "crashed"}  # fmt: skip
    picture = Rendition.objects.get(file=file)
    assert picture.blob.area == "derived"
    assert b"".join(storage.read(picture.blob)).startswith(b"RIFF")
    assert (storage.root() / storage.name_of(picture.blob)).parts[-4] == "derived"
    # Only what failed is tried again, and the good result stays.
    deriving.retry(by=file.created_by, file=file)
    assert set(file.steps.filter(ended_at=None).values_list("name", flat=True)) == {"identify", "good"}
    assert Rendition.objects.filter(file=file, ended_at=None).count() == 1


def test_two_workers_do_not_meet_and_a_dead_ones_results_do_not_count(receive):
    file = receive()
    first = deriving.claim(file.pk)
    assert deriving.claim(file.pk) is None
    expire(file)
    second = deriving.claim(file.pk)
    outcome = Outcome(step="text", texts=[PageText(1, "late")])
    with pytest.raises(deriving.Superseded):
        deriving.settle(by=deriving.WORKER, row=first, outcome=outcome, out=None)
    deriving.settle(by=deriving.WORKER, row=second, outcome=outcome, out=None)
    assert FileText.objects.filter(file=file).count() == 1
    with pytest.raises(deriving.Superseded):
        deriving.finish(by=deriving.WORKER, row=first)


def test_the_next_worker_goes_on_where_a_killed_one_stopped(receive):
    file = receive()
    known = Outcome(step="identify", media_type="text/plain", found={"kind": "plain", "media_type": "text/plain"})
    row = deriving.claim(file.pk)
    deriving.settle(by=deriving.WORKER, row=row, outcome=known, out=None)
    expire(file)
    deriving.process(file.pk)
    assert file.steps.filter(name="identify").count() == 1
    assert file.texts.count() == 1


def test_a_file_that_kills_every_worker_ends_as_failed(receive):
    file = receive()
    for _ in range(deriving.MAX_ATTEMPTS):
        assert deriving.claim(file.pk)
        expire(file)
    deriving.process(file.pk)
    assert set(file.steps.values_list("state", "reason")) == {("failed", "stopped")}
    assert Processing.objects.get(file=file).state == "done"


def test_bytes_that_cannot_be_read_are_a_failure_with_a_reason(receive):
    file = receive()
    (storage.root() / storage.name_of(file.blob)).write_bytes(b"other bytes")
    deriving.process(file.pk)
    assert set(file.steps.values_list("state", "reason")) == {("failed", "damaged")}


def test_extracted_text_replaces_what_was_recognised(receive):
    file = receive()
    row = deriving.claim(file.pk)
    seen = [PageText(1, "recognised", recognised=True, confidence=80), PageText(2, "recognised", recognised=True)]
    deriving.settle(by=deriving.WORKER, row=row, outcome=Outcome(step="ocr", texts=seen), out=None)
    text = Outcome(step="text", texts=[PageText(1, "extracted")])
    deriving.settle(by=deriving.WORKER, row=row, outcome=text, out=None)
    assert list(file.texts.filter(ended_at=None).values_list("number", "text")) == [(1, "extracted"), (2, "recognised")]


def test_a_retry_needs_something_to_retry(receive, investigator):
    file = receive()
    with pytest.raises(Refused, match="being processed"):
        deriving.retry(by=investigator, file=file)
    deriving.process(file.pk)
    deriving.retry(by=investigator, file=file, steps=["text"])
    deriving.process(file.pk)
    assert file.texts.filter(ended_at=None).count() == 1
    assert file.texts.count() == 2


def test_files_of_before_are_enlisted(item, investigator):
    blob = intake.keep_bytes(io.BytesIO(b"before"), limit=100)
    file = File.objects.create(item=item, blob=blob, name="a.txt", created_by=investigator)
    assert deriving.enlist(by=deriving.WORKER) == 1
    assert deriving.enlist(by=deriving.WORKER) == 0
    assert deriving.pending() == [file.pk]


def test_destroyed_bytes_that_come_again_are_stored_anew(db):
    blob = intake.keep_bytes(io.BytesIO(b"once"), limit=100)
    Blob.objects.filter(pk=blob.pk).update(wrapped_key=None, destroyed_at=timezone.now())
    again = intake.keep_bytes(io.BytesIO(b"once"), limit=100)
    assert again.pk != blob.pk
    assert b"".join(storage.read(again)) == b"once"
