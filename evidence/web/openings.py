"""Opening files: the purpose, the link of one person for some minutes, the bytes; and pictures made of files."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import may
from evidence import handling, policies
from evidence.api.files import stream
from evidence.models import File, Item
from evidence.web.doors import door, has, load
from evidence.web.forms.holding import OpenForm


@door(Does.READ, "GET", "POST")
def open_page(request, pk):
    """Say what a file is opened for; the page then holds a link, for this person alone and some minutes."""
    file = load(request, File, pk)
    item = load(request, Item, file.item_id)
    dangers = policies.dangers_of(file)
    form = OpenForm(request.POST or None, dangers=dangers)
    row, status = form.attempt(lambda: handling.open_for(by=request.user, file=file, **form.given()))
    if row:
        messages.success(request, _("The file is open for you. Download it while the link lasts."))
        return redirect("file-open", pk=file.pk)
    context = {
        "file": file, "item": item, "form": form, "dangers": dangers, "refusal": _refusal(file, dangers),
        "openings": handling.openings_of(file, user=request.user),
        "may_withdraw": _may_withdraw(request, file, item),
    }  # fmt: skip
    return render(request, "evidence/file_open.html", context, status=status)


def _may_withdraw(request, file: File, item: Item) -> bool:
    is_open = not (file.withdrawn_at or file.destroyed_at or item.sealed_at or item.withdrawn_at)
    return is_open and may(request.user, Does.INTAKE) and has(request, item, Permission.CONTRIBUTE)


def _refusal(file: File, dangers: list[str]) -> str:
    """Why the file cannot be opened now, whatever one confirms; empty where it can."""
    try:
        policies.check_can_open(file, dangers)
    except Refused as error:
        return str(error)
    return ""


@door(Does.READ)
def opened(request, pk):
    """The original bytes under one's own opening: gate, state and time are asked again, each reading is an entry."""
    opening = handling.opening_for(request.user, pk)
    if opening is None:
        raise Http404
    return stream(request, opening)


@door(Does.READ)
def picture(request, pk):
    """A picture made of a file, shown as a picture and nothing else."""
    row = handling.rendition_for(request.user, pk)
    if row is None:
        raise Http404
    shown = handling.show_rendition(by=request.user, rendition=row)
    headers = {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    }
    return HttpResponse(shown.data, content_type=shown.media_type, headers=headers)
