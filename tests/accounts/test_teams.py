"""Teams: who belongs counts on the next request; nobody gives herself access; nothing is dissolved that grants name."""

import pytest
from conftest import TESTS, person

from accounts import people, teams
from accounts.errors import Invalid, Refused
from accounts.models import Team
from custody.ledger import history
from evidence import access
from evidence.models import Incident

WHY = {"reason": "works on the case"}


@pytest.fixture
def team(reviewer):
    return teams.form_team(by=TESTS, name_en="Team", name_ko="팀", members=[reviewer])


@pytest.fixture
def granted(team, investigator, collection):
    access.grant(by=TESTS, record=collection, permission="view", reason="the case", group=team.group)
    return team


def test_joining_and_leaving_count_on_the_next_question(administrator, stranger, granted, incident):
    assert not Incident.objects.permitted(stranger).exists()
    teams.join_team(by=administrator, team=granted, user=stranger, **WHY)
    assert list(Incident.objects.permitted(stranger)) == [incident]
    teams.leave_team(by=administrator, team=granted, user=stranger, reason="the case is closed")
    assert not Incident.objects.permitted(stranger).exists()


def test_the_histories_of_person_and_team_both_tell_of_it(administrator, stranger, team):
    teams.join_team(by=administrator, team=team, user=stranger, **WHY)
    own, of_team = history([stranger.pk])[0], history([teams.subject_of(team).pk])[0]
    assert (own.act, own.data, own.note) == ("team.joined", {"team": team.pk}, WHY["reason"])
    assert (of_team.act, of_team.data) == ("team.member_joined", {"user": str(stranger.pk)})


def test_nobody_gives_herself_access_through_a_team(administrator, granted):
    with pytest.raises(Refused) as refusal:
        teams.join_team(by=administrator, team=granted, user=administrator, **WHY)
    assert refusal.value.code == "second_person"
    assert "second administrator" in str(refusal.value)
    assert not administrator.groups.exists()
    teams.join_team(by=person("administrator"), team=granted, user=administrator, **WHY)
    assert administrator.groups.exists()


def test_nobody_leaves_a_team_that_is_kept_away_to_see_more(administrator, team, collection):
    other = person("administrator")
    teams.join_team(by=administrator, team=team, user=administrator, **WHY)
    access.deny(by=other, record=collection, reason="a conflict", group=team.group)
    with pytest.raises(Refused) as refusal:
        teams.leave_team(by=administrator, team=team, user=administrator, **WHY)
    assert refusal.value.code == "second_person"
    teams.leave_team(by=other, team=team, user=administrator, **WHY)
    assert not administrator.groups.exists()


def test_one_may_leave_a_team_that_only_gave(administrator, granted):
    teams.join_team(by=person("administrator"), team=granted, user=administrator, **WHY)
    teams.leave_team(by=administrator, team=granted, user=administrator, **WHY)
    assert not administrator.groups.exists()


def test_a_team_without_access_is_open_to_oneself(administrator, team):
    teams.join_team(by=administrator, team=team, user=administrator, **WHY)
    assert administrator.groups.exists()


def test_a_team_that_grants_or_denials_name_is_not_dissolved(administrator, team, investigator, collection):
    to = {"by": administrator, "record": collection, "reason": "the case", "group": team.group}
    for give, take in (
        (lambda: access.grant(permission="view", **to), lambda: access.revoke(permission="view", **to)),
        (lambda: access.deny(**to), lambda: access.lift_denial(**to)),
    ):
        give()
        assert teams.grants_naming(team) == 1
        with pytest.raises(Refused) as refusal:
            teams.dissolve_team(by=administrator, team=team, **WHY)
        assert refusal.value.code == "has_grants"
        take()
    teams.dissolve_team(by=administrator, team=team, **WHY)
    team.refresh_from_db()
    assert team.dissolved_at is not None
    assert not team.group.user_set.exists()


def test_nobody_joins_a_dissolved_team_and_its_name_is_free(administrator, team, stranger):
    teams.dissolve_team(by=administrator, team=team, **WHY)
    for act in (
        lambda: teams.join_team(by=administrator, team=team, user=stranger, **WHY),
        lambda: teams.rename_team(by=administrator, team=team, name_en="Other", name_ko=""),
        lambda: teams.dissolve_team(by=administrator, team=team, **WHY),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "dissolved"
    teams.form_team(by=administrator, name_en="Team", name_ko="팀", members=[stranger])
    assert Team.objects.filter(name_en="Team").count() == 2


def test_who_is_in_or_out_already_or_suspended_is_refused(administrator, team, reviewer, stranger):
    people.suspend(by=administrator, user=stranger, reason="left us")
    for act, code in (
        (lambda: teams.join_team(by=administrator, team=team, user=reviewer, **WHY), "member"),
        (lambda: teams.leave_team(by=administrator, team=team, user=administrator, **WHY), "no_member"),
        (lambda: teams.join_team(by=administrator, team=team, user=stranger, **WHY), "suspended"),
        (lambda: teams.form_team(by=administrator, name_en="X", name_ko="", members=[stranger]), "suspended"),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == code
    assert not Team.objects.filter(name_en="X").exists()


def test_a_reason_and_a_name_of_its_own_are_needed(administrator, team, stranger):
    other = teams.form_team(by=TESTS, name_en="Other", name_ko="", members=[stranger])
    for act, field in (
        (lambda: teams.join_team(by=administrator, team=team, user=stranger, reason=""), "reason"),
        (lambda: teams.leave_team(by=administrator, team=other, user=stranger, reason="x"), "reason"),
        (lambda: teams.dissolve_team(by=administrator, team=team, reason=" "), "reason"),
        (lambda: teams.rename_team(by=administrator, team=other, name_en="Team", name_ko=""), "name_en"),
        (lambda: teams.rename_team(by=administrator, team=other, name_en=" ", name_ko=""), "name_en"),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.field == field


def test_a_renamed_team_keeps_members_and_access(administrator, granted, reviewer):
    teams.rename_team(by=administrator, team=granted, name_en="New name", name_ko="새 이름")
    granted.refresh_from_db()
    assert (granted.name_en, granted.group.name) == ("New name", "New name")
    assert list(granted.group.user_set.all()) == [reviewer]
    assert teams.grants_naming(granted) == 1
    event = history([teams.subject_of(granted).pk])[0]
    assert event.change == {"name_en": ["Team", "New name"], "name_ko": ["팀", "새 이름"]}
