"""Errors as application/problem+json (RFC 9457). Absent and forbidden are the same 404 but for the request id."""

import json

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent
from django.db import connection
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.errors import Invalid, Refused, Stale, pointer, status_of
from evidence.storage import StorageError
from evidence.vault import VaultError

MEDIA = "application/problem+json"
TITLES = {
    400: "Bad request", 401: "Sign-in needed", 403: "Not allowed", 404: "Not found", 405: "Method not allowed",
    406: "Not acceptable", 409: "Not possible now", 410: "Ended", 411: "Length needed", 412: "Changed meanwhile",
    413: "Too large",
    415: "Unsupported media type", 423: "Locked", 428: "Version needed", 429: "Too many requests",
    460: "Checksum mismatch", 503: "Not available now", 507: "Storage full",
}  # fmt: skip


class VersionNeeded(exceptions.APIException):
    status_code = 428
    default_detail = "Send If-Match with the ETag of the version you changed."


class Problem(Response):
    """Always JSON, also where the answer itself would have been YAML, a table or a page."""

    def __init__(self, body: dict, *, status: int, headers: dict | None = None):
        super().__init__(body, status=status, headers=headers)
        self["Content-Type"] = MEDIA

    @property
    def rendered_content(self) -> bytes:
        return JSONRenderer().render(self.data)


def as_problem(error: Exception, context: dict) -> Problem | None:
    """DRF's exception handler; None lets Django's own 500 page answer, which says nothing."""
    request = context["request"]
    connection.in_atomic_block and set_rollback()
    headers = {}
    if isinstance(error, Refused):
        code, detail, errors = status_of(error), str(error), _pointers(error)
        headers = _headers(error)
    elif isinstance(error, (Http404, exceptions.NotFound)):
        code, detail, errors = 404, _("There is nothing here."), []
    elif isinstance(error, (PermissionDenied, exceptions.PermissionDenied)):
        code, detail, errors = 403, _("Your role or the token's scopes do not allow this."), []
    elif isinstance(error, (RequestDataTooBig, TooManyFieldsSent)):
        code, detail, errors = 413, _("The request is too large. Send long texts as files."), []
    elif isinstance(error, VaultError):
        code, detail, errors = 503, _("The identity vault cannot be opened now. Tell an administrator."), []
    elif isinstance(error, StorageError):
        code, errors = 503, []
        detail = _("The storage of files cannot give or take these bytes now. Tell an administrator.")
    elif isinstance(error, RecursionError):
        code, detail, errors = 400, _("The JSON is nested too deeply."), []
    elif isinstance(error, exceptions.ValidationError):
        code, detail, errors = 400, _("The request has a mistake."), list(_flatten(error.detail))
    elif isinstance(error, exceptions.APIException):
        code, detail, errors = error.status_code, str(error.detail), []
        headers = _headers(error)
    else:
        return None
    body = {"type": "about:blank", "title": TITLES.get(code, "Error"), "status": code, "detail": detail}
    if isinstance(error, Refused):
        body["code"] = error.code
    if isinstance(error, Stale):
        body["current_version"] = error.current
    if errors:
        body["errors"] = errors
    body["request"] = getattr(request, "id", "")
    return Problem(_sayable(body), status=code, headers=headers)


def _sayable(body: dict) -> dict:
    """What came in may be quoted in an answer: lone surrogates, which UTF-8 cannot carry, become question marks."""
    return json.loads(json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace"))


def _pointers(error: Refused) -> list[dict]:
    fields = error.errors if isinstance(error, Invalid) else {error.field: error.message} if error.field else {}
    return [{"pointer": _pointer(field), "detail": str(message)} for field, message in fields.items()]


def _pointer(field: str) -> str:
    """A field as verbs name it, with dots between; what begins with a slash is a pointer already."""
    return field if field.startswith("/") else pointer(*field.split("."))


def _flatten(detail, path: str = ""):
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flatten(inner, path + pointer(name))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            if isinstance(inner, (dict, list)):
                yield from _flatten(inner, f"{path}/{position}")
            else:
                yield {"pointer": path or "/", "detail": str(inner)}
    else:
        yield {"pointer": path or "/", "detail": str(detail)}


def _headers(error) -> dict:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))
    return headers


def not_found(request, exception=None) -> JsonResponse:
    """The same 404 for a path of the API that no route knows."""
    return problem(request, 404, _("There is nothing here."))


def problem(request, status: int, detail: str, **more) -> JsonResponse:
    """A problem outside the API's own views: an unknown path, a session that may not go on."""
    body = {"type": "about:blank", "title": TITLES[status], "status": status, "detail": detail, **more}
    body["request"] = getattr(request, "id", "")
    return JsonResponse(body, status=status, content_type=MEDIA)
