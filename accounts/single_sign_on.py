"""Single sign-on by OpenID Connect, for people who were invited here. The provider says who comes, never who may.

One provider, from the environment (repository.settings.single_sign_on). Its word counts by a verified e-mail address
that is an active person's; no row ties the two, so that a change here counts at once. The ID token's signature is
checked although it comes by TLS, and a second factor of this house is asked for as after a password.
"""

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from accounts import people
from accounts.clients import client_of
from accounts.models import User
from custody.ledger import Service

DOOR = Service("sign-in")
PROVIDER = "sso"


class InvitedOnly(DefaultSocialAccountAdapter):
    """allauth's hooks: nobody signs up by single sign-on, and nobody ties a foreign account to his own."""

    def is_open_for_signup(self, request, sociallogin):
        return False

    def pre_social_login(self, request, sociallogin):
        verified = [one.email for one in sociallogin.email_addresses if one.verified is True]
        person = User.objects.filter(email__in=[email.lower() for email in verified], is_active=True).first()
        if person is None or sociallogin.state.get("process") != AuthProcess.LOGIN:
            raise ImmediateHttpResponse(_refused(request, verified[0] if verified else "", reason="unknown"))
        sociallogin.user = person

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        raise ImmediateHttpResponse(_refused(request, "", reason="failed"))


class Provider(OpenIDConnectOAuth2Adapter):
    @property
    def openid_config(self):
        config = super().openid_config
        if config.get("issuer", "").rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
            raise OAuth2Error("the provider is not who it was configured to be")
        return config

    def get_callback_url(self, request, app):
        return request.build_absolute_uri(reverse("sso_callback"))

    def complete_login(self, request, app, token, **kwargs):
        """Who comes, by the signed ID token; an address that it leaves out is asked for under the same subject."""
        try:
            claims = jwtkit.verify_and_decode(
                credential=kwargs["response"]["id_token"],
                keys_url=self.openid_config["jwks_uri"],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
            )
            if "email" not in claims:
                more = self._fetch_user_info(token.token)
                if more["sub"] != claims["sub"]:
                    raise OAuth2Error("the provider speaks of somebody else")
                claims |= {name: more.get(name) for name in ("email", "email_verified")}
        except (KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("the provider's answer is malformed") from error
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})


def _refused(request, email: str, *, reason: str):
    """One page for whoever is not let in; the attempt is in the ledger."""
    people.sign_in_failed(by=DOOR, email=email, client=client_of(request))
    return render(request, "account/sso_refused.html", {"reason": reason}, status=403)


@require_POST
def start(request):
    """Send the person to the provider."""
    if not settings.OIDC_ISSUER:
        raise Http404
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = None
    try:
        provider = Provider(request, PROVIDER).get_provider()
        provider.oauth2_adapter_class = Provider
        return provider.redirect(request, process=AuthProcess.LOGIN, next_url=target)
    except (OAuth2Error, RequestException, ValueError):
        return _refused(request, "", reason="failed")


@require_GET
def callback(request):
    """The person comes back from the provider. By the protocol it is a GET, although it signs in."""
    if not settings.OIDC_ISSUER:
        raise Http404
    if request.user.is_authenticated:
        return redirect("home")
    return OAuth2CallbackView.adapter_view(Provider(request, PROVIDER))(request)


urlpatterns = [
    path("start/", start, name="sso_start"),
    path("callback/", callback, name="sso_callback"),
]
