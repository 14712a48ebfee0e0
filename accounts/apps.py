from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and access"

    def ready(self):
        # Signing in is an act with an entry; Django's own handler would write without one.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(_signed_in, dispatch_uid="accounts.signed_in")


def _signed_in(sender, request, user, **kwargs):
    from accounts.people import signed_in

    signed_in(by=user, user=user)
