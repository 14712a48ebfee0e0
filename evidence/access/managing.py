"""Who manages the access to what: administrators everywhere, others where a grant lets them manage.

Managing access is not reading: an administrator addresses records by their reference, and is told no more of them.
"""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from accounts import holdings
from accounts.errors import Forbidden
from accounts.grants import permits
from accounts.models import User
from accounts.roles import Act, Permission, may
from evidence.models import Collection, Incident, Item, Person, Situation, Source
from evidence.recording.acts import find

KINDS = {model._meta.model_name: model for model in (Collection, Incident, Item, Person, Source, Situation)}


def is_managed(user, record) -> bool:
    """Whether this person may give and take back access to the record."""
    return may(user, Act.ACCESS) or (may(user, Act.SHARE) and permits(user, record, Permission.MANAGE))


def check_manages(by, record) -> None:
    """Refuse whoever is a person and does not manage the record. Services act for people who were checked."""
    if isinstance(by, User) and not is_managed(by, record):
        raise Forbidden(
            _("Access to this is managed by an administrator or by whoever manages its collection. Ask one of them.")
        )


def managed_collections(user):
    """The collections whose access this person manages, by name."""
    rows = Collection.objects.all() if may(user, Act.ACCESS) else Collection.objects.permitted(user, Permission.MANAGE)
    return rows.order_by("name_en", "pk")


@dataclass(frozen=True)
class Laid:
    """What whoever manages the access to a record is told of it. `home` is None for whoever manages the record alone:
    the collection it lives in, and who sees it through that, is not hers to know."""

    home: Collection | None
    readers: list[holdings.Reader]
    ways: list[holdings.Way]
    denials: list[holdings.Kept]


def laid_open(user, record) -> Laid:
    """Who sees a record and why, as far as it is this person's to know."""
    home = holdings.home_of(record)
    readers, ways, denials = holdings.readers(record), holdings.ways_to(record), holdings.denials_of(record)
    if is_managed(user, home):
        return Laid(home, readers, ways, denials)
    own = [replace(reader, ways=[way for way in reader.ways if way.on == record]) for reader in readers]
    return Laid(
        None,
        [reader for reader in own if reader.ways],
        [way for way in ways if way.on == record],
        [one for one in denials if one.on == record],
    )


def people_of(*, user: User | None = None, group=None) -> list[User]:
    """Whom an act on a person or a team touches: the person, or the team's active members by name."""
    if group is None:
        return [] if user is None else [user]
    return list(User.objects.filter(groups=group, is_active=True).order_by("name", "pk"))


def readers_around(user: User, record) -> list[User]:
    """Whom a restriction of a record closes it to, or opens it to, as far as it is this person's to know: of a
    collection that she manages, whoever reads that."""
    home = holdings.home_of(record)
    return [one.user for one in laid_open(user, home if is_managed(user, home) else record).readers]


def by_code(code: str):
    """The record of this reference whoever asks, or None: for deciding about access to it, never for showing it."""
    found = (model._base_manager.filter(code=code).first() for model in KINDS.values())
    return next((record for record in found if record is not None), None)


def find_managed(user, identifier):
    """The record of this id or reference whose access the person manages, or None."""
    for model in KINDS.values():
        rows = model.objects.all() if may(user, Act.ACCESS) else model.objects.permitted(user, Permission.MANAGE)
        if record := find(rows, identifier):
            return record
    return None
