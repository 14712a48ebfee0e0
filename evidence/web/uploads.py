"""Batches of files: the list, a new one, its queue, its end, titles afterwards, its receipt.

Pieces of files go to the API (evidence.api.uploads); here is what is read, chosen and printed about them.
"""

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.errors import Refused, status_of
from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import search, tasks, uploading
from evidence.models import Collection, File, Incident, IntakeBatch, Item, Upload
from evidence.recording.acts import find
from evidence.web.doors import door, has, load
from evidence.web.forms.uploads import BatchForIncidentForm, BatchForItemForm, BatchForm, PlainFilesForm

PAGE = 50
SHOWN = 1000  # rows of a queue; the receipt lists all
ENDED_BADLY = (Upload.State.REFUSED, Upload.State.EXPIRED)


def seen(user):
    """Batches whose collection or item she sees, within her clearance."""
    return IntakeBatch.objects.permitted(user).filter(confidentiality__lte=user.clearance)


def load_batch(request, pk) -> IntakeBatch:
    batch = find(seen(request.user).select_related("collection", "item", "incident", "created_by"), pk)
    if batch is None:
        raise Http404
    return batch


def own_batch(request, pk) -> IntakeBatch:
    """A batch that this person brings: for everybody else there is nothing to do about it."""
    batch = load_batch(request, pk)
    if batch.created_by_id != request.user.pk:
        raise Http404
    return batch


@door(Does.INTAKE)
def listing_page(request):
    """Batches, newest first, 50 a page; `before` is the one that the page before ended with."""
    rows = seen(request.user).select_related("collection", "item", "created_by").order_by("-created_at", "-pk")
    before = request.GET.get("before")
    if before:
        last = load_batch(request, before)
        rows = rows.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk))
    found = list(rows[: PAGE + 1])
    page = found[:PAGE]
    search.note_search(by=request.user, kind="batch", params=request.GET, shown=len(page))
    context = {
        "lines": [{"batch": batch, **_numbers(request.user, batch)} for batch in page],
        "next_url": f"?before={page[-1].pk}" if len(found) > PAGE else "",
        "previous_url": reverse("upload-list") if before else "",
        "may_add": Collection.objects.permitted(request.user, Permission.CONTRIBUTE).exists(),
    }
    return render(request, "evidence/upload_list.html", context)


def _kept(user, batch: IntakeBatch):
    """The files that a batch brought, of those whose items she sees."""
    return File.objects.permitted(user).filter(upload__batch=batch)


def _numbers(user, batch: IntakeBatch) -> dict:
    """How much a batch has brought as far as she sees it, and how much of her own is on its way."""
    waiting = Upload.objects.permitted(user).filter(batch=batch, state=Upload.State.ARRIVING)
    return {"kept": _kept(user, batch).count(), "waiting": waiting.count()}


@door(Does.INTAKE, "GET", "POST")
def new(request):
    """Begin a batch: into a collection, as evidence of an incident (`incident`), or into an item (`item`)."""
    code = request.GET.get("item", "")
    if code:
        return _new_for_item(request, load(request, Item, code, Permission.CONTRIBUTE))
    code = request.GET.get("incident", "")
    incident = load(request, Incident, code, Permission.CONTRIBUTE) if code else None
    made = BatchForIncidentForm if incident else BatchForm
    home = {"collection": str(incident.collection_id)} if incident else {}
    form = made(request.POST or None, user=request.user, initial=home)
    batch, status = form.attempt(
        lambda: uploading.open_batch(
            by=request.user,
            collection=form.chosen_collection(),
            incident=incident,
            given=form.given(),
            into=form.cleaned_data["into"],
            label=form.cleaned_data["label"],
            linking=form.linking(),
        )
    )
    if batch:
        return redirect("upload-detail", pk=batch.pk)
    return render(request, "evidence/upload_new.html", {"form": form, "incident": incident}, status=status)


def _new_for_item(request, item: Item):
    form, status = BatchForItemForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound:
        status = 400
        if form.is_valid():
            try:
                batch = uploading.open_batch(by=request.user, item=item, label=form.cleaned_data["label"])
                return redirect("upload-detail", pk=batch.pk)
            except Refused as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = status_of(error)
    return render(request, "evidence/upload_new.html", {"form": form, "item": item}, status=status)


@door(Does.INTAKE)
def record(request, pk):
    """One batch: its files with what became of each, and where further ones are chosen."""
    return queue_page(request, load_batch(request, pk), PlainFilesForm())


def queue_page(request, batch: IntakeBatch, form, *, refusal: str = "", status: int = 200):
    user = request.user
    own = batch.created_by_id == user.pk
    search.note_search(by=user, kind="batch", params=request.GET, shown=1)
    rows, more = _rows(request, batch)
    context = {
        "batch": batch,
        "own": own,
        "is_open": own and batch.closed_at is None and _may_add(request, batch),
        "form": form,
        "rows": rows,
        "more": more,
        "refusal": refusal,
        "kept": sum(row["state"] == "kept" for row in rows),
        "waiting": sum(row["state"] == "arriving" for row in rows),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "uploads_url": reverse("api:upload-list"),
        "most": settings.UPLOAD_MAX_BYTES,
    }
    return render(request, "evidence/upload_batch.html", context, status=status)


def _may_add(request, batch: IntakeBatch) -> bool:
    ends = [batch.item or batch.collection, batch.incident]
    return all(has(request, end, Permission.CONTRIBUTE) for end in ends if end is not None)


def _rows(request, batch: IntakeBatch) -> tuple[list[dict], int]:
    """What a queue shows: one's own uploads in every state; of somebody else's, the files that she may see."""
    user = request.user
    files = {file.pk: file for file in _kept(user, batch).select_related("item", "blob")[: SHOWN + 1]}
    if batch.created_by_id == user.pk:
        uploads = list(Upload.objects.permitted(user).filter(batch=batch).order_by("created_at", "pk")[: SHOWN + 1])
        uploads = [upload for upload in uploads if upload.state != Upload.State.KEPT or upload.file_id in files]
    else:
        uploads = [line.upload for line in uploading.lines_of(batch, user=user)[: SHOWN + 1]]
    rows = [_row(user, upload, files.get(upload.file_id)) for upload in uploads[:SHOWN]]
    return rows, max(0, len(uploads) - SHOWN)


def _row(user, upload: Upload, file: File | None) -> dict:
    known = uploading.known_items(upload, user=user) if upload.was_known and file else []
    offset = 0
    if upload.state == Upload.State.ARRIVING:
        try:
            offset = uploading.offset_of(upload)
        except uploading.Ended:
            offset = 0
    return {
        "upload": upload,
        "state": str(upload.state),
        "bad": upload.state in ENDED_BADLY,
        "file": file,
        "known": known,
        "offset": offset,
        "per_cent": 100 * offset // upload.size if upload.size else 0,
    }


@door(Does.INTAKE, "POST")
def add_files(request, pk):
    """Files chosen without a script: each is kept or refused by itself, and the page says which."""
    batch = own_batch(request, pk)
    form = PlainFilesForm(request.POST, request.FILES)
    if not form.is_valid():
        return queue_page(request, batch, form, status=400)
    kept, problems, status = 0, [], 200
    for given in form.cleaned_data["files"]:
        try:
            upload = uploading.bring(by=request.user, batch=batch, stream=given.file, name=given.name)
        except Refused as error:
            problems.append(_("%(name)s: %(reason)s") % {"name": given.name, "reason": error})
            status = status_of(error)
        else:
            kept += 1
            _nudge(upload)
    for problem in problems:
        form.add_error("files", problem)
    if problems:
        return queue_page(request, batch, form, status=status)
    text = ngettext("%(n)d file is kept and hashed.", "%(n)d files are kept and hashed.", kept)
    messages.success(request, text % {"n": kept})
    return redirect("upload-detail", pk=batch.pk)


def _nudge(upload: Upload) -> None:
    transaction.on_commit(lambda: tasks.nudge(tasks.process_file, str(upload.file_id)))


@door(Does.INTAKE, "POST")
def cancel(request, pk):
    """Give up one file that has not arrived whole."""
    batch = own_batch(request, pk)
    upload = find(Upload.objects.permitted(request.user).filter(batch=batch), request.POST.get("upload", ""))
    if upload is None:
        raise Http404
    uploading.cancel(by=request.user, upload=upload)
    return redirect("upload-detail", pk=batch.pk)


@door(Does.INTAKE, "POST")
def close(request, pk):
    """Nothing more comes in this batch."""
    batch = own_batch(request, pk)
    try:
        uploading.close_batch(by=request.user, batch=batch, give_up=request.POST.get("give_up") == "yes")
    except Refused as error:
        return queue_page(request, batch, PlainFilesForm(), refusal=str(error), status=status_of(error))
    messages.success(request, _("The batch is closed. Its receipt is complete."))
    return redirect("upload-receipt", pk=batch.pk)


@door(Does.INTAKE, "POST")
def link_known(request, pk):
    """Link the item that held the same file before to the incident of the batch."""
    batch = own_batch(request, pk)
    uploads = Upload.objects.permitted(request.user).select_related("batch__incident", "file").filter(batch=batch)
    upload = find(uploads, request.POST.get("upload", ""))
    item = find(Item.objects.permitted(request.user), request.POST.get("item", ""))
    if upload is None or item is None:
        raise Http404
    uploading.link_known(by=request.user, upload=upload, item=item)
    messages.success(request, _("%(code)s is linked to the incident.") % {"code": item.code})
    return redirect("upload-detail", pk=batch.pk)
