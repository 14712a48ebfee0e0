"""Guessing is slow, for all processes together, and no answer tells whether an account exists."""

import re

import pytest
from allauth.mfa.models import Authenticator
from conftest import PASSWORD
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client

from accounts import factors
from accounts.models import CacheEntry

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOBODY = "nobody@example.org"


def sign_in(client, login, password="wrong horse battery staple", address="192.0.2.1"):
    return client.post("/accounts/login/", {"login": login, "password": password}, REMOTE_ADDR=address)


def said(answer, login) -> tuple:
    text = answer.content.decode().replace(login, "")
    return answer.status_code, re.sub(r'csrfmiddlewaretoken" value="\w+"', "", text)


@pytest.fixture
def hashes(monkeypatch):
    """How often a password was hashed: the time that an answer takes is that of its hashes."""
    done = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *words: done.append(1) or encode(self, *words))
    return done


def test_every_kind_of_account_takes_one_hash_and_gets_one_answer(client, investigator, reviewer, analyst, hashes):
    reviewer.is_active = False
    reviewer.save()
    analyst.set_unusable_password()
    analyst.save()
    found = set()
    for person in (investigator.email, reviewer.email, analyst.email, NOBODY):
        hashes.clear()
        answer = sign_in(client, person)
        found.add((*said(answer, person), len(hashes)))
    assert len(found) == 1
    assert {count for *_words, count in found} == {1}


@pytest.mark.parametrize("exists", [True, False])
def test_after_five_failures_the_right_password_does_not_help_from_there(client, investigator, exists):
    login = investigator.email if exists else NOBODY
    answers = [said(sign_in(client, login), login) for _ in range(6)]
    assert len(set(answers[:5])) == 1
    assert "Too many failed login attempts" in answers[5][1]
    assert "Too many failed login attempts" in said(sign_in(client, login, PASSWORD), login)[1]
    # Another browser at the same address is another process's client: the count is in the database.
    assert "Too many failed login attempts" in said(sign_in(Client(), login, PASSWORD), login)[1]
    assert CacheEntry.objects.exists()


def test_who_guesses_elsewhere_does_not_lock_the_person_out(client, investigator):
    for _ in range(6):
        sign_in(client, investigator.email, address="198.51.100.7")
    assert sign_in(client, investigator.email, PASSWORD).status_code == 302


def test_an_account_has_a_ceiling_over_all_addresses(client, investigator):
    for number in range(50):
        sign_in(client, investigator.email, address=f"198.51.100.{number}")
    assert "Too many failed login attempts" in sign_in(client, investigator.email, PASSWORD).content.decode()


def test_successes_count_for_nothing(client, investigator):
    for _ in range(4):
        sign_in(client, investigator.email)
    for _ in range(3):
        assert sign_in(client, investigator.email, PASSWORD).status_code == 302
        client.post("/accounts/logout/")


def test_the_second_factor_is_throttled_by_person(client, investigator):
    factors.add_app(by=investigator, secret=SECRET)
    codes = factors.open_recovery_codes(by=investigator)
    sign_in(client, investigator.email, PASSWORD)
    for number in range(5):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"}, REMOTE_ADDR=f"198.51.100.{number}")
    answer = client.post("/accounts/2fa/authenticate/", {"code": codes[0]}, REMOTE_ADDR="198.51.100.9")
    assert answer.status_code == 200
    assert Authenticator.objects.get(user=investigator, type="recovery_codes").data["used_mask"] == 0


def test_a_forgotten_password_answers_alike_and_is_throttled(client, investigator):
    answers = []
    for login in (investigator.email, NOBODY):
        answer = client.post("/accounts/password/reset/", {"email": login})
        answers.append((answer.status_code, answer["Location"]))
    assert len(set(answers)) == 1
    assert len(mail.outbox) == 2  # the same work for both
    statuses = [client.post("/accounts/password/reset/", {"email": NOBODY}).status_code for _ in range(6)]
    assert statuses[-1] == 429


def test_a_reset_does_not_go_around_the_second_factor(client, investigator):
    factors.add_app(by=investigator, secret=SECRET)
    client.post("/accounts/password/reset/", {"email": investigator.email})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    form = client.get(link).url
    new = "grebes dive in the cold bay"
    client.post(form, {"password1": new, "password2": new})
    assert client.get("/").url.startswith("/accounts/login/")
    assert sign_in(client, investigator.email, new).url == "/accounts/2fa/authenticate/"
