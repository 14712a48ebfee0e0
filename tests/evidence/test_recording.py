"""Logging and revising: everything wrong is named at once, nothing is lost, nobody detaches what she cannot see."""

import pytest
from conftest import simple

from accounts.errors import Invalid, Refused, Stale
from evidence import assessment, recording
from evidence.models import Incident, Involvement, Person


def test_every_problem_is_named_at_once(investigator, collection):
    given = simple(
        title_en="a\x00b", date="2011-02-30", place="XX", acts=[{"crimes": ["cah"], "involvements": [{"role": "hero"}]}]
    )
    with pytest.raises(Invalid) as refusal:
        recording.log_incident(by=investigator, collection=collection, given=given)
    assert {"title_en", "date", "place", "acts.0.crimes.0", "acts.0.involvements.0.role"} <= set(refusal.value.errors)
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("date", "2011-13"),
        ("date", "2999-01-01"),
        ("title_en", "x" * 301),
        ("title_ko", "\ud800"),
        ("narrative_en", "x" * 200_001),
        ("latitude", "91"),
        ("longitude", "NaN"),
        ("place_precision", "roughly"),
        ("tags", "not a list"),
        ("confidentiality", 7),
        ("acts", {"not": "a list"}),
        ("nothing", "like this"),
    ],
)
def test_bad_input_names_its_field(investigator, collection, field, value):
    given = simple(**{field: value})
    if field == "latitude":
        given["longitude"] = "1"
    with pytest.raises(Invalid) as refusal:
        recording.log_incident(by=investigator, collection=collection, given=given)
    assert any(name.split(".")[0] in (field, "longitude") for name in refusal.value.errors or {refusal.value.field: ""})


def test_right_to_left_text_and_emoji_are_kept(log):
    text = "قرية \u202bمثال\u202c 마을 🕊️"
    incident = log(title_en=text)
    incident.refresh_from_db()
    assert incident.title_en == text


def test_a_partial_date_stays_partial(log):
    incident = log(date="2009-24")
    assert incident.date == "2009-24"
    assert (str(incident.date_earliest), str(incident.date_latest)) == ("2009-12-01", "2010-02-28")


def test_a_stale_save_is_refused_and_nothing_is_lost(investigator, incident):
    recording.revise_incident(by=investigator, incident=incident, given={"title_en": "First"}, version=1)
    with pytest.raises(Stale) as refusal:
        recording.revise_incident(by=investigator, incident=incident, given={"title_en": "Second"}, version=1)
    assert refusal.value.current == 2
    incident.refresh_from_db()
    assert incident.title_en == "First"


def test_a_save_that_changes_nothing_makes_no_version(investigator, incident):
    again = recording.revise_incident(
        by=investigator, incident=incident, given={"title_en": incident.title_en}, version=1
    )
    assert again.version == 1


def test_raising_the_confidentiality_raises_the_effective_level(investigator, incident, source, protected):
    incident = recording.revise_incident(by=investigator, incident=incident, given={"confidentiality": 3}, version=1)
    source = recording.revise_source(by=investigator, source=source, given={"confidentiality": 3}, version=1)
    someone = recording.revise_person(by=investigator, person=protected, given={"confidentiality": 3}, version=1)
    assert {incident.effective_level, source.effective_level, someone.effective_level} == {3}


def test_lowering_is_a_downgrade_and_refused(investigator, incident):
    with pytest.raises(Refused, match="two people"):
        recording.revise_incident(by=investigator, incident=incident, given={"confidentiality": 1}, version=1)


def test_nobody_saves_above_her_own_clearance(investigator, collection):
    with pytest.raises(Refused, match="above your own clearance"):
        recording.log_incident(by=investigator, collection=collection, given=simple(confidentiality=4))
    assert not Incident.objects.exists()


def test_a_protected_person_lifts_what_she_is_linked_to(investigator, log, collection):
    given = {"risk": "high", "note": "Former detainee"}
    someone = recording.record_person(by=investigator, collection=collection, given=given)
    incident = log(acts=[{"involvements": [{"role": "witness", "person": someone.code}]}])
    incident.refresh_from_db()
    assert incident.effective_level == 3


def test_a_risen_risk_lifts_what_is_already_linked(investigator, log, protected):
    incident = log(acts=[{"involvements": [{"role": "witness", "person": str(protected.pk)}]}])
    recording.revise_person(by=investigator, person=protected, given={"risk": "high"}, version=1)
    incident.refresh_from_db()
    assert incident.effective_level == 3


def test_a_hidden_person_answers_like_a_missing_one(investigator, collection, stranger, other_collection):
    hidden = recording.record_person(by=stranger, collection=other_collection, given={"risk": "low"})
    messages = []
    for reference in (hidden.code, "P-0000-0000"):
        given = simple(acts=[{"involvements": [{"role": "witness", "person": reference}]}])
        with pytest.raises(Invalid) as refusal:
            recording.log_incident(by=investigator, collection=collection, given=given)
        messages.append(refusal.value.errors)
    assert messages[0] == messages[1]


def test_saving_does_not_detach_what_the_editor_cannot_see(investigator, collection, log, investigator2):
    given = {"risk": "high", "note": "Seen by few"}
    someone = recording.record_person(by=investigator, collection=collection, given=given)
    incident = log(acts=[{"involvements": [{"role": "witness", "person": someone.code}]}])
    Person.objects.filter(pk=someone.pk).update(inherits_access=False)
    act = incident.acts.get()
    seen = Involvement.objects.filter(act=act).permitted(investigator2)
    assert not seen.exists()
    acts = [{"id": str(act.pk), "title_en": "Edited", "involvements": []}]
    recording.revise_incident(by=investigator2, incident=incident, given={"acts": acts}, version=1)
    assert Involvement.objects.filter(act=act, ended_at=None, person=someone).exists()


def test_the_author_reviews_nothing_of_her_own(log, reviewer):
    own = log(by=reviewer)
    assessment.submit(by=reviewer, incident=own)
    with pytest.raises(Refused, match="somebody else"):
        assessment.pass_on(by=reviewer, incident=own)


def test_the_review_goes_its_way(log, investigator, reviewer):
    incident = log()
    assessment.submit(by=investigator, incident=incident)
    with pytest.raises(Refused, match="under review"):
        recording.revise_incident(by=investigator, incident=incident, given={"title_en": "x"}, version=2)
    with pytest.raises(Invalid):
        assessment.return_to_author(by=reviewer, incident=incident, note=" ")
    assessment.return_to_author(by=reviewer, incident=incident, note="Which month?")
    assessment.submit(by=investigator, incident=incident)
    assessment.pass_on(by=reviewer, incident=incident)
    final = assessment.finalise(by=reviewer, incident=incident)
    assert final.review_status == "finalised"
    assert [review.decision for review in incident.reviews.all()] == [
        "submitted",
        "returned",
        "submitted",
        "passed",
        "finalised",
    ]


def test_a_rejected_classification_leaves_the_crime_filter(log, analyst):
    incident = log()
    row = incident.acts.get().classifications.get()
    assessment.assess(by=analyst, classification=row, status="rejected", rationale="Another event")
    incident.refresh_from_db()
    assert incident.crime_codes == []


def test_a_rejected_crime_takes_no_other_crime_of_its_act_along(log, analyst):
    incident = log(acts=[{"crimes": ["cah.torture", "cah.imprisonment"]}])
    row = incident.acts.get().classifications.get(crime="cah.torture")
    assessment.assess(by=analyst, classification=row, status="rejected", rationale="Another event")
    incident.refresh_from_db()
    assert incident.crime_codes == ["cah", "cah.imprisonment"]
