"""Assessing: what each status allows, by whom, and that nothing is assessed twice or lost."""

import pytest

from accounts.errors import Invalid, Refused, Stale
from custody.ledger import history
from evidence import assessment
from evidence.models import Grading, Incident, Review

NOTE = {"note": "Reasons given"}
STEPS = {
    "submit": assessment.submit,
    "pass": assessment.pass_on,
    "return": assessment.return_to_author,
    "finalise": assessment.finalise,
    "withdraw": assessment.withdraw,
    "restore": assessment.restore,
}
# From each status: the steps that are possible, and where they lead.
POSSIBLE = {
    "draft": {"submit": "in_review", "withdraw": "withdrawn"},
    "returned": {"submit": "in_review", "withdraw": "withdrawn"},
    "in_review": {"pass": "second_review", "return": "returned", "withdraw": "withdrawn"},
    "second_review": {"finalise": "finalised", "return": "returned", "withdraw": "withdrawn"},
    "finalised": {"return": "returned", "withdraw": "withdrawn"},
    "withdrawn": {"restore": "returned"},
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", POSSIBLE)
def test_the_workflow(incident, reviewer, status, step):
    Incident.objects.filter(pk=incident.pk).update(review_status=status)
    if step not in POSSIBLE[status]:
        with pytest.raises(Refused):
            STEPS[step](by=reviewer, incident=incident, **NOTE)
        incident.refresh_from_db()
        assert incident.review_status == status
        assert not Review.objects.exists()
        return
    STEPS[step](by=reviewer, incident=incident, **NOTE)
    incident.refresh_from_db()
    assert (incident.review_status, incident.version) == (POSSIBLE[status][step], 2)
    review = Review.objects.get()
    assert (review.from_status, review.to_status, review.note) == (status, incident.review_status, NOTE["note"])
    assert history([incident.pk])[0].note == NOTE["note"]


@pytest.mark.parametrize("step", ["pass", "return", "finalise"])
def test_who_submitted_may_not_review_either(incident, investigator, reviewer, step):
    """The author is whoever logged it and whoever submitted it."""
    assessment.submit(by=reviewer, incident=incident)
    status = "second_review" if step == "finalise" else "in_review"
    Incident.objects.filter(pk=incident.pk).update(review_status=status)
    for by in (reviewer, investigator):
        with pytest.raises(Refused) as refusal:
            STEPS[step](by=by, incident=incident, **NOTE)
        assert refusal.value.code == "reviewer_is_author"


@pytest.mark.parametrize("step", ["return", "withdraw", "restore"])
def test_what_is_taken_back_needs_a_reason(incident, reviewer, step):
    status = {"return": "in_review", "withdraw": "draft", "restore": "withdrawn"}[step]
    Incident.objects.filter(pk=incident.pk).update(review_status=status)
    for note in ("", "   "):
        with pytest.raises(Refused) as refusal:
            STEPS[step](by=reviewer, incident=incident, note=note)
        assert refusal.value.field == "note"


def test_an_incident_without_an_account_is_not_submitted(log, investigator):
    bare = log(narrative_en="")
    with pytest.raises(Refused, match="account"):
        assessment.submit(by=investigator, incident=bare)


def test_a_crime_is_alleged_once_and_assessed_after(incident, analyst):
    act = incident.acts.get()
    row = assessment.classify(by=analyst, act=act, crime="cah.torture")
    assert (row.status, row.version) == ("alleged", 1)
    with pytest.raises(Invalid):
        assessment.classify(by=analyst, act=act, crime="cah.torture")
    given = {"status": "supported", "rationale": "Two witnesses"}
    changed = assessment.assess(by=analyst, classification=row, version=1, **given)
    assert (changed.status, changed.version, changed.assessed_by) == ("supported", 2, analyst)
    with pytest.raises(Stale):
        assessment.assess(by=analyst, classification=row, status="rejected", rationale="x", version=1)


@pytest.mark.parametrize(
    ("given", "field"),
    [({"status": "guilty"}, "status"), ({"rationale": ""}, "rationale"), ({"standard": "certain"}, "standard"),
     ({"rationale": "a\x00"}, "rationale"), ({"status": None}, "status")],
)  # fmt: skip
def test_an_assessment_with_a_mistake_is_refused(incident, analyst, given, field):
    row = incident.acts.get().classifications.get()
    with pytest.raises(Invalid) as refusal:
        assessment.assess(by=analyst, classification=row, **{"status": "supported", "rationale": "x", **given})
    assert refusal.value.field == field


@pytest.mark.parametrize("crime", ["cah", "none", "", None, "cah.torture\x00", ["cah.torture"]])
def test_a_heading_or_an_unknown_crime_is_not_alleged(incident, analyst, crime):
    with pytest.raises(Invalid):
        assessment.classify(by=analyst, act=incident.acts.get(), crime=crime)


def test_a_withdrawn_incident_is_not_assessed(incident, analyst):
    Incident.objects.filter(pk=incident.pk).update(review_status="withdrawn")
    row = incident.acts.get().classifications.get()
    with pytest.raises(Refused):
        assessment.classify(by=analyst, act=incident.acts.get(), crime="cah.torture")
    with pytest.raises(Refused):
        assessment.assess(by=analyst, classification=row, status="supported", rationale="x")


def test_a_new_grade_stands_before_the_old_ones(source, analyst):
    for reliability in "BC":
        given = {"reliability": reliability, "credibility": "2", "reason": "seen"}
        assessment.grade(by=analyst, source=source, **given)
    assert [str(row) for row in source.gradings.all()] == ["C2", "B2"]
    assert history([source.pk])[0].change == {"grade": ["B2", "C2"]}


@pytest.mark.parametrize("given", [{"reliability": "G"}, {"credibility": "7"}, {"credibility": 2}, {"reason": " "}])
def test_a_grade_with_a_mistake_is_refused(source, analyst, given):
    good = {"reliability": "B", "credibility": "2", "reason": "seen"}
    with pytest.raises(Invalid):
        assessment.grade(by=analyst, source=source, **{**good, **given})
    assert not Grading.objects.exists()
