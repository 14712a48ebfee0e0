"""People and teams: invited, never self-made; one's own preferences; signing in is an act."""

import re

import pytest
from conftest import PASSWORD, TESTS, person

from accounts import people, teams
from accounts.errors import Invalid
from accounts.models import Team, User
from accounts.roles import ROLE_ACTS, ROLE_PERMISSIONS, SATISFIED_BY, Act, Permission, Role, may
from custody.ledger import history


@pytest.mark.parametrize(
    ("given", "field"),
    [({"role": "owner"}, "role"), ({"clearance": 5}, "clearance"), ({"clearance": -1}, "clearance"),
     ({"email": "TAKEN@example.org"}, "email")],
)  # fmt: skip
def test_an_invitation_with_a_mistake_is_refused(db, given, field):
    good = {"name": "x", "role": "analyst", "clearance": 1}
    people.invite(by=TESTS, email="taken@example.org", **good)
    with pytest.raises(Invalid) as refusal:
        people.invite(by=TESTS, **{"email": "new@example.org", **good, **given})
    assert refusal.value.field == field
    assert User.objects.count() == 1


def test_without_a_password_nobody_signs_in(db, client):
    user = people.invite(by=TESTS, email="a@example.org", name="x", role="analyst", clearance=1)
    assert not user.has_usable_password()


def test_a_team_has_members_and_a_name_of_its_own(investigator):
    teams.form_team(by=TESTS, name_en="Team", name_ko="팀", members=[investigator])
    assert list(investigator.groups.values_list("name", flat=True)) == ["Team"]
    for members, name in (([], "Empty"), ([investigator], "Team")):
        with pytest.raises(Invalid):
            teams.form_team(by=TESTS, name_en=name, name_ko="", members=members)
    assert Team.objects.count() == 1


@pytest.mark.parametrize("given", [{"language": "de"}, {"theme": "pink"}, {"language": ""}])
def test_an_unknown_preference_is_refused(investigator, given):
    with pytest.raises(Invalid):
        people.prefer(by=investigator, **given)


def test_signing_in_leaves_an_entry(client, investigator):
    assert client.post("/accounts/login/", {"login": investigator.email, "password": PASSWORD}).status_code == 302
    event = history([investigator.pk])[0]
    assert (event.act, event.actor_id) == ("account.signed_in", investigator.pk)


def test_a_wrong_password_and_an_unknown_address_answer_alike(client, investigator):
    answers = []
    for login in (investigator.email, "nobody@example.org"):
        answer = client.post("/accounts/login/", {"login": login, "password": "wrong horse battery staple"})
        text = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode().replace(login, ""))
        answers.append((answer.status_code, text))
    assert answers[0] == answers[1]
    assert not client.session.get("_auth_user_id")


def test_an_inactive_person_cannot_sign_in(client, investigator):
    investigator.is_active = False
    investigator.save()
    client.post("/accounts/login/", {"login": investigator.email, "password": PASSWORD})
    assert client.get("/").status_code == 302


def test_a_suspension_counts_on_the_next_request(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    assert client.get("/api/v1/me").status_code == 200
    investigator.is_active = False
    investigator.save()
    assert client.get("/api/v1/me").status_code in (401, 403)
    assert client.get("/incidents/").status_code in (302, 403)


def test_nobody_signs_himself_up(client, db):
    answer = client.post("/accounts/signup/", {"email": "a@example.org", "password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code in (200, 302, 404)
    assert not User.objects.exists()


def test_every_role_is_described(db):
    assert set(ROLE_ACTS) == set(ROLE_PERMISSIONS) == set(Role)
    assert all(acts <= set(Act) for acts in ROLE_ACTS.values())
    assert all(permission in SATISFIED_BY[permission] for permission in Permission)


def test_the_roles_that_must_not_read_evidence_do_not():
    for role in (Role.AUDITOR, Role.MECHANISM):
        assert not ROLE_ACTS[role] & {Act.READ, Act.RECORD, Act.IDENTITY, Act.INTAKE, Act.REVIEW}
        assert not ROLE_PERMISSIONS[role]
    assert not ROLE_ACTS[Role.ADMINISTRATOR] & {Act.RECORD, Act.IDENTITY, Act.INTAKE, Act.REVIEW, Act.ASSESS}


def test_an_act_needs_an_active_person(investigator):
    assert may(investigator, Act.READ)
    assert not may(None, Act.READ)
    investigator.is_active = False
    assert not may(investigator, Act.READ)


def test_the_address_is_kept_in_small_letters(db):
    assert person("analyst", name="x").email.islower()
    user = people.invite(by=TESTS, email="Mixed.Case@Example.ORG", name="x", role="analyst", clearance=0)
    assert user.email == "mixed.case@example.org"
