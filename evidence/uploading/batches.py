"""Verbs on batches: what one person brings at once, described together, closed, and listed on a receipt."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.errors import Invalid, Refused
from custody import ledger
from evidence.intake import check_given, revise_item
from evidence.models import Collection, File, Incident, IntakeBatch, Item, Upload
from evidence.recording import content, levels, link
from evidence.reference import check_term
from evidence.uploading.pieces import cancel
from evidence.uploading.targets import check_may_add

LABEL = 200


@ledger.verb
def open_batch(
    *,
    by,
    collection: Collection | None = None,
    item: Item | None = None,
    incident: Incident | None = None,
    given: dict | None = None,
    into: str = "each",
    label: str = "",
    linking: dict | None = None,
) -> IntakeBatch:
    """Begin to bring files: into new items of a collection, described by `given`, or into an item that is there."""
    given, label = dict(given or {}), content.text(label, field="label", limit=LABEL)
    if into not in IntakeBatch.Into.values:
        raise Invalid(_("Files become one item each, or one item together."), field="into")
    if item is None:
        if collection is None:
            raise Invalid(_("Name a collection you may contribute to."), field="collection")
        check_given(given, by=by)
        stated = given.get("confidentiality")
        level = collection.level_for_new if stated in (None, "") else content.level(stated)
        levels.check_within_clearance(by, level)
        if into == "one" and not (given.get("title_en") or given.get("title_ko")):
            raise Invalid(_("Give the item a title, in English or in Korean."), field="title_en")
    else:
        collection, given, into, level = None, {}, "one", item.effective_level
    batch = IntakeBatch(
        collection=collection, item=item, incident=incident, into=into, label=label, given=given,
        linking=_linking(linking or {}) if incident else {}, confidentiality=level, created_by=by,
    )  # fmt: skip
    check_may_add(by, batch=batch, item=None)
    batch.save(force_insert=True)
    data = {"into": into, "level": level}
    data |= {"item": str(item.pk)} if item else {"collection": str(collection.pk)} if collection else {}
    data |= {"incident": str(incident.pk)} if incident else {}
    ledger.append("batch.opened", batch, data=data, parts={"note": label} if label else None)
    return batch


def _linking(given: dict) -> dict:
    """How each item will be linked to the incident, checked before the first file comes."""
    return {
        "function": check_term("evidence_function", given.get("function") or "crime_base", field="function"),
        "stance": check_term("evidence_stance", given.get("stance") or "supports", field="stance"),
        "locator": content.text(given.get("locator", ""), field="locator", limit=200),
    }


@ledger.verb
def close_batch(*, by, batch: IntakeBatch, give_up: bool = False) -> IntakeBatch:
    """Nothing more comes: what has not arrived whole is given up, if that was said, or the batch stays open."""
    row = IntakeBatch.objects.select_for_update().get(pk=batch.pk)
    if row.created_by_id != by.pk:
        raise Refused(_("Whoever brings the files closes their batch."), code="not_yours")
    if row.closed_at:
        raise Refused(_("This batch is closed already."), code="closed")
    waiting = list(row.uploads.filter(state=Upload.State.ARRIVING))
    if waiting and not give_up:
        text = ngettext(
            "%(n)d file has not arrived whole: wait for it, or say that it is given up.",
            "%(n)d files have not arrived whole: wait for them, or say that they are given up.",
            len(waiting),
        )
        raise Refused(text % {"n": len(waiting)}, code="arriving")
    for upload in waiting:
        cancel(by=by, upload=upload)
    row.closed_at = timezone.now()
    row.save(update_fields=["closed_at"])
    counts = {str(state): row.uploads.filter(state=state).count() for state in Upload.State}
    ledger.append("batch.closed", row, data={name: number for name, number in counts.items() if number})
    return row


@ledger.verb
def describe_items(*, by, changes: list[tuple[Item, dict, int]]) -> list[Item]:
    """Describe several items at once: all of them or none. Each change is (item, what is given, its version)."""
    return [revise_item(by=by, item=item, given=given, version=version) for item, given, version in changes]


@ledger.verb
def link_known(*, by, upload: Upload, item: Item) -> None:
    """Link the item that held the same bytes before to the incident of the batch, in place of the one made again."""
    batch = upload.batch
    if batch is None or batch.incident is None:
        raise Refused(_("This batch belongs to no incident: there is nothing to link to."), code="no_incident")
    if item not in known_items(upload, user=by):
        raise Refused(_("This item does not hold the same file."), code="not_the_same")
    check_may_add(by, batch=None, item=item)
    link(by=by, item=item, target=batch.incident, **batch.linking)


def known_items(upload: Upload, *, user) -> list[Item]:
    """Items that held the same bytes before this upload, as far as the person sees them."""
    file = upload.file
    if file is None:
        return []
    files = File.objects.permitted(user).filter(blob=file.blob_id, created_at__lt=file.created_at, withdrawn_at=None)
    rows = Item.objects.permitted(user).filter(pk__in=files.values("item")).exclude(pk=file.item_id)
    return list(rows.order_by("created_at")[:5])


@dataclass(frozen=True)
class Line:
    """A line of a receipt: what arrived, with its digest, and the item that holds it."""

    name: str
    folder: str
    size: int
    sha256: str
    code: str
    received_at: object
    by: str
    upload: Upload


def lines_of(batch: IntakeBatch, *, user) -> list[Line]:
    """What a batch brought, in the order in which it arrived, as far as the person sees the items."""
    seen = File.objects.permitted(user).values("pk")
    rows = Upload.objects.filter(batch=batch, state=Upload.State.KEPT, file__in=seen)
    return [
        Line(
            name=row.name, folder=row.folder, size=row.size, sha256=row.file.blob.digest, code=row.file.item.code,
            received_at=row.finished_at, by=row.created_by.name, upload=row,
        )
        for row in rows.select_related("file__blob", "file__item", "created_by").order_by("finished_at", "pk")
        if row.file
    ]  # fmt: skip


@ledger.verb
def issue_receipt(*, by, batch: IntakeBatch, lines: list[Line], form: str) -> None:
    """A receipt went out: to whom, in which form, of how many files."""
    ledger.append("batch.receipt_issued", batch, data={"files": len(lines), "form": form})
