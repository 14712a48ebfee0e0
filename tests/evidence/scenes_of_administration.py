"""The scenes of the verbs that administer people and teams; `scenes` says what a scene is."""

from conftest import TESTS
from scenes import SECRET, scene

from accounts import invitations, people, teams, tokens
from accounts.models import User

INVITED = {"email": f"{SECRET}@example.org", "name": SECRET, "role": "analyst", "clearance": 1}


def colleague(stage) -> User:
    return User.objects.get(pk=stage.investigator2.pk)


def team_of(stage, *members):
    return teams.form_team(by=TESTS, name_en=SECRET, name_ko=SECRET, members=list(members) or [stage.reviewer])


@scene("accounts.people.rename")
def _(stage, tmp_path):
    user = colleague(stage)
    return lambda: people.rename(by=stage.administrator, user=user, name=SECRET)


@scene("accounts.people.change_access")
def _(stage, tmp_path):
    user = colleague(stage)
    return lambda: people.change_access(by=stage.administrator, user=user, role="analyst", clearance=1, reason=SECRET)


@scene("accounts.people.suspend")
def _(stage, tmp_path):
    user = colleague(stage)
    tokens.issue(by=user, user=user, name="nightly", scopes=["items:read"], days=1)
    return lambda: people.suspend(by=stage.administrator, user=user, reason=SECRET)


@scene("accounts.people.reactivate")
def _(stage, tmp_path):
    user = colleague(stage)
    people.suspend(by=stage.administrator, user=user, reason=SECRET)
    return lambda: people.reactivate(by=stage.administrator, user=user, reason=SECRET)


@scene("accounts.invitations.invite")
def _(stage, tmp_path):
    return lambda: invitations.invite(by=stage.administrator, **INVITED)


@scene("accounts.invitations.issue")
def _(stage, tmp_path):
    user = invitations.invite(by=stage.administrator, **INVITED).invitation.user
    return lambda: invitations.issue(by=stage.administrator, user=user)


@scene("accounts.invitations.revoke")
def _(stage, tmp_path):
    user = invitations.invite(by=stage.administrator, **INVITED).invitation.user
    return lambda: invitations.revoke(by=stage.administrator, user=user)


@scene("accounts.invitations.accept")
def _(stage, tmp_path):
    issued = invitations.invite(by=TESTS, **INVITED)
    client = {"address": "192.0.2.7", "agent": SECRET}
    return lambda: invitations.accept(
        by=TESTS, invitation=issued.invitation, name=f"{SECRET} II", password="the quiet river 47 bends", client=client
    )


@scene("accounts.teams.form_team")
def _(stage, tmp_path):
    return lambda: team_of(stage)


@scene("accounts.teams.rename_team")
def _(stage, tmp_path):
    team = team_of(stage)
    return lambda: teams.rename_team(by=stage.administrator, team=team, name_en=f"{SECRET} II", name_ko=SECRET)


@scene("accounts.teams.join_team")
def _(stage, tmp_path):
    team, user = team_of(stage), colleague(stage)
    return lambda: teams.join_team(by=stage.administrator, team=team, user=user, reason=SECRET)


@scene("accounts.teams.leave_team")
def _(stage, tmp_path):
    user = colleague(stage)
    team = team_of(stage, user, stage.reviewer)
    return lambda: teams.leave_team(by=stage.administrator, team=team, user=user, reason=SECRET)


@scene("accounts.teams.dissolve_team")
def _(stage, tmp_path):
    team = team_of(stage)
    return lambda: teams.dissolve_team(by=stage.administrator, team=team, reason=SECRET)
