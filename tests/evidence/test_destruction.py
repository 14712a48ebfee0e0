"""Destruction by two: what refuses it, what it takes, what stays, and that shared bytes tell nothing."""

import io

import pytest
from conftest import TESTS, drawn, looked_at, person
from django.utils import timezone

from accounts.errors import Forbidden, Invalid, Refused
from custody.ledger import history
from custody.models import Entry
from evidence import deriving, handling, intake, protection, storage
from evidence.models import Blob, Decision, File, FileText, Notice, Processing, Step, Upload
from evidence.processing.results import Outcome, PageText

WHY = "The witness withdrew everything."
BASIS = "Order 12 of the data protection authority"
DATA = b"the words of a witness"


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def receive(by, item, data=DATA) -> File:
    return looked_at(intake.receive_file(by=by, item=item, stream=io.BytesIO(data), name="witness.txt"))


def made_readable(file: File) -> None:
    row = deriving.claim(file.pk)
    outcome = Outcome(step="text", found={"author": "a witness"}, texts=[PageText(1, "words"), PageText(2, "more")])
    deriving.settle(by=TESTS, row=row, outcome=outcome, out=None)
    Processing.objects.filter(pk=row.pk).update(lease_until=None)
    drawn(file)


@pytest.fixture
def held(item, investigator):
    """A withdrawn item with one file that was made readable."""
    file = receive(investigator, item)
    made_readable(file)
    handling.withdraw_item(by=investigator, item=item, reason=WHY)
    return fresh(file)


def propose(by, item) -> Decision:
    return protection.propose_destruction(by=by, item=fresh(item), reason=WHY, basis=BASIS)


def agree(by, decision) -> Decision:
    return protection.carry_out(by=by, decision=decision, answer="The order is in force.")


def test_two_people_destroy_and_the_tombstone_stays(held, item, investigator, keeper):
    decision = propose(investigator, item)
    assert fresh(item).destroyed_at is None
    assert Notice.objects.filter(recipient=keeper, kind="decision_asked").exists()
    effect = {one.kind: one.count for one in protection.effect_of_decision(decision, user=keeper)}
    assert effect == {"file": 1, "text": 2, "picture": 1}
    picture = held.renditions.get()
    agree(keeper, decision)
    file = fresh(held)
    assert file.destroyed_at
    assert fresh(item).destroyed_at
    assert (file.name, file.blob.digest, file.blob.size) == ("witness.txt", held.blob.digest, len(DATA))
    assert file.blob.wrapped_key is None
    assert fresh(picture.blob).wrapped_key is None
    assert set(FileText.objects.values_list("text", flat=True)) == {""}
    assert all(step.result == {} and step.detail == "" for step in Step.objects.filter(file=file))
    assert Processing.objects.get(file=file).state == "done"
    with pytest.raises(storage.StorageError, match="destroyed"):
        b"".join(storage.read(file.blob))
    event = history([item.pk])[0]
    assert event.act == "destroy.carried_out"
    assert (event.data["files"], event.data["bytes"], event.data["texts"], event.data["pictures"]) == (
        1,
        len(DATA),
        2,
        1,
    )
    for act in (
        lambda: handling.restore_item(by=investigator, item=item, reason=WHY),
        lambda: propose(investigator, item),
        lambda: handling.open_for(by=investigator, file=file, purpose="to read it"),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "destroyed"
    assert handling.check_due() == []


def test_the_second_person_manages_and_is_not_the_first(held, item, investigator, reviewer, keeper):
    decision = propose(keeper, item)
    with pytest.raises(Refused, match="another person"):
        agree(keeper, decision)
    with pytest.raises(Forbidden, match="manages"):
        agree(reviewer, decision)
    with pytest.raises(Forbidden):
        agree(person("administrator"), decision)
    assert fresh(held).destroyed_at is None


def test_it_needs_reason_and_basis(held, item, investigator):
    for reason, basis in ((WHY, ""), ("", BASIS)):
        with pytest.raises(Invalid):
            protection.propose_destruction(by=investigator, item=fresh(item), reason=reason, basis=basis)


def retained(keeper, item):
    handling.retain(by=keeper, item=item, until="2090", reason=WHY)


def on_hold(keeper, item):
    handling.hold(by=keeper, record=item, reason="Request of the court")


def on_hold_by_collection(keeper, item):
    handling.hold(by=keeper, record=item.collection, reason="Request of the court")


def frozen(keeper, item):
    handling.report_altered(by=TESTS, blob=item.files.first().blob)


def restored(keeper, item):
    handling.restore_item(by=keeper, item=item, reason="It is needed.")


@pytest.mark.parametrize(
    ("before", "code"),
    [(retained, "retained"), (on_hold, "held"), (on_hold_by_collection, "held"), (frozen, "frozen"),
     (restored, "not_withdrawn")],
)  # fmt: skip
def test_what_stands_in_its_way_does_so_to_the_end(held, item, investigator, keeper, before, code):
    """It is asked when it is proposed, and again when it is carried out."""
    decision = propose(investigator, item)
    before(keeper, fresh(item))
    with pytest.raises(Refused) as refusal:
        agree(keeper, decision)
    assert refusal.value.code == code
    assert fresh(held).destroyed_at is None
    protection.withdraw_proposal(by=investigator, decision=decision)
    with pytest.raises(Refused) as refusal:
        propose(investigator, item)
    assert refusal.value.code == code


def told(item) -> list[tuple]:
    """What the history of an item says, without ids and times."""
    skipped = ("decision", "file", "opening", "until")
    events = history([item.pk])
    return [(event.act, event.note, {k: v for k, v in event.data.items() if k not in skipped}) for event in events]


@pytest.mark.parametrize("is_shared", [True, False])
def test_bytes_that_another_item_holds_survive_there_and_nothing_tells(
    request, item, investigator, keeper, stranger, other_collection, is_shared
):
    """The same answers, numbers and entries, whether a hidden item holds the same bytes or not."""
    file = receive(investigator, item)
    made_readable(file)
    elsewhere = intake.receive_item(
        by=stranger, collection=other_collection, given={"kind": "testimony", "title_en": "Hidden"}
    )
    other = receive(stranger, elsewhere, DATA if is_shared else b"other bytes")
    before = len(told(item))
    handling.withdraw_item(by=investigator, item=item, reason=WHY)
    decision = propose(investigator, item)
    effect = [(one.kind, one.count) for one in protection.effect_of_decision(decision, user=keeper)]
    done = agree(keeper, decision)
    entries = told(item)[: len(told(item)) - before]
    kinds = Entry.objects.filter(object_id=item.pk).order_by("eid").values_list("act", flat=True)
    found = (effect, done.state, entries, [act for act in kinds if not act.startswith("row.")],
             protection.effect_of_decision(fresh(decision), user=keeper))  # fmt: skip
    assert found[0] == [("file", 1), ("text", 2), ("picture", 1)]
    assert [entry[0] for entry in entries] == ["destroy.carried_out", "destroy.proposed", "item.withdrawn"]
    assert entries[0][2] == {"files": 1, "bytes": len(DATA), "texts": 2, "pictures": 1}
    assert (fresh(file.blob).wrapped_key is not None) is is_shared
    with pytest.raises(Refused) as refusal:
        handling.open_for(by=investigator, file=fresh(file), purpose="to read it")
    assert refusal.value.code == "destroyed"
    opened = handling.open_for(by=stranger, file=fresh(other), purpose="to read it")
    chunks = handling.read_opened(by=stranger, opening=opened).chunks
    assert b"".join(chunks) == (DATA if is_shared else b"other bytes")


def test_the_last_item_that_holds_the_bytes_takes_their_key(item, investigator, keeper, collection):
    other = intake.receive_item(by=investigator, collection=collection, given={"kind": "testimony", "title_en": "x"})
    file, again = receive(investigator, item), receive(investigator, other)
    assert file.blob_id == again.blob_id
    for one, standing in ((item, True), (other, False)):
        handling.withdraw_item(by=investigator, item=one, reason=WHY)
        agree(keeper, propose(investigator, one))
        assert (fresh(file.blob).wrapped_key is not None) is standing


def test_the_same_bytes_can_come_again(held, item, investigator, keeper, collection):
    agree(keeper, propose(investigator, item))
    other = intake.receive_item(by=investigator, collection=collection, given={"kind": "testimony", "title_en": "x"})
    again = receive(investigator, other)
    assert again.blob_id != held.blob_id
    assert b"".join(storage.read(again.blob)) == DATA
    assert Blob.objects.filter(sha256=again.blob.sha256).count() == 2


def test_a_worker_that_was_at_it_leaves_nothing_behind(item, investigator, keeper):
    file = receive(investigator, item)
    row = deriving.claim(file.pk)
    handling.withdraw_item(by=investigator, item=item, reason=WHY)
    agree(keeper, propose(investigator, item))
    late = Outcome(step="text", texts=[PageText(1, "words")])
    with pytest.raises(deriving.Superseded):
        deriving.settle(by=TESTS, row=row, outcome=late, out=None)
    assert not FileText.objects.exists()
    assert deriving.pending() == []
    assert deriving.enlist(by=deriving.WORKER) == 0
    with pytest.raises(Refused):
        deriving.retry(by=investigator, file=fresh(file))


def test_no_copy_of_the_key_stays_with_the_upload(held, item, investigator, keeper):
    """The row by which the bytes came in pieces held the same key."""
    upload = Upload.objects.create(
        item=item, name="a", size=1, blob_id=held.blob_id, wrapped_key=bytes(held.blob.wrapped_key), state="kept",
        file=held, expires_at=timezone.now(), created_by=investigator,
    )  # fmt: skip
    agree(keeper, propose(investigator, item))
    assert bytes(fresh(upload).wrapped_key) == b""


def test_whoever_does_not_see_the_item_sees_no_proposal(held, item, investigator, stranger):
    decision = propose(investigator, item)
    assert protection.decision_for(stranger, decision.pk) is None
    assert decision not in protection.decisions_for(stranger)
    with pytest.raises(Forbidden):
        agree(stranger, decision)
