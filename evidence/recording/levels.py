"""The effective level: the maximum of a record's own confidentiality and the floors of protected persons linked to it.

By ordinary acts it only rises. `lower` and `sink` are for what two people decided (evidence.protection.decisions).
"""

from django.db.models import F, Max, Q
from django.utils import timezone
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


def due(record, *, confidentiality: int | None = None, floors: dict | None = None) -> int:
    """The level that a record's own confidentiality and the people linked to it demand today, whatever it has now.

    `floors` (person id → floor) says what some of them would demand instead.
    """
    floors = floors or {}
    demanded = max((floors.get(person.pk, person.floor) for person in _floors(record)), default=0)
    return max(record.confidentiality if confidentiality is None else confidentiality, demanded)


def settle(record, *, by) -> int:
    """Set the effective level of a record after a change to it or its links; returns it. Never lowers it."""
    level = max(due(record), record.effective_level if not record._state.adding else 0)
    check_within_clearance(by, level)
    if level != record.effective_level:
        record.effective_level = level
        type(record)._base_manager.filter(pk=record.pk).update(effective_level=level)
    return level


def linked(person: Person) -> dict[str, list]:
    """Everything that carries this person's protection, by kind."""
    items = Q(links__person=person, links__ended_at=None) | Q(source__person=person)
    involved = Q(acts__involvements__person=person, acts__involvements__ended_at=None)
    return {
        "incident": list(Incident.objects.filter(involved).distinct()),
        "item": list(Item.objects.filter(items).distinct()),
        "source": list(Source.objects.filter(person=person)),
    }


def spread(person: Person) -> None:
    """A person's protection rose: lift everything linked to her, each with an entry of its own."""
    for record in (row for rows in linked(person).values() for row in rows):
        if record.effective_level < person.floor:
            _move(record, person.floor, "level_raised", person)


def sink(person: Person) -> None:
    """Two people lowered a person's protection: what is linked to her falls to what else demands, with entries."""
    for record in (row for rows in linked(person).values() for row in rows):
        level = due(record)
        if level < record.effective_level:
            _move(record, level, "level_lowered", person)


def _move(record, level: int, act: str, person: Person) -> None:
    type(record)._base_manager.filter(pk=record.pk).update(effective_level=level)
    ledger.append(
        f"{record._meta.model_name}.{act}",
        record,
        data={"from": record.effective_level, "to": level},
        # In an erasable part: an envelope is read by people to whom she does not exist.
        parts={"cause": {"person": str(person.pk)}},
    )


def lower(record, **fields) -> None:
    """Write what two people decided about a record; its version moves, so that an open form notices."""
    type(record)._base_manager.filter(pk=record.pk).update(
        **fields, version=F("version") + 1, updated_at=timezone.now()
    )


def highest(queryset) -> int:
    """The highest effective level among rows, 0 when there are none."""
    return queryset.aggregate(top=Max("effective_level"))["top"] or 0
