"""What a batch brought: its receipt as page, PDF and CSV, and the titles of its items afterwards."""

import csv

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.errors import Refused, Stale, status_of
from accounts.grants import Permission
from accounts.roles import Act as Does
from evidence import search, uploading
from evidence.models import IntakeBatch, Item
from evidence.spreadsheets import plain
from evidence.web import receipt_pdf
from evidence.web.doors import door, put_back
from evidence.web.forms.uploads import CommonForm, TitleForm
from evidence.web.imports import Lines
from evidence.web.uploads import load_batch, own_batch

MOST_TITLES = 200


@door(Does.INTAKE)
def page(request, pk):
    """Every file of the batch with its SHA-256, as far as this person sees the items."""
    batch = load_batch(request, pk)
    lines = uploading.lines_of(batch, user=request.user)
    search.note_search(by=request.user, kind="receipt", params=request.GET, shown=len(lines))
    context = {"batch": batch, "lines": lines, "total": sum(line.size for line in lines)}
    return render(request, "evidence/upload_receipt.html", context)


@door(Does.INTAKE)
def as_pdf(request, pk):
    """The receipt to print or to hand over; that it went out is an entry."""
    batch, lines = _issued(request, pk, "pdf")
    answer = HttpResponse(receipt_pdf.render(batch, lines, by=request.user), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="receipt-{batch.pk}.pdf"'
    return answer


@door(Does.INTAKE)
def as_csv(request, pk):
    """The receipt as a table, with a byte order mark so that spreadsheet programs read Hangul."""
    batch, lines = _issued(request, pk, "csv")
    answer = StreamingHttpResponse(_table(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="receipt-{batch.pk}.csv"'
    return answer


def _issued(request, pk, form: str) -> tuple[IntakeBatch, list]:
    batch = load_batch(request, pk)
    lines = uploading.lines_of(batch, user=request.user)
    uploading.issue_receipt(by=request.user, batch=batch, lines=lines, form=form)
    return batch, lines


def _table(lines: list):
    writer = csv.writer(Lines())
    yield "\ufeff" + writer.writerow(("file", "folder", "bytes", "sha256", "item", "received_at", "received_by"))
    for line in lines:
        cells = (line.name, line.folder, line.size, line.sha256, line.code, line.received_at.isoformat(), line.by)
        yield writer.writerow(map(plain, cells))


@door(Does.INTAKE, "GET", "POST")
def describe(request, pk):
    """Titles of each item of the batch, and what is said of all of them: saved together or not at all."""
    batch = own_batch(request, pk)
    items, posted = _items(request, batch), request.POST if request.method == "POST" else None
    common = CommonForm(posted, prefix="all")
    titles = [(item, TitleForm(posted, prefix=str(item.pk), initial=_titles(item))) for item in items]
    status = 200
    if posted is not None:
        status = 400
        valid = [form.is_valid() for form in (common, *(form for _item, form in titles))]  # each says what is wrong
        if all(valid):
            try:
                uploading.describe_items(by=request.user, changes=_changes(common, titles))
            except Refused as error:
                put_back(common, error)
                status = 409 if isinstance(error, Stale) else status_of(error)
            else:
                messages.success(request, _("Saved."))
                return redirect("upload-detail", pk=batch.pk)
    words = ngettext("%(n)d item", "%(n)d items", len(items)) % {"n": len(items)}
    context = {"batch": batch, "common": common, "titles": titles, "words": words, "most": MOST_TITLES}
    return render(request, "evidence/upload_describe.html", context, status=status)


def _items(request, batch: IntakeBatch) -> list[Item]:
    """The items of a batch that this person may still change, in the order in which they arrived."""
    codes = dict.fromkeys(line.upload.file.item_id for line in uploading.lines_of(batch, user=request.user))
    rows = Item.objects.permitted(request.user, Permission.CONTRIBUTE).filter(pk__in=list(codes))
    found = {item.pk: item for item in rows.filter(sealed_at=None, withdrawn_at=None)}
    return [found[pk] for pk in codes if pk in found][:MOST_TITLES]


def _titles(item: Item) -> dict:
    return {"title_en": item.title_en, "title_ko": item.title_ko, "version": item.version}


def _changes(common: CommonForm, titles: list) -> list:
    shared = common.given()
    return [
        (
            item,
            {name: form.cleaned_data[name] for name in ("title_en", "title_ko")} | shared,
            form.cleaned_data["version"],
        )
        for item, form in titles
    ]
