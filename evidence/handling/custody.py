"""Stating custody events: what happened to an item outside this system, or to a physical object."""

from uuid import UUID

from django.utils.translation import gettext as _

from accounts.errors import Invalid
from custody import ledger
from evidence.models import Custody, Item
from evidence.recording import content
from evidence.recording.problems import Problems
from evidence.reference import check_term

# Those of the vocabulary that a person states; the others are acts of this system and have entries of their own.
STATED = (
    "collected", "received", "transferred_out", "copied", "moved", "checked_out", "checked_in", "sealed", "unsealed",
    "examined", "imaged", "digitised", "returned", "seal_discrepancy", "lost_or_damaged", "restored",
)  # fmt: skip
TEXTS = {"from_custodian": 200, "to_custodian": 200, "purpose": 300, "place": 300, "seal_number": 60, "note": 2000}
FIELDS = ("event", "happened_on", *TEXTS, "corrects")


@ledger.verb
def record_custody(*, by, item: Item, given: dict) -> Custody:
    """State what happened to an item: from whom to whom, when, where, what for, under which seal. Never changed after:
    a wrong event is corrected by a further one that names it."""
    if not isinstance(given, dict):
        raise Invalid(_("Send a JSON object."))
    problems, values = Problems(), {}
    problems.refuse_unknown(given, FIELDS)
    problems.take(values, "", lambda: {"event": _event(given.get("event"))})
    problems.take(values, "", lambda: {"happened_on": _date(given.get("happened_on"))})
    for name, limit in TEXTS.items():
        problems.take(values, "", lambda n=name, most=limit: {n: content.text(given.get(n, ""), field=n, limit=most)})
    problems.take(values, "", lambda: {"corrects": _corrected(item, given.get("corrects"))})
    problems.raise_if_any()
    if not (values["from_custodian"] or values["to_custodian"] or values["place"] or values["note"]):
        raise Invalid(_("Say from whom, to whom or where: one of them at least."), field="to_custodian")
    row = Custody.objects.create(item=item, created_by=by, **values)
    told = {name: [None, values[name]] for name in ("event", "happened_on", *TEXTS) if values[name]}
    data = {"custody": str(row.pk), "event": row.event}
    if row.corrects_id:
        data["corrects"] = str(row.corrects_id)
    act = "custody.corrected" if row.corrects_id else "custody.recorded"
    ledger.append(act, item, data=data, parts={"change": told})
    return row


def custody_of(item: Item, *, user):
    """What was stated of an item, the newest statement first; what was corrected since comes with its correction."""
    return Custody.objects.permitted(user).filter(item=item).select_related("created_by").order_by("-created_at")


def _event(value) -> str:
    code = check_term("custody_event_type", value, field="event")
    if code not in STATED:
        raise Invalid(_("This is recorded by the system itself when it happens."), field="event")
    return code


def _date(value) -> str:
    text = content.dates(value, field="happened_on")["happened_on"]
    if not text:
        raise Invalid(_("Say when it happened, as exactly as you know."), field="happened_on")
    return text


def _corrected(item: Item, value) -> Custody | None:
    if value in (None, ""):
        return None
    try:
        row = Custody.objects.filter(item=item, pk=UUID(str(value))).first()
    except ValueError:
        row = None
    if row is None:
        raise Invalid(_("This item has no such custody event."), field="corrects")
    return row
