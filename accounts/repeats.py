"""Requests that a client may send twice: what was done under a key of hers, so that it is not done again.

No answer is kept, and no word of a request: digests with a key of this installation, a status, and which record the
answer showed. What she may no longer see is therefore not in it (decision 29).
"""

import datetime
import uuid
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.models import AnsweredRequest

KEPT = datetime.timedelta(hours=24)


class Reused(Refused):
    """The key was used for another request."""

    def __init__(self):
        super().__init__(
            _("This Idempotency-Key was used for another request. Send a new key with each new request."),
            code="key_reused",
        )


class InProgress(Refused):
    """A request with this key is being answered now; `wait` says in how many seconds to ask again."""

    wait = 1

    def __init__(self):
        super().__init__(_("A request with this Idempotency-Key is being answered now."), code="in_progress")


@dataclass(frozen=True)
class Asked:
    """A request as it is recognised again: who asks what under which key, and what was sent, as digests in hex."""

    key: str
    body: str

    @classmethod
    def of(cls, *, user, path: str, key: str, body: bytes) -> "Asked":
        parts = [str(user.pk), path, key]
        named = "".join(f"{len(part)}:{part}" for part in parts)
        return cls(_digest(named.encode()), _digest(body))


def _digest(text: bytes) -> str:
    return salted_hmac("accounts.repeats", text, algorithm="sha256").hexdigest()


def claim(asked: Asked) -> AnsweredRequest | None:
    """What was done under this key, or None: then it is the caller's to do, in the same transaction, and to `keep`.

    Whoever asks the same meanwhile is told so. Raises Reused, InProgress.
    """
    with connection.cursor() as cursor:
        number = int.from_bytes(bytes.fromhex(asked.key[:16]), "big", signed=True)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise InProgress()
    rows = AnsweredRequest.objects.filter(key=asked.key)
    rows.filter(until__lte=timezone.now()).delete()
    row = rows.first()
    if row is not None and row.body != asked.body:
        raise Reused()
    return row


def keep(asked: Asked, *, status: int, shape: str = "", model: str = "", record: object = "") -> None:
    """Remember that this was done: its status, and which record its answer showed in which shape, if it showed one."""
    AnsweredRequest.objects.create(
        id=uuid.uuid4(),
        key=asked.key,
        body=asked.body,
        status=status,
        shape=shape,
        model=model,
        record=str(record),
        until=timezone.now() + KEPT,
    )


def sweep() -> int:
    """Forget what is older than a day; returns how many."""
    return AnsweredRequest.objects.filter(until__lte=timezone.now()).delete()[0]
