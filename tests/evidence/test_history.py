"""The history of a record as its reader may see it: nothing in it points at what is hidden from her."""

from evidence import assessment, recording
from evidence.history import history_of
from evidence.models import Incident, Item, Person


def restrict(record):
    type(record).objects.filter(pk=record.pk).update(inherits_access=False)


def acts_of(record, user) -> list[str]:
    return [event.act for event in history_of(record, user=user)]


def test_changes_are_told_with_before_and_after(incident, investigator):
    given = {"title_en": "Another"}
    recording.revise_incident(by=investigator, incident=incident, given=given, version=1, reason="Typing mistake")
    event = history_of(incident, user=investigator)[0]
    assert event.change == {"title_en": ["Detention at a county holding centre", "Another"]}
    assert (event.act, event.note, event.actor_id) == ("incident.revised", "Typing mistake", investigator.pk)


def test_a_link_to_a_hidden_record_leaves_no_trace(item, incident, protected, investigator, reviewer):
    for target in (incident, incident.acts.get(), protected):
        row = recording.link(by=investigator, item=item, target=target, locator="p. 3")
        recording.end_link(by=investigator, link=row, reason="wrong")
    assert acts_of(item, reviewer).count("item.linked") == acts_of(item, reviewer).count("item.unlinked") == 3
    restrict(incident)
    assert acts_of(item, reviewer).count("item.linked") == acts_of(item, reviewer).count("item.unlinked") == 1
    restrict(protected)
    assert acts_of(item, reviewer) == ["item.received"]
    assert len(acts_of(item, investigator)) == 1  # restricted for its author too, until a grant on the record


def test_a_grading_by_a_hidden_item_leaves_no_trace(source, item, investigator, reviewer):
    given = {"reliability": "B", "credibility": "2", "reason": "see the item"}
    assessment.grade(by=investigator, source=source, item=item, **given)
    assert acts_of(source, reviewer)[0] == "source.graded"
    Item.objects.filter(pk=item.pk).update(inherits_access=False)
    assert acts_of(source, reviewer) == ["source.recorded"]


def test_of_a_change_only_the_hidden_part_goes_and_the_reason_with_it(log, protected, investigator, reviewer):
    incident = log()
    act = incident.acts.get()
    involved = [{"role": "victim", "person": str(protected.pk)}]
    given = {"title_en": "Another", "acts": [{"id": str(act.pk), "involvements": involved}]}
    recording.revise_incident(by=investigator, incident=incident, given=given, version=1, reason="She was there too")
    assert len(history_of(incident, user=reviewer)[0].change) >= 2
    restrict(protected)
    event = history_of(incident, user=reviewer)[0]
    assert set(event.change) <= {"title_en", "effective_level"}
    assert event.note == ""


def test_that_a_level_rose_stays_without_because_of_whom(log, protected, investigator):
    from conftest import TESTS, person

    from evidence import access

    incident = log(acts=[{"involvements": [{"role": "victim", "person": str(protected.pk)}]}])
    reader = person("analyst", clearance=4)
    access.grant(by=TESTS, record=incident.collection, permission="view", reason="test", user=reader)
    recording.revise_person(by=investigator, person=protected, given={"risk": "high"}, version=1)
    event = history_of(incident, user=reader)[0]
    assert event.data == {"from": 2, "to": 3}
    assert event.cause == {"person": str(protected.pk)}
    Person.objects.filter(pk=protected.pk).update(inherits_access=False)
    event = history_of(incident, user=reader)[0]
    assert (event.act, event.data) == ("incident.level_raised", {"from": 2, "to": 3})


def test_other_records_are_not_mixed_in(log, investigator):
    one, other = log(), log()
    assert {event.object_id for event in history_of(one, user=investigator)} == {one.pk}
    assert Incident.objects.count() == 2
    assert {event.object_id for event in history_of(other, user=investigator)} == {other.pk}
