"""The effective level: the maximum of a record's own and of the protected persons linked to it; it only rises."""

import pytest
from conftest import TESTS, person, simple

from accounts.errors import Refused
from custody.ledger import history
from evidence import access, intake, recording
from evidence.models import Incident, Item, Person, Source
from evidence.models.person import RISK_FLOOR


def someone(investigator, collection, risk, **given):
    given = {"risk": risk, "confidentiality": 0, **given}
    return recording.record_person(by=investigator, collection=collection, given=given)


@pytest.fixture
def low(investigator):
    """A collection whose new records are public."""
    home = access.open_collection(by=person("administrator"), name_en="Public", preset_level=0)
    access.grant(by=TESTS, record=home, permission="contribute", reason="test", user=investigator)
    return home


def involving(subject):
    return simple(acts=[{"involvements": [{"role": "victim", "person": str(subject.pk)}]}])


@pytest.mark.parametrize(("risk", "floor"), [(risk, floor) for risk, floor in RISK_FLOOR.items() if floor < 4])
def test_a_protected_person_gives_her_floor_to_what_names_her(investigator, low, item, risk, floor):
    subject = someone(investigator, low, risk)
    assert subject.effective_level == floor
    incident = recording.log_incident(by=investigator, collection=low, given=involving(subject))
    assert (incident.confidentiality, incident.effective_level) == (0, floor)
    recording.link(by=investigator, item=item, target=subject)
    item.refresh_from_db()
    assert item.effective_level == max(item.confidentiality, floor)


def test_a_person_who_is_not_protected_lifts_nothing(investigator, low):
    subject = someone(investigator, low, "extreme", is_protected=False)
    incident = recording.log_incident(by=investigator, collection=low, given=involving(subject))
    assert (subject.effective_level, incident.effective_level) == (0, 0)


def test_naming_someone_above_the_own_clearance_is_refused_and_undone(investigator, low):
    subject = someone(investigator, low, "low")
    Person.objects.filter(pk=subject.pk).update(risk="extreme")  # as if it had been found out since
    with pytest.raises(Refused) as refusal:
        recording.log_incident(by=investigator, collection=low, given=involving(subject))
    assert refusal.value.code == "above_clearance"
    assert not Incident.objects.exists()


def test_a_risen_risk_lifts_incident_item_and_source_each_with_an_entry(investigator, low, item):
    subject = someone(investigator, low, "low")
    incident = recording.log_incident(by=investigator, collection=low, given=involving(subject))
    given = {"title": "S", "person": subject.code}
    source = recording.record_source(by=investigator, collection=low, given=given)
    Item.objects.filter(pk=item.pk).update(confidentiality=0, effective_level=0)
    recording.link(by=investigator, item=item, target=subject)
    recording.revise_person(by=investigator, person=subject, given={"risk": "high"}, version=1)
    for record in (incident, source, item):
        record.refresh_from_db()
        assert record.effective_level == 3
        assert history([record.pk])[0].act == f"{record._meta.model_name}.level_raised"


def test_an_item_from_a_risen_person_s_source_rises_too(investigator, low):
    subject = someone(investigator, low, "low")
    given = {"title": "S", "person": subject.code}
    source = recording.record_source(by=investigator, collection=low, given=given)
    given = {"kind": "testimony", "title_en": "x", "source": source.code}
    item = intake.receive_item(by=investigator, collection=low, given=given)
    recording.revise_person(by=investigator, person=subject, given={"risk": "high"}, version=1)
    item.refresh_from_db()
    assert item.effective_level == 3


def test_a_person_named_behind_a_source_later_lifts_the_items_of_the_source(investigator, low):
    source = recording.record_source(by=investigator, collection=low, given={"title": "S"})
    given = {"kind": "testimony", "title_en": "x", "source": source.code}
    item = intake.receive_item(by=investigator, collection=low, given=given)
    subject = someone(investigator, low, "high")
    given = {"person": subject.code}
    assert recording.revise_source(by=investigator, source=source, given=given, version=1).effective_level == 3
    item.refresh_from_db()
    assert item.effective_level == 3


def test_an_ended_involvement_is_not_lifted_any_more(investigator, low):
    subject = someone(investigator, low, "low")
    incident = recording.log_incident(by=investigator, collection=low, given=involving(subject))
    act = incident.acts.get()
    ended = {"id": str(act.involvements.get().pk), "end": True}
    given = {"acts": [{"id": str(act.pk), "involvements": [ended]}]}
    recording.revise_incident(by=investigator, incident=incident, given=given, version=1)
    recording.revise_person(by=investigator, person=subject, given={"risk": "high"}, version=1)
    incident.refresh_from_db()
    assert incident.effective_level == 1  # kept: lowering takes two people


@pytest.mark.parametrize("given", [{"risk": "low"}, {"is_protected": False}])
def test_taking_protection_away_is_a_downgrade(investigator, low, given):
    subject = someone(investigator, low, "high")
    with pytest.raises(Refused) as refusal:
        recording.revise_person(by=investigator, person=subject, given=given, version=1)
    assert refusal.value.code == "downgrade"
    subject.refresh_from_db()
    assert (subject.risk, subject.is_protected) == ("high", True)


def test_raising_a_risk_above_the_own_clearance_is_refused(investigator, low):
    subject = someone(investigator, low, "low")
    with pytest.raises(Refused):
        recording.revise_person(by=investigator, person=subject, given={"risk": "extreme"}, version=1)


def test_what_rises_above_somebody_is_gone_for_her(investigator, low):
    viewer = person("analyst", clearance=1)
    access.grant(by=TESTS, record=low, permission="view", reason="test", user=viewer)
    subject = someone(investigator, low, "low")
    recording.log_incident(by=investigator, collection=low, given=involving(subject))
    assert Incident.objects.permitted(viewer).exists()
    recording.revise_person(by=investigator, person=subject, given={"risk": "medium"}, version=1)
    assert not Incident.objects.permitted(viewer).exists()
    assert not Source.objects.permitted(viewer).exists()
