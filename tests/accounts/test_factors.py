"""Second factors: an app, passkeys, recovery codes. Each change and each failure is an act; secrets are sealed."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from conftest import PASSWORD, TESTS

from accounts import factors
from accounts.errors import Invalid, Refused
from custody.ledger import history

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def acts(user) -> list[str]:
    return [event.act for event in history([user.pk])]


def sign_in(client, user, password=PASSWORD):
    return client.post("/accounts/login/", {"login": user.email, "password": password})


def confirm(client, *, code: str = ""):
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    if code:
        client.post("/accounts/2fa/reauthenticate/", {"code": code})


@pytest.fixture
def signed(client, investigator):
    sign_in(client, investigator)
    return client


@pytest.fixture
def with_app(investigator):
    factors.add_app(by=investigator, secret=SECRET)
    return investigator


def test_an_app_is_set_up_after_confirming_who_one_is(signed, investigator):
    assert signed.get("/accounts/2fa/totp/activate/").url.startswith("/accounts/reauthenticate/")
    confirm(signed)
    page = signed.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    assert secret not in str(dict(signed.session))
    assert signed.post("/accounts/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert not factors.has_one(investigator)
    answer = signed.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert answer.url == "/accounts/2fa/recovery-codes/"
    assert factors.has_one(investigator)
    assert acts(investigator)[:2] == ["recovery_codes.made", "factor.added"]


def test_secrets_are_sealed_in_the_table(with_app):
    rows = {row.type: row for row in Authenticator.objects.filter(user=with_app)}
    assert SECRET not in str(rows["totp"].data)
    assert rows["totp"].wrap().validate_code(code())
    seed = rows["recovery_codes"].data["seed"]
    assert len(seed) > 100 and not set(seed) <= set("0123456789abcdef")


def test_no_row_of_a_factor_is_written_outside_a_verb(signed, investigator):
    confirm(signed)
    secret = signed.get("/accounts/2fa/totp/activate/").context["form"].secret
    signed.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    shown = signed.post("/accounts/2fa/recovery-codes/", {"do": "show"}).context["codes"]
    signed.post("/accounts/logout/")
    sign_in(signed, investigator)
    assert signed.post("/accounts/2fa/authenticate/", {"code": shown[0]}).url == "/"
    from custody.models import Entry

    assert not Entry.objects.filter(act__startswith="raw.").exists()


def test_a_password_alone_is_not_enough_then(client, with_app):
    assert sign_in(client, with_app).url == "/accounts/2fa/authenticate/"
    assert client.get("/").url.startswith("/accounts/login/")
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert acts(with_app)[0] == "factor.failed"
    assert client.post("/accounts/2fa/authenticate/", {"code": code()}).url == "/"
    assert acts(with_app)[0] == "account.signed_in"
    assert client.get("/").status_code == 200


def test_a_code_counts_once(client, with_app):
    sign_in(client, with_app)
    now = code()
    client.post("/accounts/2fa/authenticate/", {"code": now})
    client.post("/accounts/logout/")
    sign_in(client, with_app)
    assert client.post("/accounts/2fa/authenticate/", {"code": now}).status_code == 200


def test_recovery_codes_are_shown_as_an_act_and_spent_once(signed, with_app, client):
    confirm(signed, code=code())
    page = signed.get("/accounts/2fa/recovery-codes/")
    codes = signed.post("/accounts/2fa/recovery-codes/", {"do": "show"}).context["codes"]
    assert len(codes) == 10 and not any(one in page.content.decode() for one in codes)
    assert acts(with_app)[0] == "recovery_codes.seen"
    for expected in (302, 200):
        client.post("/accounts/logout/")
        sign_in(client, with_app)
        assert client.post("/accounts/2fa/authenticate/", {"code": codes[3]}).status_code == expected
    assert "recovery_codes.used" in acts(with_app)
    assert factors.unused_codes(with_app) == 9


def test_new_recovery_codes_end_the_old_ones(with_app):
    old = factors.open_recovery_codes(by=with_app)
    factors.make_recovery_codes(by=with_app)
    assert factors.use_recovery_code(by=with_app, code=old[0]) is None
    assert not set(old) & set(factors.open_recovery_codes(by=with_app))


def test_the_last_factor_goes_with_its_recovery_codes(signed, with_app):
    confirm(signed, code=code())
    assert signed.get("/accounts/2fa/totp/deactivate/").status_code == 200
    assert signed.post("/accounts/2fa/totp/deactivate/").url == "/accounts/2fa/"
    assert not Authenticator.objects.filter(user=with_app).exists()
    assert acts(with_app)[0] == "factor.removed"


def test_a_role_may_demand_that_one_stays(with_app, settings):
    settings.SECOND_FACTOR_ROLES = ["investigator"]
    with pytest.raises(Refused, match="second factor"):
        factors.remove(by=with_app, factor=Authenticator.objects.get(user=with_app, type="totp"))


def test_a_reset_takes_all_for_a_reason(with_app, administrator):
    with pytest.raises(Invalid):
        factors.reset(by=administrator, user=with_app, reason=" ")
    factors.reset(by=administrator, user=with_app, reason="Met in person")
    assert not factors.has_one(with_app)
    with pytest.raises(Refused):
        factors.reset(by=administrator, user=with_app, reason="Met in person")


def test_the_factor_of_somebody_else_is_404_and_refused(signed, with_app, reviewer):
    factors.add_app(by=reviewer, secret=SECRET)
    theirs = Authenticator.objects.get(user=reviewer, type="totp")
    confirm(signed, code=code())
    assert signed.post(f"/accounts/2fa/webauthn/keys/{theirs.pk}/remove/").status_code == 404
    with pytest.raises(Refused):
        factors.remove(by=with_app, factor=theirs)


def test_without_a_factor_there_are_no_codes(investigator):
    for act in (factors.make_recovery_codes, factors.open_recovery_codes):
        with pytest.raises(Refused):
            act(by=investigator)
    assert factors.use_recovery_code(by=investigator, code="0000000000") is None


def test_a_failed_passkey_is_in_the_ledger(client, db):
    assert client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"}).status_code == 200
    credential = '{"id": "x", "rawId": "x", "type": "public-key", "response": {"userHandle": "AAAA"}}'
    assert client.post("/accounts/2fa/webauthn/login/", {"credential": credential}).url == "/accounts/login/"
    assert [event.act for event in history([factors.NAMELESS.pk])] == ["factor.failed"]


def test_a_failure_names_who_tried_where_that_is_known(with_app):
    factors.failed(by=TESTS, user=with_app, kind="webauthn", client={"address": "192.0.2.9"})
    assert history([with_app.pk])[0].data == {"kind": "webauthn"}


def test_changes_ask_for_the_password_and_the_factor(signed, with_app):
    """Either alone may be in the wrong hands."""
    path = "/accounts/2fa/totp/deactivate/"
    assert signed.post(path).url.startswith("/accounts/reauthenticate/")
    confirm(signed)
    assert signed.post(path).url.startswith("/accounts/2fa/reauthenticate/")
    assert factors.has_one(with_app)
    # The act that was put off goes on once both are shown.
    assert signed.post(f"/accounts/2fa/reauthenticate/?next={path}", {"code": code()}).url == "/accounts/2fa/"
    assert not factors.has_one(with_app)


def test_a_confirmation_is_over_after_some_minutes(signed, with_app, settings):
    confirm(signed, code=code())
    assert signed.get("/accounts/2fa/recovery-codes/").status_code == 200
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert signed.get("/accounts/2fa/recovery-codes/").status_code == 302


def test_a_new_factor_gives_the_session_a_new_key(signed, investigator):
    confirm(signed)
    secret = signed.get("/accounts/2fa/totp/activate/").context["form"].secret
    before = signed.session.session_key
    signed.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert signed.session.session_key != before
    assert signed.get("/accounts/2fa/recovery-codes/").status_code == 200
