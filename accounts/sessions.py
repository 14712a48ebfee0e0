"""Signing in, failing to and signing out: acts with entries of their own, told to us by Django's signals."""

from allauth.account.adapter import get_adapter
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from accounts import people
from custody.ledger import Service

DOOR = Service("sign-in")
LONGEST = 300


def listen() -> None:
    """Django's own handler of a sign-in would write without an entry."""
    user_logged_in.disconnect(dispatch_uid="update_last_login")
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="accounts.signed_out")
    user_login_failed.connect(_failed, dispatch_uid="accounts.sign_in_failed")


def client_of(request) -> dict:
    """Where a request came from, for an erasable part of an entry: address and browser, as far as they say."""
    if request is None:
        return {}
    try:
        address = get_adapter().get_client_ip(request)
    except Exception:  # allauth refuses an address that is none; the sign-in goes on without it
        address = ""
    agent = "".join(c for c in request.headers.get("User-Agent", "") if c.isprintable())
    return {"address": str(address or ""), "agent": agent[:LONGEST]}


def _signed_in(sender, request, user, **kwargs):
    people.signed_in(by=user, user=user, client=client_of(request))


def _signed_out(sender, request, user, **kwargs):
    if user is not None and user.pk:
        people.signed_out(by=user, user=user)


def _failed(sender, credentials, request=None, **kwargs):
    name = credentials.get("email") or credentials.get("username") or credentials.get("login") or ""
    people.sign_in_failed(by=DOOR, email=str(name)[:LONGEST], client=client_of(request))
