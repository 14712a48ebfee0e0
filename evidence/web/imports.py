"""Imports: the list of batches, a new one, what became of its rows, refused rows as CSV, a mapping of one's own.

What a row becomes is decided by evidence.batches and evidence.importing; here it is only shown.
"""

import csv
import uuid
from pathlib import PurePath

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.errors import Refused, status_of
from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import batches, search, tasks
from evidence.importing import Mapping, MappingError, Row, RowErrors
from evidence.models import Collection, ImportBatch, ImportRow, Incident
from evidence.spreadsheets import plain
from evidence.web import phrases
from evidence.web.doors import allowed, door, has, polled, put_back
from evidence.web.forms.imports import ImportForm, SpecForm
from evidence.web.forms.mappings import ColumnsForm, SampleForm, read_sample

PAGE = 50
MOST_PROBLEMS = 200  # rows on the page; the CSV has them all
SAMPLE = 20
RUNNING = ("uploaded", "pending", "running")
QUARTERS = 4


def _seen(user):
    """Batches of collections she may see, within her clearance: a table is as confidential as its records."""
    return ImportBatch.objects.permitted(user).filter(confidentiality__lte=user.clearance)


def _load(request, pk: str, permission: str = Permission.VIEW) -> ImportBatch:
    try:
        identifier = uuid.UUID(pk)
    except ValueError:
        raise Http404
    batch = _seen(request.user).filter(pk=identifier).select_related("collection", "mapping", "created_by").first()
    if batch is None:
        raise Http404
    return allowed(request, batch, permission)


@door(Does.IMPORT)
def listing_page(request):
    """Batches, newest first, 50 a page; `before` is the batch that the page before ended with."""
    rows = _seen(request.user).select_related("collection", "mapping", "created_by").order_by("-created_at", "-pk")
    before = request.GET.get("before")
    if before:
        last = _load(request, before)
        rows = rows.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk))
    found = list(rows[: PAGE + 1])
    page = found[:PAGE]
    search.note_search(by=request.user, kind="import", params=request.GET, shown=len(page))
    context = {
        "batches": page,
        "next_url": f"?before={page[-1].pk}" if len(found) > PAGE else "",
        "previous_url": reverse("import-list") if before else "",
        "may_import": Collection.objects.permitted(request.user, Permission.CONTRIBUTE).exists(),
    }
    return render(request, "evidence/import_list.html", context)


@door(Does.IMPORT, "GET", "POST")
def new(request):
    """Bring a table: what cannot be read is refused in the form, the rest waits for the worker."""
    known = {name: request.GET[name] for name in ("mapping", "collection") if name in request.GET}
    posted = request.method == "POST"
    form = ImportForm(
        request.POST if posted else None, request.FILES if posted else None, user=request.user, initial=known
    )
    status = 200
    if posted:
        status = 400
        if form.is_valid():
            try:
                batch = _receive(request, form)
            except Refused as error:
                put_back(form, error)
                status = status_of(error)
            else:
                _nudge(batch)
                return redirect("import-detail", pk=batch.pk)
    context = {"form": form, "mappings": list(form.mappings.values()), "has_collections": bool(form.collections)}
    return render(request, "evidence/import_new.html", context, status=status)


def _receive(request, form: ImportForm) -> ImportBatch:
    data = form.cleaned_data
    return batches.receive_batch(
        by=request.user,
        collection=form.collections[data["collection"]],
        mapping=form.mappings[data["mapping"]],
        stream=data["file"].file,
        filename=data["file"].name,
        dry_run=data["dry_run"],
        confidentiality=data["confidentiality"],
    )


def _nudge(batch: ImportBatch) -> None:
    transaction.on_commit(lambda: tasks.nudge(tasks.run_import, str(batch.pk)))


@door(Does.IMPORT)
def record(request, pk):
    """One import: its progress while it runs, then counts, refused rows and a sample."""
    return _page(request, _load(request, pk))


def _page(request, batch: ImportBatch, *, refusal: str = "", status: int = 200):
    context = _state(request, batch) | {"refusal": refusal}
    return render(request, "evidence/import_detail.html", context, status=status)


@polled
@door(Does.IMPORT)
def progress(request, pk):
    """The part of the page that changes, for polling; a browser without htmx is sent to the page."""
    batch = _load(request, pk)
    if not request.headers.get("HX-Request"):
        return redirect("import-detail", pk=batch.pk)
    return render(request, "evidence/import_state.html", _state(request, batch) | {"polled": True})


@door(Does.IMPORT, "POST")
def run(request, pk):
    """Import for real what a finished trial run tried."""
    batch = _load(request, pk, Permission.CONTRIBUTE)
    try:
        real = batches.run_for_real(by=request.user, batch=batch)
    except Refused as error:
        return _page(request, batch, refusal=str(error), status=status_of(error))
    _nudge(real)
    return redirect("import-detail", pk=real.pk)


def _state(request, batch: ImportBatch) -> dict:
    """What the page says of a batch in its present state."""
    context = {"batch": batch, "is_running": batch.state in RUNNING, "announcement": _announcement(batch)}
    if context["is_running"]:
        silent = batch.heartbeat_at and batch.heartbeat_at < timezone.now() - batches.STALE_AFTER
        return context | {"is_silent": bool(silent), "time_left": _time_left(batch)}
    # Original rows are protected content: that they were read is an entry before they are shown.
    sample, problems, warnings = _sample(request, batch), _problems(batch), _warnings(request, batch)
    _note(request, batch, "import.rows", len(sample) + len(problems))
    trial = batch.is_dry_run and batch.state == "done"
    return context | {
        "sample": sample,
        "problems": problems,
        "warnings": warnings,
        "more_problems": max(0, batch.refused - MOST_PROBLEMS),
        "importable": batch.created + batch.updated if trial and has(request, batch, Permission.CONTRIBUTE) else 0,
        "later": _later(request, batch) if trial else None,
    }


def _note(request, batch: ImportBatch, kind: str, shown: int) -> None:
    if shown:
        params = request.GET.copy()
        params["batch"] = str(batch.pk)
        search.note_search(by=request.user, kind=kind, params=params, shown=shown)


def _announcement(batch: ImportBatch) -> str:
    """What a screen reader is told; in quarters, so that it is not told every two seconds."""
    if batch.state == "running" and batch.total and QUARTERS * batch.done >= batch.total:
        return _("About %(per_cent)d%% done.") % {"per_cent": QUARTERS * batch.done // batch.total * (100 // QUARTERS)}
    if batch.state in RUNNING:
        return _("Waiting to start.") if batch.state != "running" else _("Started.")
    if batch.state == "done":
        counts = {name: getattr(batch, name) for name in ("created", "updated", "unchanged", "refused")}
        words = _("Finished: %(created)d new, %(updated)d changed, %(unchanged)d unchanged, %(refused)d refused.")
        return words % counts
    return _("The import stopped.")


def _time_left(batch: ImportBatch) -> str:
    """Roughly how long it will take at the rate so far, once that can be told."""
    if not (batch.started_at and batch.total and batch.done):
        return ""
    passed = ((batch.heartbeat_at or timezone.now()) - batch.started_at).total_seconds()
    minutes = round(passed / batch.done * (batch.total - batch.done) / 60)
    if minutes < 1:
        return _("less than a minute left")
    return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}


def _later(request, batch: ImportBatch) -> ImportBatch | None:
    """The import for real of the same table that followed this trial run."""
    same = {"blob": batch.blob_id, "mapping": batch.mapping_id, "collection": batch.collection_id}
    rows = _seen(request.user).filter(**same, is_dry_run=False, created_at__gt=batch.created_at)
    return rows.order_by("-created_at").first()


def _shown_rows(request, batch: ImportBatch):
    """Rows without an incident, and those whose incident she may see."""
    seen = Incident.objects.permitted(request.user)
    return batch.rows.filter(Q(incident=None) | Q(incident__in=seen)).select_related("incident")


def _sample(request, batch: ImportBatch) -> list[dict]:
    """The first rows: what each became, or in a trial run would become."""
    try:
        mapping = Mapping.from_dict(batch.spec)
    except MappingError:
        mapping = None
    order = {name: place for place, name in enumerate(mapping.columns if mapping else ())}
    sample = []
    for row in _shown_rows(request, batch)[:SAMPLE]:
        draft = mapping.apply(Row(row.number, row.original), row.sheet) if mapping and not row.incident else None
        original = [(name, value) for name, value in row.original.items() if value not in (None, "")]
        original.sort(key=lambda pair: order.get(pair[0], len(order)))
        sample.append({"row": row, "draft": None if isinstance(draft, RowErrors) else draft, "original": original})
    return sample


def _problems(batch: ImportBatch) -> list[dict]:
    return _told(batch.rows.filter(outcome="refused")[:MOST_PROBLEMS])


def _warnings(request, batch: ImportBatch) -> list[dict]:
    """What was noticed about rows that were not refused."""
    return _told(_shown_rows(request, batch).exclude(outcome="refused").exclude(problems=[])[:MOST_PROBLEMS])


def _told(rows) -> list[dict]:
    return [
        {"row": row, "column": _column(row, problem["column"]), "reason": problem["reason"]}
        for row in rows
        for problem in row.problems
    ]


def _column(row: ImportRow, name: str) -> str:
    """The column of the table; a field of the incident, where a rule of the repository refused it, in words."""
    return name if name in row.original else str(phrases.FIELDS.get(name, name))


@door(Does.IMPORT)
def errors(request, pk):
    """The refused rows as they came, with their reasons, to be mended and imported again."""
    batch = _load(request, pk)
    refused = batch.rows.filter(outcome="refused")
    _note(request, batch, "import.refused_rows", refused.count())
    response = StreamingHttpResponse(_csv(batch, refused), content_type="text/csv; charset=utf-8")
    name = f"{PurePath(batch.filename).stem[:100] or 'import'}-refused.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


class Lines:
    """A file for csv.writer that hands every line on."""

    def write(self, text: str) -> str:
        return text


def _csv(batch: ImportBatch, refused):
    """Lines with a byte order mark first, so that spreadsheet programs read Hangul."""
    names = _original_columns(batch, refused)
    head = ["sheet", "row", "column", "reason"]
    writer = csv.writer(Lines())
    # A heading of ours never stands twice: the file can be imported as it is.
    yield "\ufeff" + writer.writerow(
        map(plain, [name if name not in names else f"import {name}" for name in head] + names)
    )
    for row in refused.iterator(chunk_size=500):
        columns = "; ".join(dict.fromkeys(_column(row, problem["column"]) for problem in row.problems))
        reasons = " ".join(problem["reason"] for problem in row.problems)
        cells = [row.sheet, row.number, columns, reasons, *(row.original.get(name) for name in names)]
        yield writer.writerow(map(plain, cells))


def _original_columns(batch: ImportBatch, refused) -> list[str]:
    """The columns of all sheets with refused rows: those that the mapping reads first, in its order."""
    found = {name for row in refused.order_by("sheet", "number").distinct("sheet") for name in row.original}
    try:
        read = [name for name in Mapping.from_dict(batch.spec).columns if name in found]
    except MappingError:
        read = []
    return read + sorted(found - set(read))


@door(Does.IMPORT, "GET", "POST")
def new_mapping(request):
    """Make a mapping: from a sample to the choice for every column, or from a specification."""
    step = request.POST.get("step", "")
    forms = {"sample": SampleForm(), "spec": SpecForm(), "columns": None}
    if step == "sample":
        forms["sample"] = SampleForm(request.POST, request.FILES)
        if forms["sample"].is_valid():
            forms["columns"] = ColumnsForm(columns=forms["sample"].cleaned_data["columns"])
            return _mapping_page(request, forms)
    elif step == "columns":
        try:
            columns = read_sample(request.POST.get("sample", ""))
        except ValueError:
            messages.error(request, _("The sample was lost on the way. Start again."))
            return redirect("mapping-new")
        forms["columns"] = ColumnsForm(request.POST, columns=columns)
    elif step == "spec":
        forms["spec"] = SpecForm(request.POST)
    if step not in ("columns", "spec"):
        return _mapping_page(request, forms, status=400 if request.method == "POST" else 200)
    return _save_mapping(request, forms, forms[step])


def _save_mapping(request, forms: dict, form):
    status = 400
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("slug", "name_en", "name_ko", "spec")}
        try:
            mapping = batches.save_mapping(by=request.user, **values)
        except Refused as error:
            put_back(form, error)
            status = status_of(error)
        else:
            messages.success(request, _("The mapping is saved. Now choose the table."))
            return redirect(f"{reverse('import-new')}?{urlencode({'mapping': mapping.slug})}")
    return _mapping_page(request, forms, status)


def _mapping_page(request, forms: dict, status: int = 200):
    return render(request, "evidence/mapping_new.html", forms, status=status)
