"""Requests for access: asked with a reference and a reason, decided by another person who manages what was meant.

Asking tells nothing: the answer is the same whether a record of this reference exists or not.
"""

import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Forbidden, Invalid, Refused
from accounts.models import User
from accounts.roles import ROLE_PERMISSIONS, Act, Permission, may
from custody import ledger
from evidence.access.granting import grant
from evidence.access.managing import KINDS, by_code, is_managed
from evidence.models import AccessRequest, Notice
from evidence.models.codes import read_code
from evidence.notices import administrators, managers_of, notify
from evidence.recording import content

MOST_OPEN = 20


@ledger.verb
def ask(*, by: User, code: str, permission: str, reason: str, wanted_until=None) -> AccessRequest:
    """Ask for access to what has this reference, for a reason. At most twenty requests of one person wait at a time."""
    read = read_code(code)
    if read is None:
        raise Invalid(_("Write the reference code, like INC-7Q4K-M3DX or COL-7Q4K-M3DX."), field="code")
    if permission not in ROLE_PERMISSIONS.get(by.role, ()):
        raise Invalid(_("Your role cannot use this permission."), field="permission")
    wanted_until = content.instant(wanted_until, field="wanted_until")
    if wanted_until is not None and wanted_until <= timezone.now():
        raise Invalid(_("This end lies in the past."), field="wanted_until")
    reason = content.sentence(reason, field="reason")
    if AccessRequest.objects.filter(requester=by, state="open").count() >= MOST_OPEN:
        raise Refused(_("Twenty of your requests wait already. Wait for answers, or withdraw some."), code="too_many")
    if AccessRequest.objects.filter(requester=by, state="open", code=read, permission=permission).exists():
        raise Refused(_("You asked for this already; it waits for an answer."), code="asked_already")
    request = AccessRequest.objects.create(
        requester=by, code=read, permission=permission, reason=reason, wanted_until=wanted_until
    )
    record = ask_for(request)
    answerable = managers_of(record) if record is not None else administrators()
    notify(answerable - {by.pk}, Notice.Kind.ACCESS_ASKED, request.pk)
    data = {"permission": permission, "until": wanted_until and wanted_until.isoformat()}
    ledger.append("request.made", request, data=data, parts={"note": reason, "wanted": {"code": read}})
    return request


def ask_for(request: AccessRequest):
    """The record that a request means, or None: for whoever decides, never for whoever asks."""
    return by_code(request.code)


def requests_to(user: User):
    """Open requests of others that this person may decide, oldest first."""
    rows = AccessRequest.objects.filter(state="open").exclude(requester=user).select_related("requester")
    rows = rows.order_by("created_at")
    if may(user, Act.ACCESS):
        return list(rows)
    waiting = list(rows)
    codes = {row.code for row in waiting}
    managed: set[str] = set()
    for model in KINDS.values():
        mine = model.objects.permitted(user, Permission.MANAGE).filter(code__in=codes)
        managed |= set(mine.values_list("code", flat=True))
    return [row for row in waiting if row.code in managed]


def request_for(user: User, identifier) -> AccessRequest | None:
    """A request by id: one's own, or one that this person may decide."""
    try:
        row = AccessRequest.objects.select_related("requester", "decided_by").get(pk=UUID(str(identifier)))
    except (ValueError, AccessRequest.DoesNotExist):
        return None
    if row.requester_id == user.pk or may(user, Act.ACCESS):
        return row
    record = ask_for(row)
    return row if record is not None and is_managed(user, record) else None


@ledger.verb
def decide(*, by: User, request: AccessRequest, approve: bool, answer: str, until: datetime.datetime | None = None):
    """Approve or refuse another person's request, with words for her; approving gives the grant in the same act."""
    row = AccessRequest.objects.select_for_update().get(pk=request.pk)
    if row.state != AccessRequest.State.OPEN:
        raise Refused(_("This request was decided or withdrawn already."), code="decided")
    if row.requester_id == by.pk:
        raise Refused(_("You asked for this yourself: another person has to decide."), code="second_person")
    record = ask_for(row)
    if not (may(by, Act.ACCESS) or (record is not None and is_managed(by, record))):
        raise Forbidden(_("Whoever manages this, or an administrator, decides on it."))
    answer = content.sentence(answer, field="answer")
    if approve:
        if record is None:
            raise Refused(_("There is no record of this reference: the request can only be refused."), code="no_record")
        requester = User.objects.get(pk=row.requester_id)
        grant(
            by=by, record=record, permission=row.permission, reason=row.reason, user=requester,
            expires_at=until or row.wanted_until,
        )  # fmt: skip
    row.state = AccessRequest.State.APPROVED if approve else AccessRequest.State.REFUSED
    row.decided_by, row.decided_at, row.answer = by, timezone.now(), answer
    row.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    notify([row.requester_id], Notice.Kind.ACCESS_DECIDED, row.pk)
    ledger.append("request.approved" if approve else "request.refused", row, parts={"note": answer})
    return row


@ledger.verb
def withdraw_request(*, by: User, request: AccessRequest) -> None:
    """Take one's own open request back."""
    row = AccessRequest.objects.select_for_update().get(pk=request.pk)
    if row.requester_id != by.pk or row.state != AccessRequest.State.OPEN:
        raise Refused(_("Only your own open request can be withdrawn."), code="not_open")
    row.state = AccessRequest.State.WITHDRAWN
    row.save(update_fields=["state"])
    ledger.append("request.withdrawn", row)
