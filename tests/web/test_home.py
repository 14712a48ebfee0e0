"""The start page, by role; and the reference pages."""

import pytest

from evidence import assessment, recording

SIGN_IN = "accounts.backends.SignInBackend"


def home(client, user) -> str:
    client.force_login(user, backend=SIGN_IN)
    answer = client.get("/")
    assert answer.status_code == 200
    return answer


def test_an_investigator_sees_her_drafts_and_returned_incidents(client, investigator, reviewer, log):
    draft, returned, other = log(title_en="Draft one"), log(title_en="Returned one"), log(title_en="In review one")
    for incident in (returned, other):
        assessment.submit(by=investigator, incident=incident)
    assessment.return_to_author(by=reviewer, incident=returned, note="Date?")
    answer = home(client, investigator)
    assert {row.pk for row in answer.context["own"]} == {draft.pk, returned.pk}
    assert answer.context["waiting"] is None


def test_a_reviewer_sees_what_awaits_her_and_not_her_own(client, investigator, reviewer, log, collection):
    theirs, own = log(), log(by=reviewer)
    submitted_by_her = log()
    assessment.submit(by=investigator, incident=theirs)
    for incident in (own, submitted_by_her):
        assessment.submit(by=reviewer, incident=incident)
    assert [row.pk for row in home(client, reviewer).context["waiting"]] == [theirs.pk]


def test_a_stranger_sees_nothing_of_it(client, stranger, log):
    log(title_en="Hidden marker")
    answer = home(client, stranger)
    assert "Hidden marker" not in answer.content.decode()
    assert answer.context["recent"] == []


@pytest.mark.parametrize("role", ["administrator", "auditor", "mechanism", "analyst"])
def test_every_role_is_told_what_it_can_do(client, request, role, log):
    log(title_en="Hidden marker")
    text = home(client, request.getfixturevalue(role)).content.decode()
    expected = {"administrator": "keep the installation", "auditor": "custody holds", "mechanism": "disclosed to your"}
    assert expected.get(role, "You analyse") in text
    assert ("Hidden marker" in text) is (role == "analyst")


def test_crimes_are_shown_with_elements_in_both_languages(client, auditor):
    client.force_login(auditor, backend=SIGN_IN)
    text = client.get("/crimes/").content.decode()
    assert "not yet read by a lawyer" in text
    assert "고문" in text
    assert "The victim was in the custody" in text


@pytest.mark.parametrize(("query", "found"), [("torture", True), ("고문", True), ("7(1)(f)", True), ("zzz", False)])
def test_crimes_are_searched_in_both_languages(client, auditor, query, found):
    client.force_login(auditor, backend=SIGN_IN)
    answer = client.get("/crimes/", {"q": query})
    assert bool(answer.context["found"]) is found
    assert ("cah.torture" in answer.content.decode()) is found


def test_vocabularies_are_listed_and_opened(client, auditor):
    client.force_login(auditor, backend=SIGN_IN)
    assert "sex" in client.get("/vocabularies/").content.decode()
    assert "Torture" in client.get("/vocabularies/", {"list": "content_warning"}).content.decode()
    assert client.get("/vocabularies/", {"list": "nonsense"}).status_code == 404


def test_a_mechanism_reads_no_reference_data(client, mechanism):
    client.force_login(mechanism, backend=SIGN_IN)
    assert client.get("/crimes/").status_code == 403


def test_the_history_of_a_record_is_in_words(client, investigator, protected, log):
    incident = log(acts=[{"title_en": "Beating", "involvements": [{"role": "victim", "person": protected.code}]}])
    act = incident.acts.get()
    assessment.classify(by=investigator, act=act, crime="cah.torture", rationale="Two witnesses")
    from evidence.history import history_of
    from evidence.web.timeline import days_of

    (day,) = days_of(history_of(incident, user=investigator), investigator)
    lines = {line["label"]: line["after"] for entry in day["entries"] for line in entry["changes"]}
    assert [entry["actor"] for entry in day["entries"]] == [investigator.name] * 2
    assert lines["Date"] == "Mar 2011"
    assert lines["Confidentiality"] == "Confidential"
    assert lines["Act 1: who was involved"].endswith(protected.code)
    assert lines["Classification"].startswith("Torture: Alleged, ")
    assert lines["Classification"].endswith("Two witnesses")


def test_the_history_keeps_hidden_persons_hidden(client, investigator, stranger, other_collection, log, analyst):
    hidden = recording.record_person(
        by=stranger, collection=other_collection, given={"note": "x", "is_protected": False}
    )
    incident = log(
        by=stranger, home=other_collection, acts=[{"involvements": [{"role": "victim", "person": hidden.code}]}]
    )
    from custody.ledger import history
    from evidence.web.timeline import days_of

    text = str(days_of(history([incident.pk]), analyst))
    assert hidden.code not in text
