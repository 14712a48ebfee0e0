"""Destruction while the same bytes come in: whichever comes first, nobody is left with a file without its bytes."""

import io

import pytest
from conftest import TESTS, looked_at, person
from test_two_at_once import held_apart

from accounts.models import User
from evidence import access, handling, intake, protection, storage
from evidence.models import Blob, Decision, File, Item

DATA = b"the words of a witness"


def home(user):
    record = access.open_collection(by=person("administrator"), name_en="Home", preset_level=1)
    access.grant(by=TESTS, record=record, permission="manage", reason="test", user=user)
    return record


@pytest.mark.parametrize("order", ["destruction first", "arrival first"])
def test_bytes_that_come_while_they_are_destroyed_are_kept(committed_database, order):
    user, keeper = person("investigator"), person("reviewer")
    place = home(user)
    access.grant(by=TESTS, record=place, permission="manage", reason="test", user=keeper)
    old, new = (
        intake.receive_item(by=user, collection=place, given={"kind": "testimony", "title_en": title})
        for title in ("Old", "New")
    )
    file = looked_at(intake.receive_file(by=user, item=old, stream=io.BytesIO(DATA), name="a"))
    handling.withdraw_item(by=user, item=old, reason="It was withdrawn.")
    item = Item.objects.get(pk=old.pk)
    decision = protection.propose_destruction(by=user, item=item, reason="It was withdrawn.", basis="Order 12")

    def destroy():
        row, by = Decision.objects.get(pk=decision.pk), User.objects.get(pk=keeper.pk)
        return protection.carry_out(by=by, decision=row, answer="It is in force.")

    def receive():
        by, item = User.objects.get(pk=user.pk), Item.objects.get(pk=new.pk)
        return intake.receive_file(by=by, item=item, stream=io.BytesIO(DATA), name="b")

    found = held_apart(*((destroy, receive) if order == "destruction first" else (receive, destroy)))
    kept = File.objects.select_related("blob").get(item=new)
    assert b"".join(storage.read(kept.blob)) == DATA, found
    assert File.objects.get(pk=file.pk).destroyed_at, found
    assert (Blob.objects.get(pk=file.blob_id).wrapped_key is None) is (order == "destruction first")
