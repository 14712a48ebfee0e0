"""Proofs of custody go out: the export of an item's proof, its certificate, and "verify" for one item.

The proof itself is custody's; here is who may have what of it, and the entry that says that somebody took it.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.errors import Invalid, Refused
from accounts.models import User
from custody import anchors, checkpoints, ledger, notes, proofs, verify_custody
from custody.tree import ProofError, leaf_hash, verify_inclusion
from evidence import handling, vault
from evidence.history import visible_entries
from evidence.intake import clean_name
from evidence.models import File, Item
from evidence.recording import content

PATIENCE = 5.0  # seconds that the sequencer gets to number the newest entries
READ_AT_ONCE = 128 * 1024**2  # bytes that "verify" reads again while a person waits


@ledger.verb
def export_proof(*, by: User, item: Item, purpose: str, files=(), with_parts: bool = False) -> list[handling.Opened]:
    """Let a proof of an item's custody go out, for a stated purpose; with `files`, their original bytes too."""
    purpose = content.text(purpose, field="purpose", limit=300)
    if len(purpose) < 5:
        raise Invalid(_("Say what the proof is for; it is kept in the item's history."), field="purpose")
    opened = [handling.open_file(by=by, file=file, purpose=purpose) for file in files]
    data = {"files": [file.blob.digest for file in files], "parts": with_parts}
    ledger.append("proof.exported", item, data=data, parts={"note": purpose})
    return opened


def bare_proof(object_id: UUID, *, user: User) -> proofs.ProofOfRecord | None:
    """For an auditor: every entry about one object, none of their words, and that it is complete.

    None where the ledger knows no such object.
    """
    entries = proofs.entries_of(object_id)
    if not entries:
        return None
    kind = entries[0].object_type
    note_bare_proof(by=user, about=ledger.Subject(kind, object_id))
    return _patiently(
        object_id, lambda: proofs.build(kind, object_id, f"{kind} {object_id}", complete=True), patience=PATIENCE
    )


@ledger.verb
def note_bare_proof(*, by: User, about: ledger.Subject) -> None:
    """An auditor takes the proof of one object's history, without its words."""
    ledger.append("proof.exported", about, data={"files": [], "parts": False})


@ledger.verb
def issue_certificate(*, by: User, item: Item) -> None:
    """Let a printable custody certificate of an item go out."""
    ledger.append("certificate.issued", item)


def check_kept(note: bytes | None) -> None:
    """Refuse a kept checkpoint that is none of this log's, before anything is recorded as exported."""
    if note is None:
        return
    try:
        proofs.size_of_kept(note)
    except proofs.NotKept:
        raise Invalid(_("The checkpoint you gave is none of this ledger's."), field="kept")


def assemble(
    item: Item, *, user: User, with_parts: bool = False, kept: bytes | None = None, patience: float | None = None
) -> proofs.ProofOfRecord:
    """The proof of a permitted item, as far as its reader may know its history; waits for the newest entries.

    Reasons, names and changed values go along only with `with_parts`: the proof holds without them. It makes no claim
    to be complete: `bare_proof` does. Raises Refused where nothing is signed yet.
    """

    def build() -> proofs.ProofOfRecord:
        seen = visible_entries(proofs.entries_of(item.pk), user=user)
        return proofs.build(
            "item",
            item.pk,
            item.code,
            shows=lambda entry: entry.entry_id in seen,
            opens=lambda entry: with_parts and seen[entry.entry_id],
            since=kept,
        )

    return _patiently(item.pk, build, patience=PATIENCE if patience is None else patience)


def _patiently(object_id: UUID, build, *, patience: float) -> proofs.ProofOfRecord:
    """Build once the newest entries are signed over, or when the patience ends."""
    deadline = time.monotonic() + patience
    while proofs.waiting(object_id) and time.monotonic() < deadline and checkpoints.latest():
        time.sleep(0.2)
    try:
        return build()
    except proofs.NothingSigned:
        raise Refused(_("Nothing is signed yet. Try again in some seconds."), code="nothing_signed")


def enclosed_name(file: File, *, with_parts: bool) -> str:
    """What an original is called in a proof: its digest tells files of one name apart. Its own name is a part."""
    name = clean_name(file.name) if with_parts else f"original{PurePath(clean_name(file.name)).suffix[:12]}"
    return f"{file.blob.digest[:12]}-{name}"


@dataclass(frozen=True)
class Check:
    """One thing that "verify" looked at: a code, whether it holds (None: not looked at), and its figures."""

    code: str
    holds: bool | None
    facts: dict = field(default_factory=dict)


@ledger.verb
def verify_item(*, by: User, item: Item) -> list[Check]:
    """Check an item's custody now: its bytes, entries, their place in the signed log, the time stamp over it."""
    files = File.objects.filter(item=item, destroyed_at=None).permitted(by).select_related("blob")
    found = [*_check_bytes(files, user=by), *_check_entries(item, user=by)]
    wrong = sorted({check.code for check in found if check.holds is False})
    ledger.append("item.verified", item, data={"checks": len(found), "failed": wrong})
    return found


def _check_bytes(files, *, user: User) -> Iterator[Check]:
    """Each file is read and hashed again; what is too large to wait for is said. What is altered raises the alarm."""
    budget = READ_AT_ONCE
    for file in files:
        facts = {"name": file.name, "sha256": file.blob.digest, "size": file.blob.size}
        if file.blob.size > budget:
            yield Check("bytes", None, facts)
            continue
        budget -= file.blob.size
        try:
            holds = handling.is_sound(file.blob)
        except handling.Unreadable:
            yield Check("unread", None, facts)
            continue
        except vault.VaultError as error:
            yield Check("bytes", False, facts | {"reason": str(error)})
            continue
        if holds:
            handling.note_sound(file.blob)
        else:
            handling.report_altered(by=user, blob=file.blob)
        yield Check("bytes", holds, facts)


def _check_entries(item: Item, *, user: User) -> Iterator[Check]:
    """Every entry is checked; counted are those that the person may know of."""
    newest = checkpoints.latest()
    if newest is None:
        yield Check("signed", None)
        return
    try:
        _origin, size, root = checkpoints.opened(bytes(newest.note))
    except notes.NoteError:
        yield Check("signed", False, {"size": newest.size})
        return
    yield Check("signed", True, {"size": size})
    entries = proofs.entries_of(item.pk)
    inside = [entry for entry in entries if entry.index is not None and entry.index < size]
    seen = visible_entries(entries, user=user)
    tree = proofs.tree(size)
    wrong = [entry.leaf.idx for entry in inside if not _is_included(entry, tree, root)]
    known = [entry for entry in inside if entry.entry_id in seen]
    yield Check("entries", not wrong, {"count": len(known), "first": min(wrong, default=None)})
    recorded = {entry.content["data"].get("sha256") for entry in inside if entry.act == "file.received"}
    files = File.objects.filter(item=item).permitted(user).select_related("blob")
    yield Check("files", all(file.blob.digest in recorded for file in files), {"count": len(files)})
    if waiting := sum(entry.entry_id in seen for entry in entries) - len(known):
        yield Check("waiting", None, {"count": waiting})
    yield _check_stamp(max((entry.leaf.idx for entry in known), default=0))


def _is_included(entry, tree, root: bytes) -> bool:
    index, leaf = entry.leaf.idx, leaf_hash(bytes(entry.envelope))
    try:
        verify_inclusion(index, tree.size, leaf, tree.inclusion(index, tree.size), root)
    except (ProofError, RuntimeError):
        return False
    return True


def _check_stamp(newest: int) -> Check:
    """The first time stamp over a tree that holds the item's newest entry."""
    stamp = anchors.first_stamp_over(newest)
    if stamp is None:
        return Check("stamped", None)
    try:
        when, who = verify_custody.check_stamp(stamp.token, stamp.text, anchors.roots())
    except verify_custody.MALFORMED as error:
        return Check("stamped", False, {"reason": str(error)})
    facts = {
        "at": f"{when:%Y-%m-%d %H:%M:%S} UTC",
        "authority": who.removeprefix("CN="),
        "demo": stamp.issuer == anchors.DEMO,
    }
    return Check("stamped", True, facts)
