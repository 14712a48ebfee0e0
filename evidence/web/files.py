"""Files of an item as people see them: preview and state, reading room, what failed and trying it again."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.errors import Forbidden, Refused, status_of
from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import may
from evidence import deriving, policies, reading, recording, search, tasks
from evidence.models import File, FileText, Incident, Item, Processing, Rendition, Step
from evidence.recording.acts import find
from evidence.web.doors import door, has, load, polled, put_back
from evidence.web.forms.files import CiteForm
from evidence.web.steps import flag_words, reason_words, step_name
from evidence.web.words import origin

SHOWN_FAILURES = 100


@dataclass
class FileView:
    """A file as a list shows it: its preview, where its processing stands, what could not be done and why."""

    file: File
    thumbnail: Rendition | None = None
    pages: int = 0
    is_waiting: bool = False
    at: str = ""
    problems: list[dict] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    is_read: bool = False
    members: int = 0
    is_claiming: bool = False  # its metadata says something of time, place or origin
    origin: dict | None = None

    @property
    def has_likeness(self) -> bool:
        return self.file.fingerprint is not None and not self.file.is_isolated

    @property
    def marks(self) -> list[str]:
        return flag_words(self.file.flags)


def views_of(files, user) -> list[FileView]:
    """Files with what was made of them, in four queries however many they are."""
    views = {file.pk: FileView(file) for file in files}
    for row in Processing.objects.permitted(user).filter(file__in=views, state="pending"):
        views[row.file_id].is_waiting, views[row.file_id].at = True, step_name(row.current) if row.current else ""
    for step in Step.objects.permitted(user).filter(file__in=views, ended_at=None).order_by("finished_at"):
        view = views[step.file_id]
        if step.state != "done":
            view.problems.append({"step": step_name(step.name), "words": reason_words(step), "state": step.state})
        elif step.name == "language" and step.result.get("language"):
            view.found.append(_("Language: %(language)s (proposed)") % {"language": step.result["language"]})
        elif step.name == "members":
            view.members = int(step.result.get("count", 0))
        elif step.name == "media" and step.result.get("duration"):
            view.found.append(_duration(step.result["duration"]))
        elif step.name == "metadata":
            view.is_claiming = True
        elif step.name == "provenance":
            view.origin = origin(step.result)
    shown = Rendition.objects.permitted(user).filter(file__in=views, ended_at=None)
    for picture in shown.filter(kind__in=("thumbnail", "page", "poster")).order_by("number"):
        view = views[picture.file_id]
        if picture.kind == "thumbnail":
            view.thumbnail = view.thumbnail or picture
        else:
            view.pages = max(view.pages, picture.number)
    texts = FileText.objects.permitted(user).filter(file__in=views, ended_at=None)
    for file_id, number in texts.values_list("file_id", "number"):
        views[file_id].pages = max(views[file_id].pages, number)
    for view in views.values():
        is_shown = policies.shows_pictures(view.file)
        view.is_read = bool(view.pages) and is_shown
        if not is_shown:
            view.thumbnail = None
    return list(views.values())


def _duration(seconds) -> str:
    minutes, rest = divmod(int(float(seconds)), 60)
    return f"{minutes}:{rest:02d}"


def files_context(request, item: Item) -> dict:
    """What the list of an item's files shows."""
    user = request.user
    rows = File.objects.permitted(user).filter(item=item, withdrawn_at=None, destroyed_at=None)
    rows = rows.select_related("blob", "item")
    views = views_of(rows, user)
    return {
        "item": item,
        "file_views": views,
        "is_processing": any(view.is_waiting for view in views),
        "may_retry": may(user, Does.INTAKE) and has(request, item, Permission.CONTRIBUTE),
    }


@polled
@door(Does.READ)
def state(request, pk):
    """The list of an item's files, asked again while some are being processed."""
    item = load(request, Item, pk)
    context = files_context(request, item) | {"polled": True}
    return render(request, "evidence/_item_files.html", context)


@door(Does.READ, "GET", "POST")
def read(request, pk):
    """The reading room: one page with its picture and text; from here a passage is cited for an incident."""
    file = load(request, File, pk)
    number = _page_number(request)
    form = CiteForm(request.POST or None, initial={"locator": _("p. %(number)d") % {"number": number}})
    status = 200
    if request.method == "POST":
        row, status = _cite(request, file, form)
        if row:
            messages.success(request, _("Cited for %(code)s.") % {"code": row.incident.code})
            return redirect(f"{reverse('file-read', args=[file.pk])}?page={number}")
    try:
        page = reading.read_page(by=request.user, file=file, number=number)
    except Refused as error:
        return _closed(request, file, str(error))
    if page is None and number != 1:
        raise Http404
    if page is None:
        return _closed(request, file, _("Nothing of this file can be read here yet."))
    context = {
        "file": file,
        "item": file.item,
        "page": page,
        "form": form,
        "before": number - 1 if number > 1 else None,
        "after": number + 1 if number < page.count else None,
        "is_veiled": bool(file.item.content_warnings),
        "may_cite": may(request.user, Does.RECORD) and has(request, file.item, Permission.CONTRIBUTE),
    }
    return render(request, "evidence/file_read.html", context, status=status)


def _page_number(request) -> int:
    given = request.GET.get("page", "1")
    if not (given.isascii() and given.isdigit() and 0 < len(given) < 8):
        raise Http404
    return int(given)


def _closed(request, file, words: str):
    return render(request, "evidence/file_closed.html", {"file": file, "item": file.item, "words": words}, status=409)


def _cite(request, file, form):
    """Link the file's item to an incident with the page; what the verb refuses stands in the form."""
    if not may(request.user, Does.RECORD):
        raise Forbidden(_("Your role does not include this. Ask an administrator if it should."))
    load(request, Item, str(file.item_id), Permission.CONTRIBUTE)
    if not form.is_valid():
        return None, 400
    incident = find(Incident.objects.permitted(request.user), form.cleaned_data["incident"])
    if incident is None:
        form.add_error("incident", _("There is no incident with this reference."))
        return None, 400
    load(request, Incident, str(incident.pk), Permission.CONTRIBUTE)
    values = {name: form.cleaned_data[name] for name in ("locator", "function", "stance")}
    try:
        return recording.link(by=request.user, item=file.item, target=incident, **values), 302
    except Refused as error:
        put_back(form, error)
        return None, status_of(error)


@door(Does.INTAKE, "POST")
def retry(request, pk):
    """Run the steps of a file again that have no result."""
    file = load(request, File, pk)
    load(request, Item, str(file.item_id), Permission.CONTRIBUTE)
    try:
        deriving.retry(by=request.user, file=file)
    except Refused as error:
        messages.error(request, str(error))
    else:
        tasks.wake()
        messages.success(request, _("The file is processed again."))
    return redirect("item-detail", pk=file.item.code)


@door(Does.READ, "GET", "POST")
def processing(request):
    """What waits and what could not be made readable, among the files this person sees; those chosen are retried."""
    user = request.user
    if request.method == "POST":
        return _retry_chosen(request)
    failed = Step.objects.permitted(user).filter(file=OuterRef("pk"), ended_at=None).exclude(state="done")
    seen = File.objects.permitted(user).filter(withdrawn_at=None, destroyed_at=None)
    reason = request.GET.get("reason", "")
    wanted = failed.filter(reason=reason) if reason else failed.filter(state="failed")
    rows = seen.filter(Exists(wanted)).select_related("blob", "item").order_by("-created_at")[: SHOWN_FAILURES + 1]
    waiting = Processing.objects.permitted(user).filter(state="pending").count()
    search.note_search(by=user, kind="file", params=request.GET, shown=len(rows))
    views = views_of(list(rows)[:SHOWN_FAILURES], user)
    context = {
        "views": views,
        "has_more": len(rows) > SHOWN_FAILURES,
        "waiting": waiting,
        "reason": reason,
        "may_retry": may(user, Does.INTAKE),
    }
    return render(request, "evidence/processing.html", context)


def _retry_chosen(request):
    if not may(request.user, Does.INTAKE):
        raise Http404
    done = 0
    for identifier in request.POST.getlist("file")[:SHOWN_FAILURES]:
        file = find(File.objects.permitted(request.user, Permission.CONTRIBUTE), identifier)
        if file is None:
            continue  # of a collection that is only read here
        try:
            deriving.retry(by=request.user, file=file)
        except Refused:
            continue  # somebody was faster
        done += 1
    tasks.wake()
    words = ngettext("%(n)d file is processed again.", "%(n)d files are processed again.", done)
    messages.success(request, words % {"n": done})
    return redirect("processing")
