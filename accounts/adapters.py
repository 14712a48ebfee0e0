"""How allauth behaves here: nobody signs himself up, people are invited; a new password is set by a verb; what makes
the codes of a second factor is sealed with the keyring."""

import base64

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.keyring import seal, unseal
from accounts.people import set_password

PURPOSE, PLACE = "second-factor", b"mfa"


class ClosedAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False

    def populate_username(self, request, user):
        """There are no user names; the e-mail is the identifier."""

    def pre_authenticate(self, request, **credentials):
        """Few attempts from one network, more on one account from all of them: who tries wrong passwords from his own
        place locks himself out, not the person."""
        super().pre_authenticate(request, **credentials)
        key = "account:" + super()._get_login_attempts_cache_key(request, **credentials)
        self._on_account = ratelimit.consume(request, app="allauth.account", action="account_failed", key=key)
        if not self._on_account:
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request, **credentials):
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{ratelimit.get_ip(request)}"

    def _rollback_login_failed_rl_usage(self):
        super()._rollback_login_failed_rl_usage()
        if usage := getattr(self, "_on_account", None):
            usage.rollback()

    def set_password(self, user, password):
        set_password(by=user, user=user, password=password)


class FactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This does not fit. Try again with the present code, or with another way."),
    }

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(text.encode(), purpose=PURPOSE, context=PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(base64.b64decode(encrypted_text), purpose=PURPOSE, context=PLACE).decode()

    def generate_authenticator_name(self, user, type):
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)d") % {"number": count + 1}

    def _get_site_name(self) -> str:
        """What an authenticator app and a passkey show: no word of what the repository is about."""
        return _("Evidence Repository")
