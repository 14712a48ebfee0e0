"""The invited person's way in: the secret is left behind at once, and links that do not work are one page."""

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import TESTS
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import invitations
from accounts.models import Invitation, User
from repository.settings.logs import to_stderr

WORDS = "seven quiet rivers bend north"
GIVEN = {"name": "Invented Name", "password": WORDS, "again": WORDS}
NEW = {"email": "new@example.org", "name": "Invented", "role": "analyst", "clearance": 1}


@pytest.fixture
def issued(db):
    return invitations.invite(by=TESTS, **NEW)


def path_of(issued) -> str:
    return f"/invitation/{issued.secret}/"


def test_the_secret_is_left_behind(client, issued):
    answer = client.get(path_of(issued))
    assert (answer.status_code, answer["Location"], answer["Referrer-Policy"]) == (302, "/invitation/", "no-referrer")
    assert "no-store" in answer["Cache-Control"]
    page = client.get("/invitation/")
    assert page.status_code == 200
    assert issued.secret not in page.content.decode() + str(page.headers)
    assert issued.secret not in str([row.get_decoded() for row in Session.objects.all()])
    assert Invitation.objects.get().used_at is None


def test_name_and_password_are_set_and_she_signs_in(client, issued):
    client.get(path_of(issued))
    answer = client.post("/invitation/", GIVEN)
    assert answer["Location"] == "/accounts/login/"
    assert "Your account is ready" in client.get("/accounts/login/").content.decode()
    client.post("/accounts/login/", {"login": "new@example.org", "password": WORDS})
    assert "Invented Name" in client.get("/settings/").content.decode()


@pytest.mark.parametrize(
    ("given", "field"),
    [({"again": "other words entirely"}, "again"), ({"password": "short", "again": "short"}, "password"),
     ({"password": ""}, "password"), ({"name": "  "}, "name"), ({"name": "x" * 121}, "name")],
)  # fmt: skip
def test_a_mistake_stays_on_the_page(client, issued, given, field):
    client.get(path_of(issued))
    answer = client.post("/invitation/", GIVEN | given)
    assert answer.status_code == 400
    assert next(iter(answer.context["form"].errors)) == field
    assert WORDS not in answer.content.decode()
    assert client.post("/invitation/", GIVEN).status_code == 302


def plain(answer) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value=")\w+', "", answer.content.decode())


def test_links_that_do_not_work_are_one_and_the_same(issued):
    used, expired, withdrawn, suspended = (
        invitations.invite(by=TESTS, **(NEW | {"email": f"{name}@example.org"}))
        for name in ("used", "expired", "withdrawn", "suspended")
    )
    invitations.accept(by=TESTS, invitation=used.invitation, name="x", password=WORDS)
    past = timezone.now() - timedelta(seconds=1)
    Invitation.objects.filter(pk=expired.invitation.pk).update(expires_at=past)
    invitations.revoke(by=TESTS, user=withdrawn.invitation.user)
    User.objects.filter(email="suspended@example.org").update(is_active=False)
    paths = [path_of(one) for one in (used, expired, withdrawn, suspended)] + ["/invitation/unknown/"]
    pages = []
    for path in paths:
        client = Client()
        entered = client.get(path)
        answer = client.get(entered["Location"])
        pages.append((entered.status_code, answer.status_code, plain(answer)))
        assert client.post("/invitation/", GIVEN).status_code == 404
    assert len(set(pages)) == 1
    assert pages[0][:2] == (302, 404)


def test_a_link_that_ends_while_the_page_is_open_is_gone(client, issued):
    client.get(path_of(issued))
    invitations.revoke(by=TESTS, user=issued.invitation.user)
    assert client.post("/invitation/", GIVEN).status_code == 404
    assert not User.objects.get(email="new@example.org").has_usable_password()


def test_the_session_of_one_link_opens_no_other(client, issued):
    other = invitations.invite(by=TESTS, **(NEW | {"email": "other@example.org"}))
    client.get(path_of(other))
    client.get("/invitation/unknown/")
    assert client.get("/invitation/").status_code == 404


def test_the_session_gets_a_new_key(client, issued):
    """Who planted a cookie before must not hold the key of the session that opens the account."""
    client.get(path_of(issued))
    first = client.session.session_key
    client.get(path_of(issued))
    assert client.session.session_key != first
    assert not Session.objects.filter(pk=first).exists()


def test_whoever_is_signed_in_signs_out_first(client, issued, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    client.get(path_of(issued))
    answer = client.get("/invitation/")
    assert (answer.status_code, client.post("/invitation/", GIVEN).status_code) == (409, 409)
    assert "new@example.org" not in answer.content.decode()
    assert not User.objects.get(email="new@example.org").has_usable_password()


def test_a_link_copied_without_its_last_slash_works_and_goes_nowhere_else(client, issued):
    answer = client.get(path_of(issued).rstrip("/"), follow=True)
    assert [step for step, _status in answer.redirect_chain] == [path_of(issued), "/invitation/"]
    assert answer.status_code == 200


def test_the_proxy_keeps_the_links_out_of_its_log(issued):
    proxy = (Path(__file__).resolve().parents[2] / "deploy" / "Caddyfile").read_text()
    (kept_out,) = re.findall(r"@invitation path (\S+)\*\n\s*log_skip @invitation\n", proxy)
    assert path_of(issued).startswith(kept_out)


def test_the_page_asks_for_its_token(issued):
    client = Client(enforce_csrf_checks=True)
    client.get(path_of(issued))
    assert client.post("/invitation/", GIVEN).status_code == 403


def test_no_log_holds_the_secret(issued, capsys):
    handler = logging.StreamHandler()
    filters = to_stderr("INFO")["filters"]
    assert to_stderr("INFO")["handlers"]["stderr"]["filters"] == ["secrets"]
    module, name = filters["secrets"]["()"].rsplit(".", 1)
    handler.addFilter(getattr(__import__(module, fromlist=[name]), name)())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        Client().post(path_of(issued))  # 405, which Django logs with its path
        logger.warning("Not Found: %s", f"/invitation/{issued.secret}/?next=1")
        logger.warning("Not Found: %s", "/incidents/")
    finally:
        logger.removeHandler(handler)
    said = capsys.readouterr().err
    assert issued.secret not in said
    assert said.count("/invitation/…") == 2
    assert "/incidents/" in said
