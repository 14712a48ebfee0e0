"""Administering people: only by administrators, never oneself, never the last one; suspension ends all at once."""

import pytest
from conftest import PASSWORD, TESTS, person
from django.test import Client
from rest_framework.test import APIClient

from accounts import invitations, people, teams, tokens
from accounts.errors import Forbidden, Invalid, Refused
from accounts.models import ApiToken, Invitation, User
from accounts.roles import Role
from custody.ledger import history

WHY = {"reason": "left the organisation"}
NEW = {"name": "Invented", "role": "analyst", "clearance": 1}


def acts_on(user) -> list[str]:
    return [event.act for event in history([user.pk]) if event.act != "search.ran"]


@pytest.fixture
def team(investigator):
    return teams.form_team(by=TESTS, name_en="Team", name_ko="팀", members=[investigator])


def every_verb(user, team):
    """Each verb of administration, to be called with `by`."""
    return {
        "invite": lambda by: people.invite(by=by, email="a@example.org", **NEW),
        "rename": lambda by: people.rename(by=by, user=user, name="Other"),
        "change_access": lambda by: people.change_access(by=by, user=user, role="analyst", clearance=0, **WHY),
        "suspend": lambda by: people.suspend(by=by, user=user, **WHY),
        "reactivate": lambda by: people.reactivate(by=by, user=user, **WHY),
        "link": lambda by: invitations.issue(by=by, user=user),
        "invite by link": lambda by: invitations.invite(by=by, email="b@example.org", **NEW),
        "revoke": lambda by: invitations.revoke(by=by, user=user),
        "form": lambda by: teams.form_team(by=by, name_en="New", name_ko="", members=[user]),
        "rename team": lambda by: teams.rename_team(by=by, team=team, name_en="New", name_ko=""),
        "join": lambda by: teams.join_team(by=by, team=team, user=user, **WHY),
        "leave": lambda by: teams.leave_team(by=by, team=team, user=user, **WHY),
        "dissolve": lambda by: teams.dissolve_team(by=by, team=team, **WHY),
    }


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_nobody_else_administers(db, role, investigator2, team):
    by = person(role)
    before = {user.pk: (user.name, user.role, user.is_active, user.clearance) for user in User.objects.all()}
    for name, verb in every_verb(investigator2, team).items():
        with pytest.raises(Forbidden):
            verb(by)
            pytest.fail(name)
    assert {user.pk: (user.name, user.role, user.is_active, user.clearance) for user in User.objects.all()} == before


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "analyst"}])
def test_the_actor_is_who_the_database_says_not_who_the_door_holds(administrator, investigator2, team, change):
    User.objects.filter(pk=administrator.pk).update(**change)
    for verb in every_verb(investigator2, team).values():
        with pytest.raises(Forbidden):
            verb(administrator)


def test_an_administrator_chooses_no_password_for_another(administrator):
    with pytest.raises(Forbidden):
        people.invite(by=administrator, email="a@example.org", password=PASSWORD, **NEW)
    assert not User.objects.filter(email="a@example.org").exists()


@pytest.mark.parametrize("given", [{"email": "no address"}, {"email": ""}, {"name": "  "}, {"name": "x" * 121},
                                   {"role": ["analyst"]}, {"clearance": "1"}, {"clearance": True}])  # fmt: skip
def test_a_mistake_is_named(administrator, given):
    with pytest.raises(Invalid) as refusal:
        people.invite(by=administrator, **({"email": "a@example.org"} | NEW | given))
    assert refusal.value.field == next(iter(given))


def test_a_new_role_and_clearance_count_and_are_told(administrator, investigator):
    people.change_access(by=administrator, user=investigator, role="reviewer", clearance=1, reason="new duties")
    investigator.refresh_from_db()
    assert (investigator.role, investigator.clearance) == ("reviewer", 1)
    event = history([investigator.pk])[0]
    assert (event.act, event.actor_id, event.note) == ("account.access_changed", administrator.pk, "new duties")
    assert event.data == {"role": ["investigator", "reviewer"], "clearance": [3, 1]}


def test_what_changes_nothing_leaves_no_entry(administrator, investigator):
    people.change_access(by=administrator, user=investigator, role="investigator", clearance=3, reason="")
    people.rename(by=administrator, user=investigator, name=investigator.name)
    assert acts_on(investigator) == ["person.invited"]


@pytest.mark.parametrize("reason", ["", "  ", "abc", "x" * 1001])
def test_access_changes_for_a_reason_only(administrator, investigator, reason):
    for act in (
        lambda: people.change_access(by=administrator, user=investigator, role="reviewer", clearance=3, reason=reason),
        lambda: people.suspend(by=administrator, user=investigator, reason=reason),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.field == "reason"
    investigator.refresh_from_db()
    assert (investigator.role, investigator.is_active) == ("investigator", True)


def test_nobody_does_it_to_oneself(administrator):
    person("administrator")
    for act in (
        lambda: people.change_access(by=administrator, user=administrator, role="administrator", clearance=4, **WHY),
        lambda: people.suspend(by=administrator, user=administrator, **WHY),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "oneself"


def test_the_last_administrator_who_can_sign_in_stays(administrator):
    invitations.invite(by=administrator, email="a@example.org", name="x", role="administrator", clearance=1)
    people.suspend(by=administrator, user=person("administrator"), **WHY)
    for act in (
        lambda: people.suspend(by=TESTS, user=administrator, **WHY),
        lambda: people.change_access(by=TESTS, user=administrator, role="analyst", clearance=1, **WHY),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "last"
    administrator.refresh_from_db()
    assert (administrator.role, administrator.is_active) == ("administrator", True)


def test_a_suspended_persons_cookie_and_token_are_refused_at_once(administrator, investigator, reviewer):
    cookie, other, key = Client(), Client(), APIClient()
    cookie.force_login(investigator, backend="accounts.backends.SignInBackend")
    other.force_login(reviewer, backend="accounts.backends.SignInBackend")
    issued = tokens.issue(by=investigator, user=investigator, name="t", scopes=["incidents:read"], days=1)
    key.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    assert [cookie.get("/").status_code, key.get("/api/v1/me").status_code] == [200, 200]

    people.suspend(by=administrator, user=investigator, **WHY)

    assert cookie.get("/")["Location"].startswith("/accounts/login/")
    assert cookie.get("/api/v1/me").status_code == 401
    assert key.get("/api/v1/me").status_code == 401
    assert other.get("/").status_code == 200
    event = history([investigator.pk])[0]
    assert (event.act, event.note) == ("account.suspended", WHY["reason"])
    assert event.data == {"sessions": 1, "tokens": 1, "links": 0}


def test_nothing_old_comes_back_with_the_account(administrator, investigator):
    cookie, key = Client(), APIClient()
    cookie.force_login(investigator, backend="accounts.backends.SignInBackend")
    issued = tokens.issue(by=investigator, user=investigator, name="t", scopes=["incidents:read"], days=1)
    key.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    people.suspend(by=administrator, user=investigator, **WHY)
    people.reactivate(by=administrator, user=investigator, reason="came back")
    assert cookie.get("/").status_code == 302
    assert key.get("/api/v1/me").status_code == 401
    cookie.post("/accounts/login/", {"login": investigator.email, "password": PASSWORD})
    assert cookie.get("/").status_code == 200


def test_what_was_made_during_the_suspension_ends_with_it(administrator, investigator):
    people.suspend(by=administrator, user=investigator, **WHY)
    tokens.issue(by=investigator, user=investigator, name="t", scopes=["incidents:read"], days=1)
    people.reactivate(by=administrator, user=investigator, reason="came back")
    assert not ApiToken.objects.filter(revoked_at=None).exists()


def test_a_suspension_ends_the_open_link(administrator):
    issued = invitations.invite(by=administrator, email="a@example.org", **NEW)
    people.suspend(by=administrator, user=issued.invitation.user, **WHY)
    assert Invitation.objects.get().revoked_at is not None
    people.reactivate(by=administrator, user=issued.invitation.user, reason="came back")
    assert invitations.recognise(issued.secret) is None


def test_suspending_twice_and_reactivating_the_active_is_refused(administrator, investigator):
    with pytest.raises(Refused):
        people.reactivate(by=administrator, user=investigator, **WHY)
    people.suspend(by=administrator, user=investigator, **WHY)
    with pytest.raises(Refused):
        people.suspend(by=administrator, user=investigator, **WHY)
    assert acts_on(investigator) == ["account.suspended", "person.invited"]
