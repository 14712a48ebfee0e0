"""What takes two people: lowering a level or the protection of a person, unmasking one at high risk, destruction.

One proposes, with a reason; another, who sees the record and may review or manage it, carries it out or declines. Until
then nothing changes. The database refuses a second person who is the first.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Forbidden, Invalid, Refused
from accounts.grants import check_permitted, permits
from accounts.models import User
from accounts.roles import Permission
from custody import ledger
from evidence import policies
from evidence.models import Decision, Incident, Item, Notice, Person, Source
from evidence.models.person import RISK_FLOOR
from evidence.notices import keepers_of, notify, reviewers_of
from evidence.protection.destroying import content_of, destroy
from evidence.protection.identity import needs_second_person
from evidence.recording import content, levels
from evidence.recording.names import keep_marks
from evidence.reference import check_term

LASTS = timedelta(hours=1)
KINDS = {"incident": Incident, "item": Item, "person": Person, "source": Source}


@ledger.verb
def propose_downgrade(*, by: User, record, confidentiality, reason: str) -> Decision:
    """Propose a lower confidentiality for a record, or only that its level follows the people now linked to it."""
    check_permitted(by, record, Permission.CONTRIBUTE)
    rank = content.level(confidentiality)
    if rank > record.confidentiality:
        raise Invalid(_("This is higher than now: raise it by editing the record."), field="confidentiality")
    if levels.due(record, confidentiality=rank) >= record.effective_level:
        raise Refused(_("This would change nothing: what protects this record demands its level."), code="no_change")
    return _propose(by, record, "downgrade", {"confidentiality": rank}, reason)


@ledger.verb
def propose_reassessment(*, by: User, person: Person, risk: str, is_protected: bool, reason: str) -> Decision:
    """Propose a lower risk for a person, or that she is no longer protected; what is linked to her follows."""
    check_permitted(by, person, Permission.CONTRIBUTE)
    risk = check_term("risk_level", risk, field="risk")
    floor = RISK_FLOOR[risk] if is_protected else 0
    if floor >= person.floor:
        raise Invalid(_("This does not lower her protection: edit the person’s record instead."), field="risk")
    return _propose(by, person, "reassess", {"risk": risk, "is_protected": is_protected}, reason)


@ledger.verb
def propose_unmasking(*, by: User, person: Person, reason: str) -> Decision:
    """Ask another person to agree that one opens the identity of a person at high risk."""
    check_permitted(by, person, Permission.CONTRIBUTE)
    if not needs_second_person(person):
        raise Refused(_("This identity needs no second person: open it with your reason."), code="not_needed")
    return _propose(by, person, "unmask", {}, reason)


@ledger.verb
def propose_destruction(*, by: User, item: Item, reason: str, basis: str) -> Decision:
    """Propose that the content of a withdrawn item is destroyed, with the reason and its basis in law. Another person,
    who manages the item, carries it out."""
    check_permitted(by, item, Permission.CONTRIBUTE)
    policies.check_can_destroy(item)
    basis = content.sentence(basis, field="basis")
    return _propose(by, item, "destroy", {"basis": basis}, reason)


def _propose(by: User, record, kind: str, asked: dict, reason: str) -> Decision:
    reason = content.sentence(reason, field="reason")
    end = {record._meta.model_name: record}
    if Decision.objects.filter(state="open", kind=kind, **end).exists():
        raise Refused(_("This was proposed already; another person decides."), code="already_proposed")
    row = Decision.objects.create(created_by=by, kind=kind, asked=asked, reason=reason, **end)
    deciders = keepers_of(record) if kind == "destroy" else reviewers_of(record)
    notify(deciders - {by.pk}, Notice.Kind.DECISION_ASKED, row.pk)
    parts = {"note": reason} | ({"asked": asked} if asked else {})
    ledger.append(f"{kind}.proposed", record, data={"decision": str(row.pk)}, parts=parts)
    return row


def decisions_for(user: User, *, state: str = "open"):
    """Proposals about records that this person sees, newest first."""
    return Decision.objects.permitted(user).filter(state=state).order_by("-created_at")


def decision_for(user: User, identifier) -> Decision | None:
    try:
        return Decision.objects.permitted(user).filter(pk=UUID(str(identifier))).first()
    except ValueError:
        return None


def check_decides(by: User, row: Decision) -> None:
    """Refuse whoever is not the second person of this proposal."""
    if row.created_by_id == by.pk:
        raise Refused(_("You proposed this yourself: another person has to decide."), code="second_person")
    if not permits(by, row.record, permission_to_decide(row)):
        if row.kind == "destroy":
            raise Forbidden(_("Whoever manages this collection decides on it."))
        raise Forbidden(_("Whoever reviews or manages this collection decides on it."))


def permission_to_decide(row: Decision) -> str:
    """What the second person of a proposal needs on its record."""
    return Permission.MANAGE if row.kind == "destroy" else Permission.REVIEW


@ledger.verb
def carry_out(*, by: User, decision: Decision, answer: str) -> Decision:
    """Do what another person proposed. Levels are computed anew: what still protects a record keeps protecting it."""
    row = _open(decision)
    check_decides(by, row)
    answer = content.sentence(answer, field="answer")
    record = type(row.record).objects.select_for_update().get(pk=row.record.pk)
    data, change = {"decision": str(row.pk)}, {}
    if row.kind == "downgrade":
        change = _downgrade(record, row.asked["confidentiality"])
    elif row.kind == "reassess":
        change = _reassess(record, row.asked)
    elif row.kind == "destroy":
        policies.check_can_destroy(record)
        data |= asdict(destroy(record))
    else:
        row.usable_until = timezone.now() + LASTS
        data |= {"for": str(row.created_by_id), "until": row.usable_until.isoformat()}
    _settle(row, "carried_out", by, answer)
    parts = {"note": answer} | ({"change": change} if change else {})
    ledger.append(f"{row.kind}.carried_out", record, data=data, parts=parts)
    return row


@ledger.verb
def decline(*, by: User, decision: Decision, answer: str) -> Decision:
    """Put another person's proposal aside, with the reason."""
    row = _open(decision)
    check_decides(by, row)
    _settle(row, "declined", by, content.sentence(answer, field="answer"))
    ledger.append(f"{row.kind}.declined", row.record, data={"decision": str(row.pk)}, parts={"note": row.answer})
    return row


@ledger.verb
def withdraw_proposal(*, by: User, decision: Decision) -> None:
    """Take one's own proposal back."""
    row = _open(decision)
    if row.created_by_id != by.pk:
        raise Refused(_("Only whoever proposed this can withdraw it."), code="not_yours")
    _settle(row, "withdrawn", by, "")
    ledger.append(f"{row.kind}.withdrawn", row.record, data={"decision": str(row.pk)})


def _open(decision: Decision) -> Decision:
    row = Decision.objects.select_for_update().get(pk=decision.pk)
    if row.state != Decision.State.OPEN:
        raise Refused(_("This was decided or withdrawn already."), code="decided")
    return row


def _settle(row: Decision, state: str, by: User, answer: str) -> None:
    row.state, row.decided_by, row.decided_at, row.answer = state, by, timezone.now(), answer
    row.save(update_fields=["state", "decided_by", "decided_at", "answer", "usable_until"])
    if by.pk != row.created_by_id:
        notify([row.created_by_id], Notice.Kind.DECISION_MADE, row.pk)


def _downgrade(record, rank: int) -> dict:
    before = (record.confidentiality, record.effective_level)
    rank = min(rank, record.confidentiality)
    due = levels.due(record, confidentiality=rank)
    if due >= before[1]:
        raise Refused(_("Meanwhile the record is protected so that it needs this level."), code="no_change")
    levels.lower(record, confidentiality=rank, effective_level=due)
    return _differing({"confidentiality": [before[0], rank], "effective_level": [before[1], due]})


def _reassess(person: Person, asked: dict) -> dict:
    """Set the lower protection, and let the records linked to her fall to what else still demands."""
    before = (person.risk, person.is_protected, person.effective_level)
    person.risk, person.is_protected = asked["risk"], asked["is_protected"]
    due = max(person.confidentiality, person.floor)
    levels.lower(person, risk=person.risk, is_protected=person.is_protected, effective_level=due)
    levels.sink(person)
    keep_marks(person)
    return _differing(
        {
            "risk": [before[0], person.risk],
            "is_protected": [before[1], person.is_protected],
            "effective_level": [before[2], due],
        }
    )


def _differing(change: dict) -> dict:
    return {name: pair for name, pair in change.items() if pair[0] != pair[1]}


@dataclass(frozen=True)
class Lowered:
    """How many records of a kind would fall below their present level; of a destruction, how much would be gone."""

    kind: str
    count: int


def effect_of_decision(decision: Decision, *, user: User) -> list[Lowered]:
    """What carrying it out would lower, in numbers, among what this person sees: the record, and what is linked."""
    record = decision.record
    if decision.kind == "downgrade":
        falls = levels.due(record, confidentiality=decision.asked["confidentiality"]) < record.effective_level
        return [Lowered(record._meta.model_name, 1)] if falls else []
    if decision.kind == "unmask":
        return []
    if decision.kind == "destroy":
        found = content_of(record)
        lines = [Lowered("file", found.files), Lowered("text", found.texts), Lowered("picture", found.pictures)]
        return [one for one in lines if one.count]
    floor = RISK_FLOOR[decision.asked["risk"]] if decision.asked["is_protected"] else 0
    fallen = [Lowered("person", int(max(record.confidentiality, floor) < record.effective_level))]
    for kind, rows in levels.linked(record).items():
        seen = KINDS[kind].objects.permitted(user).filter(pk__in=[row.pk for row in rows])
        ids = set(seen.values_list("pk", flat=True))
        floors = {record.pk: floor}
        falling = [row for row in rows if row.pk in ids and levels.due(row, floors=floors) < row.effective_level]
        fallen.append(Lowered(kind, len(falling)))
    return [one for one in fallen if one.count]
