"""Whether a session may go on: not too old, not locked, and with a second factor where the role demands one.

Pages and the API alike; a token has no session, and is judged by accounts.tokens alone. What is written here is the
session's own row and its line in the list of devices: it stands before the guard of reads.
"""

import re

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from accounts import factors, sessions
from accounts.doors import is_by_token
from evidence.api.problems import problem

# What a locked session answers, and what a person without a second factor may reach.
WHILE_LOCKED = re.compile(r"^/(health/.*|static/.*|session/(unlock/)?|accounts/logout/)$")
# A locked session still finishes what it was sending, which shows nothing to whoever stands before the screen.
SENDING = re.compile(r"^/api/v1/uploads/[^/]+/?$")
WITHOUT_FACTOR = re.compile(r"^/(health/.*|static/.*|language/|session/.*|accounts/(logout|reauthenticate|2fa)/.*)$")


def session_holds(get_response):
    """Stop what the session may not do; note that somebody is at it otherwise."""

    def middleware(request):
        if not request.user.is_authenticated or is_by_token(request):
            return get_response(request)
        if sessions.is_over(request):
            sessions.end_old(request)
            return _stopped(request, 401, "session_over", _("Your session is over. Sign in again."), "/accounts/login/")
        if not sessions.seconds_left(request):
            sessions.note_lock(request)
            if not WHILE_LOCKED.match(request.path) and not _is_sending(request):
                return _locked(request)
        elif not _is_poll(request):
            sessions.note_seen(request)
        if not WITHOUT_FACTOR.match(request.path) and factors.missing(request.user):
            message = _("Your role needs a second factor. Set one up on the page of your account.")
            return _stopped(request, 403, "second_factor_needed", message, reverse("mfa_index"))
        return get_response(request)

    return middleware


def _is_sending(request) -> bool:
    return request.method in ("PATCH", "HEAD") and bool(SENDING.match(request.path))


def _is_poll(request) -> bool:
    """A page asks by itself how far something is, or sends pieces of a file: that is nobody at the keyboard."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return getattr(view, "is_poll", False) or getattr(getattr(view, "cls", None), "is_poll", False)


def _locked(request) -> HttpResponse:
    message = _("The session is locked. Unlock it with your password or passkey.")
    if _wants_data(request):
        return problem(request, 423, message, code="session_locked")
    target = request.get_full_path() if request.method == "GET" else ""
    # What was to be said to the person stays for her.
    return render(request, "session/locked.html", {"next": target, "messages": ()}, status=423)


def _stopped(request, status: int, code: str, message: str, target: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=status)
        response["HX-Redirect"] = target
        return response
    if _wants_data(request):
        return problem(request, status, message, code=code)
    if status == 401:
        return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
    return redirect(target)


def _wants_data(request) -> bool:
    is_script = request.headers.get("HX-Request") or request.headers.get("Accept", "").startswith("application/json")
    return bool(request.path.startswith("/api/") or is_script)
