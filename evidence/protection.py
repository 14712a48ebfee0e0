"""Verbs that protect: opening the identity vault. Consent, downgrades and unmasking have their models beside this."""

import json
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.errors import Invalid
from accounts.grants import Permission, permits
from custody import ledger
from evidence import vault
from evidence.models import Identity, Person, PersonName
from evidence.recording import content


@dataclass(frozen=True)
class OpenedIdentity:
    """What the vault held: names as {"script", "kind", "value"} and the identity document. Never kept, never logged."""

    names: list[dict]
    identity: dict


@ledger.verb
def open_identity(*, by, person: Person, reason: str) -> OpenedIdentity:
    """Open names and identity of a person for a stated reason. The entry stands on the person's record.

    Needs more than seeing the person: a grant to contribute to her collection, and the role's act.
    """
    reason = content.text(reason, field="reason", limit=1000)
    if len(reason) < 5:
        raise Invalid(
            _("Say why you need to know who this is; the reason is kept on the person's record."), field="reason"
        )
    if not permits(by, person, Permission.CONTRIBUTE):
        raise Invalid(_("Your access to this collection does not include its identities."), field="reason")
    names = PersonName.objects.filter(person=person, ended_at=None).permitted(by)
    opened = OpenedIdentity(
        names=[
            {
                "script": row.script,
                "kind": row.kind,
                "value": vault.unseal_text(row.sealed, purpose="identity", row=row),
            }
            for row in names
        ],
        identity=_current(person),
    )
    ledger.append("identity.opened", person, data={"names": len(opened.names)}, parts={"note": reason})
    return opened


def _current(person: Person) -> dict:
    row = Identity.objects.filter(person=person, is_current=True).first()
    return json.loads(vault.unseal_text(row.sealed, purpose="identity", row=row)) if row else {}
