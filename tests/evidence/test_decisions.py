"""Two people: lowering a level, lowering a protection, opening the identity of a person at high risk."""

from datetime import timedelta

import pytest
from conftest import person
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import Forbidden, Refused
from custody.models import Entry
from evidence import access, protection, recording
from evidence.models import Decision, Incident, Item, Person

WHY = "The camp was closed and the report is public."


@pytest.fixture
def raised(log):
    return log(confidentiality=3)


@pytest.fixture
def at_risk(investigator, collection):
    given = {"risk": "high", "names": [{"script": "hangul", "kind": "legal", "value": "홍가상"}]}
    return recording.record_person(by=investigator, collection=collection, given=given)


def involve(log, who):
    return log(acts=[{"involvements": [{"role": "victim", "person": str(who.pk)}]}])


def test_a_level_falls_only_when_a_second_person_agrees(raised, investigator, reviewer):
    decision = protection.propose_downgrade(by=investigator, record=raised, confidentiality=1, reason=WHY)
    raised.refresh_from_db()
    assert (raised.confidentiality, raised.effective_level) == (3, 3)
    protection.carry_out(by=reviewer, decision=decision, answer="The report is indeed public.")
    raised.refresh_from_db()
    assert (raised.confidentiality, raised.effective_level) == (1, 1)
    entry = Entry.objects.get(act="downgrade.carried_out")
    assert entry.object_id == raised.pk


def test_the_second_person_is_not_the_first(raised, reviewer, investigator2):
    decision = protection.propose_downgrade(by=reviewer, record=raised, confidentiality=1, reason=WHY)
    with pytest.raises(Refused, match="another person"):
        protection.carry_out(by=reviewer, decision=decision, answer="I agree with myself.")
    with pytest.raises(Forbidden):
        protection.carry_out(by=investigator2, decision=decision, answer="I only contribute.")
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(
            state="carried_out", decided_by=reviewer, decided_at=timezone.now()
        )


def test_a_protected_person_keeps_the_level_up(log, protected, investigator, reviewer):
    incident = involve(log, protected)
    with pytest.raises(Refused, match="change nothing"):
        protection.propose_downgrade(by=investigator, record=incident, confidentiality=0, reason=WHY)
    Incident.objects.filter(pk=incident.pk).update(confidentiality=3, effective_level=3)
    incident.refresh_from_db()
    decision = protection.propose_downgrade(by=investigator, record=incident, confidentiality=0, reason=WHY)
    protection.carry_out(by=reviewer, decision=decision, answer="As far as she allows.")
    incident.refresh_from_db()
    assert (incident.confidentiality, incident.effective_level) == (0, protected.floor)


def test_an_unlinked_person_holds_a_level_up_until_two_agree(item, at_risk, investigator, reviewer):
    row = recording.link(by=investigator, item=item, target=at_risk)
    recording.end_link(by=investigator, link=row, reason="wrong person")
    item = Item.objects.get(pk=item.pk)
    assert item.effective_level == 3
    decision = protection.propose_downgrade(
        by=investigator, record=item, confidentiality=item.confidentiality, reason="Nobody at risk is linked any more."
    )
    protection.carry_out(by=reviewer, decision=decision, answer="Checked.")
    assert Item.objects.get(pk=item.pk).effective_level == item.confidentiality


def test_lower_protection_lets_linked_records_fall_as_far_as_others_allow(
    log, at_risk, protected, investigator, reviewer
):
    alone, both = involve(log, at_risk), involve(log, at_risk)
    other = {"acts": [*({"act": str(act.pk), "involvements": [{"role": "victim", "person": str(protected.pk)}]}
                        for act in both.acts.all())]}  # fmt: skip
    recording.revise_incident(by=investigator, incident=both, given=other, version=both.version, reason="also her")
    decision = protection.propose_reassessment(
        by=investigator, person=at_risk, risk="low", is_protected=True, reason="She left the country and agreed."
    )
    effect = {one.kind: one.count for one in protection.effect_of_decision(decision, user=reviewer)}
    assert effect == {"person": 1, "incident": 2}
    protection.carry_out(by=reviewer, decision=decision, answer="Confirmed by the field.")
    levels = [Incident.objects.get(pk=one.pk).effective_level for one in (alone, both)]
    assert levels == [2, 2]  # the collection's own level, and the medium risk of the other
    assert Person.objects.get(pk=at_risk.pk).risk == "low"
    assert Entry.objects.filter(act="incident.level_lowered").count() == 2


def test_the_effect_counts_only_what_its_reader_sees(log, at_risk, investigator, reviewer):
    hidden = involve(log, at_risk)
    access.grant(by=person("administrator"), record=hidden, permission="view", reason="x", user=investigator)
    access.restrict(by=person("administrator"), record=hidden, reason="source at risk")
    decision = protection.propose_reassessment(
        by=investigator, person=at_risk, risk="low", is_protected=True, reason="She left the country."
    )
    assert {one.kind for one in protection.effect_of_decision(decision, user=reviewer)} == {"person"}
    assert {one.kind for one in protection.effect_of_decision(decision, user=investigator)} == {"person", "incident"}


def test_high_risk_opens_with_another_persons_agreement_for_an_hour(at_risk, investigator, investigator2, reviewer):
    reason = "to warn her family"
    with pytest.raises(Refused, match="another person"):
        protection.open_identity(by=investigator, person=at_risk, reason=reason)
    decision = protection.propose_unmasking(by=investigator, person=at_risk, reason="Her family must be warned.")
    with pytest.raises(Refused, match="another person"):
        protection.open_identity(by=investigator, person=at_risk, reason=reason)
    protection.carry_out(by=reviewer, decision=decision, answer="Agreed, urgently.")
    opened = protection.open_identity(by=investigator, person=at_risk, reason=reason)
    assert [name["value"] for name in opened.names] == ["홍가상"]
    with pytest.raises(Refused, match="another person"):
        protection.open_identity(by=investigator2, person=at_risk, reason=reason)
    Decision.objects.filter(pk=decision.pk).update(usable_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused, match="another person"):
        protection.open_identity(by=investigator, person=at_risk, reason=reason)


def test_a_person_at_medium_risk_opens_with_a_reason_alone(protected, investigator):
    assert protection.open_identity(by=investigator, person=protected, reason="to warn her family").names
    with pytest.raises(Refused, match="no second person"):
        protection.propose_unmasking(by=investigator, person=protected, reason="Her family must be warned.")


def test_a_proposal_is_made_once_declined_or_withdrawn(raised, investigator, reviewer):
    first = protection.propose_downgrade(by=investigator, record=raised, confidentiality=1, reason=WHY)
    with pytest.raises(Refused, match="already"):
        protection.propose_downgrade(by=reviewer, record=raised, confidentiality=1, reason=WHY)
    protection.decline(by=reviewer, decision=first, answer="Not public yet.")
    second = protection.propose_downgrade(by=investigator, record=raised, confidentiality=1, reason=WHY)
    with pytest.raises(Refused, match="Only whoever proposed"):
        protection.withdraw_proposal(by=reviewer, decision=second)
    protection.withdraw_proposal(by=investigator, decision=second)
    with pytest.raises(Refused, match="already"):
        protection.carry_out(by=reviewer, decision=second, answer="Too late.")
    raised.refresh_from_db()
    assert raised.effective_level == 3


def test_whoever_does_not_see_the_record_sees_no_proposal(raised, investigator, reviewer, stranger):
    decision = protection.propose_downgrade(by=investigator, record=raised, confidentiality=1, reason=WHY)
    assert protection.decision_for(reviewer, decision.pk) == decision
    assert protection.decision_for(stranger, decision.pk) is None
    assert list(protection.decisions_for(stranger)) == []
