"""What a hidden record gives away on the pages and doors of access, consent and decisions."""

import pytest
from conftest import TESTS, person
from django.test import Client
from rest_framework.test import APIClient

from accounts import grants, invitations, people, tokens
from accounts.errors import Refused
from accounts.grants import permits
from accounts.models import User
from evidence import access, intake, notices, protection, recording
from evidence.history import history_of
from evidence.models import Incident, Item, Notice, Person, Source

WORDS = "A person named in it was seen in danger this morning."
GIVEN = {
    "use": "share_icc", "recipient": "icc_otp", "status": "granted", "identity_level": "pseudonym",
    "given_on": "2019-05", "form": "written_signed",
}  # fmt: skip


def signed(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.SignInBackend")
    return client


def api(user) -> APIClient:
    client = APIClient(raise_request_exception=False)
    issued = tokens.issue(by=user, user=user, name="t", scopes=list(tokens.SCOPES), days=1)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    return client


def give(record, user, permission="view"):
    access.grant(by=TESTS, record=record, permission=permission, reason="test", user=user)


@pytest.fixture
def single_manager(incident):
    user = person("investigator")
    give(incident, user, "manage")
    return user


def test_glass_opens_one_record_not_a_collection(collection, incident, log):
    log()
    outsider = person("analyst")
    access.break_glass(by=outsider, code=collection.code, reason=WORDS)
    assert Incident.objects.permitted(outsider).count() <= 1
    assert not permits(outsider, collection)


def test_manager_of_one_record_is_not_told_its_collection(collection, incident, single_manager, analyst):
    access.deny(by=person("administrator"), record=collection, reason="quarrel in the family", user=analyst)
    assert not permits(single_manager, collection)
    told = signed(single_manager).get(f"/access/{incident.code}/").content.decode()
    assert [word for word in (collection.code, collection.name_en, "quarrel", analyst.name) if word in told] == []


def test_manager_of_one_record_is_not_told_its_collection_by_api(collection, incident, single_manager, analyst):
    access.deny(by=person("administrator"), record=collection, reason="quarrel in the family", user=analyst)
    told = api(single_manager).get(f"/api/v1/access/{incident.code}").content.decode()
    assert [word for word in (collection.code, "quarrel") if word in told] == []


def test_manager_of_one_record_counts_no_collection(collection, incident, single_manager, investigator, log):
    for _ in range(4):
        log()
    choice = {"to": f"user:{investigator.pk}", "permission": "view", "reason": "Analyses it.", "show": "1"}
    (line,) = signed(single_manager).post(f"/access/{incident.code}/give/", choice).context["effect"].lines
    assert line.pairs[0] == (1, 1), line.pairs


def test_effect_counts_nothing_above_the_managers_own_sight(collection, incident, log):
    manager, reader = person("investigator", clearance=2), person("analyst", clearance=4)
    give(collection, manager, "manage")
    Incident.objects.filter(pk=log().pk).update(confidentiality=4, effective_level=4)
    choice = {"to": f"user:{reader.pk}", "permission": "view", "reason": "Analyses it.", "show": "1"}
    (line,) = signed(manager).post(f"/access/{collection.code}/give/", choice).context["effect"].lines
    assert line.pairs[0][1] <= Incident.objects.permitted(manager).count(), line.pairs


@pytest.mark.parametrize("why", ["level", "restricted", "denied"])
def test_broken_glass_does_not_tell_a_manager_of_a_hidden_record(why, collection, incident):
    manager, outsider = person("investigator", clearance=2), person("analyst", clearance=4)
    give(collection, manager, "manage")
    if why == "level":
        Incident.objects.filter(pk=incident.pk).update(confidentiality=4, effective_level=4)
    elif why == "restricted":
        Incident.objects.filter(pk=incident.pk).update(inherits_access=False)
    else:
        access.deny(by=person("administrator"), record=incident, reason="test", user=manager)
    assert not permits(manager, incident)
    access.break_glass(by=outsider, code=incident.code, reason=WORDS)
    told = api(manager).get("/api/v1/emergency-access").json()
    assert [(row["withheld"], row["record_id"], row["reason"]) for row in told] == [(True, None, "")]
    assert [notice.kind for notice in Notice.objects.filter(recipient=manager)] == ["glass_broken"]


def test_request_for_a_hidden_record_makes_no_notice_for_a_manager(collection, incident):
    manager, outsider = person("investigator", clearance=2), person("analyst", clearance=4)
    give(collection, manager, "manage")
    Incident.objects.filter(pk=incident.pk).update(confidentiality=4, effective_level=4)
    access.ask(by=outsider, code=incident.code, permission="view", reason="needs it")
    assert access.requests_to(manager) == []
    assert notices.unread(manager) == 0


@pytest.fixture
def hidden_item(investigator, collection, item):
    other = intake.receive_item(by=investigator, collection=collection, given={"kind": "testimony", "title_en": "H"})
    Item.objects.filter(pk=other.pk).update(inherits_access=False)
    grants.give(record=other, permission="contribute", by=None, reason="t", user=investigator)
    return other


def test_history_leaves_out_consent_about_a_hidden_item(protected, hidden_item, investigator, analyst):
    row = protection.record_consent(by=investigator, person=protected, given=GIVEN | {"item": str(hidden_item.pk)})
    assert not protection.consents_of(protected, user=analyst).exists()
    told = [event for event in history_of(protected, user=analyst) if event.act.startswith("consent.")]
    assert told == [], [(event.data, event.change) for event in told]
    assert row


def test_withdrawal_of_consent_about_a_hidden_item_is_left_out(protected, hidden_item, investigator, analyst):
    row = protection.record_consent(by=investigator, person=protected, given=GIVEN | {"item": str(hidden_item.pk)})
    protection.withdraw_consent(by=investigator, consent=row, reason="She fears for her brother in the north.")
    told = [event for event in history_of(protected, user=analyst) if event.act.startswith("consent.")]
    assert told == [], [(event.data, event.change, event.note) for event in told]


def test_a_superseded_consent_is_not_read_through_a_new_one(protected, hidden_item, investigator, investigator2):
    given = GIVEN | {"document": str(hidden_item.pk), "status": "granted_conditional", "conditions": "x"}
    protection.record_consent(by=investigator, person=protected, given=given)
    assert not protection.consents_of(protected, user=investigator2).exists()
    protection.record_consent(by=investigator2, person=protected, given=GIVEN)
    changes = [event.change for event in history_of(protected, user=investigator2) if event.act.startswith("consent.")]
    assert "granted_conditional" not in str(changes), changes


@pytest.fixture
def hidden_person(investigator, collection, item):
    her = recording.record_person(by=investigator, collection=collection, given={"risk": "low", "note": "n"})
    recording.link(by=investigator, item=item, target=her)
    Person.objects.filter(pk=her.pk).update(inherits_access=False)
    grants.give(record=her, permission="contribute", by=None, reason="t", user=investigator)
    return her


def ask_use(item, user):
    return protection.may_use(Item.objects.get(pk=item.pk), use="share_icc", recipient="icc_otp", user=user)


def test_identity_level_does_not_speak_of_a_hidden_person(item, protected, hidden_person, investigator, analyst):
    recording.link(by=investigator, item=Item.objects.get(pk=item.pk), target=protected)
    for who, level in ((protected, "full"), (hidden_person, "anonymised")):
        protection.record_consent(by=investigator, person=who, given=GIVEN | {"identity_level": level})
    answer = ask_use(item, analyst)
    assert (answer.allowed, answer.identity_level, answer.obstacles) == (False, "none", [("review", None)])


def test_review_beside_a_visible_person_does_not_tell_of_a_hidden_one(
    item, protected, hidden_person, investigator, analyst
):
    recording.link(by=investigator, item=Item.objects.get(pk=item.pk), target=protected)
    answer = ask_use(item, analyst)
    # With a visible person alone the answer would be no_consent and nothing else.
    assert answer.obstacles == [("no_consent", protected)], answer


def test_an_item_in_which_a_hidden_person_agreed_answers_like_an_empty_one(item, hidden_person, investigator, analyst):
    protection.record_consent(by=investigator, person=hidden_person, given=GIVEN)
    assert not ask_use(item, analyst).allowed, ask_use(item, analyst)


def test_provider_of_a_hidden_source_is_not_told(item, source, investigator):
    Item.objects.filter(pk=item.pk).update(source=source)
    reader = person("analyst")
    give(item, reader)
    assert not permits(reader, source)
    before = ask_use(item, reader).obstacles
    protection.set_condition(
        by=investigator, record=Source.objects.get(pk=source.pk), use="share_icc", recipient="*", is_allowed=False
    )
    assert ask_use(item, reader).obstacles == before, ask_use(item, reader)


def test_ordinary_readers_are_not_told_whom_access_was_denied_and_why(incident, analyst, investigator2):
    access.deny(by=person("administrator"), record=incident, reason="suspected of leaking", user=investigator2)
    told = [event for event in history_of(incident, user=analyst) if event.act.startswith("access.")]
    assert [(event.act, event.note, event.data) for event in told] == [("access.denied", "", {})]


def test_glass_is_not_told_to_every_reader_of_the_record(incident, analyst):
    access.break_glass(by=person("analyst"), code=incident.code, reason=WORDS)
    told = [event for event in history_of(incident, user=analyst) if event.act.startswith("glass.")]
    assert [(event.act, event.note, event.data) for event in told] == [("glass.broken", "", {})]


def test_no_link_for_an_account_in_use_by_single_sign_on(administrator):
    user = invitations.invite(by=TESTS, email="s@example.org", name="S", role="investigator", clearance=4)
    user = user.invitation.user
    people.signed_in(by=user, user=user)
    with pytest.raises(Refused):
        invitations.issue(by=administrator, user=User.objects.get(pk=user.pk))


def test_shown_is_good_for_whoever_was_shown(administrator, collection, analyst):
    other, target = person("administrator"), person("analyst")
    choice = {"to": f"user:{target.pk}", "permission": "view", "reason": "Analyses the camp."}
    seal = signed(administrator).post(f"/access/{collection.code}/give/", choice).context["form"].data["shown"]
    path = f"/access/{collection.code}/give/"
    assert signed(other).post(path, choice | {"shown": seal}).status_code == 200


def test_restricting_needs_somebody_who_can_still_open_it(administrator, incident):
    nobody = person("analyst")
    give(incident, nobody)
    people.suspend(by=administrator, user=nobody, reason="left the team")
    with pytest.raises(Refused):
        access.restrict(by=administrator, record=incident, reason="source at risk")


def test_failed_glass_is_limited_too(incident, collection):
    outsider = person("analyst", clearance=1)
    for _ in range(5):
        access.break_glass(by=outsider, code=incident.code, reason=WORDS)
    with pytest.raises(Refused):
        access.break_glass(by=outsider, code=incident.code, reason=WORDS)
    assert Notice.objects.filter(kind="glass_failed").values("created_at").distinct().count() <= 5


@pytest.mark.parametrize("kind", ["unmask", "reassess"])
def test_a_token_for_incidents_does_not_touch_persons(kind, protected, investigator):
    Person.objects.filter(pk=protected.pk).update(risk="high", effective_level=3)
    client = APIClient(raise_request_exception=False)
    issued = tokens.issue(by=investigator, user=investigator, name="t", scopes=["incidents:write"], days=1)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    body = {"record": protected.code, "kind": kind, "reason": "needs it", "risk": "low"}
    assert client.post("/api/v1/decisions", body, format="json").status_code == 403


def test_a_token_for_incidents_reads_no_decisions_on_persons(protected, investigator):
    Person.objects.filter(pk=protected.pk).update(risk="high", effective_level=3)
    protection.propose_unmasking(by=investigator, person=Person.objects.get(pk=protected.pk), reason="needs it")
    client = APIClient(raise_request_exception=False)
    issued = tokens.issue(by=investigator, user=investigator, name="t", scopes=["incidents:read"], days=1)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    assert protected.code not in client.get("/api/v1/decisions").content.decode()


def test_asking_scope_reads_no_requests_of_others(administrator, incident):
    access.ask(by=person("analyst"), code=incident.code, permission="view", reason="needs it")
    client = APIClient(raise_request_exception=False)
    issued = tokens.issue(by=administrator, user=administrator, name="t", scopes=["access:ask"], days=1)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    assert incident.code not in client.get("/api/v1/access-requests").content.decode()


def test_refusal_of_a_downgrade_does_not_tell_of_a_hidden_person(incident, investigator, investigator2, collection):
    her = recording.record_person(by=investigator, collection=collection, given={"risk": "high", "note": "n"})
    act = incident.acts.get()
    from evidence.models import Involvement

    Involvement.objects.create(act=act, person=her, role="victim", created_by=investigator)
    Incident.objects.filter(pk=incident.pk).update(confidentiality=3, effective_level=3)
    Person.objects.filter(pk=her.pk).update(inherits_access=False)
    try:
        protection.propose_downgrade(
            by=investigator2, record=Incident.objects.get(pk=incident.pk), confidentiality=1, reason="too high"
        )
    except Refused as error:
        assert "people linked" not in str(error)
