"""The one gate: who may see and do what to which record, decided in SQL. The only module that speaks guardian.

Generic: evidence.apps registers the secured models with their grant and denial tables. The rule is that of
docs/access.md; a list, a count, a search and a single object all start from `.permitted(user, permission)`.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cached_property, partial, reduce
from itertools import islice
from operator import or_
from typing import Any

from django.contrib.auth.models import Permission as PermissionRow
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.by_row import Denied, Tables, Whose, rule
from accounts.errors import Forbidden
from accounts.ids import Ids
from accounts.parts import Part
from accounts.roles import SATISFIED_BY, Permission, usable

# More than these become a sub-query. Literals let the planner estimate and count within indexes; parsing and planning
# of 2,000 cost about a millisecond (decision 14).
MAX_LITERAL_COLLECTIONS = MAX_LITERAL_RECORDS = 2000
MAX_BRANCHED_RECORDS = 100
SOME = 50  # of many collections: whether there is much can be said of these alone
WIDENING = 7_103_441  # the number of the lock of `one_at_a_time`, ours alone


_secured: dict[Any, Tables] = {}
_home: list[Any] = []
_permission_ids: dict[tuple[str, str], int] = {}
# Scopes are kept for one request only, so that a revocation counts on the next one; outside a request, not at all.
request_scopes: ContextVar[dict | None] = ContextVar("request_scopes", default=None)


def register(model, *, by_user, by_group, denials, denial_field, home: bool = False) -> None:
    """Make `model` a secured one; `home` marks the collection, whose grants its records inherit."""
    _secured[model] = Tables(by_user, by_group, denials, denial_field)
    if home:
        _home[:] = [model]


def is_secured(record) -> bool:
    return type(record) in _secured


def secured() -> list:
    """The secured models, in the order in which they were registered."""
    return list(_secured)


def tables_of(model) -> Tables:
    """Where the grants and denials of a secured model live."""
    return _secured[model]


def _ids_of(model, permission: str) -> list[int]:
    """Ids of the permission rows that satisfy `permission` on this model, looked up once a process."""
    found = []
    for wider in SATISFIED_BY[Permission(permission)]:
        key = (model._meta.label_lower, wider)
        if key not in _permission_ids:
            row = PermissionRow.objects.filter(
                content_type__app_label=model._meta.app_label,
                content_type__model=model._meta.model_name,
                codename=f"{wider}_{model._meta.model_name}",
            ).first()
            if row is None:
                continue
            _permission_ids[key] = row.pk
        found.append(_permission_ids[key])
    return found


def _granted(user, groups, model, permission, asked: Q | None = None):
    """Record ids granted to the person or her teams, by grants in force now: one UNION over the direct tables. `asked`:
    each once, of those whose record is like this, by what stands beside the grant (decision 39)."""
    now = timezone.now()
    ids = _ids_of(model, permission)
    in_force = Q(begins_at__lte=now) & (Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    tables = _secured[model]
    given = in_force & Q(permission_id__in=ids) & (asked or Q())
    own = tables.by_user.objects.filter(given, user_id=user.pk).values_list("content_object_id")
    if not groups:
        return own if asked is None else own.distinct()
    shared = tables.by_group.objects.filter(given, group_id__in=groups).values_list("content_object_id")
    return own.union(shared, all=asked is None)


class Scope:
    """What one person may reach with one permission: teams, collections, exceptions, denials. A few small queries."""

    def __init__(self, user, permission: str):
        self.user, self.permission = user, permission
        self.clearance = user.clearance
        self._records: dict[type, Ids] = {}

    @cached_property
    def groups(self) -> list[int]:
        return list(self.user.team_ids)

    @cached_property
    def denied_collections(self) -> set:
        return self.denied(_home[0])

    @cached_property
    def _open_home(self) -> Q:
        return ~Q(collection__among=self.denied_collections) if self.denied_collections else Q()

    @cached_property
    def collections(self) -> Ids:
        granted = {row[0] for row in _granted(self.user, self.groups, _home[0], self.permission)}
        return Ids(granted - self.denied_collections)

    @cached_property
    def _denials(self) -> dict[str, set]:
        """What single denials name, by their field; few, so that one look serves every model."""
        whose = Q(user_id=self.user.pk) | Q(group_id__in=self.groups)
        found: dict[str, set] = {}
        for denials in {tables.denials for tables in _secured.values()}:
            names = [f"{tables.denial_field}_id" for tables in _secured.values() if tables.denials is denials]
            for row in denials.objects.filter(whose).values(*names):
                for name, pk in row.items():
                    if pk is not None:
                        found.setdefault(name, set()).add(pk)
        return found

    @classmethod
    def of(cls, user, permission: str) -> "Scope | None":
        """None for whoever is not a signed-in, active person whose role can use this permission."""
        if user is None or not user.is_authenticated or not usable(user, permission):
            return None
        cache = request_scopes.get()
        if cache is None:
            return cls(user, permission)
        key = (user.pk, permission)
        if key not in cache:
            cache[key] = cls(user, permission)
        return cache[key]

    def _own_records(self, model) -> Ids:
        if model not in self._records:
            rows = _granted(self.user, self.groups, model, self.permission)[: MAX_LITERAL_RECORDS + 1]
            self._records[model] = Ids(row[0] for row in rows)
        return self._records[model]

    def own(self, model) -> set:
        """Ids of all records of the model that are granted singly, however many."""
        return {row[0] for row in _granted(self.user, self.groups, model, self.permission)}

    def denied(self, model) -> set:
        """Ids of the records of the model that are denied singly."""
        return self._denials.get(f"{_secured[model].denial_field}_id", set())

    def _terms(self, model, homes: set | None = None) -> tuple[Q | None, Q | None, Q]:
        """(granted by the collection, of `homes` if given; by itself; not above her clearance); None: nothing is."""
        (home,) = _home
        within = Q(effective_level__lte=self.clearance)
        by_collection: Q | None = None
        by_itself: Q | None = None
        collections = self.collections if homes is None else Ids(self.collections & homes)
        if collections and (homes is not None or len(collections) <= MAX_LITERAL_COLLECTIONS):
            by_collection = Q(inherits_access=True, collection__among=collections)  # denied ones are not in it
        elif collections:
            granted = _granted(self.user, self.groups, home, self.permission)
            by_collection = Q(inherits_access=True, collection_id__in=granted) & self._open_home
        if own := self._own_records(model):
            few = len(own) <= MAX_LITERAL_RECORDS
            ids = own if few else _granted(self.user, self.groups, model, self.permission)
            by_itself = Q(**{"pk__among" if few else "pk__in": ids}) & self._open_home
        return by_collection, by_itself, within

    def condition(self, model, *, by_row: bool = False) -> Q | None:
        """The rule as one condition on `model`, or None when nothing can pass; `by_row`: what is granted and denied is
        asked of each row, not read beforehand."""
        if by_row:
            return rule(model, _home[0], _secured, self.user, lambda of: _ids_of(of, self.permission))
        if model is _home[0]:
            within = Q(effective_level__lte=self.clearance)
            return within & Q(pk__among=self.collections) if self.collections else None
        by_collection, by_itself, within = self._terms(model)
        if by_collection is None and by_itself is None:
            return None
        granted = [term for term in (by_collection, by_itself) if term is not None]
        denied = self.denied(model)
        return reduce(or_, granted) & within & (~Q(pk__among=denied) if denied else Q())

    def parts(self, model, homes: set | None = None) -> list[tuple[int, Q, Q]]:
        """The same rule in parts, each of which an index answers alone: [(sign, condition, without)].

        Their counts, with their signs, add up to that of `condition`. Rows are those of the parts with sign 1, without
        what `without` leaves out: what a part with sign -1 stands for, which counting within an index cannot ask.
        """
        (home,) = _home
        if model is home:
            whole = self.condition(model)
            return [] if whole is None else [(1, whole, Q())]
        by_collection, by_itself, within = self._terms(model, homes)
        denied = self.denied(model)
        without = ~Q(pk__among=denied) if denied else Q()
        parts = []
        if by_collection is not None:
            parts.append((1, by_collection & within, without))
            if denied:
                parts.append((-1, Q(pk__among=denied) & by_collection & within, Q()))
        if by_itself is not None:
            besides = by_itself & within & without
            parts.append((1, besides if by_collection is None else besides & ~by_collection, Q()))
        return parts

    def count_besides(self, model) -> int:
        """How many records single grants open besides the collections, by what stands beside these grants: nothing is
        looked up in the records."""
        by_collection, _by_itself, seen = self._terms(model)
        seen &= self._open_home
        if by_collection is not None:
            seen &= ~by_collection
        if denied := self.denied(model):
            seen &= ~Q(content_object__among=denied)
        return _granted(self.user, self.groups, model, self.permission, seen).count()

    def reads_in_branches(self, model) -> bool:
        """Whether a page is better read from each part by itself: only where few are granted singly.

        These are fetched whole to be ordered. A page of many is quicker to find by walking through all in order.
        """
        return (
            len(self.collections) <= MAX_LITERAL_COLLECTIONS and len(self._own_records(model)) <= MAX_BRANCHED_RECORDS
        )


class SecuredQuerySet(models.QuerySet):
    """Rows of a secured model: collection, incident, item, person, source."""

    def permitted(self, user, permission: str = Permission.VIEW, *, by_row: bool = False):
        """The rows on which this person has this permission now; everything else does not exist for her. `by_row`: the
        same, for rows that are few by another condition, as one record and what belongs to it."""
        scope = Scope.of(user, permission)
        condition = scope.condition(self.model, by_row=by_row) if scope else None
        return self.none() if condition is None else self.filter(condition)

    def permitted_in_parts(self, user, permission: str = Permission.VIEW, *, homes: set | None = None) -> list[Part]:
        """The same rows in parts, for counting them and for reading the first of them; `homes`: of these alone, for a
        list that is narrowed to them."""
        scope = Scope.of(user, permission)
        if scope is None:
            return []
        alone = self.model is not _home[0] and scope.reads_in_branches(self.model)
        inherits = bool(scope.collections if homes is None else scope.collections & homes)
        denied = len(scope.denied(self.model)) if self.model is not _home[0] else 0
        listed = self.model is not _home[0] and len(scope._own_records(self.model)) <= MAX_LITERAL_RECORDS
        besides = None if homes or self.query.where else partial(scope.count_besides, self.model)
        parts = []
        for place, (sign, condition, without) in enumerate(scope.parts(self.model, homes)):
            first = inherits and place == 0
            number = besides if sign > 0 and not first else None
            rows = self.filter(condition)
            parts.append(Part(sign, rows, without, alone, first, listed and not first, condition, denied, number))
        if homes is None and inherits and len(scope.collections) > 2 * SOME:
            few = set(islice(scope.collections, SOME))
            parts[0] = replace(parts[0], some=lambda: self.filter(scope.parts(self.model, few)[0][1]))
        return parts


def permits(user, record, permission: str = Permission.VIEW) -> bool:
    """The gate for one record already loaded: asks the same question of the database."""
    return type(record)._default_manager.filter(pk=record.pk).permitted(user, permission, by_row=True).exists()


def one_at_a_time() -> None:
    """Make acts that could widen somebody's sight wait for each other: a check of one must see what the other wrote.

    Held to the end of the transaction. Grants and memberships are few, so that nobody waits long.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WIDENING])


def check_permitted(user, record, permission: str) -> None:
    """Refuse an act on a record that the person sees, where her access does not include it."""
    if not permits(user, record, permission):
        raise Forbidden(_("You may see this record, but your access does not include this act."))


def is_denied(user, record) -> bool:
    """Whether a denial keeps this person from the record or from its collection, whatever is granted."""
    places, whose = {record, getattr(record, "collection", record)}, Whose.of(user)
    return any(
        type(place)._default_manager.filter(Q(Denied("pk", _secured[type(place)], whose)), pk=place.pk).exists()
        for place in places
    )


def give(*, record, permission: str, by, reason: str, user=None, group=None, begins_at=None, expires_at=None):
    """Store one grant to a person or a team (exactly one of them); the calling verb has checked and records it."""
    tables = _secured[type(record)]
    model, who = (tables.by_user, {"user": user}) if user is not None else (tables.by_group, {"group": group})
    row = PermissionRow.objects.get(
        content_type__app_label=record._meta.app_label,
        content_type__model=record._meta.model_name,
        codename=f"{permission}_{record._meta.model_name}",
    )
    grant, _ = model.objects.update_or_create(
        **who,
        permission=row,
        content_object=record,
        defaults={
            "granted_by": by,
            "reason": reason,
            "begins_at": begins_at or timezone.now(),
            "expires_at": expires_at,
        },
    )
    forget_scopes()
    return grant


def take(*, record, permission: str, user=None, group=None) -> int:
    """Remove a grant; returns how many rows went (0: there was none)."""
    tables = _secured[type(record)]
    model, who = (tables.by_user, {"user": user}) if user is not None else (tables.by_group, {"group": group})
    return _remove(
        model.objects.filter(
            **who, content_object=record, permission__codename=f"{permission}_{record._meta.model_name}"
        )
    )


def deny(*, record, by, reason: str, user=None, group=None):
    """Store one denial to a person or a team; the calling verb has checked and records it.

    Returns the row, or None if they were denied it already.
    """
    denials, ends = _denial(record, user, group)
    if denials.filter(**ends).exists():
        return None
    denial = denials.create(**ends, denied_by=by, reason=reason)
    forget_scopes()
    return denial


def lift(*, record, user=None, group=None) -> int:
    """Remove denials; returns how many rows went (0: there was none)."""
    denials, ends = _denial(record, user, group)
    return _remove(denials.filter(**ends))


def _denial(record, user, group):
    """The table of denials, and what a denial of this record to this person or team holds."""
    tables = _secured[type(record)]
    who = {"user": user} if user is not None else {"group": group}
    return tables.denials.objects, who | {tables.denial_field: record}


def _remove(rows) -> int:
    # A DELETE counts as a write that needs an entry, even one that finds nothing.
    count = rows.delete()[0] if rows.exists() else 0
    forget_scopes()
    return count


@contextmanager
def keeping_scopes():
    """Resolve scopes once inside: a request, or the stretch of a job between two checks."""
    token = request_scopes.set({})
    try:
        yield
    finally:
        request_scopes.reset(token)


def forget_scopes() -> None:
    """Drop what was resolved in this request: the next question sees the new grants."""
    if (cache := request_scopes.get()) is not None:
        cache.clear()
