"""Evidence items: the list, the record with files and custody, taking in, describing, adding files."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.errors import Refused, status_of
from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import may
from evidence import intake, search, tasks
from evidence.history import history_of
from evidence.models import Grading, Incident, Item, Link, ProviderCondition, Source
from evidence.web.consenting import condition_rows
from evidence.web.doors import door, has, listing, load
from evidence.web.files import files_context
from evidence.web.forms.items import CHOOSE_AGAIN, FilesForm, ItemForIncidentForm, ItemForm
from evidence.web.holding import holding_of
from evidence.web.lists import COLLECTION, LEVEL, by_term, list_context
from evidence.web.protecting import protection_of
from evidence.web.timeline import days_of

FILTERS = (by_term("kind", lambda: _("Type"), "evidence_item_type"), LEVEL, COLLECTION)


@door(Does.READ)
def listing_page(request):
    """The items this person may see."""
    queryset = Item.objects.permitted(request.user)
    page, found = listing(request, queryset, search.ITEM_FILTERS, kind="item")
    context = list_context(request, page, found, FILTERS) | {"may_add": may(request.user, Does.INTAKE)}
    return render(request, "evidence/item_list.html", context)


@door(Does.INTAKE, "GET", "POST")
def new(request):
    """Take in an item with its files."""
    form = ItemForm(*_posted(request), user=request.user)
    item, status = form.attempt(
        lambda: intake.receive_item(
            by=request.user, collection=form.chosen_collection(), given=form.given(), files=form.cleaned_data["files"]
        )
    )
    return _received(request, item) if item else _form_page(request, form, status)


@door(Does.INTAKE, "GET", "POST")
def new_for_incident(request, pk):
    """Take in an item as evidence of an incident; both or neither."""
    incident = load(request, Incident, pk, Permission.CONTRIBUTE)
    form = ItemForIncidentForm(
        *_posted(request), user=request.user, initial={"collection": str(incident.collection_id)}
    )
    item, status = form.attempt(
        lambda: intake.receive_item_for(
            by=request.user,
            incident=incident,
            collection=form.chosen_collection(),
            given=form.given(),
            files=form.cleaned_data["files"],
            **form.link(),
        )
    )
    return _received(request, item) if item else _form_page(request, form, status, incident=incident)


@door(Does.INTAKE, "GET", "POST")
def edit(request, pk):
    """Change the description of an item; its files never change."""
    item = load(request, Item, pk, Permission.CONTRIBUTE)
    form = ItemForm(*_posted(request), user=request.user, record=item)
    saved, status = form.attempt(
        lambda: intake.revise_item(
            by=request.user,
            item=item,
            given=form.given(),
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
        )
    )
    if saved:
        messages.success(request, _("Saved."))
        return redirect("item-detail", pk=item.pk)
    return _form_page(request, form, status, item=item)


def _posted(request) -> tuple:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _received(request, item):
    tasks.wake()
    number = item.files.count()
    text = ngettext(
        "%(code)s is taken in with %(n)d file. Its custody begins here.",
        "%(code)s is taken in with %(n)d files. Its custody begins here.",
        number,
    )
    messages.success(request, text % {"code": item.code, "n": number})
    return redirect("item-detail", pk=item.pk)


def _form_page(request, form, status, *, item=None, incident=None):
    if request.FILES and "files" in form.fields:
        form.add_error("files", str(CHOOSE_AGAIN))
    context = {"form": form, "item": item, "incident": incident, "steps": _steps(form, item)}
    return render(request, "evidence/item_form.html", context, status=status)


SECTIONS = (
    ("s-what", lambda: _("What it is"), ("kind", "title_en", "title_ko", "language", "date")),
    ("s-bearing", lambda: _("What it shows"), ("function", "stance", "locator")),
    ("s-obtained", lambda: _("How it was obtained"), ("obtained_how", "obtained_on", "source_text", "conditions")),
    ("s-original", lambda: _("The original"), ("has_original", "original_location")),
    ("s-files", lambda: _("Files"), ("files",)),
    ("s-protection", lambda: _("Protection"), ("collection", "confidentiality", "content_warnings")),
)


def _steps(form, item) -> list[dict]:
    steps = []
    for identifier, label, fields in SECTIONS:
        here = [name for name in fields if name in form.fields]
        wrong = [name for name in here if form.is_bound and form.errors.get(name)]
        filled = item is not None and any(form[name].value() for name in here)
        state = "error" if wrong else "done" if filled else "todo"
        if here:
            steps.append({"href": f"#{identifier}", "label": label(), "state": state})
    return steps


@door(Does.READ)
def record(request, pk):
    """One item with its files, what it is evidence of, its gradings and its custody."""
    item = load(request, Item, pk)
    search.note_opened(by=request.user, record=item)
    return _record_page(request, item, FilesForm())


def _record_page(request, item, files_form, status: int = 200):
    user = request.user
    contributes = has(request, item, Permission.CONTRIBUTE)
    source = Source.objects.permitted(user).filter(pk=item.source_id).first() if item.source_id else None
    links = Link.objects.permitted(user).filter(item=item, ended_at=None)
    gradings = Grading.objects.permitted(user).filter(source=source) if source else Grading.objects.none()
    own = gradings.filter(item=item).first()
    events = history_of(item, user=user)
    context = files_context(request, item) | {
        "protection": protection_of(request, item),
        "holding": holding_of(request, item),
        "conditions": condition_rows(_conditions(user, item, source)),
        "files_form": files_form,
        "links": links.select_related("incident", "act__incident", "person"),
        "source": source,
        "grading": own or gradings.filter(item=None).first(),
        "grading_is_of_item": own is not None,
        "days": days_of(events, user),
        "entries": len(events),
        "is_open": not (item.sealed_at or item.withdrawn_at),
        "may_edit": contributes and may(user, Does.INTAKE),
        "may_grade": source is not None and may(user, Does.ASSESS) and has(request, source, Permission.CONTRIBUTE),
    }
    return render(request, "evidence/item_record.html", context, status=status)


def _conditions(user, item, source):
    """What the providers of the item and of its source said, and has not ended."""
    own = Q(item=item) | Q(source=source) if source else Q(item=item)
    return ProviderCondition.objects.permitted(user).filter(own, ended_at=None).order_by("use", "created_at")


@door(Does.INTAKE, "POST")
def add_file(request, pk):
    """Add files to an item: all that were chosen or none."""
    item = load(request, Item, pk, Permission.CONTRIBUTE)
    form, status = FilesForm(request.POST, request.FILES), 400
    if form.is_valid():
        files = form.cleaned_data["files"]
        try:
            intake.receive_files(by=request.user, item=item, files=files)
            tasks.wake()
        except Refused as error:
            form.add_error("files", str(error))
            status = status_of(error)
        else:
            text = ngettext("%(n)d file is kept and hashed.", "%(n)d files are kept and hashed.", len(files))
            messages.success(request, text % {"n": len(files)})
            return redirect("item-detail", pk=item.pk)
    return _record_page(request, item, form, status)
