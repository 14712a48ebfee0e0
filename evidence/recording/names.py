"""What names are found by: kept beside them while their person is not protected, gone from the moment that she is."""

from django.db import transaction

from evidence import marks
from evidence.models import Person, PersonName
from evidence.open_names import as_recorded

BATCH = 500


def keep_marks(person: Person) -> None:
    """Mark the names of a person who is not protected; take the marks away from those of one who is. For verbs to call,
    in the transaction that names or protects her."""
    names = PersonName._base_manager.filter(person=person)
    if person.is_protected:
        names.exclude(marks=None).update(marks=None)
    else:
        _mark(list(names.filter(marks=None)))


def mark_waiting() -> int:
    """Mark names that have no marks yet though their persons are not protected, a batch at a time; returns how many.

    Those of before there were marks, and nothing else: not a verb, it says no more than the names do.
    """
    waiting = PersonName._base_manager.filter(marks=None, person__is_protected=False).order_by("pk")[:BATCH]
    for person in Person._base_manager.filter(pk__in=[row.person_id for row in waiting]).order_by("pk"):
        with transaction.atomic():
            # Nobody protects her meanwhile.
            keep_marks(Person._base_manager.select_for_update(of=("self",)).get(pk=person.pk))
    return len(waiting)


def _mark(rows: list[PersonName]) -> None:
    if not rows:
        return
    texts = [as_recorded(row)["value"] for row in rows]
    for row, found in zip(rows, marks.marks_of(texts), strict=True):
        PersonName._base_manager.filter(pk=row.pk).update(marks=found)
