"""Pages of one's own second factors, under /accounts/2fa/. Sign-in by factor is allauth's; changes are our verbs.

Only the routes named here exist: allauth's own page of recovery codes would show them without an entry in the ledger.
"""

import time
from collections.abc import Callable
from functools import wraps

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp
from allauth.mfa.totp.internal.auth import clear_totp_secret
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import factors
from accounts.errors import Refused
from accounts.factor_forms import PasskeyName


def confirmed(view: Callable) -> Callable:
    """Let the person show all that she signs in with, within the last minutes: the password, and the second factor."""

    @wraps(view)
    @login_required
    def enter(request, *args, **kwargs):
        if missing := _unconfirmed(request):
            return suspend_request(request, reverse(missing))
        return view(request, *args, **kwargs)

    return enter


def _unconfirmed(request) -> str:
    """The name of the page where something is still to be shown, or nothing."""
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    shown = {record["method"] for record in records if record.get("reauthenticated") and record["at"] > since}
    if request.user.has_usable_password() and "password" not in shown:
        return "account_reauthenticate"
    if factors.has_one(request.user) and "mfa" not in shown:
        has_passkey = Authenticator.objects.filter(user=request.user, type=factors.Kind.WEBAUTHN).exists()
        return "mfa_reauthenticate_webauthn" if has_passkey else "mfa_reauthenticate"
    return ""


@login_required
def index(request):
    """What one has: the app, the passkeys, how many recovery codes are left."""
    own = Authenticator.objects.filter(user=request.user).order_by("created_at")
    context = {
        "app": next((one for one in own if one.type == factors.Kind.TOTP), None),
        "passkeys": [(one, one.wrap()) for one in own if one.type == factors.Kind.WEBAUTHN],
        "unused": factors.unused_codes(request.user),
        "demanded": factors.demanded(request.user),
        "has_one": factors.has_one(request.user),
    }
    return render(request, "mfa/index.html", context)


def _done(request, act: Callable, message: str, **given):
    """Do the act of the person herself; a refusal is said on the page of her factors."""
    try:
        made_codes = act(by=request.user, **given)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("mfa_index")
    messages.success(request, message)
    return redirect("mfa_view_recovery_codes" if made_codes else "mfa_index")


def _added(request, act: Callable, message: str, **given):
    """As _done; who has just set a factor up has shown it by that."""
    answer = _done(request, act, message, **given)
    if factors.has_one(request.user):
        record_authentication(request, request.user, "mfa", reauthenticated=True)
    return answer


class AddApp(totp.ActivateTOTPView):
    template_name = "mfa/totp.html"

    def form_valid(self, form):
        clear_totp_secret(self.request)
        return _added(self.request, factors.add_app, _("The app is set up."), secret=form.secret)


class AddPasskey(webauthn.AddWebAuthnView):
    template_name = "mfa/passkey.html"

    def form_valid(self, form):
        given = {name: form.cleaned_data[name] for name in ("name", "credential")}
        return _added(self.request, factors.add_passkey, _("The passkey is set up."), **given)

    def get_context_data(self, **kwargs):
        # allauth's own loses the form that came back with errors.
        return {**super().get_context_data(), **({"form": kwargs["form"]} if "form" in kwargs else {})}


def _factor(request, kind: str, **which) -> Authenticator:
    factor = Authenticator.objects.filter(user=request.user, type=kind, **which).first()
    if factor is None:
        raise Http404
    return factor


@confirmed
@require_http_methods(["GET", "POST"])
def remove(request, pk=None):
    """Take a factor away, after a question."""
    kind = factors.Kind.TOTP if pk is None else factors.Kind.WEBAUTHN
    factor = _factor(request, kind, **({} if pk is None else {"pk": pk}))
    if request.method == "POST":
        return _done(request, factors.remove, _("It is removed."), factor=factor)
    name = factor.wrap().name if pk else _("Authenticator app")
    return render(request, "mfa/remove.html", {"name": name})


@confirmed
@require_http_methods(["GET", "POST"])
def rename(request, pk):
    """Another name for a passkey."""
    factor = _factor(request, factors.Kind.WEBAUTHN, pk=pk)
    form = PasskeyName(request.POST or None, initial={"name": factor.wrap().name})
    if form.is_valid():
        return _done(request, factors.rename, _("Saved."), factor=factor, name=form.cleaned_data["name"])
    return render(request, "mfa/rename.html", {"form": form}, status=400 if form.is_bound else 200)


@confirmed
@require_http_methods(["GET", "POST"])
def recovery_codes(request):
    """How many are left; they are shown, or made anew, on the answer to a form only: a look at them is an act."""
    codes: list[str] = []
    try:
        if request.method == "POST":
            if request.POST.get("do") == "make":
                factors.make_recovery_codes(by=request.user)
            codes = factors.open_recovery_codes(by=request.user)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("mfa_index")
    context = {"codes": codes, "text": "\n".join(codes), "unused": factors.unused_codes(request.user)}
    return render(request, "mfa/recovery_codes.html", context)


urlpatterns = [
    path("", index, name="mfa_index"),
    path("authenticate/", base.authenticate, name="mfa_authenticate"),
    path("reauthenticate/", base.reauthenticate, name="mfa_reauthenticate"),
    path("totp/activate/", confirmed(AddApp.as_view()), name="mfa_activate_totp"),
    path("totp/deactivate/", remove, name="mfa_deactivate_totp"),
    path("recovery-codes/", recovery_codes, name="mfa_view_recovery_codes"),
    path("webauthn/add/", confirmed(AddPasskey.as_view()), name="mfa_add_webauthn"),
    path("webauthn/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("webauthn/reauthenticate/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("webauthn/keys/<int:pk>/remove/", remove, name="mfa_remove_webauthn"),
    path("webauthn/keys/<int:pk>/edit/", rename, name="mfa_edit_webauthn"),
]
