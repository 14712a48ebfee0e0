"""allauth's forms of second factors, with what this house adds: each failure and each spent code is in the ledger,
and the secret of an app that is being set up lies sealed in the session."""

import base64

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as codes
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.totp.internal import auth as apps
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import factors
from accounts.clients import client_of
from accounts.keyring import seal, unseal
from custody.ledger import Service

DOOR = Service("sign-in")
PURPOSE, PLACE = "second-factor-setup", b"session"


class CodeField(forms.CharField):
    """A code of six digits, or a recovery code. Only what helps to type it on a phone."""

    def __init__(self):
        attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false", "autofocus": True}
        super().__init__(label=_("Code"), max_length=32, widget=forms.TextInput(attrs))


class _Code(codes.BaseAuthenticateForm):
    """The present code of the app, or a recovery code, which is spent by it. Throttled by person and address."""

    code = CodeField()

    def clean_code(self) -> str:
        spent = check_rate_limit(self.user)
        code = self.cleaned_data["code"]
        app = Authenticator.objects.filter(user=self.user, type=factors.Kind.TOTP).first()
        if app and app.wrap().validate_code(code):
            self.authenticator = app
        else:
            self.authenticator = factors.use_recovery_code(by=self.user, code=code)
        if self.authenticator is None:
            factors.failed(by=DOOR, user=self.user, kind="code", client=client_of(context.request))
            raise get_adapter().validation_error("incorrect_code")
        self.authenticator.user = self.user
        spent()
        return code


class CodeAtSignIn(_Code, codes.AuthenticateForm):
    pass


class CodeAgain(_Code, codes.ReauthenticateForm):
    pass


class _Passkey:
    def clean_credential(self):
        try:
            return super().clean_credential()
        except ValidationError:
            factors.failed(by=DOOR, user=self.user, kind="webauthn", client=client_of(context.request))
            raise


class PasskeyAsSecond(_Passkey, webauthn.AuthenticateWebAuthnForm):
    pass


class PasskeyAlone(_Passkey, webauthn.LoginWebAuthnForm):
    pass


class PasskeyAgain(_Passkey, webauthn.ReauthenticateWebAuthnForm):
    pass


class NewApp(totp.ActivateTOTPForm):
    code = CodeField()

    def __init__(self, *args, **kwargs):
        forms.Form.__init__(self, *args, **{key: value for key, value in kwargs.items() if key != "user"})
        self.user = kwargs["user"]
        session = context.request.session
        sealed = session.get(apps.SECRET_SESSION_KEY)
        if self.is_bound and sealed:
            box = base64.b64decode(sealed)
            self.secret = unseal(box, purpose=PURPOSE, context=PLACE).decode()
            return
        self.secret = apps.generate_totp_secret()
        box = seal(self.secret.encode(), purpose=PURPOSE, context=PLACE)
        session[apps.SECRET_SESSION_KEY] = base64.b64encode(box).decode()


class NewPasskey(webauthn.AddWebAuthnForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=factors.LONGEST_NAME,
        help_text=_("By which you will know it, for example “Key on my ring”."),
    )
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone, without the password"),
        required=False,
        initial=True,
        help_text=_("It then asks for its PIN, your finger or your face each time."),
    )
    field_order = ("name", "passwordless", "credential")


class PasskeyName(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=factors.LONGEST_NAME)
