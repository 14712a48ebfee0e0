"""Verbs by which a person adopts or dismisses what metadata of a file proposes. Nothing of it counts before.

What a file says of its own time and place anybody can have written: it is a claim, kept with the step that read it, and
becomes part of the record by a decision of somebody who describes the item.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused
from custody import ledger
from evidence import policies
from evidence.intake import revise_item
from evidence.models import File, Item, ProposalDecision
from evidence.recording import content


@dataclass(frozen=True)
class Proposal:
    """A time or place that metadata claims, the field it stands in, and what was decided about it last."""

    kind: str
    value: str  # EDTF, or "latitude,longitude"
    field: str
    said: str
    decided: ProposalDecision | None = None


def proposals_of(file: File) -> list[Proposal]:
    """What the metadata of a file proposes, times first. Read as what it is: the words of a stranger."""
    step = file.steps.filter(name="metadata", state="done", ended_at=None).first()
    claimed = step.result.get("claimed") if step and isinstance(step.result, dict) else None
    if not isinstance(claimed, dict) or file.is_isolated:
        return []
    decided: dict = {}
    for row in file.proposal_decisions.select_related("created_by").order_by("created_at"):
        decided[row.kind, row.value] = row
    found = [*_times(claimed.get("times")), *_places(claimed.get("places"))]
    return [Proposal(kind, value, field, said, decided.get((kind, value))) for kind, value, field, said in found]


def _times(rows):
    for row in rows if isinstance(rows, list) else ():
        edtf = row.get("edtf") if isinstance(row, dict) else None
        if isinstance(edtf, str) and 0 < len(edtf) <= 64:
            yield "time", edtf, str(row.get("field", ""))[:100], str(row.get("value", ""))[:100]


def _places(rows):
    for row in rows if isinstance(rows, list) else ():
        at = (row.get("latitude"), row.get("longitude")) if isinstance(row, dict) else (None, None)
        if all(isinstance(number, int | float) and abs(number) <= 180 for number in at):
            value = ",".join(f"{number:.6f}" for number in at)
            yield "place", value, str(row.get("field", ""))[:100], value


@ledger.verb
def adopt(*, by, file: File, value: str, version: int, kind: str = "time", reason: str = "") -> Item:
    """Take a time that metadata proposes as the date of the item; the entry says that it came from there."""
    item = Item.objects.select_for_update().get(pk=file.item_id)
    proposal = _find(file, kind, value)
    if proposal.kind != "time":
        raise Invalid(_("A place is recorded with an incident, by a person who chose it; here it can be dismissed."))
    if item.date == proposal.value:
        raise Refused(_("The item has this date already."), code="same_date")
    revised = revise_item(by=by, item=item, given={"date": proposal.value}, version=version, reason=reason)
    _decide(file, item, proposal, ProposalDecision.Decision.ADOPTED, by=by, reason=reason)
    return revised


@ledger.verb
def dismiss(*, by, file: File, kind: str, value: str, reason: str = "") -> ProposalDecision:
    """Say that a proposed time or place is not to be adopted. It stays to be read, marked as dismissed."""
    item = Item.objects.select_for_update().get(pk=file.item_id)
    policies.check_takes_files(item)
    proposal = _find(file, kind, value)
    if proposal.decided and proposal.decided.decision == ProposalDecision.Decision.DISMISSED:
        raise Refused(_("This proposal is dismissed already."), code="dismissed")
    return _decide(file, item, proposal, ProposalDecision.Decision.DISMISSED, by=by, reason=reason)


def _find(file: File, kind: str, value: str) -> Proposal:
    if file.is_isolated or file.withdrawn_at or file.destroyed_at:
        raise Refused(_("Nothing is taken from this file."), code="isolated")
    for proposal in proposals_of(file):
        if (proposal.kind, proposal.value) == (kind, value):
            return proposal
    raise Invalid(_("The metadata of this file does not propose that."), field="value")


def _decide(file: File, item: Item, proposal: Proposal, decision: str, *, by, reason: str) -> ProposalDecision:
    reason = content.text(reason, field="reason", limit=1000)
    row = ProposalDecision.objects.create(
        file=file, kind=proposal.kind, value=proposal.value, decision=decision, created_by=by
    )
    former = proposal.decided.decision if proposal.decided else None
    # What the metadata says stands in a part: it is not the ledger's to tell to whoever may not read the item.
    told = {"change": {f"proposals/{proposal.kind}/{proposal.value}": [former, str(decision)]}}
    ledger.append(
        f"proposal.{decision}",
        item,
        data={"file": str(file.pk), "kind": proposal.kind},
        parts=told | ({"note": reason} if reason else {}),
    )
    return row
