"""The scenes of the verbs on second factors and sessions; `scenes` says what a scene is."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from conftest import TESTS
from django.contrib.sessions.backends.db import SessionStore
from scenes import SECRET, scene

from accounts import devices, factors, tokens
from accounts.models import User

CREDENTIAL = {
    "id": "AQID",
    "rawId": "AQID",
    "type": "public-key",
    "response": {"clientDataJSON": "e30", "attestationObject": "oA"},
    "clientExtensionResults": {},
}


def somebody(stage, *, kind: str = "totp"):
    """(a person with a factor, the factor)."""
    user = User.objects.get(pk=stage.investigator.pk)
    if kind == "totp":
        factors.add_app(by=user, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    else:
        factors.add_passkey(by=user, name=SECRET, credential=CREDENTIAL)
    return user, Authenticator.objects.get(user=user, type=kind)


@scene("accounts.factors.add_app")
def _(stage, tmp_path):
    return lambda: factors.add_app(by=stage.investigator, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")


@scene("accounts.factors.add_passkey")
def _(stage, tmp_path):
    return lambda: factors.add_passkey(by=stage.investigator, name=SECRET, credential=CREDENTIAL)


@scene("accounts.factors.rename")
def _(stage, tmp_path):
    user, factor = somebody(stage, kind="webauthn")
    return lambda: factors.rename(by=user, factor=factor, name=f"{SECRET} two")


@scene("accounts.factors.remove")
def _(stage, tmp_path):
    user, factor = somebody(stage)
    return lambda: factors.remove(by=user, factor=factor)


@scene("accounts.factors.reset")
def _(stage, tmp_path):
    user, _factor = somebody(stage)
    return lambda: factors.reset(by=stage.administrator, user=user, reason=f"Met {SECRET} in person")


@scene("accounts.factors.make_recovery_codes")
def _(stage, tmp_path):
    user, _factor = somebody(stage)
    return lambda: factors.make_recovery_codes(by=user)


@scene("accounts.factors.open_recovery_codes")
def _(stage, tmp_path):
    user, _factor = somebody(stage)
    return lambda: factors.open_recovery_codes(by=user)


@scene("accounts.factors.use_recovery_code")
def _(stage, tmp_path):
    user, _factor = somebody(stage)
    code = factors.open_recovery_codes(by=user)[0]
    return lambda: factors.use_recovery_code(by=user, code=code)


@scene("accounts.factors.failed")
def _(stage, tmp_path):
    client = {"address": "192.0.2.7", "agent": SECRET}
    return lambda: factors.failed(by=TESTS, user=stage.investigator, kind="code", client=client)


def sessions(user, count: int = 1) -> list[UserSession]:
    """Sessions of this person, as signing in leaves them."""
    for _number in range(count):
        store = SessionStore()
        store["_auth_user_id"] = str(user.pk)
        store.save()
        UserSession.objects.create(user=user, session_key=store.session_key, ip="192.0.2.1", user_agent=SECRET)
    return list(UserSession.objects.filter(user=user))


@scene("accounts.devices.locked")
def _(stage, tmp_path):
    return lambda: devices.locked(by=TESTS, user=stage.investigator)


@scene("accounts.devices.unlocked")
def _(stage, tmp_path):
    return lambda: devices.unlocked(by=stage.investigator, how="password")


@scene("accounts.devices.expired")
def _(stage, tmp_path):
    (session,) = sessions(stage.investigator)
    return lambda: devices.expired(by=TESTS, user=stage.investigator, key=session.session_key)


@scene("accounts.devices.end_session")
def _(stage, tmp_path):
    (session,) = sessions(stage.investigator)
    return lambda: devices.end_session(by=stage.investigator, session=session)


@scene("accounts.devices.end_others")
def _(stage, tmp_path):
    first, _second = sessions(stage.investigator, 2)
    return lambda: devices.end_others(by=stage.investigator, keep=first.session_key)


@scene("accounts.devices.end_sessions")
def _(stage, tmp_path):
    sessions(stage.investigator, 2)
    tokens.issue(by=TESTS, user=stage.investigator, name=SECRET, scopes=["items:read"], days=3)
    return lambda: devices.end_sessions(by=stage.reviewer, user=stage.investigator)
