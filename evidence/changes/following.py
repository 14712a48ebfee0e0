"""One page of the feed: a person's place in it is brought up to the present, as far as a page goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from accounts import grants
from accounts.models import User
from accounts.sights import Sight, sight_of
from custody import ledger
from evidence.changes import judging
from evidence.changes.cursors import END, Place, Stretch, not_yours
from evidence.models import KeptSight


@dataclass(frozen=True)
class Entry:
    """What a person is told of one record: that she may see it, in this version; or that she no longer may.

    Of one that is gone she is told nothing that she did not know: no version and no moment.
    """

    kind: str
    id: UUID
    code: str
    is_gone: bool
    version: int | None
    updated_at: datetime | None


@dataclass(frozen=True)
class Told:
    """A page: its entries, the place after it, whether there is more now. `sight` is what it was read by, and `is_new`
    whether that is still to be kept (note_followed)."""

    entries: list[Entry]
    place: Place
    more: bool
    sight: Sight
    sight_id: UUID
    is_new: bool


def follow(user: User, place: Place, size: int) -> Told:
    """At most `size` entries that bring the person from this place towards the present. Writes nothing.

    Everything is read from one snapshot. Records are gone through by key; what stands before the key at which a page
    ended is told as it was in that page's snapshot, and brought up to date again by the next page before it goes on.
    """
    with _one_snapshot():
        snapshot, cluster = judging.present()
        if place.cluster not in (0, cluster) or any(
            one.snapshot and judging.is_ahead(one.snapshot) for one in place.stretches
        ):
            raise not_yours()
        sight = sight_of(User.objects.get(pk=user.pk), judging.MODELS)
        sight_id = _id_of(user, sight)
        is_new = not KeptSight.objects.filter(pk=sight_id).exists()
        entries, stretches, more = _moved_on(user, place, sight, sight_id, snapshot, size)
        return Told(entries, Place(place.kinds, stretches, cluster), more, sight, sight_id, is_new)


def _moved_on(user, place, sight, sight_id, snapshot, size) -> tuple[list[Entry], tuple[Stretch, ...], bool]:
    """(entries, stretches after them, whether a full page ended before the end)."""
    entries: list[Entry] = []
    seen = _Sights(user)
    for number, (stretch, reaches) in enumerate(_reaches(place, seen)):
        for kind_number, reach in reaches if _may_differ(stretch, sight_id) else ():
            rows = _rows(reach, sight, size - len(entries) + 1)
            taken = rows[: size - len(entries)]
            entries += [_entry(reach.kind, row) for row in taken]
            if len(rows) > len(taken):
                # The key of the last that was told, or of where this reach begins.
                key = (kind_number, taken[-1].id if taken else reach.low)
                rest = place.stretches[number:]
                return _in_order(entries), (Stretch(key, sight_id, snapshot), *rest), True
    return _in_order(entries), (Stretch(END, sight_id, snapshot),), False


def _may_differ(stretch: Stretch, sight_id: UUID) -> bool:
    """Whether anything of a stretch can be another: the sight, or any record of anybody's."""
    return stretch.sight != sight_id or judging.anything_since(stretch.snapshot)


def _reaches(place: Place, seen: "_Sights") -> Iterator[tuple[Stretch, list]]:
    """Each stretch with [(number of the kind, the reach of it within the stretch)]."""
    low = (0, judging.LOWEST)
    for stretch in place.stretches:
        within = []
        for number, kind in enumerate(judging.KINDS):
            if kind in place.kinds and low[0] <= number <= stretch.until[0]:
                first = low[1] if number == low[0] else judging.LOWEST
                last = stretch.until[1] if number == stretch.until[0] else END[1]
                within.append((number, judging.Reach(kind, first, last, seen[stretch.sight], stretch.snapshot)))
        yield stretch, within
        low = stretch.until


def _rows(reach: judging.Reach, sight: Sight, limit: int) -> list[judging.Row]:
    rows = judging.changed_since(reach, sight, limit) if reach.since else []
    if reach.sight.digest != sight.digest:
        rows += judging.moved_by_sight(reach, sight, limit)
    return sorted(rows, key=lambda row: row.id)[:limit]


def _entry(kind: str, row: judging.Row) -> Entry:
    known = (row.version, row.updated_at) if row.sees else (None, None)
    return Entry(kind, row.id, row.code, not row.sees, *known)


def _in_order(entries: list[Entry]) -> list[Entry]:
    """What is gone first, then what was changed, the oldest change first."""
    return sorted(entries, key=lambda one: (one.updated_at is not None, one.updated_at or one.id, one.id))


class _Sights(dict):
    """The sights that stretches were told by, each read once. Only the person's own are hers to name."""

    def __init__(self, user):
        super().__init__({None: Sight()})
        self.user = user

    def __missing__(self, key: UUID) -> Sight:
        row = KeptSight.objects.filter(pk=key, user=self.user).first()
        if row is None:
            raise not_yours()
        self[key] = Sight.from_json(row.content)
        return self[key]


def _id_of(user, sight: Sight) -> UUID:
    """The id that a sight is kept under: the same for the same, so that two requests at once keep one."""
    return ledger.subject("sight", f"{user.pk}/{sight.digest.hex()}").pk


@contextmanager
def _one_snapshot():
    """Read everything from one snapshot: who may see what, and what there is. Inside a transaction that has begun
    already (a test's) it is left as it is."""
    is_first = not connection.in_atomic_block
    with transaction.atomic():
        if is_first:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        grants.forget_scopes()
        yield


@ledger.verb
def note_followed(*, by: User, told: Told) -> None:
    """One entry for a page that told something or has to be remembered; what it was seen by is kept with it.

    A page that told nothing leaves none: nothing was read, and clients ask every few seconds.
    """
    if told.is_new:
        KeptSight.objects.bulk_create(
            [KeptSight(pk=told.sight_id, user=by, digest=told.sight.digest, content=told.sight.as_json())],
            ignore_conflicts=True,
        )
    if told.is_new or told.entries:
        gone = sum(one.is_gone for one in told.entries)
        data = {"kinds": list(told.place.kinds), "shown": len(told.entries) - gone, "gone": gone}
        ledger.append("changes.followed", by, data=data)
