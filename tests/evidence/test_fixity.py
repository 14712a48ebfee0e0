"""Fixity: portions, the alarm for an altered byte, frozen items, release, coverage; derivatives are made anew."""

import io
from datetime import timedelta

import pytest
from conftest import TESTS, drawn, looked_at, person, read_by_machine
from django.utils import timezone

from accounts.errors import Forbidden, Refused
from accounts.grants import Permission
from custody.ledger import history
from custody.models import Entry
from evidence import access, deriving, handling, intake, proofs, storage, tasks
from evidence.handling import fixity
from evidence.models import Blob, File, Item, Notice, Rendition

WHY = "The backup of Monday was restored."


def path_of(blob):
    return storage.root() / storage.name_of(blob)


def flip(blob) -> None:
    """One bit of the stored file is another one; done twice it is the same again."""
    data = bytearray(path_of(blob).read_bytes())
    data[-20] ^= 1
    path_of(blob).write_bytes(data)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


@pytest.fixture
def receive(item, investigator):
    def make(data: bytes, *, into=None) -> File:
        stream = io.BytesIO(data)
        return looked_at(intake.receive_file(by=investigator, item=into or item, stream=stream, name="a.bin"))

    return make


def test_the_longest_unchecked_comes_first_in_portions(receive):
    blobs = [receive(bytes([number]) * 100).blob for number in range(4)]
    handling.check_due(most_bytes=250)
    assert [fresh(blob).checked_at is not None for blob in blobs].count(True) == 2
    handling.check_due(most_bytes=250)
    assert all(fresh(blob).checked_at for blob in blobs)
    assert handling.check_due(most_bytes=250) == []
    runs = Entry.objects.filter(act="fixity.checked")
    assert [run.content["data"]["blobs"] for run in runs.order_by("eid")] == [2, 2]
    Blob.objects.filter(pk=blobs[3].pk).update(checked_at=timezone.now() - timedelta(days=80))
    before = fresh(blobs[0]).checked_at
    handling.check_due(most_bytes=250)
    assert fresh(blobs[3]).checked_at > before
    assert fresh(blobs[0]).checked_at == before


def test_a_blob_larger_than_the_portion_is_checked_alone(receive):
    big = receive(b"x" * 1000).blob
    handling.check_due(most_bytes=10)
    assert fresh(big).checked_at


def test_progress_is_no_entry_of_a_row(receive):
    blob = receive(b"x").blob
    before = Entry.objects.filter(object_id=blob.pk).count()
    handling.check_due()
    assert Entry.objects.filter(object_id=blob.pk).count() == before


def test_one_flipped_bit_is_found_named_and_freezes_each_item(
    receive, item, collection, investigator, keeper, administrator, auditor
):
    file = receive(b"what was received")
    other = intake.receive_item(by=investigator, collection=collection, given={"kind": "testimony", "title_en": "x"})
    receive(b"what was received", into=other)
    sound = receive(b"something else")
    flip(file.blob)
    assert handling.check_due() == []
    assert fresh(file.blob).altered_at
    assert fresh(sound.blob).altered_at is None
    for one in (item, other):
        assert fresh(one).frozen_at
        event = history([one.pk])[0]
        assert event.act == "item.frozen"
        assert event.data["sha256"] == file.blob.digest
    told = {(notice.recipient_id, notice.kind) for notice in Notice.objects.all()}
    assert {(administrator.pk, "bytes_altered"), (auditor.pk, "bytes_altered"), (keeper.pk, "item_frozen")} <= told
    assert investigator.pk not in {recipient for recipient, _kind in told}
    assert Notice.objects.filter(kind="bytes_altered", target__isnull=False).count() == 0
    # Once found it is not found again, nor read again by itself.
    handling.check_due()
    assert Entry.objects.filter(act="fixity.failed").count() == 1


def test_whoever_may_not_see_the_item_is_told_nothing_of_it(receive, item, keeper):
    file = receive(b"what was received")
    Item.objects.filter(pk=item.pk).update(inherits_access=False)
    flip(file.blob)
    handling.check_due()
    assert not Notice.objects.filter(recipient=keeper).exists()


def test_a_missing_file_is_an_altered_one(receive, item):
    file = receive(b"what was received")
    path_of(file.blob).unlink()
    handling.check_due()
    assert fresh(item).frozen_at


def test_a_storage_that_does_not_answer_says_nothing_about_bytes(receive, item, monkeypatch):
    receive(b"what was received")

    def away(blob):
        raise ConnectionRefusedError
        yield

    monkeypatch.setattr(fixity.storage, "read", away)
    assert handling.check_due() == []
    assert fresh(item).frozen_at is None
    assert Entry.objects.get(act="fixity.checked").content["data"]["unread"] == 1


@pytest.mark.parametrize("how", ["gone", "refuses"])
def test_a_storage_that_is_not_there_freezes_nothing(receive, item, investigator, monkeypatch, how):
    file = receive(b"what was received")
    opening = handling.open_for(by=investigator, file=file, purpose="to read it")
    if how == "gone":
        (storage.root() / "blobs").rename(storage.root() / "elsewhere")
    else:

        def refuses(blob, *_range):
            raise storage.Unavailable("object storage: does not answer")
            yield

        monkeypatch.setattr(storage, "read", refuses)
    try:
        handling.check_due()
        with pytest.raises(Refused) as refusal:
            handling.read_opened(by=investigator, opening=opening)
        checks = proofs.verify_item(by=investigator, item=item)
    finally:
        if how == "gone":
            (storage.root() / "elsewhere").rename(storage.root() / "blobs")
    assert refusal.value.code == "unavailable"
    assert (checks[0].code, checks[0].holds) == ("unread", None)
    assert fresh(item).frozen_at is None
    assert fresh(file.blob).altered_at is None


def test_a_frozen_item_is_neither_sealed_nor_opened_unknowingly(receive, item, investigator):
    file = receive(b"what was received")
    flip(file.blob)
    handling.check_due()
    with pytest.raises(Refused) as refusal:
        handling.seal(by=investigator, item=item, reason="It is complete.")
    assert refusal.value.code == "frozen"
    with pytest.raises(Refused) as refusal:
        handling.open_for(by=investigator, file=fresh(file), purpose="to see what is left")
    assert refusal.value.code == "altered"
    assert handling.open_for(by=investigator, file=fresh(file), purpose="to see what is left", knowing=["altered"])


def test_it_is_released_when_the_bytes_are_what_they_were(receive, item, investigator, keeper):
    file = receive(b"what was received")
    flip(file.blob)
    handling.check_due()
    with pytest.raises(Refused, match="Still not"):
        handling.unfreeze(by=keeper, item=item, reason=WHY)
    flip(file.blob)
    with pytest.raises(Forbidden):
        handling.unfreeze(by=investigator, item=item, reason=WHY)
    handling.unfreeze(by=keeper, item=item, reason=WHY)
    assert fresh(item).frozen_at is None
    assert fresh(file.blob).altered_at is None
    with pytest.raises(Refused):
        handling.unfreeze(by=keeper, item=item, reason=WHY)


def test_the_same_bytes_received_again_heal_it(receive, item, keeper):
    """They are stored anew beside the altered ones, and the file then stands on them."""
    file = receive(b"what was received")
    flip(file.blob)
    handling.check_due()
    again = receive(b"what was received")
    assert again.blob_id != file.blob_id
    handling.unfreeze(by=keeper, item=item, reason="It was received again.")
    assert fresh(file).blob_id == again.blob_id
    assert fresh(file.blob).wrapped_key is None
    assert b"".join(storage.read(fresh(file).blob)) == b"what was received"


def test_a_copy_that_one_may_not_see_heals_nothing(receive, item, investigator, keeper, stranger, other_collection):
    file = receive(b"what was received")
    flip(file.blob)
    handling.check_due()
    hidden = intake.receive_item(by=stranger, collection=other_collection, given={"kind": "testimony", "title_en": "x"})
    receive(b"what was received", into=hidden)
    with pytest.raises(Refused) as refusal:
        handling.unfreeze(by=keeper, item=item, reason="It was received again.")
    assert refusal.value.code == "still_altered"
    flip(file.blob)  # restored from a backup: both are sound, and they are one again
    handling.unfreeze(by=keeper, item=item, reason=WHY)
    assert Blob.objects.filter(sha256=file.blob.sha256, wrapped_key__isnull=False).count() == 1
    assert b"".join(storage.read(fresh(file).blob)) == b"what was received"


def test_verify_now_raises_the_alarm_too(receive, item, investigator):
    file = receive(b"what was received")
    assert proofs.verify_item(by=investigator, item=item)[0].holds
    assert fresh(file.blob).checked_at
    flip(file.blob)
    assert proofs.verify_item(by=investigator, item=item)[0].holds is False
    assert fresh(item).frozen_at


def test_a_worker_that_meets_altered_bytes_raises_the_alarm(receive, item):
    file = receive(b"what was received")
    flip(file.blob)
    deriving.process(file.pk)
    assert fresh(item).frozen_at


def test_broken_pictures_are_made_anew_and_freeze_nothing(receive, item):
    picture = drawn(read_by_machine(receive(b"what was received")))
    flip(picture.blob)
    tasks.check_fixity()
    assert fresh(item).frozen_at is None
    assert fresh(picture.blob).wrapped_key is None
    assert not Rendition.objects.filter(file=picture.file, ended_at=None).exists()
    assert deriving.pending() == [picture.file_id]
    again = drawn(picture.file)
    assert again.blob_id != picture.blob_id
    assert b"".join(storage.read(again.blob))


def test_coverage_is_numbers(receive, settings):
    first, second = receive(b"first").blob, receive(b"second").blob
    old = timezone.now() - timedelta(days=91)
    Blob.objects.filter(pk=first.pk).update(checked_at=old)
    found = handling.coverage()
    assert (found.blobs, found.bytes, found.within, found.overdue, found.never) == (2, 11, 1, 1, 1)
    assert found.oldest == old
    flip(second)
    handling.check_due()
    found = handling.coverage()
    assert (found.within, found.overdue, found.altered, found.frozen_items) == (1, 0, 1, 1)


def test_the_last_check_is_that_of_the_longest_unchecked(receive, item, investigator):
    assert handling.last_check(item, user=investigator) is None
    blobs = [receive(bytes([number])).blob for number in range(2)]
    old = timezone.now() - timedelta(days=9)
    Blob.objects.filter(pk=blobs[0].pk).update(checked_at=old)
    assert handling.last_check(item, user=investigator) == old
    someone = person("analyst")
    access.grant(by=TESTS, record=item, permission=Permission.VIEW, reason="x", user=someone)
    assert handling.last_check(item, user=someone) == old
