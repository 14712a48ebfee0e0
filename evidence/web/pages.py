"""Error pages. Absent and forbidden are the same 404."""

from django.http import HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template import Context, loader

PROBLEM = "application/problem+json"
SERVER_PROBLEM = {
    "type": "about:blank",
    "title": "Internal error",
    "status": 500,
    "detail": "What was asked for was not done, and nothing was half written. Tell an administrator the request id.",
}


def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


def forbidden(request, exception=None):
    return render(request, "403.html", status=403)


def not_found(request, exception=None):
    return render(request, "404.html", status=404)


def server_error(request):
    """No context processor runs here: whatever failed may fail again. Programs get JSON, people a page."""
    if request.path.startswith("/api/"):
        return JsonResponse(SERVER_PROBLEM | {"request": getattr(request, "id", "")}, status=500, content_type=PROBLEM)
    return HttpResponseServerError(
        loader.get_template("500.html").template.render(Context({"request_id": getattr(request, "id", "")}))
    )
