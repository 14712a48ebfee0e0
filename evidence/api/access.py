"""Every action of every viewset declares its act and its token scope; an undeclared one is refused."""

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission

from accounts.models import ApiToken
from accounts.roles import SCOPES, may


class DeclaredAct(BasePermission):
    """Role and token scope allow the declared act. Whether the record exists for the person is the gate's matter."""

    def has_permission(self, request, view):
        if not request.user or not request.user.is_authenticated or not request.user.is_active:
            return False
        action = getattr(view, "action", None)
        if action is None and request.method not in getattr(view, "action_map", {request.method.lower(): ""}):
            raise MethodNotAllowed(request.method)
        if action == "metadata":
            return True  # OPTIONS: which methods there are, and nothing of any record
        act = getattr(view, "acts", {}).get(action)
        if act is None or not may(request.user, act):
            return False
        if isinstance(request.auth, ApiToken):
            scope = getattr(view, "scopes", {}).get(action)
            # Reference data and one's own account need no scope of their own. Of several, one is enough: the action
            # answers for that part alone.
            several = scope if isinstance(scope, tuple) else (scope,)
            return scope is None or any(one in request.auth.scopes and act in SCOPES[one][1] for one in several)
        return True
