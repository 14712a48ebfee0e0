"""Verbs on sessions: the idle lock, ending one, ending all of a person. A session is the browser of a device.

What a session remembers between requests is in accounts.sessions; rows of allauth's list say where it is signed in.
"""

from collections.abc import Collection

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import tokens
from accounts.models import ApiToken, User
from custody import ledger

IDLE = ledger.Service("idle-lock")


@ledger.verb
def locked(*, by, user: User) -> None:
    """Nobody was at the session for too long, and it is locked until the person shows again who she is."""
    ledger.append("session.locked", user)


@ledger.verb
def unlocked(*, by: User, how: str) -> None:
    """The person showed again who she is: by "password" or "passkey"."""
    ledger.append("session.unlocked", by, data={"how": how})


@ledger.verb
def expired(*, by, user: User, key: str) -> None:
    """A session reached its greatest age; it ends whether or not somebody is at it."""
    _forget([key])
    ledger.append("session.expired", user)


@ledger.verb
def end_session(*, by: User, session: UserSession) -> None:
    """End one session of a person; its browser is signed out with its next request."""
    _forget([session.session_key])
    ledger.append("session.ended", session.user, data={"sessions": 1}, parts={"client": _client(session)})


@ledger.verb
def end_others(*, by: User, keep: str) -> int:
    """End all of one's own sessions but the one with the key `keep`; how many there were."""
    others = UserSession.objects.filter(user=by).exclude(session_key=keep)
    return _end_all(by, list(others.values_list("session_key", flat=True)))


@ledger.verb
def end_sessions(*, by, user: User) -> int:
    """Put a person out at once: her sessions end, her API tokens are revoked. Returns how many sessions there were."""
    for token in ApiToken.objects.filter(user=user, revoked_at=None):
        tokens.revoke(by=by, token=token)
    listed = UserSession.objects.filter(user=user).values_list("session_key", flat=True)
    return _end_all(user, {*listed, *_live(user)})


def _live(user: User) -> list[str]:
    """Keys of the live sessions of a person. What the list of devices missed would come back with the account; a
    session's row names its person only inside its data."""
    live = Session.objects.filter(expire_date__gt=timezone.now())
    return [row.pk for row in live.iterator() if row.get_decoded().get("_auth_user_id") == str(user.pk)]


def _end_all(user: User, keys: Collection[str]) -> int:
    if keys:
        _forget(keys)
        ledger.append("session.ended", user, data={"sessions": len(keys)})
    return len(keys)


def _forget(keys: Collection[str]) -> None:
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()


def _client(session: UserSession) -> dict:
    return {"address": session.ip, "agent": session.user_agent}
