"""Error pages. Absent and forbidden are the same 404."""

from django.http import HttpResponseServerError
from django.shortcuts import render
from django.template import Context, loader


def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


def forbidden(request, exception=None):
    return render(request, "403.html", status=403)


def not_found(request, exception=None):
    return render(request, "404.html", status=404)


def server_error(request):
    """No context processor runs here: whatever failed may fail again."""
    return HttpResponseServerError(
        loader.get_template("500.html").template.render(Context({"request_id": getattr(request, "id", "")}))
    )
