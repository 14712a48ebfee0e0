"""How uploads end: access lost meanwhile, two at once, a death while finishing, damaged bytes."""

import io

import pytest
from django.utils import timezone
from tus_client import CONTENT, Tus, parts, upload_of

from accounts import grants
from accounts.grants import Permission
from evidence import storage, uploading
from evidence.models import Blob, Item, Upload
from evidence.uploading import pieces


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.STORAGE_DIR = tmp_path / "storage"


@pytest.fixture
def tus(investigator):
    return Tus(investigator)


@pytest.fixture
def path(tus, item):
    return tus.begun(len(CONTENT), item=item.code, filename="note.txt")


def _take_away(collection, user):
    for permission in (Permission.CONTRIBUTE, Permission.VIEW):
        grants.take(record=collection, permission=permission, user=user)


@pytest.mark.parametrize("when", ["between pieces", "before the end is asked again"])
def test_who_has_lost_access_adds_nothing(
    tus, path, item, collection, investigator, when, django_capture_on_commit_callbacks
):
    tus.patch(path, CONTENT[:1000], 0)
    if when != "between pieces":
        arrival = pieces.arrival_of(upload_of(path))
        arrival.write(io.BytesIO(CONTENT[1000:]), offset=1000)
    _take_away(collection, investigator)
    with django_capture_on_commit_callbacks(execute=True):
        if when == "between pieces":
            assert tus.patch(path, CONTENT[1000:2000], 1000).status_code == 403
        else:
            with pytest.raises(Exception, match="no longer"):
                uploading.finish(by=investigator, upload=upload_of(path))
    upload = upload_of(path)
    assert (upload.state, bytes(upload.wrapped_key), parts()) == ("refused", b"", [])
    assert "access" in upload.problem
    assert not item.files.exists()
    assert tus.send("HEAD", path).status_code == 410


@pytest.mark.parametrize("field", ["sealed_at", "withdrawn_at"])
def test_an_item_that_takes_nothing_more_refuses_at_the_end(tus, path, item, field, django_capture_on_commit_callbacks):
    arrival = pieces.arrival_of(upload_of(path))
    arrival.write(io.BytesIO(CONTENT), offset=0)
    Item.objects.filter(pk=item.pk).update(**{field: timezone.now()})
    with django_capture_on_commit_callbacks(execute=True):
        answer = tus.patch(path, b"", len(CONTENT))
    assert answer.status_code == 409
    assert (upload_of(path).state, parts(), Blob.objects.count()) == ("refused", [], 0)
    assert tus.begin(5, item=item.code).status_code == 409


def test_two_who_finish_keep_one_file(tus, path, item, investigator):
    upload = upload_of(path)
    pieces.arrival_of(upload).write(io.BytesIO(CONTENT), offset=0)
    # Both have read the whole before either has written a row.
    both = [storage.arrived(pieces.arrival_of(upload)) for _ in range(2)]
    for received in both:
        kept = pieces.keep(by=investigator, upload=upload, received=received, media_type="text/plain")
        received.discard()
    assert kept.file == item.files.get()
    assert Blob.objects.count() == 1


def test_the_last_piece_sent_again_makes_no_second_file(tus, path, item):
    tus.patch(path, CONTENT, 0)
    again = tus.patch(path, CONTENT, 0)
    assert again.status_code == 409
    assert tus.offset(path) == len(CONTENT)
    assert tus.patch(path, b"", len(CONTENT)).status_code == 204
    assert item.files.count() == 1


class Died(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("where", ["before the bytes are kept", "after the bytes are kept", "after the rows"])
def test_a_death_while_finishing_leaves_an_upload_that_can_be_finished(
    tus, path, item, investigator, monkeypatch, where, django_capture_on_commit_callbacks
):
    upload = upload_of(path)
    pieces.arrival_of(upload).write(io.BytesIO(CONTENT), offset=0)
    real = storage.keep

    def keep(received):
        if where != "before the bytes are kept":
            real(received)
        raise Died

    with monkeypatch.context() as patched, pytest.raises(Died):
        if where == "after the rows":
            patched.setattr(pieces.transaction, "on_commit", _die)
        else:
            patched.setattr(storage, "keep", keep)
        uploading.finish(by=investigator, upload=upload)
    assert (Blob.objects.count(), item.files.count(), upload_of(path).state) == (0, 0, "arriving")
    assert tus.offset(path) == len(CONTENT)
    assert Upload.objects.get().state == "arriving"
    with django_capture_on_commit_callbacks(execute=True):
        assert tus.patch(path, b"", len(CONTENT)).status_code == 204
    file = item.files.get()
    assert b"".join(storage.read(file.blob)) == CONTENT
    assert parts() == []


def _die(*args):
    raise Died


def test_damaged_bytes_are_not_kept(tus, path, item, django_capture_on_commit_callbacks):
    arrival = pieces.arrival_of(upload_of(path))
    arrival.write(io.BytesIO(CONTENT), offset=0)
    with arrival.path.open("r+b") as file:
        file.seek(2_000_000)
        file.write(b"\x00\x01\x02")
    with django_capture_on_commit_callbacks(execute=True):
        assert tus.patch(path, b"", len(CONTENT)).status_code == 410
    assert (upload_of(path).state, item.files.count(), parts()) == ("refused", 0, [])
