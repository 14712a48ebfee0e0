"""Grants, restrictions, requests and broken glass: who may, what is refused, what it does to who sees what."""

from datetime import timedelta

import pytest
from conftest import TESTS, person, simple
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import grants, holdings
from accounts.errors import Forbidden, Invalid, Refused
from accounts.grants import permits
from accounts.models import User
from accounts.roles import Permission
from accounts.teams import form_team
from custody.models import Entry
from evidence import access, notices, recording
from evidence.models import AccessRequest, BreakGlass, Incident, Notice
from evidence.models.codes import new_code

EMERGENCY = "A person named in it was seen in danger this morning."


@pytest.fixture
def manager(collection):
    user = person("investigator")
    access.grant(by=TESTS, record=collection, permission="manage", reason="test", user=user)
    return user


@pytest.fixture
def outsider(db):
    return person("analyst")


def acts_on(record) -> list[str]:
    rows = Entry.objects.filter(object_id=record.pk).exclude(act__startswith="row.").order_by("eid")
    return list(rows.values_list("act", flat=True))


@pytest.mark.parametrize("role", ["investigator", "reviewer", "analyst", "auditor", "mechanism"])
def test_whoever_manages_nothing_gives_nothing(role, collection, outsider, request):
    by = request.getfixturevalue(role)
    for verb in (access.grant, access.revoke):
        with pytest.raises(Forbidden):
            verb(by=by, record=collection, permission="view", reason="test", user=outsider)
    for verb in (access.deny, access.lift_denial):
        with pytest.raises(Forbidden):
            verb(by=by, record=collection, reason="test", user=outsider)
    assert not permits(outsider, collection)


def test_an_administrator_manages_access_to_what_she_cannot_read(administrator, incident, outsider):
    assert not permits(administrator, incident)
    access.grant(by=administrator, record=incident, permission="view", reason="asked by the lead", user=outsider)
    assert permits(outsider, incident)
    assert not permits(administrator, incident)


def test_a_manager_manages_her_collection_and_no_other(manager, incident, other_collection, outsider):
    access.grant(by=manager, record=incident, permission="view", reason="needs it", user=outsider)
    assert permits(outsider, incident)
    with pytest.raises(Forbidden):
        access.grant(by=manager, record=other_collection, permission="view", reason="needs it", user=outsider)


def test_nobody_gives_herself_access(administrator, collection, incident):
    for record in (collection, incident):
        with pytest.raises(Refused, match="another person"):
            access.grant(by=administrator, record=record, permission="view", reason="curious", user=administrator)
    team = form_team(by=TESTS, name_en="With the administrator", name_ko="", members=[administrator])
    with pytest.raises(Refused, match="another person"):
        access.grant(by=administrator, record=collection, permission="view", reason="curious", group=team.group)
    assert not permits(administrator, collection)
    other = person("administrator")
    access.grant(by=other, record=collection, permission="view", reason="audit of names", user=administrator)
    assert permits(administrator, collection)


def test_nobody_ends_her_own_denial_or_opens_a_restricted_record_to_herself(administrator, collection, incident):
    other = person("administrator")
    access.grant(by=other, record=collection, permission="view", reason="audit of names", user=administrator)
    access.deny(by=other, record=incident, reason="conflict of interest", user=administrator)
    with pytest.raises(Refused, match="another person"):
        access.lift_denial(by=administrator, record=incident, reason="over", user=administrator)
    access.lift_denial(by=other, record=incident, reason="over", user=administrator)
    access.grant(by=other, record=incident, permission="view", reason="x", user=person("analyst"))
    access.restrict(by=other, record=incident, reason="source at risk")
    with pytest.raises(Refused, match="another person"):
        access.open_up(by=administrator, record=incident, reason="over")
    incident.refresh_from_db()
    assert not incident.inherits_access


@pytest.mark.parametrize("role", ["auditor", "mechanism"])
def test_a_role_that_reads_nothing_is_given_nothing(role, administrator, collection, request):
    with pytest.raises(Invalid, match="reads no records"):
        access.grant(
            by=administrator, record=collection, permission="view", reason="x", user=request.getfixturevalue(role)
        )


def test_what_the_role_cannot_use_is_not_given(administrator, collection, outsider):
    with pytest.raises(Invalid, match="cannot use"):
        access.grant(by=administrator, record=collection, permission="manage", reason="x", user=outsider)


def test_a_grant_that_has_ended_before_it_begins_is_refused(administrator, collection, outsider):
    with pytest.raises(Invalid, match="past"):
        access.grant(
            by=administrator, record=collection, permission="view", reason="x", user=outsider,
            expires_at=timezone.now() - timedelta(minutes=1),
        )  # fmt: skip


def test_restricting_needs_somebody_who_keeps_access(administrator, incident, investigator, outsider):
    with pytest.raises(Refused, match="Nobody has access"):
        access.restrict(by=administrator, record=incident, reason="source at risk")
    access.grant(by=administrator, record=incident, permission="view", reason="keeps it", user=outsider)
    access.restrict(by=administrator, record=incident, reason="source at risk")
    assert (permits(investigator, incident), permits(outsider, incident)) == (False, True)
    access.open_up(by=administrator, record=incident, reason="over")
    assert permits(investigator, incident)
    assert acts_on(incident)[-3:] == ["access.granted", "access.restricted", "access.opened_up"]


def test_the_effect_is_shown_in_numbers_and_leaves_nothing(administrator, collection, incident, log, outsider):
    log(confidentiality=3)
    before = Entry.objects.count()
    effect = access.effect_of(
        lambda: access.grant(by=administrator, record=collection, permission="view", reason="x", user=outsider),
        by=administrator,
        record=collection,
        users=[outsider],
    )
    (line,) = effect.lines
    assert (line.before["incident"], line.after["incident"]) == (0, 2)
    assert (effect.gaining, effect.losing, line.gains) == (1, 0, 2)
    assert Entry.objects.count() == before
    assert not permits(outsider, collection)


def test_the_effect_raises_what_the_act_refuses(administrator, collection, outsider):
    with pytest.raises(Refused):
        access.effect_of(
            lambda: access.grant(
                by=administrator, record=collection, permission="view", reason="x", user=administrator
            ),
            by=administrator,
            record=collection,
            users=[administrator],
        )


def test_who_sees_it_and_why_is_what_the_gate_says(administrator, collection, incident, protected, outsider):
    team = form_team(by=TESTS, name_en="Readers", name_ko="", members=[outsider, person("auditor")])
    access.grant(by=administrator, record=collection, permission="view", reason="reads", group=team.group)
    low = person("analyst", clearance=0)
    access.grant(by=administrator, record=incident, permission="view", reason="exception", user=low)
    access.deny(by=administrator, record=incident, reason="conflict", user=outsider)
    for record in (collection, incident, protected):
        told = {reader.user.pk: reader for reader in holdings.readers(record)}
        for user in User.objects.all():
            held = {one for one in Permission if permits(user, record, one)}
            assert held == (set(told[user.pk].permissions) if user.pk in told else set())
            assert (Permission.VIEW in held) == (user.pk in told and told[user.pk].sees)
    told = {reader.user.pk: reader.obstacle for reader in holdings.readers(incident)}
    assert told[low.pk] == "clearance"
    assert told[outsider.pk] == "denied"
    assert "role" in told.values()


def test_a_request_is_decided_by_another_person_and_gives_the_grant(incident, manager, outsider):
    request = access.ask(by=outsider, code=incident.code, permission="view", reason="I analyse this camp.")
    assert access.requests_to(manager) == [request]
    assert access.request_for(manager, request.pk) == request
    assert notices.unread(manager) == 1
    access.decide(by=manager, request=request, approve=True, answer="For the analysis of the camp.")
    assert permits(outsider, incident)
    request.refresh_from_db()
    assert (request.state, request.decided_by) == ("approved", manager)
    assert Notice.objects.filter(recipient=outsider, kind="access_decided").exists()
    with pytest.raises(Refused, match="already"):
        access.decide(by=manager, request=request, approve=False, answer="Changed my mind.")


def test_asking_tells_nothing_of_what_exists(incident, outsider, administrator):
    for code in (incident.code, new_code("INC")):
        request = access.ask(by=outsider, code=code, permission="view", reason="I analyse this camp.")
        assert (request.state, request.answer) == ("open", "")
    with pytest.raises(Refused, match="can only be refused"):
        access.decide(by=administrator, request=request, approve=True, answer="Go ahead then.")


def test_nobody_decides_on_her_own_request(collection, administrator):
    request = access.ask(by=administrator, code=collection.code, permission="view", reason="Names have to be checked.")
    assert access.requests_to(administrator) == []
    with pytest.raises(Refused, match="another person"):
        access.decide(by=administrator, request=request, approve=True, answer="I think so too.")
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        AccessRequest.objects.filter(pk=request.pk).update(
            state="approved", decided_by=administrator, decided_at=timezone.now()
        )


def test_a_request_is_seen_by_its_asker_and_by_who_decides(incident, manager, stranger, outsider, reviewer):
    request = access.ask(by=outsider, code=incident.code, permission="view", reason="I analyse this camp.")
    seen = {user: access.request_for(user, request.pk) is not None for user in (outsider, manager, stranger, reviewer)}
    assert seen == {outsider: True, manager: True, stranger: False, reviewer: False}


def test_broken_glass_opens_one_record_for_a_while_and_tells_many(incident, log, outsider, manager, auditor):
    sibling, administrator = log(), person("administrator")
    row = access.break_glass(by=outsider, code=incident.code, reason=EMERGENCY, minutes=15)
    assert (permits(outsider, incident), permits(outsider, sibling)) == (True, False)
    assert {notices.unread(user) for user in (manager, auditor, administrator)} == {1}
    assert "glass.broken" in acts_on(incident)
    grant = grants.tables_of(Incident).by_user.objects.get(user=outsider, content_object=incident)
    assert grant.expires_at == row.expires_at
    type(grant).objects.filter(pk=grant.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not permits(outsider, incident)


@pytest.mark.parametrize("why", ["absent", "clearance", "denied"])
def test_glass_that_opens_nothing_answers_alike_and_is_told(why, incident, outsider, administrator, auditor):
    code = incident.code
    if why == "absent":
        code = new_code("INC")
    elif why == "clearance":
        User.objects.filter(pk=outsider.pk).update(clearance=0)
        outsider.refresh_from_db()
    else:
        access.deny(by=administrator, record=incident, reason="conflict of interest", user=outsider)
    assert access.break_glass(by=outsider, code=code, reason=EMERGENCY) is None
    assert not permits(outsider, incident)
    told = set(Notice.objects.filter(kind="glass_failed").values_list("recipient", flat=True))
    assert {administrator.pk, auditor.pk} <= told
    assert "glass.failed" in acts_on(outsider)
    assert not BreakGlass.objects.exists()


def test_glass_is_reviewed_by_another_and_what_is_not_justified_ends(incident, outsider, auditor):
    row = access.break_glass(by=outsider, code=incident.code, reason=EMERGENCY)
    with pytest.raises(Refused, match="another person"):
        access.review_glass(by=outsider, row=row, outcome="justified", note="It was.")
    with pytest.raises(Forbidden):
        access.review_glass(by=person("investigator"), row=row, outcome="justified", note="It was.")
    access.review_glass(by=auditor, row=row, outcome="not_justified", note="No emergency was found.")
    assert not permits(outsider, incident)
    with pytest.raises(Refused, match="already"):
        access.review_glass(by=auditor, row=row, outcome="justified", note="On second thought.")


def test_ending_the_glass_leaves_a_grant_that_was_given_meanwhile(incident, outsider, administrator):
    row = access.break_glass(by=outsider, code=incident.code, reason=EMERGENCY)
    access.grant(by=administrator, record=incident, permission="view", reason="needs it for weeks", user=outsider)
    access.end_glass(by=outsider, row=row)
    assert permits(outsider, incident)


def test_glass_breaks_five_times_a_day_and_never_for_auditors(log, outsider, auditor):
    for _time in range(5):
        assert access.break_glass(by=outsider, code=log().code, reason=EMERGENCY)
    with pytest.raises(Refused, match="Five times"):
        access.break_glass(by=outsider, code=log().code, reason=EMERGENCY)
    with pytest.raises(Forbidden):
        access.break_glass(by=auditor, code=log().code, reason=EMERGENCY)


def test_reading_the_notices_is_an_act_and_happens_once(incident, outsider, auditor):
    access.break_glass(by=outsider, code=incident.code, reason=EMERGENCY)
    assert (notices.read_notices(by=auditor), notices.read_notices(by=auditor), notices.unread(auditor)) == (1, 0, 0)
    assert acts_on(auditor).count("notice.read") == 1


def test_a_person_recorded_in_a_team_that_lost_its_grant_sees_nothing_more(administrator, collection, outsider):
    team = form_team(by=TESTS, name_en="Readers", name_ko="", members=[outsider])
    access.grant(by=administrator, record=collection, permission="view", reason="reads", group=team.group)
    record = recording.log_incident(by=author_in(collection), collection=collection, given=simple())
    assert permits(outsider, record)
    assert [way.team for way in holdings.held_by(outsider)] == [team]
    access.revoke(by=administrator, record=collection, permission="view", reason="over", group=team.group)
    assert not permits(outsider, record)
    assert holdings.held_by(outsider) == []


def author_in(collection):
    return next(reader.user for reader in holdings.readers(collection) if "contribute" in reader.permissions)
