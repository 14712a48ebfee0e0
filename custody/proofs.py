"""What a stranger needs to check the log: inclusion and consistency proofs, the trust file, the proof of one record.

A record's proof is one zip file: proof.json for custody/verify_custody.py, and the same as plain files for openssl,
sha256sum and xxd (docs/verify.md). Which entries and parts go in is the caller's decision.
"""

import base64
import io
import json
import zipfile
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.db import connection

from custody import anchors, checkpoints, heads, notes
from custody.models import Checkpoint, Entry, Leaf, Payload
from custody.sequencer import tree
from custody.tree import ProofError, Tree

VERIFIER = Path(__file__).with_name("verify_custody.py")
FORMAT = "custody-proof/v1"


class NothingSigned(RuntimeError):
    """There is no checkpoint yet that covers what is to be proved; try again in some seconds."""


class NotKept(ValueError):
    """What was given as a kept checkpoint is none of this log's."""


@dataclass
class ProofOfRecord:
    """The document, and the plain files beside it: name in the zip → bytes."""

    document: dict
    files: dict[str, bytes] = field(default_factory=dict)
    waiting: int = 0  # entries that no checkpoint covers yet

    def as_zip(self, target, enclosed: Iterable[tuple[str, Iterable[bytes]]] = ()) -> None:
        """Write the zip to a binary file; `enclosed` are (name, chunks) of files whose bytes go along."""
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("proof.json", json.dumps(self.document, ensure_ascii=False, indent=1))
            for name, content in self.files.items():
                archive.writestr(name, content)
            for name, chunks in enclosed:
                with archive.open(f"files/{name}", "w", force_zip64=True) as file:
                    for chunk in chunks:
                        file.write(chunk)

    def zipped(self) -> bytes:
        target = io.BytesIO()
        self.as_zip(target)
        return target.getvalue()


def consistency(old: int, new: int) -> list[bytes]:
    """RFC 9162 consistency proof between two signed sizes; raises ProofError for sizes that the log does not have."""
    if Checkpoint.objects.filter(size__in=(old, new)).count() < len({old, new}):
        raise ProofError("both sizes must be those of signed checkpoints")
    return tree(new).consistency(old, new)


def inclusion(index: int, size: int) -> tuple[bytes, list[bytes]]:
    """(leaf hash, audit path) of entry `index` in the signed tree of `size`; raises ProofError."""
    if not Checkpoint.objects.filter(size=size).exists():
        raise ProofError("the size must be that of a signed checkpoint")
    path = tree(size).inclusion(index, size)
    return bytes(Leaf.objects.get(idx=index).leaf_hash), path


def find_leaf(entry_id: UUID, leaf_hash: bytes) -> int | None:
    """The index of an entry, for whoever holds its bytes: they say its id, and their hash shows that they are held."""
    return Leaf.objects.filter(entry__entry_id=entry_id, leaf_hash=leaf_hash).values_list("idx", flat=True).first()


def trust_document() -> dict:
    """What a verifier must get by another way than a proof: the log's name, its keys, the authorities' roots."""
    return {
        "origin": settings.LEDGER_ORIGIN,
        "log_keys": list(checkpoints.announced_keys()),
        "authorities": [root.public_bytes(Encoding.PEM).decode() for root in anchors.roots()],
    }


def waiting(object_id: UUID) -> int:
    """How many entries about an object no checkpoint covers yet."""
    newest = checkpoints.latest()
    entries = Entry.objects.filter(object_id=object_id)
    return entries.count() - entries.filter(leaf__idx__lt=newest.size if newest else 0).count()


def entries_of(object_id: UUID) -> list[Entry]:
    """Every entry of an object, oldest first, with leaf and parts."""
    entries = Entry.objects.filter(object_id=object_id).order_by("leaf__idx", "eid")
    return list(entries.select_related("leaf").prefetch_related("payloads"))


def build(
    object_type: str,
    object_id: UUID,
    label: str,
    *,
    shows: Callable[[Entry], bool] = lambda entry: True,
    opens: Callable[[Entry], bool] = lambda entry: False,
    since: bytes | None = None,
    complete: bool = False,
) -> ProofOfRecord:
    """The proof of one record's history against the newest checkpoint.

    `shows` says which entries are in it, `opens` of which the erasable parts are too; `since` is a checkpoint that the
    recipient kept, with which the proof is then consistent. `complete` adds what shows that nothing was left out; it is
    for those who see every entry: for others its absence alone would tell that something is hidden from them.
    """
    newest = checkpoints.latest()
    if newest is None:
        raise NothingSigned("nothing is signed yet")
    the_tree = tree(newest.size)
    found = entries_of(object_id)
    covered = [entry for entry in found if _is_in(entry, the_tree)]
    shown = [entry for entry in covered if shows(entry)]
    stamps = _stamps([entry.leaf.idx for entry in shown], newest.size)
    sizes = {size for size, _issuer, _token in stamps} | ({size_of_kept(since)} if since else set())
    if untold := _untold_erasures(covered, found):
        raise NothingSigned(f"{untold} erasures are not signed over yet")
    document = {
        "format": FORMAT,
        "object": {"id": str(object_id), "type": object_type},
        "label": label,
        "checkpoint": bytes(newest.note).decode(),
        "earlier": [_earlier(size, the_tree) for size in sorted(sizes) if 0 < size < newest.size],
        "stamps": [_stamp(size, issuer, token, the_tree) for size, issuer, token in stamps],
        "entries": [_entry(entry, the_tree, opens=opens(entry)) for entry in shown],
        "head": _head(object_id, the_tree) if complete and len(shown) == len(covered) else None,
    }
    made = ProofOfRecord(document, waiting=len(found) - len(covered))
    made.files = _plain_files(document, newest.size)
    return made


def _entry(entry: Entry, the_tree: Tree, *, opens: bool) -> dict:
    parts = {payload.part: _part(payload, opens) for payload in entry.payloads.all()}
    return _logged(entry, the_tree) | {"parts": parts}


def _part(payload: Payload, opens: bool) -> dict:
    if payload.body is None:
        return {"redacted_by": str(payload.redacted_by)}
    if not opens:
        return {"withheld": True}
    return {"salt": bytes(payload.salt or b"").hex(), "body": bytes(payload.body).decode()}


def _untold_erasures(covered: list[Entry], found: list[Entry]) -> int:
    """Erased parts whose entry that says so is too new: the proof would look like one of a secret erasure."""
    inside = {entry.entry_id for entry in covered}
    outside = {entry.entry_id for entry in found} - inside
    return sum(payload.redacted_by in outside for entry in covered for payload in entry.payloads.all())


def _stamp(size: int, issuer: str, token: bytes, the_tree: Tree) -> dict:
    """A time stamp with the entry by which the log itself recorded it: what follows that entry is younger."""
    told = anchors.recorded(token, size)
    return {
        "size": size,
        "authority": issuer,
        "token": base64.b64encode(token).decode(),
        "anchored": _logged(told, the_tree) if told and _is_in(told, the_tree) else None,
    }


def _is_in(entry: Entry, the_tree: Tree) -> bool:
    return entry.index is not None and entry.index < the_tree.size


def _logged(entry: Entry, the_tree: Tree) -> dict:
    """The exact bytes of an entry and their way up the tree."""
    index = entry.leaf.idx
    return {
        "index": index,
        "envelope": bytes(entry.envelope).decode(),
        "proof": [step.hex() for step in the_tree.inclusion(index, the_tree.size)],
    }


def size_of_kept(note: bytes) -> int:
    """The size of a checkpoint that somebody kept; raises NotKept unless it is one of this log's."""
    try:
        _origin, size, root = checkpoints.opened(note)
    except (notes.NoteError, UnicodeDecodeError) as error:
        raise NotKept(str(error))
    own = checkpoints.of_size(size)
    if own is None or bytes(own.root) != root:
        raise NotKept(f"this log has no such checkpoint of size {size}")
    return size


def _earlier(size: int, the_tree: Tree) -> dict:
    note = Checkpoint.objects.get(size=size).note
    proof = the_tree.consistency(size, the_tree.size)
    return {"checkpoint": bytes(note).decode(), "proof": [step.hex() for step in proof]}


def _stamps(indexes: list[int], limit: int) -> list[tuple[int, str, bytes]]:
    """The stamps that bound each entry's time most closely: the last before it and the first after it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT size FROM custody.anchor WHERE kind = 'rfc3161' AND size <= %s ORDER BY 1", [limit]
        )
        sizes = [size for (size,) in cursor.fetchall()]
    wanted = set()
    for index in indexes:
        after = bisect_right(sizes, index)
        wanted |= set(sizes[max(0, after - 1) : after + 1])
    held = checkpoints.stamps_of(sorted(wanted))
    return [(size, issuer, token) for size in sorted(held) for issuer, _at, token in held[size]]


def _head(object_id: UUID, the_tree: Tree) -> dict | None:
    manifest = heads.last_manifest()
    entry = Entry.objects.filter(entry_id=manifest.entry_id).select_related("leaf").first() if manifest else None
    if entry is None or not _is_in(entry, the_tree):
        return None
    own = heads.proof(object_id)
    if own is None:
        return None
    held, index, path = own
    proof = [step.hex() for step in path]
    return {"manifest": _logged(entry, the_tree), "entry": held.hex(), "index": index, "proof": proof}


def _plain_files(document: dict, size: int) -> dict[str, bytes]:
    """The same as files that openssl, sha256sum and xxd read; and the verifier with what it may be compared to."""
    trust = trust_document()
    checkpoint = document["checkpoint"].encode()
    files = {
        "trust.json": json.dumps(trust, ensure_ascii=False, indent=1).encode(),
        "authorities.pem": "".join(trust["authorities"]).encode(),
        "README.txt": README.encode(),
        "verify_custody.py": VERIFIER.read_bytes(),
        f"checkpoints/{size}.txt": checkpoint,
        f"checkpoints/{size}.signed-text": notes.signed_text(checkpoint),
    }
    for one in document["earlier"]:
        note = one["checkpoint"].encode()
        text = notes.signed_text(note)
        number = notes.parse_checkpoint(text)[1]
        files |= {f"checkpoints/{number}.txt": note, f"checkpoints/{number}.signed-text": text}
        files[f"consistency/{number}-{size}.txt"] = _lines(one["proof"])
    for number, one in enumerate(document["stamps"]):
        files[f"stamps/{one['size']}-{number}.tsr"] = base64.b64decode(one["token"])
    for one in document["entries"]:
        files[f"entries/{one['index']}.json"] = one["envelope"].encode()
        files[f"paths/{one['index']}.txt"] = _lines(one["proof"])
    return files


def _lines(steps: list[str]) -> bytes:
    """A proof as one hash a line, from the leaf up. On which side each stands follows from index and size."""
    return "".join(f"{step}\n" for step in steps).encode()


README = """\
CUSTODY PROOF

What is in here lets a stranger check, offline, that the entries were recorded in this order and not changed since.

  python3 verify_custody.py THIS.zip --trust trust.json

needs Python 3.9 or newer and the package `cryptography`. Take verify_custody.py and trust.json from the institution's
publications or from another recipient, not from this file: whoever forges a proof can forge those along with it.
The copies here are for comparison.

  proof.json          everything, for the program
  entries/N.json      the exact bytes of entry N; paths/N.txt the hashes on its way up the tree
  checkpoints/S.txt   the signed checkpoint of size S; S.signed-text is what the signature and the time stamps are over
  consistency/        that the log of the first size is contained in that of the second
  stamps/             RFC 3161 time stamps; authorities.pem the roots that the institution trusts
  files/              originals, where they were enclosed

docs/verify.md of the project goes through each step with openssl, sha256sum and xxd.

이 파일은 기록된 항목의 순서와 내용이 그 뒤로 바뀌지 않았음을 누구나 오프라인으로 확인할 수 있게 합니다.
verify_custody.py와 trust.json은 이 파일이 아닌 다른 경로로 받으십시오.
"""
