"""The session in the browser: how long until the lock, unlocking it, and the list of where one is signed in."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.core import ratelimit
from allauth.mfa.webauthn.internal.auth import begin_authentication
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import devices, sessions
from accounts.factor_forms import PasskeyAgain
from accounts.roles import Act as Does
from evidence.web.agents import device
from evidence.web.doors import door, polled, way_back


@polled
@door(Does.OWN, "GET", "POST")
def state(request):
    """How many seconds until the lock. A POST says that somebody is at the page, writing what is not sent yet."""
    if request.method == "POST" and sessions.seconds_left(request):
        sessions.note_seen(request)
    return JsonResponse({"left": sessions.seconds_left(request)})


@polled
@door(Does.OWN, "GET", "POST")
def unlock(request):
    """Go on with a locked session, by password or passkey; throttled like signing in. A GET is what a passkey needs."""
    if request.method == "GET":
        if not request.headers.get("Accept", "").startswith("application/json"):
            return render(request, "session/locked.html", {"next": "", "messages": ()})
        return JsonResponse({"request_options": begin_authentication(request.user)})
    how, status = "passkey" if request.POST.get("credential") else "password", 422
    error = _("This does not fit. Try again.")
    try:
        fits = ratelimit.consume(request, action="reauthenticate", user=request.user) and _fits(request, how)
    except ValidationError:
        fits, status, error = False, 429, _("Too many attempts. Wait some minutes, or sign out.")
    is_script = request.headers.get("Accept", "").startswith("application/json")
    if fits:
        sessions.unlock(request, how)
        return HttpResponse(status=204) if is_script else way_back(request)
    if is_script:
        return JsonResponse({"detail": error}, status=status)
    context = {"next": request.POST.get("next", ""), "error": error, "messages": ()}
    return render(request, "session/locked.html", context, status=status)


def _fits(request, how: str) -> bool:
    if how == "passkey":
        form = PasskeyAgain(request.POST, user=request.user)
        if form.is_valid():
            form.save()
        return form.is_valid()
    return get_adapter(request).reauthenticate(request.user, request.POST.get("password", ""))


@door(Does.OWN, "GET", "POST")
def listing(request):
    """Where one is signed in; all others end with a POST."""
    here = request.session.session_key
    if request.method == "POST":
        raise_if_reauthentication_required(request, app="allauth.mfa")
        ended = devices.end_others(by=request.user, keep=here)
        messages.success(request, _("Sessions ended: %(count)d.") % {"count": ended})
        return redirect("session-list")
    rows = [
        {"session": row, "device": device(row.user_agent), "is_here": row.session_key == here}
        for row in sessions.of(request.user)
    ]
    return render(request, "session/list.html", {"rows": rows, "others": sum(not row["is_here"] for row in rows)})


@door(Does.OWN, "POST")
def end(request, pk):
    """End one session of one's own."""
    row = UserSession.objects.filter(user=request.user, pk=pk).first()
    if row is None:
        raise Http404
    raise_if_reauthentication_required(request, app="allauth.mfa")
    devices.end_session(by=request.user, session=row)
    messages.success(request, _("The session is ended."))
    return redirect("session-list")
