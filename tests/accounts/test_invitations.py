"""Invitation links: one at a time, once, for a while, and only their digest is kept."""

from datetime import timedelta
from hashlib import sha256
from io import StringIO

import pytest
from conftest import PASSWORD, TESTS
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import invitations, people
from accounts.errors import Invalid, Refused
from accounts.models import Invitation, User
from custody.ledger import history
from custody.models import Entry, Payload

NEW = {"email": "new@example.org", "name": "Invented", "role": "analyst", "clearance": 1}
WORDS = "seven quiet rivers bend north"


@pytest.fixture
def issued(administrator):
    return invitations.invite(by=administrator, **NEW)


def accept(issued, **given):
    defaults = {"name": "Invented Name", "password": WORDS}
    return invitations.accept(by=invitations.DOOR, invitation=issued.invitation, **(defaults | given))


def test_only_a_digest_is_kept(issued):
    row = Invitation.objects.get()
    assert bytes(row.digest) == sha256(issued.secret.encode()).digest()
    kept = b"".join([*(bytes(entry.envelope) for entry in Entry.objects.all()),
                     *(bytes(payload.body) for payload in Payload.objects.all())])  # fmt: skip
    assert issued.secret.encode() not in kept
    assert bytes(row.digest).hex().encode() not in kept
    assert row.expires_at - timezone.now() > timedelta(days=6, hours=23)


def test_the_invited_person_sets_her_name_and_password(issued, client):
    accept(issued, language="ko", client={"address": "192.0.2.7"})
    user = User.objects.get(email=NEW["email"])
    assert (user.name, user.language, user.check_password(WORDS)) == ("Invented Name", "ko", True)
    event = history([user.pk])[0]
    assert (event.act, event.actor) == ("invitation.accepted", {"kind": "service", "name": "invitation"})
    assert event.change == {"name": ["Invented", "Invented Name"], "language": ["en", "ko"]}
    client.post("/accounts/login/", {"login": user.email, "password": WORDS})
    assert client.get("/").status_code == 200


def test_a_link_works_once(issued):
    accept(issued)
    assert invitations.recognise(issued.secret) is None
    with pytest.raises(Refused) as refusal:
        accept(issued, password="another seven rivers bend south")
    assert refusal.value.code == "gone"
    assert User.objects.get(email=NEW["email"]).check_password(WORDS)


@pytest.mark.parametrize("password", ["short", "new@example.org", "Invented Name 1", ""])
def test_a_weak_password_leaves_the_link_open(issued, password):
    with pytest.raises(Invalid) as refusal:
        accept(issued, password=password)
    assert refusal.value.field == "password"
    assert invitations.recognise(issued.secret) is not None


def test_a_new_link_ends_the_former(administrator, issued):
    again = invitations.issue(by=administrator, user=issued.invitation.user)
    assert invitations.recognise(issued.secret) is None
    assert invitations.recognise(again.secret).user == issued.invitation.user
    with pytest.raises(Refused):
        accept(issued)


def test_a_withdrawn_an_expired_and_an_unknown_link_open_nothing(administrator, issued):
    assert invitations.recognise("nonsense") is None
    assert invitations.recognise("") is None
    Invitation.objects.update(expires_at=timezone.now())
    assert invitations.recognise(issued.secret) is None
    Invitation.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert invitations.recognise(issued.secret) is not None
    invitations.revoke(by=administrator, user=issued.invitation.user)
    assert invitations.recognise(issued.secret) is None
    with pytest.raises(Refused):
        invitations.revoke(by=administrator, user=issued.invitation.user)


def test_a_password_set_by_another_way_ends_the_link(issued):
    """Else whoever found the link later could replace the password of an account in use."""
    people.set_password(by=TESTS, user=issued.invitation.user, password=WORDS)
    assert invitations.recognise(issued.secret) is None


def test_nobody_gets_a_link_into_an_account_that_is_in_use(administrator, investigator):
    with pytest.raises(Refused) as refusal:
        invitations.issue(by=administrator, user=investigator)
    assert refusal.value.code == "in_use"
    assert not Invitation.objects.exists()


def test_who_came_in_by_another_way_needs_no_link(administrator, issued):
    user = issued.invitation.user
    people.signed_in(by=user, user=user)  # by single sign-on: no password was set
    assert invitations.recognise(issued.secret) is None
    with pytest.raises(Refused) as refusal:
        invitations.issue(by=administrator, user=user)
    assert refusal.value.code == "in_use"


def test_a_suspended_person_gets_no_link(administrator, issued):
    user = issued.invitation.user
    people.suspend(by=administrator, user=user, reason="a mistake")
    with pytest.raises(Refused) as refusal:
        invitations.issue(by=administrator, user=user)
    assert refusal.value.code == "suspended"


@pytest.mark.parametrize("days", [0, 31, "7", True, None])
def test_a_link_lasts_a_few_days(administrator, issued, days):
    with pytest.raises(Invalid) as refusal:
        invitations.issue(by=administrator, user=issued.invitation.user, days=days)
    assert refusal.value.field == "days"


def test_the_command_line_makes_the_first_administrator(db, client):
    out = StringIO()
    call_command("invite", "first@example.org", "--name", "First", stdout=out)
    user = User.objects.get()
    assert (user.role, user.has_usable_password()) == ("administrator", False)
    path = out.getvalue().strip()
    assert client.get(path, follow=True).status_code == 200
    assert invitations.recognise(path.split("/")[2]).user == user


def test_the_command_line_replaces_a_forgotten_password(investigator):
    out = StringIO()
    call_command("invite", investigator.email, stdout=out)
    issued = invitations.recognise(out.getvalue().strip().split("/")[2])
    invitations.accept(by=TESTS, invitation=issued, name=investigator.name, password=WORDS)
    investigator.refresh_from_db()
    assert investigator.check_password(WORDS)
    assert not investigator.check_password(PASSWORD)


def test_the_command_line_says_what_is_missing(investigator):
    for arguments in (["nobody@example.org"], ["x", "--name", "x"], [investigator.email, "--days", "99"]):
        with pytest.raises(CommandError):
            call_command("invite", *arguments)
