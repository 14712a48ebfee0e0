"""What holds for every request: an id for the ledger, no caching, sign-in, reads that write nothing, refusals."""

import logging
import re
import uuid

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused, status_of
from accounts.grants import keeping_scopes
from custody import ledger
from evidence.api.problems import problem
from evidence.storage import StorageError
from evidence.vault import VaultError
from evidence.web.fields import to_mend, told

log = logging.getLogger(__name__)
# Everything else needs a signed-in person. test_house checks that this list stays short.
OPEN_PATHS = re.compile(
    r"^/(health/(live|ready)|accounts/(login|logout|password/reset|2fa/(authenticate|webauthn/login)/|sso/).*"
    r"|invitation/([^/]+/?)?|static/.*|language/)$"
)
# A person comes back from single sign-on by GET, as the protocol has it, and is signed in by it.
SIGNS_IN_BY_GET = "/accounts/sso/callback/"
SAFE = ("GET", "HEAD", "OPTIONS")


class ReadWrote(RuntimeError):
    """A GET changed rows outside a verb: a programming error."""


def request_id(get_response):
    """Name the request in the ledger and in the answer; scopes are kept for one request only."""

    def middleware(request):
        request.id = str(uuid.uuid4())
        # The API's paths have no trailing slash; one that was typed does no harm.
        if request.path_info.startswith("/api/v1/") and request.path_info.endswith("/"):
            request.path_info = request.path_info.rstrip("/")
        with ledger.request(request.id), keeping_scopes():
            response = get_response(request)
        response["X-Request-ID"] = request.id
        return response

    return middleware


def private_by_default(get_response):
    """Nothing is kept by browsers or proxies but static files."""

    def middleware(request):
        response = get_response(request)
        if not request.path.startswith("/static/") and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store, private"
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()"
        )
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware


def person_language(get_response):
    """The person's own language; for visitors, the cookie of the language switch, else the browser's wish."""

    def middleware(request):
        if request.path.startswith("/api/"):
            language = translation.get_language_from_request(request)
        elif request.user.is_authenticated:
            language = request.user.language
        else:
            language = request.COOKIES.get("language") or translation.get_language_from_request(request)
        with translation.override(language if language in ("en", "ko") else "en"):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
            # A template response is rendered here, while its language still holds.
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response

    return middleware


def bodies_have_a_length(get_response):
    """A body that comes in pieces without its length would be taken for an empty one, and answered as if it were."""

    def middleware(request):
        if request.headers.get("Transfer-Encoding") and not request.META.get("CONTENT_LENGTH"):
            return problem(request, 411, _("Say how long the body is, by Content-Length: one in pieces is not read."))
        return get_response(request)

    return middleware


def sign_in_required(get_response):
    """Deny by default: a page without a signed-in, active person is the sign-in page. The API answers for itself."""

    def middleware(request):
        if request.path.startswith("/api/") or OPEN_PATHS.match(request.path) or request.user.is_authenticated:
            return get_response(request)
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=401)
            response["HX-Redirect"] = "/accounts/login/"
            return response
        return redirect_to_login(request.get_full_path() if request.method in SAFE else "/")

    return middleware


def reads_write_nothing(get_response):
    """A GET writes nothing but ledger entries, session and last-use rows, and what the reader of the change feed could
    see when she was told (decision 32): anything else is stopped."""

    def watch(execute, sql, params, many, context):
        text = str(sql).lstrip()
        if text[:6].upper() in ("INSERT", "UPDATE", "DELETE") and not re.search(
            r'"(django_session|accounts_apitoken|evidence_keptsight)"', text
        ):
            raise ReadWrote(f"a GET tried to write: {text[:60]}")
        return execute(sql, params, many, context)

    def middleware(request):
        if request.method not in SAFE or request.path == SIGNS_IN_BY_GET:
            return get_response(request)
        with connection.execute_wrapper(watch):
            return get_response(request)

    return middleware


def refusals(get_response):
    """Refused and its kin become an answer in one place for pages; the API has its own in evidence.api.problems."""

    def middleware(request):
        return get_response(request)

    def process_exception(request, exception):
        if request.path.startswith("/api/"):
            return None
        if isinstance(exception, (StorageError, VaultError)):
            log.error("%s: %s", type(exception).__name__, exception)
            exception = Refused(
                _("The storage of files cannot give or take these bytes now. Tell an administrator.")
                if isinstance(exception, StorageError)
                else _("The identity vault cannot be opened now. Tell an administrator.")
            )
            status = 503
        elif isinstance(exception, (Http404, PermissionDenied)) or not isinstance(exception, Refused):
            return None
        else:
            status = status_of(exception)
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"detail": str(exception)}, status=status)
        title = {403: _("You may not do this"), 503: _("Not available now"), 409: _("Not possible now")}.get(
            status, _("Something needs mending")
        )
        context = {"title": title, "message": str(exception), "errors": told(exception)}
        if request.method == "GET" and isinstance(exception, Invalid):
            context["mend"] = to_mend(request.GET, exception)
        return render(request, "refused.html", context, status=status)

    middleware.process_exception = process_exception
    return middleware
