"""Single sign-on against a provider that lives in this process: who was invited comes in, nobody else."""

import json
import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from conftest import PASSWORD
from cryptography.hazmat.primitives.asymmetric import rsa
from django.urls import reverse

from accounts import factors, single_sign_on
from accounts.factors import NAMELESS
from accounts.models import User
from custody.ledger import history

ISSUER = "https://id.example.org/realm"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Answer:
    status_code = 200
    headers = {"content-type": "application/json"}

    def __init__(self, body):
        self.body = body

    def json(self):
        return self.body

    def raise_for_status(self):
        """Always well."""


class FakeProvider:
    """Answers as a provider does, and keeps what it was asked."""

    def __init__(self):
        self.claims = {"sub": "abc", "email_verified": True}
        self.userinfo, self.key, self.algorithm, self.issuer = {}, KEY, "RS256", ISSUER
        self.asked = []

    def __enter__(self):
        return self

    def __exit__(self, *args):
        """No connection to close."""

    def get(self, address, headers=None):
        self.asked.append(address)
        if address == f"{ISSUER}/.well-known/openid-configuration":
            return Answer({
                "issuer": self.issuer, "authorization_endpoint": f"{ISSUER}/authorize", "jwks_uri": f"{ISSUER}/keys",
                "token_endpoint": f"{ISSUER}/token", "userinfo_endpoint": f"{ISSUER}/userinfo",
            })  # fmt: skip
        if address == f"{ISSUER}/keys":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            return Answer({"keys": [{**key, "kid": "k1", "alg": "RS256"}]})
        assert address == f"{ISSUER}/userinfo"
        return Answer(self.userinfo)

    def request(self, method, address, data=None, **kwargs):
        assert (method, address, data["code"]) == ("POST", f"{ISSUER}/token", "code-1")
        assert data["code_verifier"]
        claims = {"iss": ISSUER, "aud": "us", "exp": time.time() + 60, "iat": time.time(), "jti": "1", **self.claims}
        token = jwt.encode(claims, self.key, algorithm=self.algorithm, headers={"kid": "k1"})
        return Answer({"access_token": "t", "token_type": "Bearer", "id_token": token})


@pytest.fixture
def provider(settings, monkeypatch):
    settings.OIDC_ISSUER = ISSUER
    app = {"provider_id": "sso", "name": "x", "client_id": "us", "secret": "s", "settings": {"server_url": ISSUER}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    fake = FakeProvider()
    monkeypatch.setattr(single_sign_on.InvitedOnly, "get_requests_session", lambda self: fake)
    return fake


def go(client, **start):
    """To the provider and back: (the question that was sent there, the answer here)."""
    sent = client.post("/accounts/sso/start/", start)
    assert sent.status_code == 302
    question = {name: values[0] for name, values in parse_qs(urlsplit(sent.url).query).items()}
    return question, client.get("/accounts/sso/callback/", {"code": "code-1", "state": question["state"]})


def is_in(client) -> bool:
    return client.get("/settings/").status_code == 200


def test_who_was_invited_is_signed_in(client, investigator, provider):
    provider.claims["email"] = investigator.email.upper()
    question, answer = go(client, next="/incidents/")
    assert question["redirect_uri"] == "http://testserver/accounts/sso/callback/"
    assert question["code_challenge_method"] == "S256"
    assert set(question["scope"].split()) == {"openid", "profile", "email"}
    assert answer.url == "/incidents/"
    assert is_in(client)
    assert "account.signed_in" in [event.act for event in history([investigator.pk])]


@pytest.mark.parametrize(
    "claims",
    [{"email": "nobody@example.org"}, {"email_verified": False}, {"email_verified": "true"}, {"email_verified": None},
     {"email": None}],
)  # fmt: skip
def test_nobody_else_is(client, investigator, provider, claims):
    provider.claims |= {"email": investigator.email, **claims}
    _question, answer = go(client)
    assert answer.status_code == 403
    assert not is_in(client)
    assert User.objects.count() == 1


def test_an_inactive_person_is_not(client, investigator, provider):
    investigator.is_active = False
    investigator.save()
    provider.claims["email"] = investigator.email
    assert go(client)[1].status_code == 403
    assert not is_in(client)


@pytest.mark.parametrize(
    "changes",
    [{"aud": "somebody else"}, {"iss": "https://evil.example"}, {"exp": 1}],
)
def test_a_token_that_is_not_for_us_is_refused(client, investigator, provider, changes):
    provider.claims |= {"email": investigator.email, **changes}
    assert go(client)[1].status_code == 403
    assert not is_in(client)
    assert [event.act for event in history([NAMELESS.pk])] == ["account.sign_in_failed"]


@pytest.mark.parametrize(("key", "algorithm"), [(OTHER_KEY, "RS256"), ("s" * 32, "HS256"), (None, "none")])
def test_a_token_that_is_not_signed_by_the_provider_is_refused(client, investigator, provider, key, algorithm):
    provider.claims["email"] = investigator.email
    provider.key, provider.algorithm = key, algorithm
    assert go(client)[1].status_code == 403
    assert not is_in(client)


def test_a_state_counts_once_and_in_its_own_browser(client, investigator, provider):
    provider.claims["email"] = investigator.email
    question, _answer = go(client)
    client.post("/accounts/logout/")
    again = client.get("/accounts/sso/callback/", {"code": "code-1", "state": question["state"]})
    assert again.status_code == 403
    assert not is_in(client)


def test_an_address_that_the_token_leaves_out_is_asked_for_under_the_same_subject(client, investigator, provider):
    provider.userinfo = {"sub": "abc", "email": investigator.email, "email_verified": True}
    assert go(client)[1].url == "/"
    client.post("/accounts/logout/")
    provider.claims["jti"] = "2"
    provider.userinfo["sub"] = "somebody else"
    assert go(client)[1].status_code == 403


def test_another_issuer_than_the_configured_one_is_refused(client, provider):
    provider.issuer = "https://evil.example"
    assert client.post("/accounts/sso/start/").status_code == 403


def test_the_second_factor_of_this_house_is_asked_for(client, investigator, provider):
    factors.add_app(by=investigator, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    provider.claims["email"] = investigator.email
    assert go(client)[1].url == reverse("mfa_authenticate")
    assert not is_in(client)


def test_it_is_offered_only_where_it_is_configured(client, db, settings):
    assert "sso/start" not in client.get("/accounts/login/").content.decode()
    assert client.post("/accounts/sso/start/").status_code == 404
    assert client.get("/accounts/sso/callback/").status_code == 404
    settings.OIDC_ISSUER = ISSUER
    assert "sso/start" in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_leads_nowhere_else(client, investigator, provider, target):
    provider.claims["email"] = investigator.email
    assert go(client, next=target)[1].url == "/"


def test_it_ties_no_account_to_one_that_is_signed_in(client, investigator, reviewer, provider):
    client.post("/accounts/login/", {"login": investigator.email, "password": PASSWORD})
    provider.claims["email"] = reviewer.email
    assert go(client)[1].url == "/"
    assert client.get("/settings/").context["request"].user == investigator
