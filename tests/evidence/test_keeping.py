"""Held: custody events, sealing, withdrawal and its tombstone, legal hold, retention."""

from datetime import timedelta

import pytest
from conftest import TESTS, looked_at, person
from django.utils import timezone

from accounts.errors import Forbidden, Invalid, Refused
from accounts.grants import Permission
from custody.ledger import history
from evidence import access, handling, intake, policies
from evidence.models import Custody, File, Hold, Item
from evidence.web.timeline import days_of

WHY = "It was taken in twice."
GIVEN = {"event": "received", "happened_on": "2019-04~", "from_custodian": "Field office", "to_custodian": "Archive",
         "place": "Seoul", "purpose": "safekeeping", "seal_number": "S-17", "note": "Box 3"}  # fmt: skip


@pytest.fixture
def file(file):
    return looked_at(file)


def fresh(item) -> Item:
    return Item.objects.get(pk=item.pk)


def newest(item):
    return history([item.pk])[0]


def test_a_custody_event_is_stated_and_told(item, investigator):
    row = handling.record_custody(by=investigator, item=item, given=GIVEN)
    assert (row.event, row.happened_on, row.to_custodian) == ("received", "2019-04~", "Archive")
    event = newest(item)
    assert event.act == "custody.recorded"
    assert event.change["seal_number"] == [None, "S-17"]
    (line,) = days_of([event], investigator)[0]["entries"]
    assert line["object"] == "Received"
    assert {"From which custodian", "To which custodian", "When"} <= {change["label"] for change in line["changes"]}


def test_a_wrong_event_is_corrected_by_another(item, investigator, collection):
    wrong = handling.record_custody(by=investigator, item=item, given=GIVEN)
    right = handling.record_custody(
        by=investigator, item=item, given=GIVEN | {"seal_number": "S-71", "corrects": str(wrong.pk)}
    )
    assert right.corrects == wrong
    assert Custody.objects.get(pk=wrong.pk).seal_number == "S-17"
    assert newest(item).act == "custody.corrected"
    other = intake.receive_item(by=investigator, collection=collection, given={"kind": "testimony", "title_en": "x"})
    with pytest.raises(Invalid) as refusal:
        handling.record_custody(by=investigator, item=other, given=GIVEN | {"corrects": str(wrong.pk)})
    assert refusal.value.field == "corrects"


@pytest.mark.parametrize(
    ("given", "field"),
    [({"event": "none"}, "event"), ({"event": "fixity_ok"}, "event"), ({"happened_on": ""}, "happened_on"),
     ({"happened_on": "soon"}, "happened_on"), ({"place": "a\x00"}, "place"), ({"place": "x" * 301}, "place"),
     ({"corrects": "nonsense"}, "corrects"), ({"nosuch": 1}, "nosuch"), ({"note": ["x"]}, "note")],
)  # fmt: skip
def test_what_is_wrong_in_an_event_is_named(item, investigator, given, field):
    with pytest.raises(Invalid) as refusal:
        handling.record_custody(by=investigator, item=item, given=GIVEN | given)
    assert field in refusal.value.errors
    assert not Custody.objects.exists()


@pytest.mark.parametrize("given", [[], None, {"event": "received", "happened_on": "2019"}])
def test_an_event_says_something(item, investigator, given):
    with pytest.raises(Invalid):
        handling.record_custody(by=investigator, item=item, given=given)


def test_what_is_sealed_stays_as_it_is(item, file, investigator, keeper):
    handling.seal(by=investigator, item=item, reason=WHY)
    with pytest.raises(Refused):
        intake.revise_item(by=investigator, item=fresh(item), given={"title_en": "x"}, version=fresh(item).version)
    with pytest.raises(Refused, match="sealed"):
        handling.withdraw_file(by=investigator, file=file, reason=WHY)
    with pytest.raises(Refused, match="sealed already"):
        handling.seal(by=investigator, item=item, reason=WHY)
    handling.record_custody(by=investigator, item=fresh(item), given=GIVEN)
    with pytest.raises(Forbidden):
        handling.unseal(by=investigator, item=item, reason=WHY)
    handling.unseal(by=keeper, item=item, reason=WHY)
    assert fresh(item).sealed_at is None
    assert newest(item).act == "item.unsealed"


def test_a_reason_is_needed(item, investigator):
    with pytest.raises(Invalid):
        handling.seal(by=investigator, item=item, reason="x")
    assert fresh(item).sealed_at is None


def test_a_withdrawn_item_stays_as_its_tombstone(item, file, investigator, reviewer):
    with pytest.raises(Forbidden):
        handling.withdraw_item(by=person("analyst"), item=item, reason=WHY)
    handling.withdraw_item(by=investigator, item=item, reason=WHY)
    assert Item.objects.permitted(reviewer).get(pk=item.pk).withdrawn_at
    with pytest.raises(Refused):
        handling.open_for(by=reviewer, file=File.objects.get(pk=file.pk), purpose="to read it")
    with pytest.raises(Refused, match="already"):
        handling.withdraw_item(by=investigator, item=item, reason=WHY)
    handling.restore_item(by=investigator, item=item, reason="It was the only copy.")
    assert handling.open_for(by=reviewer, file=File.objects.get(pk=file.pk), purpose="to read it")
    with pytest.raises(Refused):
        handling.restore_item(by=investigator, item=item, reason=WHY)


def test_one_file_is_withdrawn_and_restored(item, file, investigator, reviewer):
    handling.withdraw_file(by=investigator, file=file, reason=WHY)
    with pytest.raises(Refused):
        handling.open_for(by=reviewer, file=File.objects.get(pk=file.pk), purpose="to read it")
    with pytest.raises(Refused):
        handling.withdraw_file(by=investigator, file=file, reason=WHY)
    handling.restore_file(by=investigator, file=file, reason="It was no double.")
    assert handling.open_for(by=reviewer, file=File.objects.get(pk=file.pk), purpose="to read it")
    with pytest.raises(Refused):
        handling.restore_file(by=investigator, file=file, reason=WHY)


@pytest.mark.parametrize("on", ["item", "collection"])
def test_a_hold_blocks_withdrawal_until_it_ends(item, file, collection, investigator, keeper, on):
    record = {"item": item, "collection": collection}[on]
    with pytest.raises(Forbidden):
        handling.hold(by=investigator, record=record, reason="Request of the court")
    hold = handling.hold(by=keeper, record=record, reason="Request of the court")
    with pytest.raises(Refused, match="already"):
        handling.hold(by=keeper, record=record, reason="Request of the court")
    for act in (
        lambda: handling.withdraw_item(by=investigator, item=item, reason=WHY),
        lambda: handling.withdraw_file(by=investigator, file=file, reason=WHY),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "held"
    assert list(handling.holds_on(item, user=investigator)) == [hold]
    with pytest.raises(Forbidden):
        handling.end_hold(by=investigator, hold=hold, reason="The court is done.")
    handling.end_hold(by=keeper, hold=hold, reason="The court is done.")
    with pytest.raises(Refused):
        handling.end_hold(by=keeper, hold=hold, reason="The court is done.")
    assert handling.withdraw_item(by=investigator, item=item, reason=WHY).withdrawn_at


def test_a_hold_on_a_hidden_collection_holds_and_tells_no_reason(item, collection, keeper):
    """Who was given the item alone is told that it is held, not why, nor where."""
    alone = person("investigator")
    access.grant(by=TESTS, record=item, permission=Permission.CONTRIBUTE, reason="x", user=alone)
    handling.hold(by=keeper, record=collection, reason="Request of the court")
    assert list(handling.holds_on(item, user=alone)) == []
    with pytest.raises(Refused, match="legal hold"):
        handling.withdraw_item(by=alone, item=item, reason=WHY)
    assert not Hold.objects.permitted(alone).exists()


def test_retention_by_item_and_by_collection(item, collection, investigator, keeper):
    assert policies.kept_until(fresh(item)) is None
    with pytest.raises(Forbidden):
        handling.retain(by=investigator, item=item, until="2040", reason=WHY)
    handling.retain_collection(by=keeper, collection=collection, years=30, reason="Rule 7 of the archive")
    born = item.created_at.date()
    assert policies.kept_until(fresh(item)).year == born.year + 30
    handling.retain(by=keeper, item=item, until="2040-06", reason=WHY)
    assert policies.kept_until(fresh(item)).isoformat() == "2040-06-30"
    handling.retain(by=keeper, item=item, until="2040/..", reason=WHY)
    assert policies.kept_until(fresh(item)) == policies.datetime.date.max
    with pytest.raises(Invalid):
        handling.retain(by=keeper, item=item, until="soon", reason=WHY)
    handling.retain(by=keeper, item=item, until="", reason=WHY)
    assert policies.kept_until(fresh(item)).year == born.year + 30


@pytest.mark.parametrize("years", [0, 201, "30", True, 1.5])
def test_a_term_is_whole_years(collection, keeper, years):
    with pytest.raises(Invalid):
        handling.retain_collection(by=keeper, collection=collection, years=years, reason="Rule 7")


def test_what_is_past_its_term_is_listed_for_whoever_manages_it(item, collection, investigator, keeper):
    handling.retain(by=keeper, item=item, until="2020", reason=WHY)
    assert list(handling.due(keeper)) == [item]
    assert list(handling.due(investigator)) == []
    handling.retain(by=keeper, item=item, until="", reason=WHY)
    assert list(handling.due(keeper)) == []
    handling.retain_collection(by=keeper, collection=collection, years=1, reason="Rule 7 of the archive")
    assert list(handling.due(keeper)) == []
    Item.objects.filter(pk=item.pk).update(created_at=timezone.now() - timedelta(days=400))
    assert list(handling.due(keeper)) == [item]
    handling.retain(by=keeper, item=item, until="2030/..", reason=WHY)
    assert list(handling.due(keeper)) == []
