"""Names that whoever sees their persons may read: of those who are not protected. The others open with the vault."""

import logging

from django.db.models import QuerySet

from evidence import vault
from evidence.models import Person, PersonName

log = logging.getLogger(__name__)


def readable(user) -> QuerySet:
    """The names that this person may read without opening the vault: in force, of persons who are not protected."""
    return PersonName.objects.filter(ended_at=None, person__is_protected=False).permitted(user)


def as_recorded(name: PersonName) -> dict:
    """{"script", "kind", "value"} of a name, unsealed; raises VaultError. For verbs, and for `readable` names."""
    value = vault.unseal_text(name.sealed, purpose="identity", row=name)
    return {"script": name.script, "kind": name.kind, "value": value}


def names_of(persons: list[Person], user) -> dict:
    """The names of these persons that may be read, as they were recorded: {person id: [{"script", "kind", "value"}]}.

    A name whose key is missing is left out and logged; `manage.py check` tells of it, and lists go on.
    """
    found: dict = {}
    open_ones = [person.pk for person in persons if not person.is_protected]
    for row in readable(user).filter(person__in=open_ones).order_by("created_at", "pk") if open_ones else ():
        try:
            name = as_recorded(row)
        except vault.VaultError as error:
            log.error("the name %s cannot be read: %s", row.pk, error)
            continue
        found.setdefault(row.person_id, []).append(name)
    return found
