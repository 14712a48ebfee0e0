"""Opening the identity vault: a stricter gate behind the gate. Sealing is part of recording a person."""

import json
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused
from accounts.grants import Permission, permits
from custody import ledger
from evidence import vault
from evidence.models import Decision, Identity, Level, Person, PersonName
from evidence.open_names import as_recorded
from evidence.recording import content


@dataclass(frozen=True)
class OpenedIdentity:
    """What the vault held: names as {"script", "kind", "value"} and the identity document. Never kept, never logged."""

    names: list[dict]
    identity: dict


def needs_second_person(person: Person) -> bool:
    """Whether this identity opens only after another person has agreed: at high risk, extreme, or not assessed."""
    return person.floor >= Level.STRICTLY_CONFIDENTIAL


def agreed(person: Person, by) -> Decision | None:
    """The agreement of another person that lets this one open the identity now, if there is one."""
    rows = Decision.objects.filter(person=person, kind="unmask", state="carried_out", created_by=by)
    return next((row for row in rows.order_by("-decided_at")[:5] if row.is_usable), None)


@ledger.verb
def open_identity(*, by, person: Person, reason: str) -> OpenedIdentity:
    """Open names and identity of a person for a stated reason. The entry stands on the person's record.

    Needs more than seeing the person: a grant to contribute to her collection, and the role's act; at high risk also
    the agreement of another person, which lasts an hour.
    """
    reason = content.text(reason, field="reason", limit=1000)
    if len(reason) < 5:
        raise Invalid(
            _("Say why you need to know who this is; the reason is kept on the person's record."), field="reason"
        )
    if not permits(by, person, Permission.CONTRIBUTE):
        raise Invalid(_("Your access to this collection does not include its identities."), field="reason")
    decision = agreed(person, by) if needs_second_person(person) else None
    if decision is None and needs_second_person(person):
        raise Refused(
            _("This person is at high risk: another person has to agree first. Ask for it; it then lasts an hour."),
            code="second_person",
            field="reason",
        )
    names = PersonName.objects.filter(person=person, ended_at=None).permitted(by)
    opened = OpenedIdentity(
        names=[as_recorded(row) for row in names],
        identity=_current(person),
    )
    data = {"names": len(opened.names)} | ({"decision": str(decision.pk)} if decision else {})
    ledger.append("identity.opened", person, data=data, parts={"note": reason})
    return opened


def _current(person: Person) -> dict:
    row = Identity.objects.filter(person=person, is_current=True).first()
    return json.loads(vault.unseal_text(row.sealed, purpose="identity", row=row)) if row else {}
