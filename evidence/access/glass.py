"""Breaking the glass: in an emergency a person opens a record she has no access to, for minutes, seen by many.

It replaces a missing grant and nothing else: clearance stays a ceiling and a denial stays a denial.
"""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import grants
from accounts.errors import Forbidden, Invalid, Refused
from accounts.grants import permits
from accounts.holdings import ways_to
from accounts.models import User
from accounts.roles import Act, Permission, may
from custody import ledger, trail
from evidence.access.managing import KINDS, by_code
from evidence.models import BreakGlass, Collection, Notice
from evidence.models.codes import read_code
from evidence.notices import managers_of, notify, overseers
from evidence.recording import content

MINUTES = (15, 60, 240)
MOST_A_DAY = 5
MOST_SHOWN = 200


@ledger.verb
def break_glass(*, by: User, code: str, reason: str, minutes: int = 60) -> BreakGlass | None:
    """Open the record of this reference to oneself for some minutes. Administrators, auditors and everybody who manages
    its collection are told at once, and one of them who may know of the record reviews it.

    Returns None, whatever the cause (no such record, above the clearance, denied): the attempt is told too.
    """
    if not may(by, Act.GLASS):
        raise Forbidden(_("Your role does not include this. Ask an administrator if it should."))
    read = read_code(code)
    if read is None:
        raise Invalid(_("Write the reference code, like INC-7Q4K-M3DX."), field="code")
    if minutes not in MINUTES:
        raise Invalid(_("Choose one of the times that are offered."), field="minutes")
    reason = content.text(reason, field="reason", limit=1000, required=True)
    if len(reason) < 20:
        raise Invalid(_("Say in a whole sentence what the emergency is; it is reviewed."), field="reason")
    User.objects.select_for_update().get(pk=by.pk)  # two at once count each other
    since = timezone.now() - timedelta(days=1)
    failed = trail.page(trail.Wanted(subject=by.pk, acts=("glass.failed",), since=since), limit=MOST_A_DAY)
    if BreakGlass.objects.filter(person=by, started_at__gt=since).count() + len(failed) >= MOST_A_DAY:
        raise Refused(_("Five times in a day is the limit. Ask an administrator for access."), code="too_often")
    # Single records alone: a collection is asked for.
    record = by_code(read)
    record = None if isinstance(record, Collection) else record
    if record is not None and permits(by, record):
        raise Refused(_("You can open this record already."), code="open_already")
    expires = timezone.now() + timedelta(minutes=minutes)
    if record is None or not _opens(by, record, reason, expires):
        notify(overseers() - {by.pk}, Notice.Kind.GLASS_FAILED)
        ledger.append("glass.failed", by, parts={"note": reason, "wanted": {"code": read}})
        return None
    row = BreakGlass.objects.create(
        person=by, kind=record._meta.model_name, record_id=record.pk, reason=reason, expires_at=expires,
        collection=getattr(record, "collection", record),
    )  # fmt: skip
    told = overseers() | managers_of(record) | managers_of(row.collection)
    notify(told - {by.pk}, Notice.Kind.GLASS_BROKEN, row.pk)
    data = {"glass": str(row.pk), "until": expires.isoformat()}
    ledger.append("glass.broken", record, data=data, parts={"note": reason})
    return row


def _opens(by: User, record, reason: str, expires) -> bool:
    """Give the grant if it would let her in; clearance and denials are the gate's to judge."""
    if record.effective_level > by.clearance or grants.is_denied(by, record):
        return False
    grants.give(record=record, permission=Permission.VIEW, by=by, reason=reason, user=by, expires_at=expires)
    return True


def record_of(row: BreakGlass):
    """The record that was opened."""
    return KINDS[row.kind]._base_manager.get(pk=row.record_id)


def glass_to(user: User) -> list[BreakGlass]:
    """Broken glass that this person sees, newest first: her own; all for administrators and auditors; others, what
    was opened in the collections they manage and of the records they manage.

    Each row as far as it is hers to know: see `withheld`.
    """
    return _laid_before(user, _rows_of(user).order_by("-started_at")[:MOST_SHOWN])


def glass_for(user: User, identifier) -> BreakGlass | None:
    """One of them by its id."""
    try:
        rows = _rows_of(user).filter(pk=UUID(str(identifier)))
    except ValueError:
        return None
    return next(iter(_laid_before(user, rows)), None)


def _rows_of(user: User):
    rows = BreakGlass.objects.select_related("person", "reviewed_by", "collection")
    if _oversees_all(user):
        return rows
    mine = Q(person=user)
    if may(user, Act.SHARE):
        mine |= Q(collection__in=Collection.objects.permitted(user, Permission.MANAGE).values("pk")) | _managed(user)
    return rows.filter(mine)


def _oversees_all(user: User) -> bool:
    return may(user, Act.OVERSEE) and (may(user, Act.ACCESS) or may(user, Act.AUDIT))


def _managed(user: User) -> Q:
    """Glass on records whose access this person manages."""
    found = Q()
    for kind, model in KINDS.items():
        found |= Q(kind=kind, record_id__in=model.objects.permitted(user, Permission.MANAGE).values("pk"))
    return found


def _laid_before(user: User, rows) -> list[BreakGlass]:
    """The rows, with what is not this person's to know taken off them; such a row cannot be saved."""
    rows = list(rows)
    if _oversees_all(user):
        return rows
    known = BreakGlass.objects.filter(Q(person=user) | _managed(user), pk__in=[row.pk for row in rows])
    ids = set(known.values_list("pk", flat=True))
    return [row if row.pk in ids else withheld(row) for row in rows]


def withheld(row: BreakGlass) -> BreakGlass:
    """What a manager of the collection is told of a record that does not exist for her: that emergency access was
    taken, by whom, until when, and whether it was reviewed. Nothing that names, counts or describes the record, which
    reason and finding may do."""
    row.is_withheld = True
    row.kind, row.record_id, row.reason, row.review_note = "", None, "", ""
    return row


@ledger.verb
def end_glass(*, by: User, row: BreakGlass, reason: str = "") -> None:
    """Close it before its time: by whoever broke it, or by whoever may review it."""
    row = BreakGlass.objects.select_for_update().get(pk=row.pk)
    if by.pk != row.person_id:
        _check_reviews(by, row)
    if not row.is_open:
        raise Refused(_("This is closed already."), code="closed")
    record = record_of(row)
    _take_back(row, record)
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    ledger.append("glass.ended", record, data={"glass": str(row.pk)}, parts={"note": reason} if reason else None)


def _take_back(row: BreakGlass, record) -> None:
    """Remove the grant that the glass gave, not one that somebody else has given for the same record meanwhile."""
    for way in ways_to(record, inherited=False):
        if way.user_id == way.granted_by_id == row.person_id and way.permission == Permission.VIEW:
            grants.take(record=record, permission=Permission.VIEW, user=User.objects.get(pk=row.person_id))


@ledger.verb
def review_glass(*, by: User, row: BreakGlass, outcome: str, note: str) -> None:
    """Say whether it was justified; what is not justified ends at once. Never by the person herself."""
    row = BreakGlass.objects.select_for_update().get(pk=row.pk)
    _check_reviews(by, row)
    if row.outcome:
        raise Refused(_("This was reviewed already."), code="reviewed")
    if outcome not in BreakGlass.Outcome.values:
        raise Invalid(_("Say whether it was justified."), field="outcome")
    note = content.text(note, field="note", limit=1000, required=True)
    record = record_of(row)
    if outcome == BreakGlass.Outcome.NOT_JUSTIFIED and row.is_open:
        _take_back(row, record)
        row.ended_at = timezone.now()
    row.outcome, row.review_note, row.reviewed_by, row.reviewed_at = outcome, note, by, timezone.now()
    row.save(update_fields=["outcome", "review_note", "reviewed_by", "reviewed_at", "ended_at"])
    notify([row.person_id], Notice.Kind.GLASS_REVIEWED, row.pk)
    ledger.append("glass.reviewed", record, data={"glass": str(row.pk), "outcome": outcome}, parts={"note": note})


def _check_reviews(by: User, row: BreakGlass) -> None:
    if by.pk == row.person_id:
        raise Refused(_("You broke the glass yourself: another person reviews it."), code="second_person")
    seen = glass_for(by, row.pk) if may(by, Act.OVERSEE) else None
    if seen is None or seen.is_withheld:
        raise Forbidden(_("Administrators, auditors and whoever manages the collection review this."))
