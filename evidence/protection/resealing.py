"""Rotating the keys of the vault: what an older key sealed is sealed anew with the active one, in batches, at any time.

Nothing stops meanwhile: processes read the keyring anew when its file changes, and older keys open until they are taken
out of it. Words of nobody appear here; a box is opened and closed again within one call.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.db.models import BinaryField, F, Func

from custody import ledger
from evidence import vault
from evidence.marks import marks_of
from evidence.models import Blob, Identity, PersonFact, PersonName, Upload

BATCH = 200


@dataclass(frozen=True)
class Sealed:
    """One kind of row that holds something sealed: model, column, purpose of its key, and the id it is bound to."""

    name: str
    model: type
    column: str
    purpose: str
    bound_to: str = "pk"
    only: dict = field(default_factory=dict)  # those rows alone whose box is still of use
    beside: Callable[[Any, bytes], dict] = lambda row, plain: {}  # columns that are made of it under the same key

    def unseal(self, row) -> bytes:
        context = getattr(row, self.bound_to).bytes
        return vault.unseal(getattr(row, self.column), purpose=self.purpose, context=context)

    def rows(self):
        return self.model._default_manager.filter(**self.only).exclude(**{f"{self.column}__isnull": True})


def _marks(name: PersonName, plain: bytes) -> dict:
    """What it is found by, if it has that: without the former key it would be found no more."""
    return {} if name.marks is None else {"marks": marks_of([plain.decode()])[0]}


KINDS = (
    Sealed("names", PersonName, "sealed", "identity", beside=_marks),
    Sealed("identities", Identity, "sealed", "identity"),
    Sealed("facts", PersonFact, "sealed", "identity"),
    # Before the files: an upload that ends meanwhile hands its box on to one.
    Sealed("uploads", Upload, "wrapped_key", "blob", "blob_id", {"state": Upload.State.ARRIVING}),
    Sealed("files", Blob, "wrapped_key", "blob"),
)


SECRETS = ("secret", "seed")  # of an authenticator app, of recovery codes: where allauth keeps them in its rows


def _mark() -> bytes:
    """How everything begins that the active key has sealed."""
    name = vault.keyring().active.encode()
    return bytes([vault.VERSION, len(name)]) + name


def waiting(kind: Sealed):
    """Rows of this kind that are sealed with another key than the active one."""
    mark = _mark()
    head = Func(F(kind.column), 1, len(mark), function="substring", output_field=BinaryField())
    return kind.rows().annotate(head=head).exclude(head=mark)


@ledger.verb
def reseal_rows(*, by, kind: Sealed) -> int:
    """Seal one batch of rows of a kind anew; returns how many. Their content is the same before and after."""
    rows = list(waiting(kind).order_by("pk").select_for_update(of=("self",))[:BATCH])
    for row in rows:
        plain = kind.unseal(row)
        box = vault.seal(plain, purpose=kind.purpose, context=getattr(row, kind.bound_to).bytes)
        kind.model._default_manager.filter(pk=row.pk).update(**{kind.column: box}, **kind.beside(row, plain))
    if rows:
        _note(kind.name, len(rows))
    return len(rows)


def _old_secrets(row: Authenticator) -> dict[str, str]:
    held = {name: row.data[name] for name in SECRETS if row.data.get(name)}
    return {name: text for name, text in held.items() if not base64.b64decode(text).startswith(_mark())}


def unopened() -> list[str]:
    """What the keyring does not open, said of one row under the active key and one under an older one of each kind."""
    found = []
    for kind in KINDS:
        for row in {
            row.pk: row for row in (kind.rows().order_by("-pk").first(), waiting(kind).first()) if row
        }.values():
            try:
                kind.unseal(row)
            except vault.VaultError as error:
                found.append(f"{kind.name}: {error}")
    return found


@ledger.verb
def reseal_factors(*, by) -> int:
    """Seal one batch of the secrets of second factors anew; returns how many."""
    rows = [row for row in Authenticator.objects.select_for_update().order_by("pk") if _old_secrets(row)][:BATCH]
    adapter = get_adapter()
    for row in rows:
        row.data |= {name: adapter.encrypt(adapter.decrypt(text)) for name, text in _old_secrets(row).items()}
        row.save(update_fields=["data"])
    if rows:
        _note("factors", len(rows))
    return len(rows)


def _note(kind: str, number: int) -> None:
    key = vault.keyring().active
    ledger.append("vault.resealed", ledger.subject("vault", key), data={"key": key, "kind": kind, "rows": number})


@ledger.verb
def note_key(*, by, key: str, former: str) -> None:
    """A new key seals from now on. The entry names keys by their ids."""
    ledger.append("vault.key_added", ledger.subject("vault", key), data={"key": key, "former": former})


def reseal_all(*, by, told: Callable[[str, int], None] = lambda kind, number: None) -> dict[str, int]:
    """Batch after batch until nothing is left under an older key; how many of each kind. It can be repeated."""
    done: dict[str, int] = {}
    acts = {kind.name: (lambda kind=kind: reseal_rows(by=by, kind=kind)) for kind in KINDS}
    for name, act in {**acts, "factors": lambda: reseal_factors(by=by)}.items():
        done[name] = 0
        while number := act():
            done[name] += number
            told(name, done[name])
    return done
