"""The effective level: the maximum of a record's own confidentiality and the floors of protected persons linked to it.

It only rises here. Lowering one, by whatever act, is a downgrade and takes two people (protection.py's matter).
"""

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from accounts.errors import Refused
from custody import ledger
from evidence.models import Incident, Item, Level, Person, Source


def check_within_clearance(by, level: int) -> None:
    """Refuse a save that would put a record above its author's own clearance: she could not open it again."""
    clearance = getattr(by, "clearance", Level.SOURCE_PROTECTED)
    if level > clearance:
        raise Refused(
            _(
                "This record would be “%(level)s”, above your own clearance “%(clearance)s”: "
                "you could not open it again."
            )
            % {"level": Level(level).label, "clearance": Level(clearance).label},
            code="above_clearance",
            field="confidentiality",
        )


def check_not_lowered(record, level: int) -> None:
    if level < record.confidentiality:
        raise Refused(
            _("Lowering the confidentiality is a downgrade: it takes two people, not an edit of the record."),
            code="downgrade",
            field="confidentiality",
        )


def _floors(record) -> list[Person]:
    """The persons whose protection this record must carry."""
    persons = Person.objects.filter(is_protected=True)
    if isinstance(record, Incident):
        return list(persons.filter(involvements__act__incident=record, involvements__ended_at=None))
    if isinstance(record, Item):
        linked = persons.filter(links__item=record, links__ended_at=None)
        return list(linked | persons.filter(sources__items=record))
    if isinstance(record, Source):
        return list(persons.filter(sources=record))
    return [record] if isinstance(record, Person) else []


def settle(record, *, by) -> int:
    """Set the effective level of a record after a change to it or its links; returns it. Never lowers it."""
    floor = max((person.floor for person in _floors(record)), default=0)
    level = max(record.confidentiality, floor, record.effective_level if not record._state.adding else 0)
    check_within_clearance(by, level)
    if level != record.effective_level:
        record.effective_level = level
        type(record)._base_manager.filter(pk=record.pk).update(effective_level=level)
    return level


def spread(person: Person) -> None:
    """A person's protection rose: lift everything linked to her, each with an entry of its own."""
    records = [
        *Incident.objects.filter(acts__involvements__person=person, acts__involvements__ended_at=None).distinct(),
        *Item.objects.filter(Q(links__person=person, links__ended_at=None) | Q(source__person=person)).distinct(),
        *Source.objects.filter(person=person),
    ]
    for record in records:
        if record.effective_level < person.floor:
            type(record)._base_manager.filter(pk=record.pk).update(effective_level=person.floor)
            ledger.append(
                f"{record._meta.model_name}.level_raised",
                record,
                data={"from": record.effective_level, "to": person.floor},
                # In an erasable part: an envelope is read by people to whom she does not exist.
                parts={"cause": {"person": str(person.pk)}},
            )


def highest(queryset) -> int:
    """The highest effective level among rows, 0 when there are none."""
    return queryset.aggregate(top=Max("effective_level"))["top"] or 0
