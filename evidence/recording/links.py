"""Verbs that link evidence to what it is evidence of, and end such a link."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import Refused
from custody import ledger
from evidence.models import Act, Incident, Item, Link, Person
from evidence.recording import content, levels
from evidence.reference import check_term


@ledger.verb
def link(
    *,
    by,
    item: Item,
    target: Incident | Act | Person,
    locator: str = "",
    function: str = "crime_base",
    stance: str = "supports",
) -> Link:
    """Link an item to an incident, act or person, with locator, evidentiary function and stance."""
    name = target._meta.model_name
    locator = content.text(locator, field="locator", limit=200)
    if Link.objects.filter(item=item, ended_at=None, **{name: target}).filter(locator=locator).exists():
        raise Refused(_("This item is already linked there with the same locator."), code="already_linked")
    row = Link.objects.create(
        item=item,
        **{name: target},
        locator=locator,
        function=check_term("evidence_function", function, field="function"),
        stance=check_term("evidence_stance", stance, field="stance"),
        created_by=by,
    )
    levels.settle(item, by=by)
    ledger.append(
        "item.linked",
        item,
        data={
            "link": str(row.pk),
            "target": {"type": name, "id": str(target.pk)},
            "function": function,
            "stance": stance,
        },
        parts={"change": {f"links/{row.pk}": [None, {"locator": row.locator, "function": function, "stance": stance}]}},
    )
    return row


@ledger.verb
def end_link(*, by, link: Link, reason: str) -> None:
    """End a link with a reason; that it stood, and until when, stays."""
    reason = content.text(reason, field="reason", limit=1000, required=True)
    if link.ended_at is not None:
        raise Refused(_("This link has already ended."), code="already_ended")
    link.ended_at, link.ended_by = timezone.now(), by
    link.save(update_fields=["ended_at", "ended_by"])
    data = {"link": str(link.pk), "target": _target(link)}
    ledger.append("item.unlinked", link.item, data=data, parts={"note": reason})


def _target(link: Link) -> dict:
    """What the item was linked to: the history of the item is shown without ties to hidden records."""
    name = next(name for name in ("incident", "act", "person", "finding") if getattr(link, f"{name}_id"))
    return {"type": name, "id": str(getattr(link, f"{name}_id"))}
