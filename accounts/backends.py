"""Authentication backends. ScopeBackend comes first and its word on records is final; sign-in is allauth's."""

from allauth.account.auth_backends import AuthenticationBackend
from django.core.exceptions import PermissionDenied

from accounts.grants import is_secured, permits
from accounts.models import User


class ScopeBackend:
    """For a secured record asks the gate and otherwise refuses, so that guardian's own backend, which knows neither
    clearance nor denial, is never asked."""

    def authenticate(self, request, **credentials):
        return None

    def get_user(self, user_id):
        return User.objects.filter(pk=user_id, is_active=True).first()

    def has_perm(self, user, perm, obj=None):
        if obj is None:
            return False
        if not is_secured(obj):
            raise PermissionDenied
        permission, _, name = perm.rsplit(".", 1)[-1].partition("_")
        if name == obj._meta.model_name and permits(user, obj, permission):
            return True
        raise PermissionDenied


class SignInBackend(AuthenticationBackend):
    """allauth's sign-in by e-mail."""
