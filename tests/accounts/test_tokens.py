"""API tokens: shown once, kept as a digest, scoped, expiring, revocable."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts import tokens
from accounts.errors import Invalid
from accounts.models import ApiToken
from accounts.roles import SCOPES, Act
from custody import ledger


@pytest.fixture
def issued(investigator):
    return tokens.issue(by=investigator, user=investigator, name="export", scopes=["items:read"], days=3)


def test_a_token_is_recognised_by_its_text(issued, investigator):
    assert tokens.recognise(issued.text) == issued.token
    assert issued.text.startswith("art_")


def test_the_text_is_nowhere_in_the_database(issued):
    secret = issued.text.split("_", 2)[2]
    with connection.cursor() as cursor:
        for table in ("public.accounts_apitoken", "custody.entry", "custody.payload"):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t")
            (everything,) = cursor.fetchone()
            assert secret not in everything
            assert secret.encode().hex() not in everything


@pytest.mark.parametrize(
    "change",
    [lambda text: text[:-1], lambda text: text + "x", lambda text: text.upper(), lambda text: text[4:],
     lambda text: text.replace("art_", "art"), lambda text: "", lambda text: "art__",
     lambda text: "art_" + "0" * 8 + "_x",
     lambda text: text.replace("art_", "x_"), lambda text: "\ud800", lambda text: "art_\x00_x"],
)  # fmt: skip
def test_any_other_text_is_not(issued, change):
    assert tokens.recognise(change(issued.text)) is None


def test_expired_revoked_and_suspended_ones_are_not(issued, investigator):
    investigator.is_active = False
    investigator.save()
    assert tokens.recognise(issued.text) is None
    investigator.is_active = True
    investigator.save()
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert tokens.recognise(issued.text) is None
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert tokens.recognise(issued.text) == issued.token
    tokens.revoke(by=investigator, token=issued.token)
    assert tokens.recognise(issued.text) is None


def test_revoking_twice_changes_nothing(issued, investigator):
    tokens.revoke(by=investigator, token=issued.token)
    first = issued.token.revoked_at
    tokens.revoke(by=investigator, token=issued.token)
    assert issued.token.revoked_at == first


def test_the_last_use_is_kept_to_the_minute(issued, django_assert_num_queries):
    tokens.recognise(issued.text)
    used = ApiToken.objects.get().last_used_at
    assert used is not None
    with django_assert_num_queries(1):
        tokens.recognise(issued.text)
    ApiToken.objects.update(last_used_at=used - timedelta(minutes=2))
    tokens.recognise(issued.text)
    assert ApiToken.objects.get().last_used_at >= used


@pytest.mark.parametrize(
    ("given", "field"),
    [({"name": " "}, "name"), ({"scopes": []}, "scopes"), ({"scopes": ["all"]}, "scopes"), ({"days": 0}, "days"),
     ({"days": 367}, "days"), ({"days": -1}, "days")],
)  # fmt: skip
def test_what_is_wrong_is_named(investigator, given, field):
    with pytest.raises(Invalid) as refusal:
        tokens.issue(by=investigator, user=investigator, **{"name": "x", "scopes": ["items:read"], "days": 3, **given})
    assert refusal.value.field == field
    assert not ApiToken.objects.exists()


def test_a_scope_names_acts_that_somebody_can_do():
    for _label, acts in SCOPES.values():
        assert acts <= set(Act)


def test_a_refused_token_is_an_entry_but_not_at_every_try(issued, investigator):
    tokens.revoke(by=investigator, token=issued.token)
    for _ in range(3):
        assert tokens.recognise(issued.text) is None
    assert [event.act for event in ledger.history([issued.token.pk])].count("token.refused") == 1
    assert ledger.history([issued.token.pk])[0].actor == {"kind": "service", "name": "api"}
    assert tokens.recognise("art_00000000_x") is None
