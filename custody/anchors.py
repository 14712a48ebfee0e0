"""Ties of the log to the world outside: RFC 3161 time stamps, publication of checkpoints, manifests of completeness.

Runs in a process of its own as ledger_sequencer. A failure is retried at the next turn and never holds up the log.
"""

import time
import urllib.request
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.db import connection, transaction
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from custody import checkpoints, heads
from custody.demo_authority import DemoAuthority
from custody.models import Entry
from custody.notes import checkpoint_text, signed_text

DEMO = "demo:"
SECONDS = 20  # for one answer from outside
LARGEST_ANSWER = 256 * 1024
NEAR = 20  # entries of stamps among which one stamp's own is looked for


class AnchorFailed(RuntimeError):
    """An authority or a place of publication did not do its part; the message says which and why."""


@dataclass(frozen=True)
class Stamp:
    """A time stamp over a checkpoint's text: when, by whom, and the authority's whole answer in DER."""

    size: int
    issuer: str
    at: object
    token: bytes
    text: bytes


def demo() -> DemoAuthority:
    return DemoAuthority(settings.LEDGER_DEMO_FOLDER)


def roots() -> list[x509.Certificate]:
    """The root certificates that time stamps are judged by: the operator's choice, never what a token brings along."""
    found = []
    if settings.LEDGER_TIMESTAMP_ROOTS_FILE:
        found += x509.load_pem_x509_certificates(Path(settings.LEDGER_TIMESTAMP_ROOTS_FILE).read_bytes())
    if DEMO in settings.LEDGER_TIMESTAMP_AUTHORITIES:
        found += x509.load_pem_x509_certificates(demo().root_file.read_bytes())
    return found


def stamp(text: bytes, issuer: str, *, size: int = 0) -> Stamp:
    """Have `text` time-stamped by the authority at this URL, and check what it answered; raises AnchorFailed."""
    request = TimestampRequestBuilder().data(text).hash_algorithm(HashAlgorithm.SHA256).build()
    try:
        if issuer == DEMO:
            answer = demo().answer(request.as_bytes())
        else:
            answer = _send(issuer, request.as_bytes(), "POST", "application/timestamp-query")
        token = decode_timestamp_response(answer)
        verifier = VerifierBuilder.from_request(request)
        for root in roots():
            verifier = verifier.add_root_certificate(root)
        verifier.build().verify_message(token, text)
    except (OSError, ValueError, VerificationError) as error:
        raise AnchorFailed(f"{issuer}: {type(error).__name__}: {error}")
    return Stamp(size, issuer, token.tst_info.gen_time, answer, text)


def _send(url: str, body: bytes, method: str, kind: str) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise AnchorFailed(f"{url} is neither an http address nor a directory")
    request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": kind})  # noqa: S310
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        return answer.read(LARGEST_ANSWER)


@dataclass
class Anchoring:
    """One turn after the other; remembers when each part was last tried and which parts are failing."""

    last: dict[str, float] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)

    def turn(self) -> list[str]:
        """Do what is due; returns what failed, in words."""
        newest = checkpoints.latest()
        if newest is None:
            return []
        said = []
        for kind, issuer, interval, act in self._parts(newest):
            key = f"{kind} {issuer}"
            if time.monotonic() - self.last.get(key, float("-inf")) < interval:
                continue
            self.last[key] = time.monotonic()
            try:
                if not act():
                    del self.last[key]  # there was nothing new: look again at the next turn
                self.failing.discard(key)
            except AnchorFailed as error:
                said.append(str(error))
                self._note_failure(key, kind, issuer)
        return said

    def _parts(self, newest):
        for issuer in settings.LEDGER_TIMESTAMP_AUTHORITIES:
            yield "rfc3161", issuer, settings.LEDGER_STAMP_SECONDS, lambda issuer=issuer: stamp_newest(newest, issuer)
        for place in settings.LEDGER_PUBLISH_TO:
            yield "publication", place, settings.LEDGER_PUBLISH_SECONDS, lambda place=place: publish(newest, place)
        yield "manifest", "", settings.LEDGER_MANIFEST_SECONDS, lambda: write_manifest(newest)

    def _note_failure(self, key: str, kind: str, issuer: str) -> None:
        """Once when it begins to fail: an entry at each retry would fill the log."""
        if key not in self.failing:
            self.failing.add(key)
            checkpoints.note("ledger.anchor_failed", {"kind": kind, "issuer": issuer})


def stamp_newest(newest, issuer: str) -> Stamp | None:
    """Time-stamp the newest checkpoint, store and record it; None when nothing happened since the last stamp."""
    if not _news_since(_last_size("rfc3161", issuer), newest.size):
        return None
    made = stamp(checkpoint_text(settings.LEDGER_ORIGIN, newest.size, bytes(newest.root)), issuer, size=newest.size)
    _keep("rfc3161", made.size, issuer, made.token, made.at)
    data = {"kind": "rfc3161", "issuer": issuer, "size": made.size, "sha256": sha256(made.token).hexdigest()}
    checkpoints.note("ledger.anchored", data)
    return made


def write_manifest(newest) -> int | None:
    """Record how many entries each object had; None when nothing happened since the last manifest."""
    last = heads.last_manifest()
    if not _news_since(last.size if last else 0, newest.size):
        return None
    with transaction.atomic():
        tree = heads.advance(last.size if last else 0, newest.size)
        data = {"objects": tree.size, "root": tree.root().hex(), "size": newest.size}
        heads.keep_manifest(newest.size, checkpoints.note("ledger.heads", data), tree)
    return newest.size


def publish(newest, place: str) -> bool:
    """Put the checkpoint, and the stamps that the place does not have yet, into a directory or to a URL.

    `checkpoint` is the newest; `checkpoints/SIZE.txt` and `stamps/SIZE-N.tsr` are never replaced.
    """
    published = _last_size("publication", place)
    if published == newest.size:
        return False
    files = {f"checkpoints/{newest.size}.txt": bytes(newest.note), "checkpoint": bytes(newest.note)}
    for number, (size, token) in enumerate(_stamps_since(published)):
        files[f"stamps/{size}-{number}.tsr"] = token
    for name, content in files.items():
        if place.startswith(("http://", "https://")):
            try:
                _send(f"{place.rstrip('/')}/{name}", content, "PUT", "application/octet-stream")
            except OSError as error:
                raise AnchorFailed(f"{place}: {type(error).__name__}: {error}")
        else:
            _write(Path(place) / name, content, replace=name == "checkpoint")
    _keep("publication", newest.size, place, sha256(bytes(newest.note)).digest(), None)
    return True


def _write(path: Path, content: bytes, *, replace: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not replace:
            if path.read_bytes() != content:
                raise AnchorFailed(f"{path} was published with other content: two histories")
            return
        draft = path.with_name(f".{path.name}.new")
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        raise AnchorFailed(f"{path}: {error.strerror}")


def first_stamp_over(index: int) -> Stamp | None:
    """The earliest time stamp over a tree that holds this entry."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.size, a.issuer, a.asserted_at, a.proof, c.note FROM custody.anchor a"
            " JOIN custody.checkpoint c USING (size)"
            " WHERE a.kind = 'rfc3161' AND a.size > %s ORDER BY a.size, a.id LIMIT 1",
            [index],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    size, issuer, at, token, note = row
    return Stamp(size, issuer, at, bytes(token), signed_text(bytes(note)))


def recorded(token: bytes, size: int) -> Entry | None:
    """The entry in which the log recorded this time stamp."""
    said = Entry.objects.filter(act="ledger.anchored", leaf__idx__gte=size).select_related("leaf").order_by("leaf__idx")
    digest = sha256(token).hexdigest()
    return next((entry for entry in said[:NEAR] if entry.content["data"]["sha256"] == digest), None)


def _last_size(kind: str, issuer: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(size) FROM custody.anchor WHERE kind = %s AND issuer = %s", [kind, issuer])
        return cursor.fetchone()[0] or 0


def _news_since(old: int, new: int) -> bool:
    """Whether anything but the log's own bookkeeping stands between the two sizes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM custody.leaf l JOIN custody.entry e USING (eid)"
            " WHERE l.idx >= %s AND l.idx < %s AND e.act NOT LIKE 'ledger.%%')",
            [old, new],
        )
        return cursor.fetchone()[0]


def _stamps_since(size: int) -> list[tuple[int, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT size, proof FROM custody.anchor WHERE kind = 'rfc3161' AND size >= %s ORDER BY id", [size]
        )
        return [(size, bytes(token)) for size, token in cursor.fetchall()]


def _keep(kind: str, size: int, issuer: str, proof: bytes, at) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO custody.anchor (size, kind, issuer, proof, asserted_at) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [size, kind, issuer, proof, at],
        )
