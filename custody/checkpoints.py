"""Signed checkpoints of the log: asked of the signer, stored, read. The signer itself is custody.signer."""

from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from custody import notes, signer
from custody.envelope import canonical
from custody.models import Checkpoint, Entry
from custody.sequencer import tree
from custody.signer import ForkRefused, SignerUnreachable


def publish(socket: Path | None = None) -> int | None:
    """Have the present state signed and store the note; None when there is nothing new. Returns the size.

    Raises ForkRefused when the signer will not sign, SignerUnreachable when it does not answer.
    """
    socket = socket or settings.LEDGER_SIGNER_SOCKET
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, root FROM custody.state")
        size, root = cursor.fetchone()
        cursor.execute("SELECT EXISTS (SELECT FROM custody.checkpoint WHERE size = %s)", [size])
        if size == 0 or cursor.fetchone()[0]:
            return None
    signed = signer.ask(socket, {})
    if signed.get("origin") != settings.LEDGER_ORIGIN:
        raise SignerUnreachable(f"the signer at {socket} signs for {signed.get('origin')!r}")
    proof = tree(size).consistency(signed["size"], size) if 0 < signed["size"] <= size else []
    request = {"size": size, "root": bytes(root).hex(), "proof": [step.hex() for step in proof]}
    answer = signer.ask(socket, request)
    if "refused" in answer:
        raise ForkRefused(answer["refused"])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO custody.checkpoint (size, root, note) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [size, bytes(root), answer["note"].encode()],
        )
    announce_keys(signed["keys"])
    return size


def announce_keys(in_force: list[str]) -> None:
    """Write `ledger.key` for a key that begins or ends to sign: the rotation is part of the history it protects."""
    known = announced_keys()
    for key in in_force:
        if known.get(key) != "begins":
            note("ledger.key", {"key": key, "state": "begins"})
    for key, state in known.items():
        if state == "begins" and key not in in_force:
            note("ledger.key", {"key": key, "state": "ends"})


def announced_keys() -> dict[str, str]:
    """Verifier key → "begins" or "ends", as last announced."""
    return {data["key"]: data["state"] for data in noted("ledger.key")}


def noted(act: str) -> list[dict]:
    """The data of every entry of this act about the log itself, oldest first."""
    return [entry.content["data"] for entry in Entry.objects.filter(act=act).order_by("eid")]


def note(act: str, data: dict) -> UUID:
    """Write an entry about the log itself, in the sequencer's name; its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT custody.append(%s, 'ledger', custody.log_object(), %s) FROM set_config('custody.actor', %s, true)",
            [act, canonical(data).decode(), canonical({"kind": "service", "name": "sequencer"}).decode()],
        )
        return cursor.fetchone()[0]


def latest() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def of_size(size: int) -> Checkpoint | None:
    return Checkpoint.objects.filter(size=size).first()


def page(*, before: int, limit: int) -> list[Checkpoint]:
    """Signed checkpoints of fewer than `before` entries, the largest first."""
    return list(Checkpoint.objects.filter(size__lt=before).order_by("-size")[:limit])


def stamps_of(sizes: list[int]) -> dict[int, list[tuple]]:
    """Size → [(issuer, asserted time, token)] of the time stamps over these checkpoints."""
    found: dict[int, list[tuple]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT size, issuer, asserted_at, proof FROM custody.anchor"
            " WHERE kind = 'rfc3161' AND size = ANY(%s) ORDER BY id",
            [sizes],
        )
        for size, issuer, at, token in cursor.fetchall():
            found.setdefault(size, []).append((issuer, at, bytes(token)))
    return found


def opened(note: bytes, keys: list[str] | None = None) -> tuple[str, int, bytes]:
    """(origin, size, root) of a note that one of the keys, else an announced one, signed; raises notes.NoteError."""
    return notes.parse_checkpoint(notes.open_note(note, keys if keys is not None else list(announced_keys())))
