"""Sessions: the idle lock, the greatest age, the list of devices, and who may do nothing without a second factor."""

import json
import time

import pytest
from allauth.usersessions.models import UserSession
from conftest import PASSWORD, TESTS
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import devices, factors, tokens
from custody.ledger import history
from custody.models import Entry

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
JSON = {"Accept": "application/json"}


def acts(user) -> list[str]:
    return [event.act for event in history([user.pk]) if event.act != "search.ran"]


def age(client, **changes) -> None:
    """Let the session be older: `age(client, seen=1000)` was last seen 1,000 seconds ago."""
    session = client.session
    for name, seconds in changes.items():
        session[name] = time.time() - seconds
    session.save()


@pytest.fixture
def signed(client, investigator):
    client.post("/accounts/login/", {"login": investigator.email, "password": PASSWORD}, headers={"User-Agent": "Test"})
    return client


def test_after_the_idle_time_a_session_answers_the_lock_and_nothing_else(signed, investigator):
    assert signed.get("/incidents/").status_code == 200
    age(signed, seen=901)
    for path in ("/", "/incidents/", "/settings/sessions/", "/accounts/2fa/", "/accounts/password/change/"):
        answer = signed.get(path)
        assert answer.status_code == 423, path
        assert investigator.name not in answer.content.decode()
    for path in ("/settings/theme/", "/language/", "/accounts/reauthenticate/"):
        assert signed.post(path, {"theme": "dark", "language": "ko", "password": PASSWORD}).status_code == 423, path
    answer = signed.get("/api/v1/me")
    assert (answer.status_code, answer["Content-Type"]) == (423, "application/problem+json")
    assert answer.json()["code"] == "session_locked"
    assert signed.get("/", headers={"HX-Request": "true"}).status_code == 423
    assert acts(investigator).count("session.locked") == 1


def test_the_lock_says_nothing_that_was_meant_for_the_person(signed, investigator):
    issued = tokens.issue(by=investigator, user=investigator, name="Invented secret", scopes=["items:read"], days=1)
    signed.post(f"/tokens/{issued.token.pk}/revoke/")
    age(signed, seen=901)
    assert "Invented secret" not in signed.get("/").content.decode()
    signed.post("/session/unlock/", {"password": PASSWORD})
    assert "Invented secret" in signed.get("/settings/").content.decode()


def test_a_long_name_of_a_browser_signs_in_too(client, investigator):
    agent = "Mozilla/5.0 " + "x" * 500
    given = {"login": investigator.email, "password": PASSWORD}
    assert client.post("/accounts/login/", given, headers={"User-Agent": agent}).status_code == 302


def test_a_token_is_not_locked_by_a_session_beside_it(signed, investigator):
    issued = tokens.issue(by=investigator, user=investigator, name="t", scopes=["items:read"], days=1)
    age(signed, seen=901)
    assert signed.get("/api/v1/me", headers={"Authorization": f"Bearer {issued.text}"}).status_code == 200
    assert signed.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert signed.get("/api/v1/me", headers={"Authorization": "Basic nonsense"}).status_code == 423
    assert signed.get("/", headers={"Authorization": f"Bearer {issued.text}"}).status_code == 423


def test_the_password_unlocks_under_a_new_key(signed, investigator):
    old = signed.session.session_key
    age(signed, seen=901)
    assert signed.post("/session/unlock/", {"password": "wrong", "next": "/incidents/"}).status_code == 422
    assert signed.get("/").status_code == 423
    assert signed.post("/session/unlock/", {"password": PASSWORD, "next": "/incidents/"}).url == "/incidents/"
    assert signed.get("/").status_code == 200
    assert acts(investigator)[:3] == ["session.unlocked", "account.sign_in_failed", "session.locked"]
    assert not Session.objects.filter(session_key=old).exists()
    assert UserSession.objects.get(user=investigator).session_key == signed.session.session_key != old


def test_a_script_unlocks_without_a_page(signed):
    age(signed, seen=901)
    answer = signed.post("/session/unlock/", {"password": "wrong"}, headers=JSON)
    assert answer.status_code == 422 and answer.json()["detail"]
    assert signed.get("/session/unlock/", headers=JSON).json()["request_options"]["publicKey"]["challenge"]
    assert signed.post("/session/unlock/", {"password": PASSWORD}, headers=JSON).status_code == 204


def test_unlocking_is_throttled_like_signing_in(signed):
    age(signed, seen=901)
    statuses = [signed.post("/session/unlock/", {"password": "wrong"}, headers=JSON).status_code for _ in range(6)]
    assert statuses[-1] == 429
    assert signed.post("/session/unlock/", {"password": PASSWORD}, headers=JSON).status_code == 429


def test_a_poll_is_nobody_at_the_keyboard(signed):
    age(signed, seen=800)
    assert 90 <= signed.get("/session/").json()["left"] <= 100
    signed.get("/imports/00000000-0000-4000-8000-000000000000/progress/")
    assert signed.get("/session/").json()["left"] <= 100
    assert signed.post("/session/").json()["left"] > 800
    age(signed, seen=800)
    signed.get("/incidents/")
    assert signed.get("/session/").json()["left"] > 800


def test_saying_that_one_is_there_unlocks_nothing(signed):
    age(signed, seen=901)
    assert signed.post("/session/").json() == {"left": 0}
    assert signed.get("/").status_code == 423


def test_a_session_ends_at_its_greatest_age_however_busy(signed, investigator):
    age(signed, since=12 * 3600 + 1, seen=1)
    assert signed.get("/api/v1/me").status_code == 401
    assert signed.get("/").url.startswith("/accounts/login/")
    assert acts(investigator)[0] == "session.expired"
    assert not UserSession.objects.filter(user=investigator).exists()


def test_the_key_is_another_after_sign_in_and_after_confirming(client, investigator):
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    client.post("/accounts/login/", {"login": investigator.email, "password": PASSWORD})
    signed = client.session.session_key
    assert signed != planted
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.session.session_key != signed
    assert not Session.objects.filter(session_key__in=[planted, signed]).exists()


def test_the_list_says_where_one_is_signed_in_and_ends_one(signed, investigator):
    other = Client()
    agent = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
    other.post("/accounts/login/", {"login": investigator.email, "password": PASSWORD}, headers={"User-Agent": agent})
    page = signed.get("/settings/sessions/")
    assert "Firefox, Windows" in page.content.decode()
    assert [row["is_here"] for row in page.context["rows"]].count(True) == 1
    there = UserSession.objects.get(session_key=other.session.session_key)
    answer = signed.post(f"/settings/sessions/{there.pk}/end/")
    assert answer.url.startswith("/accounts/reauthenticate/")
    assert other.get("/").status_code == 200
    # The act that was put off goes on after the password.
    assert signed.post(answer.url, {"password": PASSWORD}).url == "/settings/sessions/"
    assert other.get("/").url.startswith("/accounts/login/")
    assert signed.get("/").status_code == 200
    assert acts(investigator)[0] == "session.ended"


def test_all_others_end_and_this_one_stays(signed, investigator):
    others = [Client(), Client()]
    for other in others:
        other.force_login(investigator, backend="accounts.backends.SignInBackend")
    answer = signed.post("/settings/sessions/")
    assert signed.post(answer.url, {"password": PASSWORD}).url == "/settings/sessions/"
    assert [other.get("/").status_code for other in others] == [302, 302]
    assert signed.get("/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(signed, reviewer):
    row = UserSession.objects.create(user=reviewer, session_key="x" * 32, ip="192.0.2.1", user_agent="")
    assert signed.post(f"/settings/sessions/{row.pk}/end/").status_code == 404
    assert UserSession.objects.filter(pk=row.pk).exists()


def test_putting_a_person_out_ends_sessions_and_tokens_at_once(signed, investigator, administrator):
    issued = tokens.issue(by=investigator, user=investigator, name="t", scopes=["items:read"], days=1)
    assert devices.end_sessions(by=administrator, user=investigator) == 1
    assert signed.get("/").url.startswith("/accounts/login/")
    assert tokens.recognise(issued.text) is None
    assert devices.end_sessions(by=administrator, user=investigator) == 0


def test_signing_out_takes_the_session_off_the_list(signed, investigator):
    signed.post("/accounts/logout/")
    assert not UserSession.objects.filter(user=investigator).exists()


def test_the_last_look_is_kept_by_reading(signed, investigator):
    UserSession.objects.update(last_seen_at="2020-01-01T00:00Z")
    age(signed, seen=60)
    signed.get("/incidents/")
    assert UserSession.objects.get(user=investigator).last_seen_at.year > 2020
    assert not Entry.objects.filter(act__startswith="raw.").exists()


@pytest.mark.parametrize("roles", [["investigator"], ["*"]])
def test_a_role_may_demand_a_second_factor_before_anything_else(signed, investigator, settings, roles):
    settings.SECOND_FACTOR_ROLES = roles
    for path in ("/", "/incidents/", "/settings/", "/tokens/", "/api/docs/", "/accounts/password/change/"):
        answer = signed.get(path)
        assert (answer.status_code, answer.get("Location")) in ((302, "/accounts/2fa/"), (403, None)), path
    assert signed.post("/tokens/", {"name": "n"}).url == "/accounts/2fa/"
    answer = signed.get("/api/v1/incidents")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert json.loads(answer.content)["code"] == "second_factor_needed"
    assert signed.get("/", headers={"HX-Request": "true"})["HX-Redirect"] == "/accounts/2fa/"
    assert signed.get("/accounts/2fa/").status_code == 200
    factors.add_app(by=investigator, secret=SECRET)
    assert signed.get("/incidents/").status_code == 200
    assert signed.get("/api/v1/incidents").status_code == 200


def test_other_roles_are_left_alone(signed, settings):
    settings.SECOND_FACTOR_ROLES = ["administrator"]
    assert signed.get("/incidents/").status_code == 200


def test_verbs_of_the_lock_name_who(investigator):
    devices.locked(by=TESTS, user=investigator)
    assert history([investigator.pk])[0].actor == {"kind": "service", "name": "tests"}
