"""Consent by person, material, use, recipient: denied until granted, gone in the transaction of its withdrawal."""

from datetime import timedelta

import pytest
from conftest import person
from django.utils import timezone

from accounts.errors import Forbidden, Invalid, Refused
from evidence import access, protection, recording
from evidence.models import Consent, Item, Notice, Source

GIVEN = {
    "use": "share_icc", "recipient": "icc_otp", "status": "granted", "identity_level": "pseudonym",
    "given_on": "2019-05", "form": "written_signed",
}  # fmt: skip


@pytest.fixture
def of_her(item, protected, investigator):
    recording.link(by=investigator, item=item, target=protected)
    return Item.objects.get(pk=item.pk)


def consent(by, who, **changes):
    return protection.record_consent(by=by, person=who, given=GIVEN | changes)


def use(item, user, **changes):
    return protection.may_use(item, **({"use": "share_icc", "recipient": "icc_otp", "user": user} | changes))


def test_what_is_not_granted_is_denied(of_her, protected, investigator):
    answer = use(of_her, investigator)
    assert (answer.allowed, answer.obstacles) == (False, [("no_consent", protected)])


def test_a_grant_covers_its_use_its_recipient_and_nothing_else(of_her, protected, investigator):
    consent(investigator, protected)
    assert use(of_her, investigator).allowed
    assert use(of_her, investigator).identity_level == "pseudonym"
    assert not use(of_her, investigator, use="share_research").allowed
    assert not use(of_her, investigator, recipient="researcher").allowed
    assert not use(of_her, investigator, sexual_violence=True).allowed


def test_withdrawal_counts_at_once_and_keeps_the_history(of_her, protected, investigator, reviewer):
    row = consent(investigator, protected)
    protection.withdraw_consent(by=investigator, consent=row, reason="She called and took it back.")
    assert not use(of_her, investigator).allowed
    assert list(Consent.objects.order_by("created_at").values_list("status", flat=True)) == ["granted", "withdrawn"]
    assert Notice.objects.filter(recipient=reviewer, kind="consent_withdrawn").exists()
    row.refresh_from_db()
    with pytest.raises(Refused, match="changed meanwhile"):
        protection.withdraw_consent(by=investigator, consent=row, reason="Again.")


def test_taking_everything_back_takes_back_what_was_allowed_in_particular(of_her, protected, investigator):
    consent(investigator, protected, item=str(of_her.pk))
    general = consent(investigator, protected, recipient="*")
    protection.withdraw_consent(by=investigator, consent=general, reason="She takes everything back.")
    assert not use(of_her, investigator).allowed
    consent(investigator, protected, item=str(of_her.pk))
    assert use(of_her, investigator).allowed


def test_a_denial_for_one_item_stands_beside_a_grant_for_everything(of_her, protected, investigator):
    consent(investigator, protected)
    consent(investigator, protected, item=str(of_her.pk), status="denied")
    assert not use(of_her, investigator).allowed


def test_consent_expires(of_her, protected, investigator):
    row = consent(investigator, protected)
    Consent.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not use(of_her, investigator).allowed


def test_every_person_in_it_has_to_agree(of_her, protected, investigator, collection):
    other = recording.record_person(by=investigator, collection=collection, given={"risk": "low"})
    recording.link(by=investigator, item=of_her, target=other)
    consent(investigator, protected)
    assert use(of_her, investigator).obstacles == [("no_consent", other)]
    consent(investigator, other, identity_level="anonymised")
    answer = use(of_her, investigator)
    assert (answer.allowed, answer.identity_level) == (True, "anonymised")


def test_a_hidden_person_forbids_without_being_named(of_her, protected, investigator, reviewer):
    administrator = person("administrator")
    access.grant(by=administrator, record=protected, permission="contribute", reason="keeps it", user=investigator)
    access.restrict(by=administrator, record=protected, reason="in danger")
    assert use(of_her, reviewer).obstacles == [("review", None)]


def test_an_item_in_which_nobody_is_known_needs_a_review(item, investigator):
    assert use(item, investigator).obstacles == [("review", None)]


def test_the_providers_word_is_a_second_gate(of_her, protected, source, investigator):
    Item.objects.filter(pk=of_her.pk).update(source=source)
    of_her.refresh_from_db()
    consent(investigator, protected)
    set_to = {"by": investigator, "record": source, "use": "share_icc", "recipient": "*"}
    protection.set_condition(**set_to, is_allowed=False, terms="Not to any court")
    assert use(of_her, investigator).obstacles == [("provider", None)]
    allowed = protection.set_condition(**set_to, is_allowed=True, terms="Now to the court")
    assert use(of_her, investigator).allowed
    protection.end_condition(by=investigator, condition=allowed, reason="no longer needed")
    assert use(of_her, investigator).allowed


def test_a_condition_that_forbids_is_not_simply_ended(source, investigator):
    row = protection.set_condition(by=investigator, record=source, use="share_icc", recipient="*", is_allowed=False)
    with pytest.raises(Refused, match="forbids"):
        protection.end_condition(by=investigator, condition=row, reason="never mind")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"use": "everything"}, "use"),
        ({"recipient": ""}, "recipient"),
        ({"status": "maybe"}, "status"),
        ({"given_on": ""}, "given_on"),
        ({"given_on": "yesterday"}, "given_on"),
        ({"form": ""}, "form"),
        ({"status": "granted_conditional"}, "conditions"),
        ({"is_child": True}, "guardian_consented"),
        ({"item": "EV-0000-0000"}, "item"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(protected, investigator, changes, field):
    with pytest.raises(Invalid) as error:
        consent(investigator, protected, **changes)
    assert field in error.value.errors
    assert not Consent.objects.exists()


def test_a_childs_consent_needs_guardian_and_assent(of_her, protected, investigator):
    consent(investigator, protected, is_child=True, guardian_consented=True, child_assented=True)
    assert use(of_her, investigator).allowed


def test_whoever_only_views_records_no_consent(protected, source, stranger, administrator, collection):
    access.grant(by=administrator, record=collection, permission="view", reason="reads", user=stranger)
    with pytest.raises(Forbidden):
        consent(stranger, protected)
    with pytest.raises(Forbidden):
        protection.set_condition(by=stranger, record=source, use="share_icc", recipient="*", is_allowed=True)
    assert Source.objects.permitted(stranger).filter(pk=source.pk).exists()
