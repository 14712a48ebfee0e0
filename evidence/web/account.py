"""One's own account: preferences and API tokens. Sign-in itself is allauth's."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import people
from accounts import tokens as keys
from accounts.errors import Refused, status_of
from accounts.models import ApiToken
from accounts.roles import SCOPES
from accounts.roles import Act as Does
from evidence.web.doors import door, put_back, way_back
from evidence.web.forms.account import PreferencesForm, TokenForm

LANGUAGES = ("en", "ko")


@door(Does.OWN, "GET", "POST")
def profile(request):
    """Who one is here, and one's preferences."""
    user = request.user
    data = request.POST if request.method == "POST" else None
    form = PreferencesForm(data, initial={"language": user.language, "theme": user.theme})
    status = 400 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            people.prefer(by=user, **form.cleaned_data)
        except Refused as error:
            put_back(form, error)
            status = status_of(error)
        else:
            with translation.override(user.language):
                messages.success(request, _("Saved."))
            return redirect("profile")
    return render(request, "evidence/profile.html", {"form": form}, status=status)


@door(Does.OWN, "POST")
def set_theme(request):
    """Light, dark, or like the device; a script asks for no page."""
    people.prefer(by=request.user, theme=request.POST.get("theme", ""))
    return HttpResponse(status=204) if request.headers.get("HX-Request") else way_back(request)


@require_POST
def set_language(request):
    """English or Korean: a preference of whoever is signed in, a cookie for visitors."""
    language = request.POST.get("language", "")
    response = way_back(request)
    if request.user.is_authenticated:
        people.prefer(by=request.user, language=language)
    elif language in LANGUAGES:
        response.set_cookie(
            "language", language, max_age=365 * 24 * 3600, secure=request.is_secure(), httponly=True, samesite="Lax"
        )
    return response


@door(Does.OWN, "GET", "POST")
def tokens(request):
    """One's own tokens; a new one is shown on the answer that makes it, and never again."""
    form = TokenForm(request.POST if request.method == "POST" else None, user=request.user)
    status = 400 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            issued = keys.issue(by=request.user, user=request.user, **form.cleaned_data)
        except Refused as error:
            put_back(form, error)
            status = status_of(error)
        else:
            response = render(request, "evidence/token_issued.html", {"issued": issued})
            response["Cache-Control"] = "no-store, private"
            return response
    now = timezone.now()
    rows = [
        {
            "token": token,
            "scopes": [SCOPES[name][0] for name in token.scopes if name in SCOPES],
            "works": token.is_usable(now),
        }
        for token in ApiToken.objects.filter(user=request.user).order_by("-created_at")
    ]
    return render(request, "evidence/tokens.html", {"form": form, "rows": rows, "now": now}, status=status)


@door(Does.OWN, "GET", "POST")
def revoke_token(request, pk):
    """End a token at once, after a question."""
    try:
        token = ApiToken.objects.filter(user=request.user, pk=uuid.UUID(pk)).first()
    except ValueError:
        token = None
    if token is None:
        raise Http404
    if request.method != "POST":
        return render(request, "evidence/token_revoke.html", {"token": token})
    keys.revoke(by=request.user, token=token)
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("token-list")
