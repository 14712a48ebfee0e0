"""Verbs of lawful erasure: one person proposes to erase a part of a ledger entry, another carries it out or declines.

The entry, its place in the log and all proofs stay; what the part said becomes unreadable for ever.
"""

from uuid import UUID

from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused
from accounts.models import User
from custody import ledger, trail

STATE = "state"  # the key of an object's row digests, beside the parts of a single entry
LONGEST = 1000


@ledger.verb
def propose_erasure(*, by: User, entry_id: UUID, part: str, reason: str) -> None:
    """Propose to erase one part of an entry, for a reason that the second person weighs. Changes nothing yet."""
    entry = _entry(entry_id, part)
    if _open(entry_id, part) is not None:
        raise Refused(_("This was proposed already; another person decides."), code="already_proposed")
    subject = ledger.Subject(entry.object_type, entry.object_id)
    data = {"entry": str(entry_id), "part": part}
    ledger.append("redaction.proposed", subject, data=data, parts={"note": _sentence(reason, field="reason")})


@ledger.verb
def decline_erasure(*, by: User, entry_id: UUID, part: str, reason: str) -> None:
    """Put an open proposal aside; whoever made it may do that too."""
    proposal = _open(entry_id, part)
    if proposal is None:
        raise Refused(_("There is no open proposal to erase this."), code="not_proposed")
    subject = ledger.Subject(proposal.proposed.object_type, proposal.proposed.object_id)
    data = {"entry": str(entry_id), "part": part}
    ledger.append("redaction.declined", subject, data=data, parts={"note": _sentence(reason, field="reason")})


@ledger.verb
def carry_out_erasure(*, by: User, entry_id: UUID, part: str, basis: str) -> UUID:
    """Erase what another person proposed; `basis` is the legal basis and stays in the ledger for ever.

    The database itself refuses a second person who is the first.
    """
    basis = _sentence(basis, field="basis")
    proposal = _open(entry_id, part)
    if proposal is None:
        raise Refused(_("There is no open proposal to erase this."), code="not_proposed")
    if proposal.proposed.actor_id == by.pk:
        raise Refused(_("You proposed this yourself: another person has to carry it out."), code="second_person")
    try:
        return ledger.erase(entry_id, part, basis)
    except ledger.EntryNotErasable as error:
        raise Refused(_("The database refused: %(reason)s") % {"reason": error}, code="not_erasable")


def _entry(entry_id: UUID, part: str):
    entry = trail.entry(entry_id)
    if entry is None:
        raise Invalid(_("There is no such entry."), field="entry")
    known = {payload.part for payload in entry.payloads.all() if payload.body is not None}
    if part != STATE and part not in known:
        raise Invalid(_("This entry has no such part, or it was erased already."), field="part")
    return entry


def _open(entry_id: UUID, part: str) -> trail.Proposal | None:
    return next((one for one in trail.proposals() if (one.entry_id, one.part) == (entry_id, part)), None)


def _sentence(value: str, *, field: str) -> str:
    value = str(value or "").replace("\x00", "").strip()
    if len(value) < 5:
        raise Invalid(_("Say on what ground; it is kept in the ledger."), field=field)
    if len(value) > LONGEST:
        raise Invalid(_("At most %(limit)d characters.") % {"limit": LONGEST}, field=field)
    return value
