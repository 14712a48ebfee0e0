"""Verbs on what is held: sealing, withdrawal with a tombstone, legal hold, retention."""

from datetime import date

from django.db.models import DateField, DateTimeField, DurationField, ExpressionWrapper, F, Func, Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused
from accounts.grants import check_permitted
from accounts.models import User
from accounts.roles import Permission
from custody import ledger
from evidence import policies
from evidence.models import Collection, File, Hold, Item
from evidence.recording import content


def _locked(record):
    """The row as it is now, held until the act is done."""
    return type(record).objects.select_for_update().get(pk=record.pk)


def _set(item: Item, **values) -> Item:
    Item.objects.filter(pk=item.pk).update(version=F("version") + 1, updated_at=timezone.now(), **values)
    item.refresh_from_db()
    return item


@ledger.verb
def seal(*, by: User, item: Item, reason: str) -> Item:
    """Seal an item: from then on its description and files stay as they are."""
    check_permitted(by, item, Permission.CONTRIBUTE)
    item = _locked(item)
    policies.check_can_seal(item)
    reason = content.sentence(reason, field="reason")
    ledger.append("item.sealed", item, parts={"note": reason})
    return _set(item, sealed_at=timezone.now())


@ledger.verb
def unseal(*, by: User, item: Item, reason: str) -> Item:
    """Unseal an item, by whoever manages it, with the reason."""
    check_permitted(by, item, Permission.MANAGE)
    item = _locked(item)
    policies.check_can_unseal(item)
    reason = content.sentence(reason, field="reason")
    ledger.append("item.unsealed", item, parts={"note": reason})
    return _set(item, sealed_at=None)


@ledger.verb
def withdraw_item(*, by: User, item: Item, reason: str) -> Item:
    """Withdraw an item: it stays listed as withdrawn, with its custody; none of its files is opened any more."""
    check_permitted(by, item, Permission.CONTRIBUTE)
    item = _locked(item)
    policies.check_can_withdraw_item(item)
    reason = content.sentence(reason, field="reason")
    ledger.append("item.withdrawn", item, parts={"note": reason})
    return _set(item, withdrawn_at=timezone.now())


@ledger.verb
def restore_item(*, by: User, item: Item, reason: str) -> Item:
    """Take a withdrawal back."""
    check_permitted(by, item, Permission.CONTRIBUTE)
    item = _locked(item)
    policies.check_can_restore_item(item)
    reason = content.sentence(reason, field="reason")
    ledger.append("item.restored", item, parts={"note": reason})
    return _set(item, withdrawn_at=None)


def _file_of(by: User, file: File) -> File:
    """The file with its item, both locked, the item first."""
    check_permitted(by, file.item, Permission.CONTRIBUTE)
    item = _locked(file.item)
    row = _locked(file)
    row.item = item
    return row


@ledger.verb
def withdraw_file(*, by: User, file: File, reason: str) -> File:
    """Withdraw one file of an item: its name, size and digest stay, its bytes are not opened any more."""
    row = _file_of(by, file)
    policies.check_can_withdraw_file(row)
    reason = content.sentence(reason, field="reason")
    row.withdrawn_at = timezone.now()
    row.save(update_fields=["withdrawn_at"])
    data = {"file": str(row.pk), "sha256": row.blob.digest}
    ledger.append("file.withdrawn", row.item, data=data, parts={"note": reason})
    return row


@ledger.verb
def restore_file(*, by: User, file: File, reason: str) -> File:
    """Take the withdrawal of a file back."""
    row = _file_of(by, file)
    policies.check_can_restore_file(row)
    reason = content.sentence(reason, field="reason")
    row.withdrawn_at = None
    row.save(update_fields=["withdrawn_at"])
    ledger.append("file.restored", row.item, data={"file": str(row.pk)}, parts={"note": reason})
    return row


@ledger.verb
def hold(*, by: User, record: Item | Collection, reason: str) -> Hold:
    """Put a legal hold on an item, or on everything in a collection."""
    check_permitted(by, record, Permission.MANAGE)
    reason = content.sentence(reason, field="reason")
    end = {record._meta.model_name: _locked(record)}
    if Hold.objects.filter(ended_at=None, **end).exists():
        raise Refused(_("A legal hold is on it already."), code="held")
    row = Hold.objects.create(created_by=by, reason=reason, **end)
    ledger.append(f"{record._meta.model_name}.held", record, data={"hold": str(row.pk)}, parts={"note": reason})
    return row


@ledger.verb
def end_hold(*, by: User, hold: Hold, reason: str) -> Hold:
    """End a legal hold, with the reason."""
    row = Hold.objects.select_for_update().get(pk=hold.pk)
    record = row.item or row.collection
    check_permitted(by, record, Permission.MANAGE)
    if row.ended_at:
        raise Refused(_("This hold has ended already."), code="ended")
    row.end_reason = content.sentence(reason, field="reason")
    row.ended_at, row.ended_by = timezone.now(), by
    row.save(update_fields=["ended_at", "ended_by", "end_reason"])
    data = {"hold": str(row.pk)}
    ledger.append(f"{record._meta.model_name}.hold_ended", record, data=data, parts={"note": row.end_reason})
    return row


def holds_on(item: Item, *, user: User):
    """Holds in force on an item or its collection that this person may read; there may be others she may not."""
    return Hold.objects.permitted(user).filter(Q(item=item) | Q(collection=item.collection_id), ended_at=None)


def hold_for(user: User, identifier) -> Hold | None:
    return Hold.objects.permitted(user).filter(pk=identifier).first()


@ledger.verb
def retain(*, by: User, item: Item, until: str, reason: str) -> Item:
    """Say until when an item has to be kept at least (EDTF, may lie ahead; empty: as its collection says)."""
    check_permitted(by, item, Permission.MANAGE)
    item = _locked(item)
    read = content.dates(until, field="until", prefix="until", allow_future=True)
    reason = content.sentence(reason, field="reason")
    if read["until"] == item.retain_until:
        raise Invalid(_("This is what it says already."), field="until")
    change = {"retain_until": [item.retain_until or None, read["until"] or None]}
    ledger.append("item.retention_set", item, parts={"note": reason, "change": change})
    return _set(item, retain_until=read["until"], retain_until_latest=read["until_latest"])


@ledger.verb
def retain_collection(*, by: User, collection: Collection, years: int | None, reason: str) -> Collection:
    """Say for how many years after it was taken in each item of a collection is kept at least; None: no term."""
    check_permitted(by, collection, Permission.MANAGE)
    row = _locked(collection)
    reason = content.sentence(reason, field="reason")
    if years is not None and (isinstance(years, bool) or not isinstance(years, int) or not 1 <= years <= 200):
        raise Invalid(_("Whole years, from 1 to 200."), field="years")
    if years == row.retention_years:
        raise Invalid(_("This is what it says already."), field="years")
    change = {"retention_years": [row.retention_years, years]}
    row.retention_years = years
    row.save(update_fields=["retention_years"])
    ledger.append("collection.retention_set", row, parts={"note": reason, "change": change})
    return row


def due(user: User, *, today: date | None = None):
    """Items that this person manages whose time of retention has passed and whose content is still here."""
    day = today or timezone.now().date()
    years = Func(
        F("collection__retention_years"),
        template="make_interval(years => %(expressions)s)",
        output_field=DurationField(),
    )
    by_collection = Q(retain_until="", collection__retention_years__isnull=False, ends__lt=day)
    return (
        Item.objects.permitted(user, Permission.MANAGE)
        .filter(destroyed_at=None)
        .annotate(ends=Cast(ExpressionWrapper(F("created_at") + years, output_field=DateTimeField()), DateField()))
        .filter(by_collection | Q(~Q(retain_until=""), retain_until_latest__lt=day))
        .select_related("collection")
        .order_by("created_at", "pk")
    )
