"""What the present state allows: `check_can_…` raises Refused with the reason. Who may is the gate's matter."""

from django.utils.translation import gettext as _

from accounts.errors import Refused
from evidence.models import Incident, Item, ReviewStatus

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
