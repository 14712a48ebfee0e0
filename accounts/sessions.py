"""Sessions from sign-in to sign-out: the acts that Django's signals tell us of, and what a session remembers.

A session remembers when it began and when somebody was last at it. From the two follow its greatest age and the idle
lock: no flag has to be set in time for a session to be locked.
"""

import time

from allauth.account.signals import authentication_step_completed
from allauth.core.internal.sessionkit import get_session_user
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts import devices, people
from accounts.clients import LONGEST, address_of, client_of
from custody.ledger import Service

DOOR = Service("sign-in")
SINCE, SEEN, NOTED = "since", "seen", "lock_noted"
PRECISION = 30  # seconds: a row for every request would cost more than it tells
# No address to listen on: what the list says where a session has none.
NOWHERE = "0.0.0.0"  # noqa: S104


def listen() -> None:
    """Django's own handler of a sign-in would write without an entry."""
    user_logged_in.disconnect(dispatch_uid="update_last_login")
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="accounts.signed_out")
    user_login_failed.connect(_failed, dispatch_uid="accounts.sign_in_failed")
    authentication_step_completed.connect(_confirmed, dispatch_uid="accounts.confirmed")


def is_over(request) -> bool:
    """Whether the session reached its greatest age, however busy it is. One without a beginning is none of ours."""
    return time.time() - request.session.get(SINCE, 0) > settings.SESSION_COOKIE_AGE


def seconds_left(request) -> int:
    """Until the idle lock; 0 when locked."""
    return max(0, int(request.session.get(SEEN, 0) + settings.IDLE_LOCK_SECONDS - time.time()))


def note_lock(request) -> None:
    """Enter the lock in the ledger, once."""
    if not request.session.get(NOTED):
        request.session[NOTED] = True
        devices.locked(by=devices.IDLE, user=request.user)


def note_seen(request) -> None:
    """Somebody is at the session: the idle lock starts anew. Written down once in a while only."""
    now = time.time()
    if now - request.session.get(SEEN, 0) < min(PRECISION, settings.IDLE_LOCK_SECONDS / 10):
        return
    request.session[SEEN] = now
    rows = UserSession.objects.filter(session_key=request.session.session_key)
    rows.update(last_seen_at=timezone.now(), ip=address_of(request) or NOWHERE)


def unlock(request, how: str) -> None:
    """The person showed again who she is: the session goes on under a new key."""
    devices.unlocked(by=request.user, how=how)
    request.session[SEEN] = time.time()
    request.session.pop(NOTED, None)
    renew(request)


def renew(request) -> None:
    """Give the session a new key; the old one opens nothing any more."""
    old = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)


def end_old(request) -> None:
    """End the session that reached its greatest age."""
    devices.expired(by=devices.IDLE, user=request.user, key=request.session.session_key)
    request.session.flush()
    request.user = AnonymousUser()


def of(user) -> list[UserSession]:
    """The sessions that are signed in as this person now, the newest first."""
    rows = UserSession.objects.filter(user=user).order_by("-last_seen_at")
    return [row for row in rows if get_session_user(SessionStore(row.session_key)) == user]


def _signed_in(sender, request, user, **kwargs):
    people.signed_in(by=user, user=user, client=client_of(request))
    session = getattr(request, "session", None)
    if session is None:
        return
    session[SINCE] = session[SEEN] = time.time()
    if not session.session_key:
        session.save()
    client = client_of(request)
    longest = UserSession._meta.get_field("user_agent").max_length
    UserSession.objects.update_or_create(
        session_key=session.session_key,
        defaults={"user": user, "ip": client["address"] or NOWHERE, "user_agent": client["agent"][:longest]},
    )


def _signed_out(sender, request, user, **kwargs):
    if user is not None and user.pk:
        people.signed_out(by=user, user=user)
        if session := getattr(request, "session", None):
            UserSession.objects.filter(session_key=session.session_key).delete()


def _failed(sender, credentials, request=None, **kwargs):
    name = credentials.get("email") or credentials.get("username") or credentials.get("login") or ""
    people.sign_in_failed(by=DOOR, email=str(name)[:LONGEST], client=client_of(request))


def _confirmed(sender, request, reauthenticated=False, **kwargs):
    if reauthenticated and request.user.is_authenticated:
        renew(request)
