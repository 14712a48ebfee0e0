"""What metadata proposes becomes part of the record by a person's decision, and only so."""

import pytest
from conftest import claiming

from accounts.errors import Invalid, Refused, Stale
from custody import ledger
from evidence import proposals
from evidence.models import Item, ProposalDecision, Step

FLORENCE = {"latitude": 43.77, "longitude": 11.26, "field": "Composite:GPSPosition"}


@pytest.fixture
def claimed(file):
    return claiming(file, time="2008-10-22T16:28:39", places=[FLORENCE])


def test_nothing_is_adopted_by_itself(claimed):
    claimed.item.refresh_from_db()
    assert claimed.item.date == ""
    assert [(one.kind, one.value, one.decided) for one in proposals.proposals_of(claimed)] == [
        ("time", "2008-10-22T16:28:39", None),
        ("place", "43.770000,11.260000", None),
    ]


def test_a_person_adopts_a_time(claimed, investigator):
    item = proposals.adopt(
        by=investigator, file=claimed, value="2008-10-22T16:28:39", version=1, reason="Seen the clock"
    )
    assert (item.date, item.version) == ("2008-10-22T16:28:39", 2)
    assert str(item.date_earliest) == "2008-10-22"
    entry, revised = ledger.history([item.pk])[:2]
    assert (entry.act, revised.act) == ("proposal.adopted", "item.revised")
    assert entry.data == {"file": str(claimed.pk), "kind": "time"}
    assert "2008" not in str(entry.data)
    (first, *_rest) = proposals.proposals_of(claimed)
    assert first.decided.decision == ProposalDecision.Decision.ADOPTED
    with pytest.raises(Refused, match="already"):
        proposals.adopt(by=investigator, file=claimed, value="2008-10-22T16:28:39", version=2)


def test_a_person_dismisses_and_may_think_again(claimed, investigator):
    proposals.dismiss(by=investigator, file=claimed, kind="place", value="43.770000,11.260000")
    assert proposals.proposals_of(claimed)[1].decided.decision == "dismissed"
    with pytest.raises(Refused, match="already"):
        proposals.dismiss(by=investigator, file=claimed, kind="place", value="43.770000,11.260000")
    proposals.dismiss(by=investigator, file=claimed, kind="time", value="2008-10-22T16:28:39")
    proposals.adopt(by=investigator, file=claimed, value="2008-10-22T16:28:39", version=1)
    assert proposals.proposals_of(claimed)[0].decided.decision == "adopted"
    assert ProposalDecision.objects.count() == 3


def test_what_is_not_proposed_and_what_is_out_of_date_is_refused(claimed, investigator):
    with pytest.raises(Invalid, match="does not propose"):
        proposals.adopt(by=investigator, file=claimed, value="2009-01-01", version=1)
    with pytest.raises(Invalid, match="place"):
        proposals.adopt(by=investigator, file=claimed, kind="place", value="43.770000,11.260000", version=1)
    with pytest.raises(Stale):
        proposals.adopt(by=investigator, file=claimed, value="2008-10-22T16:28:39", version=7)
    assert not ProposalDecision.objects.exists()


def test_a_clock_in_the_future_is_proposed_and_cannot_be_adopted(file, investigator):
    claiming(file, time="2199-01-01")
    with pytest.raises(Invalid) as refused:
        proposals.adopt(by=investigator, file=file, value="2199-01-01", version=1)
    assert "future" in refused.value.errors["date"]


def test_a_sealed_item_and_an_isolated_file_take_nothing(claimed, investigator):
    from django.utils import timezone

    Item.objects.filter(pk=claimed.item_id).update(sealed_at=timezone.now())
    for verb in (proposals.adopt, proposals.dismiss):
        with pytest.raises(Refused, match="sealed"):
            verb(by=investigator, file=claimed, kind="time", value="2008-10-22T16:28:39",
                 **({"version": 1} if verb is proposals.adopt else {}))  # fmt: skip
    claimed.scan = "infected"
    assert proposals.proposals_of(claimed) == []


@pytest.mark.parametrize(
    "result",
    [{}, [], {"claimed": []}, {"claimed": {"times": "x", "places": {}}}, {"claimed": {"times": [1, {}, {"edtf": 5}]}},
     {"claimed": {"places": [{"latitude": "x"}, {"latitude": 1e9, "longitude": 0}, None]}},
     {"claimed": {"times": [{"edtf": "2008" * 100}]}}],
)  # fmt: skip
def test_a_result_that_is_none_proposes_nothing(file, result):
    file.scan = "clean"
    Step.objects.create(file=file, name="metadata", state="done", result=result)
    assert proposals.proposals_of(file) == []
