"""The API's way in: a bearer token. The session way is DRF's own."""

from django.core.cache import caches
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.throttling import UserRateThrottle

from accounts.tokens import recognise


def is_by_token(request) -> bool:
    """Whether the request speaks by a token, right or wrong: its session, if it has one, then counts for nothing."""
    words = get_authorization_header(request).split()
    return request.path.startswith("/api/") and bool(words) and words[0].lower() == b"bearer"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`; never in a query string."""

    def authenticate(self, request):
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        token = recognise(words[1].decode("latin-1")) if len(words) == 2 else None
        if token is None:
            raise AuthenticationFailed(_("This token is not valid: it is unknown, expired or revoked."))
        return token.user, token

    def authenticate_header(self, request):
        return 'Bearer realm="api"'


class NearThrottle(UserRateThrottle):
    """Requests of a person, counted by each process for itself: a row in the database for each would cost too much."""

    cache = caches["near"]


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer"}
