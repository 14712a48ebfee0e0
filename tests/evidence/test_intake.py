"""Evidence comes in: what is said of it, its files, what is refused."""

import io

import pytest
from conftest import looked_at

from accounts.errors import Invalid, Refused, Stale
from custody.ledger import history
from evidence import handling, intake, recording
from evidence.models import Blob, File, Item


def receive(investigator, collection, **given):
    given = {"kind": "testimony", "title_en": "Interview", **given}
    return intake.receive_item(by=investigator, collection=collection, given=given)


def test_every_problem_is_named_at_once(investigator, collection):
    given = {"kind": "none", "title_en": "a\x00", "date": "2011-13", "obtained_on": "soon", "has_original": "yes",
             "source": "SRC-0000-0000", "confidentiality": 9, "content_warnings": ["none"], "nosuch": 1}  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        receive(investigator, collection, **given)
    assert set(refusal.value.errors) == set(given)
    assert not Item.objects.exists()


@pytest.mark.parametrize("given", [{"title_en": ""}, {"kind": ""}, {"kind": None}])
def test_a_title_and_a_kind_are_needed(investigator, collection, given):
    with pytest.raises(Invalid):
        receive(investigator, collection, **given)


@pytest.mark.parametrize("given", [[], None, "text", 7])
def test_what_is_no_object_is_refused(investigator, collection, given):
    with pytest.raises(Invalid):
        intake.receive_item(by=investigator, collection=collection, given=given)


def test_the_collection_gives_the_level_unless_told(investigator, collection):
    assert receive(investigator, collection).effective_level == 2
    assert receive(investigator, collection, confidentiality=3).effective_level == 3


def test_an_item_above_the_clearance_is_refused(investigator, collection):
    with pytest.raises(Refused) as refusal:
        receive(investigator, collection, confidentiality=4)
    assert refusal.value.code == "above_clearance"


def test_a_source_lends_the_protection_of_the_person_behind_it(investigator, collection):
    someone = recording.record_person(by=investigator, collection=collection, given={"risk": "high"})
    given = {"title": "S-1", "person": someone.code}
    source = recording.record_source(by=investigator, collection=collection, given=given)
    assert source.effective_level == 3
    assert receive(investigator, collection, source=source.code).effective_level == 3


def test_a_source_named_later_lifts_the_item(investigator, collection, item):
    someone = recording.record_person(by=investigator, collection=collection, given={"risk": "high"})
    given = {"title": "S-1", "person": someone.code}
    source = recording.record_source(by=investigator, collection=collection, given=given)
    revised = intake.revise_item(by=investigator, item=item, given={"source": str(source.pk)}, version=1)
    assert revised.effective_level == 3


def test_a_stale_change_is_refused(investigator, item):
    intake.revise_item(by=investigator, item=item, given={"title_en": "First"}, version=1)
    with pytest.raises(Stale):
        intake.revise_item(by=investigator, item=item, given={"title_en": "Second"}, version=1)
    item.refresh_from_db()
    assert item.title_en == "First"


def test_an_unchanged_item_leaves_no_trace(investigator, item):
    before = len(history([item.pk]))
    assert intake.revise_item(by=investigator, item=item, given={"title_en": item.title_en}, version=1).version == 1
    assert len(history([item.pk])) == before


def test_the_last_title_cannot_be_taken_away(investigator, item):
    with pytest.raises(Invalid):
        intake.revise_item(by=investigator, item=item, given={"title_en": ""}, version=1)


@pytest.mark.parametrize("field", ["sealed_at", "withdrawn_at"])
def test_a_sealed_or_withdrawn_item_takes_no_files(investigator, item, field):
    from django.utils import timezone

    setattr(item, field, timezone.now())
    item.save()
    with pytest.raises(Refused):
        intake.receive_file(by=investigator, item=item, stream=io.BytesIO(b"x"), name="a")
    with pytest.raises(Refused):
        intake.revise_item(by=investigator, item=item, given={"title_en": "x"}, version=1)


def test_a_file_comes_back_as_it_came(investigator, item):
    data = "증언 \x00\xff".encode() * 1000
    file = intake.receive_file(by=investigator, item=item, stream=io.BytesIO(data), name="증언.txt")
    assert b"".join(handling.open_file(by=investigator, file=looked_at(file)).chunks) == data


def test_the_same_file_in_two_items_is_stored_once(investigator, collection, item):
    other = receive(investigator, collection)
    for one in (item, other):
        intake.receive_file(by=investigator, item=one, stream=io.BytesIO(b"same"), name="a")
    assert (File.objects.count(), Blob.objects.count()) == (2, 1)
    with pytest.raises(Refused) as refusal:
        intake.receive_file(by=investigator, item=other, stream=io.BytesIO(b"same"), name="b")
    assert refusal.value.code == "same_file"


def test_a_file_that_is_too_large_is_refused(investigator, item, monkeypatch):
    monkeypatch.setattr(intake, "MAX_FILE", 1024 * 1024)
    with pytest.raises(Invalid) as refusal:
        intake.receive_file(by=investigator, item=item, stream=io.BytesIO(bytes(1024 * 1024 + 1)), name="a")
    assert (refusal.value.code, refusal.value.field) == ("too_large", "file")
    assert not File.objects.exists()


def test_several_files_come_together_or_not_at_all(investigator, item):
    from django.core.files.uploadedfile import SimpleUploadedFile

    uploads = [SimpleUploadedFile(name, b"same") for name in ("a", "b")]
    with pytest.raises(Refused):
        intake.receive_files(by=investigator, item=item, files=uploads)
    assert not File.objects.exists()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "image/png"),
        ("한글 본문".encode(), "text/plain"),
        (b"MZ\x90\x00", "application/x-msdownload"),
        (b"\xff\xfe\x00", "application/octet-stream"),
        (b"a\x00b", "application/octet-stream"),
        (b"", "application/octet-stream"),
        ("가".encode() * 3000, "text/plain"),
    ],
)
def test_the_type_is_told_by_content_never_by_name(investigator, item, head, kind):
    file = intake.receive_file(by=investigator, item=item, stream=io.BytesIO(head), name="holiday.jpg")
    assert file.media_type == kind


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\docs\\보고서.pdf", "보고서.pdf"),
        ("a\nb\x00c\u202etxt.exe", "abctxt.exe"),
        ("  a b .txt ", "a b .txt"),
        ("\ud800.txt", ".txt"),
        ("각", "각"),
        ("dir/", ""),
    ],
)
def test_names_are_kept_as_the_last_part_only(name, kept):
    assert intake.clean_name(name) == kept


@pytest.mark.parametrize("name", ["x" * 1000 + ".pdf", "x" * 1000, "." + "x" * 1000, "a." + "b" * 300])
def test_a_long_name_is_cut_to_what_is_kept(name):
    assert len(intake.clean_name(name)) <= 255


def test_a_file_without_a_name_gets_one(investigator, item):
    assert intake.receive_file(by=investigator, item=item, stream=io.BytesIO(b"x"), name="///").name


def test_what_a_verb_takes_fits_the_column():
    """A text that passes the verb and not the column would be an error of ours, not a sentence for a person."""
    from evidence.models import Incident
    from evidence.recording import incidents

    for model, texts in ((Item, intake.TEXTS), (Incident, incidents.TEXTS)):
        for name, limit in texts.items():
            width = model._meta.get_field(name).max_length
            assert width is None or limit <= width, (model, name)
