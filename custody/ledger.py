"""Acts and their entries. A verb runs in one transaction with its entry: no entry, no act.

`verb` marks the functions that change or open protected records; `append` (for many: `append_all`) is the only way to
write an entry; `history` reads what happened to a record. Who may do or see it is decided by the callers' gate, not
here.
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import wraps
from hashlib import sha256
from uuid import UUID

from django.db import DatabaseError, connection, models, transaction

from custody.envelope import canonical
from custody.models import Entry, Payload

VERBS: dict[str, Callable] = {}
request_id: ContextVar[str] = ContextVar("request_id", default="")
_act: ContextVar["_Act | None"] = ContextVar("custody_act", default=None)
_WRITES = ("INSERT", "UPDATE", "DELETE")


class EntryNotErasable(ValueError):
    """Nobody else has proposed it, or there is nothing to erase; the message says which."""


class UnrecordedWrite(RuntimeError):
    """A verb changed rows and wrote no entry: a programming error, and the change is rolled back."""


@dataclass(frozen=True)
class Service:
    """An actor that is not a person: the sweep, an import run, the fixity check."""

    name: str


@dataclass(frozen=True)
class Subject:
    """What an entry is about where no row of a model stands for it: a job, an unknown account."""

    kind: str
    pk: UUID


@dataclass(frozen=True)
class Fact:
    """What one entry is to say: the arguments of `append`, for `append_all`."""

    act: str
    record: models.Model | Subject
    data: dict | None = None
    parts: dict | None = None


@dataclass
class _Act:
    actor: str
    req: str
    wrote: bool = False
    entries: list[UUID] = field(default_factory=list)


def _actor_json(by) -> str:
    if isinstance(by, Service):
        return canonical({"kind": "service", "name": by.name}).decode()
    return canonical({"kind": "user", "id": str(by.pk)}).decode()


def _name(act: _Act) -> None:
    """Tell the database who acts, and in which request, for the rest of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('custody.actor', %s, true), set_config('custody.req', %s, true)", [act.actor, act.req]
        )


def _notice_writes(act: _Act):
    def wrapper(execute, sql, params, many, context):
        if str(sql).lstrip()[:6].upper() in _WRITES:
            act.wrote = True
        return execute(sql, params, many, context)

    return wrapper


def verb(function: Callable) -> Callable:
    """Run `function(*, by, …)` as one act: one transaction, the actor named to the database, an entry for any write."""

    @wraps(function)
    def act(*args, by, **kwargs):
        outer = _act.get()
        current = _Act(actor=_actor_json(by), req=request_id.get())
        # A verb within a verb of the same person is named already: the two share a transaction.
        named = outer is not None and (outer.actor, outer.req) == (current.actor, current.req)
        with transaction.atomic(), connection.execute_wrapper(_notice_writes(current)):
            if not named:
                _name(current)
            token = _act.set(current)
            try:
                result = function(*args, by=by, **kwargs)
                if current.wrote and not current.entries:
                    raise UnrecordedWrite(f"{function.__module__}.{function.__name__} wrote without a ledger entry")
            finally:
                _act.reset(token)
            if outer is not None:
                outer.entries.extend(current.entries)
                if not named:
                    _name(outer)
        return result

    VERBS[f"{function.__module__}.{function.__name__}"] = act
    return act


def _columns(fact: Fact) -> list[str | None]:
    return [
        fact.act,
        fact.record.kind if isinstance(fact.record, Subject) else fact.record._meta.model_name,
        str(fact.record.pk),
        canonical(fact.data or {}).decode(),
        json.dumps(fact.parts, ensure_ascii=False, default=str) if fact.parts else None,
    ]


def append(act: str, record: models.Model | Subject, *, data: dict | None = None, parts: dict | None = None) -> UUID:
    """Write one entry about `record` (its UUID key) inside the running verb; returns the entry's id.

    `data` holds non-personal facts in the canonical profile (codes, digests, column names, ids). Names, narrative and
    reasons go into `parts`: they are stored beside the entry behind salted commitments and can lawfully be erased.
    """
    current = _act.get()
    if current is None:
        raise RuntimeError(f"{act}: an entry is written by a verb only")
    return _append(current, Fact(act, record, data, parts))


def _append(current: _Act, fact: Fact) -> UUID:
    with connection.cursor() as cursor:
        cursor.execute("SELECT custody.append(%s, %s, %s::uuid, %s, %s::jsonb)", _columns(fact))
        (entry_id,) = cursor.fetchone()
    current.entries.append(entry_id)
    return entry_id


def append_all(facts: Iterable[Fact]) -> list[UUID]:
    """Write an entry for each fact, in this order and in one statement; returns the ids of the entries.

    That for many costs twice as much to begin with, so that a single one is written by its own.
    """
    current = _act.get()
    if current is None:
        raise RuntimeError("Entries are written by a verb only")
    facts = list(facts)
    if not facts:
        return []
    if len(facts) == 1:
        return [_append(current, facts[0])]
    rows = [_columns(fact) for fact in facts]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT custody.append_many(%s::text[], %s::text[], %s::uuid[], %s::text[], %s::jsonb[])",
            [list(column) for column in zip(*rows, strict=True)],
        )
        (ids,) = cursor.fetchone()
    current.entries.extend(ids)
    return ids


def subject(kind: str, name: str) -> Subject:
    """The subject of this kind and name: the same id each time, and none that a row could have."""
    return Subject(kind, UUID(bytes=sha256(f"{kind}/{name}".encode()).digest()[:16]))


def erase(entry_id: UUID, part: str, basis: str) -> UUID:
    """Destroy the salt and the words of one part of an entry, inside the running verb; the new entry's id.

    The database looks for another person's proposal itself. Raises EntryNotErasable.
    """
    current = _act.get()
    if current is None:
        raise RuntimeError("a part is erased by a verb only")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT custody.redact(%s::uuid, %s, %s)", [str(entry_id), part, basis])
            (erased,) = cursor.fetchone()
    except DatabaseError as error:
        raise EntryNotErasable(str(error).split("custody.redact: ")[-1].splitlines()[0])
    current.entries.append(erased)
    return erased


@dataclass(frozen=True)
class Event:
    """One entry as a person reads it; `change` is {field: [before, after]}, `note` the stated reason, `cause` what
    made it happen. `eid` is its local number, for paging."""

    eid: int
    entry_id: UUID
    at: object
    act: str
    object_type: str
    object_id: UUID
    actor_id: UUID | None
    actor: dict
    data: dict
    change: dict
    note: str
    cause: dict
    redacted: bool
    index: int | None


def history(object_ids, *, limit: int = 200, before: int | None = None, acts: tuple[str, ...] = ()) -> list[Event]:
    """Entries about the given records, newest first. The caller has passed the records through the gate.

    With `acts` only those whose act begins with one of them.
    """
    entries = Entry.objects.filter(object_id__in=list(object_ids)).select_related("leaf").order_by("-eid")
    if acts:
        entries = entries.filter(act__regex="^({})".format("|".join(map(re.escape, acts))))
    # What a verb wrote is told by its own entry; the row entries beside it are for the machines.
    entries = entries.exclude(act__startswith="row.")
    if before is not None:
        entries = entries.filter(eid__lt=before)
    return [event_of(entry) for entry in entries.prefetch_related("payloads")[:limit]]


def last_times(object_ids, *, act: str, actor_id: UUID) -> dict:
    """When a person did this last to each of the given objects: {object id: moment}; not in it: never."""
    entries = Entry.objects.filter(object_id__in=list(object_ids), actor_id=actor_id, act=act)
    return dict(entries.order_by().values_list("object_id").annotate(last=models.Max("recorded_at")))


def event_of(entry: Entry) -> Event:
    """An entry as a person reads it."""
    parts: dict[str, Payload] = {payload.part: payload for payload in entry.payloads.all()}
    values = {name: payload.value() for name, payload in parts.items()}
    return Event(
        eid=entry.eid,
        entry_id=entry.entry_id,
        at=entry.recorded_at,
        act=entry.act,
        object_type=entry.object_type,
        object_id=entry.object_id,
        actor_id=entry.actor_id,
        actor=entry.content["actor"],
        data=entry.content["data"],
        change=values.get("change") or {},
        note=values.get("note") or "",
        cause=values.get("cause") or {},
        redacted=any(payload.body is None for payload in parts.values()),
        index=entry.index,
    )


def bare_event_of(entry: Entry) -> Event:
    """An entry without its words: what an auditor reads of it."""
    return replace(event_of(entry), change={}, note="", cause={})


def versions(object_id) -> list[Event]:
    """Every entry with a change of this record, oldest first: replaying `change` gives any past version."""
    entries = Entry.objects.filter(object_id=object_id).order_by("eid").prefetch_related("payloads")
    return [event for event in map(event_of, entries) if event.change]


@contextlib.contextmanager
def request(identifier: str):
    """Name the request that the entries written inside belong to."""
    token = request_id.set(identifier)
    try:
        yield
    finally:
        request_id.reset(token)
