"""What the present state allows: `check_can_…` raises Refused with the reason. Who may is the gate's matter."""

import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Refused
from evidence.models import File, Hold, Incident, Item, ReviewStatus

EDITABLE = (ReviewStatus.DRAFT, ReviewStatus.RETURNED)


def check_can_revise(incident: Incident) -> None:
    if incident.review_status in EDITABLE:
        return
    if incident.review_status == ReviewStatus.FINALISED:
        raise Refused(_("This incident is final. A reviewer can return it, with a reason; then it can be edited."))
    if incident.review_status == ReviewStatus.WITHDRAWN:
        raise Refused(_("This incident was withdrawn. Restore it first."))
    raise Refused(_("This incident is under review. Ask the reviewer to return it, then it can be edited."))


def check_can_submit(incident: Incident) -> None:
    if incident.review_status not in EDITABLE:
        raise Refused(_("Only a draft or a returned incident can be submitted for review."))
    if not (incident.narrative_en or incident.narrative_ko):
        raise Refused(_("Write the account of what happened before you submit, in English or in Korean."))


def check_is_not_author(incident: Incident, by) -> None:
    """The second pair of eyes is another person's: not who logged the incident, not who submitted it."""
    authors = {
        incident.created_by_id,
        *incident.reviews.filter(decision="submitted").values_list("created_by", flat=True),
    }
    if by.pk in authors:
        raise Refused(
            _("You wrote or submitted this incident: somebody else has to review it."), code="reviewer_is_author"
        )


def check_can_return(incident: Incident) -> None:
    if incident.review_status not in (ReviewStatus.IN_REVIEW, ReviewStatus.SECOND_REVIEW, ReviewStatus.FINALISED):
        raise Refused(_("Only an incident under review, or a final one, can be returned."))


def check_can_pass(incident: Incident) -> None:
    if incident.review_status != ReviewStatus.IN_REVIEW:
        raise Refused(_("Only an incident in review can go to second review."))


def check_can_finalise(incident: Incident) -> None:
    if incident.review_status != ReviewStatus.SECOND_REVIEW:
        raise Refused(_("Only an incident in second review can be finalised."))


def check_can_withdraw(incident: Incident) -> None:
    if incident.review_status == ReviewStatus.WITHDRAWN:
        raise Refused(_("This incident is already withdrawn."))


def check_can_restore(incident: Incident) -> None:
    if incident.review_status != ReviewStatus.WITHDRAWN:
        raise Refused(_("Only a withdrawn incident can be restored."))


def check_can_assess(incident: Incident) -> None:
    if incident.review_status == ReviewStatus.WITHDRAWN:
        raise Refused(_("This incident was withdrawn. Restore it first."))


def check_takes_files(item: Item) -> None:
    if item.sealed_at:
        raise Refused(_("This item is sealed: nothing can be added to it."))
    if item.withdrawn_at:
        raise Refused(_("This item was withdrawn: nothing can be added to it."))


def check_can_seal(item: Item) -> None:
    if item.sealed_at:
        raise Refused(_("This item is sealed already."), code="sealed")
    if item.withdrawn_at:
        raise Refused(_("This item was withdrawn. Restore it first."), code="withdrawn")
    check_is_not_frozen(item)


def check_can_unseal(item: Item) -> None:
    if not item.sealed_at:
        raise Refused(_("This item is not sealed."), code="not_sealed")
    if item.withdrawn_at:
        raise Refused(_("This item was withdrawn. Restore it first."), code="withdrawn")


def check_is_not_frozen(item: Item) -> None:
    if item.frozen_at:
        raise Refused(
            _("This item is frozen: stored bytes of it were found altered or missing. Have them restored first."),
            code="frozen",
        )


def check_is_not_held(item: Item) -> None:
    """A hold on the item or on its collection, whether or not whoever asks may read why there is one."""
    held = Hold.objects.filter(Q(item=item) | Q(collection=item.collection_id), ended_at=None)
    if held.exists():
        raise Refused(
            _("A legal hold is on this item: while it lasts nothing of it is withdrawn or destroyed."), code="held"
        )


def check_can_withdraw_item(item: Item) -> None:
    if item.withdrawn_at:
        raise Refused(_("This item is withdrawn already."), code="withdrawn")
    check_is_not_held(item)


def check_can_restore_item(item: Item) -> None:
    if not item.withdrawn_at:
        raise Refused(_("Only a withdrawn item can be restored."), code="not_withdrawn")
    if item.destroyed_at:
        raise Refused(_("The content of this item was destroyed: there is nothing to restore."), code="destroyed")


def check_can_withdraw_file(file: File) -> None:
    if file.withdrawn_at or file.destroyed_at:
        raise Refused(_("This file was withdrawn."), code="withdrawn")
    if file.item.sealed_at:
        raise Refused(_("This item is sealed. Whoever manages its collection can unseal it, with a reason."))
    if file.item.withdrawn_at:
        raise Refused(_("This item was withdrawn. Restore it first."), code="withdrawn")
    check_is_not_held(file.item)


def check_can_restore_file(file: File) -> None:
    if file.destroyed_at:
        raise Refused(_("The content of this file was destroyed: there is nothing to restore."), code="destroyed")
    if not file.withdrawn_at:
        raise Refused(_("Only a withdrawn file can be restored."), code="not_withdrawn")
    check_takes_files(file.item)


def kept_until(item: Item) -> datetime.date | None:
    """The day until which an item has to be kept: its own, else by the years of its collection; None without either."""
    if item.retain_until:
        return item.retain_until_latest or datetime.date.max
    years = item.collection.retention_years
    if years is None:
        return None
    begun = item.created_at.date()
    if (begun.month, begun.day) == (2, 29):
        begun += datetime.timedelta(days=1)
    return begun.replace(year=begun.year + years)


def check_can_destroy(item: Item) -> None:
    """Only what is withdrawn, intact, under no hold and past its retention."""
    if item.destroyed_at:
        raise Refused(_("The content of this item was destroyed already."), code="destroyed")
    if not item.withdrawn_at:
        raise Refused(_("Withdraw the item first: only what is withdrawn can be destroyed."), code="not_withdrawn")
    check_is_not_held(item)
    check_is_not_frozen(item)
    until = kept_until(item)
    if until is not None and until >= timezone.now().date():
        raise Refused(
            _("This item has to be kept until %(day)s.") % {"day": until.isoformat()}
            if until < datetime.date.max
            else _("This item has to be kept without an end."),
            code="retained",
        )


def dangers_of(file: File) -> list[str]:
    """What somebody must know and confirm before opening a file: "malware", "altered"."""
    found = ["malware"] if file.scan == File.Scan.INFECTED else []
    return found + (["altered"] if file.blob.altered_at else [])


def check_can_open(file: File, knowing=()) -> None:
    """Bytes are opened of what is here, has been looked at, and is no danger that the person has not been told of."""
    if file.destroyed_at:
        raise Refused(_("The content of this file was destroyed by two people; what is recorded of it stays."),
                      code="destroyed")  # fmt: skip
    if file.withdrawn_at or file.item.withdrawn_at:
        raise Refused(_("This file was withdrawn."), code="withdrawn")
    if file.scan == File.Scan.PENDING:
        raise Refused(_("This file is still being checked. It can be opened when that has ended."), code="quarantine")
    untold = [danger for danger in dangers_of(file) if danger not in knowing]
    if "malware" in untold:
        raise Refused(
            _("Malware was found in this file. Confirm that you know it: open it on a machine made for that alone."),
            code="malware", field="knowing",
        )  # fmt: skip
    if "altered" in untold:
        raise Refused(
            _("The stored bytes of this file are not what was received. Confirm that you know it."),
            code="altered", field="knowing",
        )  # fmt: skip


def shows_pictures(file: File) -> bool:
    """Nothing is shown of what is isolated, withdrawn or destroyed."""
    gone = file.destroyed_at or file.withdrawn_at or file.item.withdrawn_at
    return not (gone or file.is_isolated)
