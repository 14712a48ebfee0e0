"""Why somebody sees a record: the grants and denials that bear on it, laid open for whoever manages access.

The gate (accounts.grants) decides in SQL; this says the same of one record in words. A test holds the two together.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from accounts import grants
from accounts.models import Team, User
from accounts.roles import ROLE_PERMISSIONS, SATISFIED_BY, Permission


@dataclass(frozen=True)
class Way:
    """One grant on a record or its collection, to a person (`user_id`) or to a team (`group_id`, `team`)."""

    on: object
    permission: str
    reason: str
    granted_by_id: object
    begins_at: datetime
    expires_at: datetime | None
    user_id: object = None
    group_id: int | None = None
    team: Team | None = None

    @property
    def in_force(self) -> bool:
        now = timezone.now()
        return self.begins_at <= now and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True)
class Kept:
    """One denial of a record or its collection, to a person or a team."""

    on: object
    reason: str
    denied_by_id: object
    created_at: datetime
    user_id: object = None
    group_id: int | None = None
    team: Team | None = None


@dataclass
class Reader:
    """A person whom grants lead to a record. `obstacle` is empty for whoever sees it; else what stands in the way:
    "inactive", "role", "clearance", "denied", "not_in_force"."""

    user: User
    ways: list[Way] = field(default_factory=list)
    permissions: list[str] = field(default_factory=list)
    obstacle: str = ""

    @property
    def sees(self) -> bool:
        return not self.obstacle


def home_of(record):
    """The collection a record belongs to; a collection is its own home."""
    return getattr(record, "collection", record)


def ways_to(record, *, inherited: bool = True) -> list[Way]:
    """Grants on the record and, where it inherits access, on its collection; also those not in force now."""
    home = home_of(record)
    places = [record] if record is home or not (inherited and record.inherits_access) else [record, home]
    return [way for place in places for way in _ways_on(place)]


def _ways_on(record) -> list[Way]:
    tables = grants.tables_of(type(record))
    own = tables.by_user.objects.filter(content_object=record).select_related("permission")
    shared = tables.by_group.objects.filter(content_object=record).select_related("permission", "group__team")
    found = [_way(record, row, user_id=row.user_id) for row in own]
    return found + [_way(record, row, group_id=row.group_id, team=getattr(row.group, "team", None)) for row in shared]


def _way(record, row, **who) -> Way:
    permission = row.permission.codename.partition("_")[0]
    return Way(record, permission, row.reason, row.granted_by_id, row.begins_at, row.expires_at, **who)


def counts_on(model) -> dict:
    """How many teams and people hold grants in force on each record of a model: {pk: (teams, people)}."""
    now, tables = timezone.now(), grants.tables_of(model)
    in_force = Q(begins_at__lte=now) & (Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    found: dict = {}
    for place, (table, who) in enumerate(((tables.by_group, "group"), (tables.by_user, "user"))):
        rows = table.objects.filter(in_force).order_by().values_list("content_object")
        for pk, number in rows.annotate(n=Count(who, distinct=True)):
            found.setdefault(pk, [0, 0])[place] = number
    return {pk: tuple(numbers) for pk, numbers in found.items()}


def denials_of(record) -> list[Kept]:
    """Denials on the record and on its collection."""
    home = home_of(record)
    found = []
    for place in [record] if record is home else [record, home]:
        tables = grants.tables_of(type(place))
        for row in tables.denials.objects.filter(**{tables.denial_field: place}).select_related("group__team"):
            team = getattr(row.group, "team", None) if row.group_id else None
            found.append(Kept(place, row.reason, row.denied_by_id, row.created_at, row.user_id, row.group_id, team))
    return found


def readers(record) -> list[Reader]:
    """Everybody whom a grant leads to this record, with the reason why, or what keeps them from it; by name."""
    ways, kept = ways_to(record), denials_of(record)
    groups = {way.group_id for way in ways if way.group_id}
    own = {way.user_id for way in ways if way.user_id}
    users = User.objects.filter(Q(pk__in=own) | Q(groups__in=groups)).distinct().prefetch_related("groups")
    return [_reader(user, record, ways, kept) for user in users.order_by("name", "pk")]


def _reader(user: User, record, ways: list[Way], kept: list[Kept]) -> Reader:
    groups = {group.pk for group in user.groups.all()}
    mine = [way for way in ways if way.user_id == user.pk or way.group_id in groups]
    given = {way.permission for way in mine if way.in_force}
    usable = ROLE_PERMISSIONS.get(user.role, frozenset())
    permissions = [one for one in Permission if one in usable and given & set(SATISFIED_BY[one])]
    reader = Reader(user, mine, permissions)
    if not user.is_active:
        reader.obstacle = "inactive"
    elif Permission.VIEW not in usable:
        reader.obstacle = "role"
    elif any(one.user_id == user.pk or one.group_id in groups for one in kept):
        reader.obstacle = "denied"
    elif record.effective_level > user.clearance:
        reader.obstacle = "clearance"
    elif Permission.VIEW not in permissions:
        reader.obstacle = "not_in_force"
    if reader.obstacle:
        reader.permissions = []
    return reader


def held_by(user: User) -> list[Way]:
    """Every grant to a person or one of her teams, on whatever record, in force or not."""
    groups = list(user.team_ids)
    found = []
    for model in grants.secured():
        tables = grants.tables_of(model)
        own = tables.by_user.objects.filter(user=user).select_related("permission", "content_object")
        found += [_way(row.content_object, row, user_id=user.pk) for row in own]
        shared = tables.by_group.objects.filter(group__in=groups)
        for row in shared.select_related("permission", "content_object", "group__team"):
            found.append(_way(row.content_object, row, group_id=row.group_id, team=getattr(row.group, "team", None)))
    return found


def kept_from(user: User) -> list[Kept]:
    """Every denial to a person or one of her teams."""
    groups = list(user.team_ids)
    found = []
    for model in grants.secured():
        tables = grants.tables_of(model)
        rows = tables.denials.objects.filter(
            Q(user=user) | Q(group__in=groups), **{f"{tables.denial_field}__isnull": False}
        ).select_related(tables.denial_field, "group__team")
        for row in rows:
            team = getattr(row.group, "team", None) if row.group_id else None
            place = getattr(row, tables.denial_field)
            found.append(Kept(place, row.reason, row.denied_by_id, row.created_at, row.user_id, row.group_id, team))
    return found
