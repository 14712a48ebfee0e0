"""Batches of files: what they have in common, one item or many, the receipt, what is known already, and who sees it."""

import csv
import hashlib
import io
import re

import pytest
from conftest import TESTS, person
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation

from accounts.errors import Refused
from accounts.grants import Permission
from accounts.models import User
from custody.models import Entry
from evidence import access, intake, storage, uploading
from evidence.models import Blob, Collection, IntakeBatch, Item, Link, Upload
from evidence.storage import places
from evidence.uploading import pieces, sweeping
from evidence.web import receipt_pdf

GIVEN = {"kind": "testimony", "obtained_where": "Border town", "language": "ko"}


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.STORAGE_DIR = tmp_path / "storage"


@pytest.fixture
def batch(investigator, collection):
    return uploading.open_batch(by=investigator, collection=collection, given=GIVEN, label="Suitcase")


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.SignInBackend")
    return client


def bring(batch, content: bytes, name="note.txt", *, by=None) -> Upload:
    return uploading.bring(by=by or batch.created_by, batch=batch, stream=io.BytesIO(content), name=name)


def sent(batch, content: bytes, name="note.txt", folder="") -> Upload:
    """Brought in pieces."""
    by = batch.created_by
    upload = uploading.begin(by=by, name=name, folder=folder, size=len(content), batch=batch)
    uploading.write(by=by, upload=upload, stream=io.BytesIO(content), offset=0, length=len(content))
    return uploading.finish(by=by, upload=upload)


def test_each_file_becomes_an_item_with_what_all_have_in_common(batch):
    for name in ("면담 기록.hwp", "photo.jpg"):
        sent(batch, name.encode(), name)
    items = list(Item.objects.order_by("created_at"))
    assert [(item.title_ko, item.title_en) for item in items] == [("면담 기록", ""), ("", "photo")]
    assert {(item.kind, item.obtained_where, item.language) for item in items} == {("testimony", "Border town", "ko")}


def test_one_item_holds_all_files_of_a_batch_that_says_so(investigator, collection):
    batch = uploading.open_batch(
        by=investigator, collection=collection, given={**GIVEN, "title_en": "Suitcase"}, into="one"
    )
    kept = [sent(batch, content) for content in (b"one", b"two", b"three")]
    assert len({upload.file.item_id for upload in kept}) == 1
    assert Item.objects.get().files.count() == 3
    with pytest.raises(Refused, match="already holds"):
        sent(batch, b"two")


def test_every_item_of_a_batch_of_an_incident_is_linked_to_it(investigator, collection, incident):
    linking = {"function": "contextual", "stance": "neutral", "locator": "p. 3"}
    batch = uploading.open_batch(
        by=investigator, collection=collection, incident=incident, given=GIVEN, linking=linking
    )
    for content in (b"one", b"two"):
        sent(batch, content)
    rows = Link.objects.filter(incident=incident, ended_at=None)
    assert {(row.function, row.stance, row.locator) for row in rows} == {("contextual", "neutral", "p. 3")}
    assert rows.count() == 2


def test_whoever_knows_one_item_alone_may_bring_files_for_it(item):
    guest = person("investigator")
    access.grant(by=TESTS, record=item, permission=Permission.CONTRIBUTE, reason="test", user=guest)
    client = client_of(guest)
    answer = client.post(f"/batches/new/?item={item.code}", {"label": ""})
    batch = IntakeBatch.objects.get()
    assert answer["Location"] == f"/batches/{batch.pk}/"
    assert client.get(answer["Location"]).status_code == 200
    sent(batch, b"from the guest")
    assert item.files.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"into": "one"}, "title_en"),
        ({"into": "three"}, "into"),
        ({"confidentiality": "4"}, "confidentiality"),
        ({"obtained_on": "yesterday"}, "obtained_on"),
    ],
)
def test_a_batch_that_cannot_be_is_refused_at_its_field(investigator, collection, change, field):
    given = {"collection": str(collection.pk), "into": "each", "kind": "testimony", "has_original": ""}
    answer = client_of(investigator).post("/batches/new/", {**given, **change})
    assert answer.status_code in (400, 409)
    assert answer.context["form"].errors[field]
    assert not IntakeBatch.objects.exists()


def test_without_a_script_files_come_by_the_form(investigator, batch):
    files = [SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("비밀.txt", b"two"), SimpleUploadedFile("e", b"")]
    answer = client_of(investigator).post(f"/batches/{batch.pk}/files/", {"files": files}, follow=True)
    assert answer.status_code == 200
    text = answer.content.decode()
    for content in (b"one", b"two", b""):
        assert hashlib.sha256(content).hexdigest() in text
    assert Item.objects.count() == 3


def test_the_receipt_lists_every_file_as_page_pdf_and_table(investigator, batch):
    contents = {"=cmd|'C calc'!A0.txt": b"one", "사진.jpg": b"two"}
    for name, content in contents.items():
        sent(batch, content, name, folder="Suitcase/안")
    client = client_of(investigator)
    page = client.get(f"/batches/{batch.pk}/receipt/").content.decode()
    for content in contents.values():
        assert hashlib.sha256(content).hexdigest() in page
    table = b"".join(client.get(f"/batches/{batch.pk}/receipt.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert rows[0]["file"].startswith("'=cmd")
    assert [row["sha256"] for row in rows] == [hashlib.sha256(content).hexdigest() for content in contents.values()]
    assert {row["folder"] for row in rows} == {"Suitcase/안"}
    assert {row["item"] for row in rows} == {item.code for item in Item.objects.all()}
    assert {row["received_by"] for row in rows} == {investigator.name}
    answer = client.get(f"/batches/{batch.pk}/receipt.pdf")
    assert answer.content.startswith(b"%PDF")
    assert "사진" not in answer["Content-Disposition"]
    assert Entry.objects.filter(act="batch.receipt_issued", object_id=batch.pk).count() == 2


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_receipt_is_printed_in_both_languages_and_over_pages(investigator, batch, language):
    lines = [line for _ in range(120) for line in [*uploading.lines_of(batch, user=investigator)]]
    sent(batch, b"one", "긴 이름 " * 30 + "<b>.txt", folder="a/" * 200)
    lines = uploading.lines_of(batch, user=investigator) * 120
    with translation.override(language):
        made = receipt_pdf.render(batch, lines, by=investigator)
    assert made.count(b"/Type /Page\n") + made.count(b"/Type /Page ") > 3


def test_a_receipt_lists_what_its_reader_may_see(investigator, investigator2, batch):
    shown, hidden = sent(batch, b"shown", "shown.txt"), sent(batch, b"hidden", "hidden-word.txt")
    Item.objects.filter(pk=hidden.file.item_id).update(inherits_access=False)
    client = client_of(investigator2)
    for path in ("", "receipt/", "receipt.csv", "receipt.pdf"):
        answer = client.get(f"/batches/{batch.pk}/{path}")
        assert answer.status_code == 200
        text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8", "replace")
        assert "hidden-word" not in text
        assert hidden.file.blob.digest not in text
        if path in ("", "receipt/"):
            assert shown.file.blob.digest in text
    line = client.get("/batches/").context["lines"][0]
    assert (line["kept"], line["waiting"]) == (1, 0)


def test_others_see_what_has_arrived_and_not_what_is_on_its_way(investigator2, batch):
    uploading.begin(by=batch.created_by, name="on-its-way.txt", size=5, batch=batch)
    assert "on-its-way" not in client_of(investigator2).get(f"/batches/{batch.pk}/").content.decode()
    assert "on-its-way" in client_of(batch.created_by).get(f"/batches/{batch.pk}/").content.decode()
    with pytest.raises(Refused, match="Another person"):
        bring(batch, b"x", by=investigator2)


def test_a_batch_closes_when_all_is_here_or_the_rest_is_given_up(
    investigator, batch, django_capture_on_commit_callbacks
):
    uploading.begin(by=investigator, name="a", size=5, batch=batch)
    client = client_of(investigator)
    assert client.post(f"/batches/{batch.pk}/close/").status_code == 409
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/batches/{batch.pk}/close/", {"give_up": "yes"}).status_code == 302
    batch.refresh_from_db()
    assert batch.closed_at
    assert Upload.objects.get().state == "cancelled"
    assert list((storage.root() / "incoming").iterdir()) == []
    with pytest.raises(Refused, match="closed"):
        bring(batch, b"late")


def test_titles_and_what_is_common_are_saved_together_or_not_at_all(investigator, batch):
    first, second = (sent(batch, content, f"{content.decode()}.txt").file.item for content in (b"one", b"two"))
    path, client = f"/batches/{batch.pk}/describe/", client_of(investigator)
    data = {"all-obtained_by": "Team A"}
    for item, title in ((first, "First"), (second, "Second")):
        data |= {f"{item.pk}-title_en": title, f"{item.pk}-title_ko": "제목", f"{item.pk}-version": item.version}
    assert client.post(path, data | {f"{second.pk}-title_en": "", f"{second.pk}-title_ko": ""}).status_code == 400
    assert set(Item.objects.values_list("title_en", "obtained_by")) == {("one", ""), ("two", "")}
    assert client.post(path, data).status_code == 302
    assert set(Item.objects.values_list("title_en", "title_ko", "obtained_by")) == {
        ("First", "제목", "Team A"),
        ("Second", "제목", "Team A"),
    }
    assert client.post(path, data | {f"{first.pk}-title_en": "Stale"}).status_code == 409


def test_the_same_file_is_told_of_where_it_is_seen(investigator, incident, item, collection):
    intake.receive_file(by=investigator, item=item, stream=io.BytesIO(b"known bytes"), name="first.txt")
    batch = uploading.open_batch(by=investigator, collection=collection, incident=incident, given=GIVEN)
    upload = sent(batch, b"known bytes")
    assert upload.was_known
    client = client_of(investigator)
    shown = client.get(f"/api/v1/uploads/{upload.pk}").json()
    assert shown["known"] == [item.code]
    assert "Already in the repository" in client.get(f"/batches/{batch.pk}/").content.decode()
    answer = client.post(f"/batches/{batch.pk}/link/", {"upload": upload.pk, "item": item.code})
    assert answer.status_code == 302
    assert Link.objects.filter(item=item, incident=incident, ended_at=None).count() == 1


def test_an_item_that_holds_other_bytes_is_not_linked_in_their_place(investigator, incident, item, collection):
    batch = uploading.open_batch(by=investigator, collection=collection, incident=incident, given=GIVEN)
    upload = sent(batch, b"new bytes")
    answer = client_of(investigator).post(f"/batches/{batch.pk}/link/", {"upload": upload.pk, "item": item.code})
    assert answer.status_code == 409


class Works:
    """A place that remembers what was asked of it."""

    def __init__(self):
        self.inner, self.asked = places.LocalPlace(), []

    def __getattr__(self, name):
        def ask(*args, **kwargs):
            self.asked.append(name)
            return getattr(self.inner, name)(*args, **kwargs)

        return ask


def _answers(batch, content: bytes, monkeypatch) -> tuple[dict, list[str]]:
    """What a person learns from bringing these bytes, and what the storage had to do for it."""
    place = Works()
    monkeypatch.setattr(storage, "place", lambda: place)
    client = client_of(batch.created_by)
    upload = sent(batch, content, "same.txt")
    shown = client.get(f"/api/v1/uploads/{upload.pk}").json()
    page = client.get(f"/batches/{batch.pk}/").content.decode()
    told = {name: shown[name] for name in ("state", "problem", "known", "name", "size", "offset")}
    return told | {"words": page.count("Already in the repository:")}, place.asked


def test_bytes_that_others_hold_are_answered_and_worked_on_like_new_ones(
    investigator, stranger, other_collection, batch, monkeypatch
):
    theirs = intake.receive_item(by=stranger, collection=other_collection, given={"kind": "testimony", "title_en": "x"})
    intake.receive_file(by=stranger, item=theirs, stream=io.BytesIO(b"held by others"), name="theirs.txt")
    hidden, work_on_hidden = _answers(batch, b"held by others", monkeypatch)
    new, work_on_new = _answers(batch, b"held by no one", monkeypatch)
    assert hidden == new
    assert work_on_hidden == work_on_new == ["put"]
    assert Blob.objects.count() == 2


def test_who_loses_sight_of_the_known_item_is_told_no_more(investigator, item, batch):
    intake.receive_file(by=investigator, item=item, stream=io.BytesIO(b"known bytes"), name="first.txt")
    upload = sent(batch, b"known bytes")
    Item.objects.filter(pk=item.pk).update(inherits_access=False)
    client = client_of(investigator)
    assert client.get(f"/api/v1/uploads/{upload.pk}").json()["known"] == []
    assert item.code not in client.get(f"/batches/{batch.pk}/").content.decode()


def test_the_sweep_finishes_what_is_whole_and_gives_up_what_nobody_goes_on_with(
    investigator, batch, settings, monkeypatch, django_capture_on_commit_callbacks
):
    whole, waiting, old = (uploading.begin(by=investigator, name="a", size=5, batch=batch) for _ in range(3))
    pieces.arrival_of(whole).write(io.BytesIO(b"whole"), offset=0)
    pieces.arrival_of(old).write(io.BytesIO(b"ol"), offset=0)
    assert uploading.sweep() == 0  # its own request may still be at it
    monkeypatch.setattr(sweeping, "QUIET", -1)
    with django_capture_on_commit_callbacks(execute=True):
        assert uploading.sweep() == 1
    Upload.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    assert uploading.sweep() == 0  # a piece came within the days
    settings.UPLOAD_DAYS = -1
    Upload.objects.filter(pk=waiting.pk).update(expires_at=timezone.now() + timezone.timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert uploading.sweep() == 1
    states = {row.pk: row.state for row in Upload.objects.all()}
    assert states == {whole.pk: "kept", waiting.pk: "arriving", old.pk: "expired"}
    assert len(list((storage.root() / "incoming").iterdir())) == 1


def test_the_sweep_adds_nothing_for_who_was_suspended(
    investigator, batch, monkeypatch, django_capture_on_commit_callbacks
):
    upload = uploading.begin(by=investigator, name="a", size=5, batch=batch)
    pieces.arrival_of(upload).write(io.BytesIO(b"whole"), offset=0)
    User.objects.filter(pk=investigator.pk).update(is_active=False)
    monkeypatch.setattr(sweeping, "QUIET", -1)
    with django_capture_on_commit_callbacks(execute=True):
        uploading.sweep()
    upload.refresh_from_db()
    assert (upload.state, Item.objects.count()) == ("refused", 0)


def test_what_is_left_among_the_arrivals_after_the_end_is_swept(investigator, batch):
    from evidence import handling

    upload = uploading.begin(by=investigator, name="a", size=5, batch=batch)
    arrival = pieces.arrival_of(upload)
    arrival.write(io.BytesIO(b"whole"), offset=0)
    uploading.finish(by=investigator, upload=upload)  # the arrival goes on commit, which a test never does
    assert arrival.path.exists()
    late = storage.ORPHAN_AGE + 60 + timezone.now().timestamp()
    storage.sweep_orphans(handling.known_blobs, arriving=handling.arriving_blobs, now=late)
    assert not arrival.path.exists()
    assert b"".join(storage.read(Blob.objects.get())) == b"whole"


def test_the_form_offers_only_collections_one_may_add_to(investigator, collection, other_collection):
    page = client_of(investigator).get("/batches/new/").content.decode()
    assert str(collection.pk) in page
    assert not re.search(str(other_collection.pk), page)
    assert Collection.objects.count() == 2
