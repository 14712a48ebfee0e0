"""Where grants and denials are, and what they say of a row, asked of each row: for few rows
(docs/decisions/0037-few-rows-by-row.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone


@dataclass(frozen=True)
class Tables:
    """Where the grants and denials of one secured model live; `denial_field` names the model in the denial table."""

    by_user: Any
    by_group: Any
    denials: Any
    denial_field: str


@dataclass(frozen=True)
class Whose:
    """A person, and that `group_id` is one of her teams: written out once for all that is asked of a row. She says
    which her teams are, since she may be one as she would be (evidence/reach.py)."""

    user: str
    in_teams: str
    params: tuple

    @classmethod
    def of(cls, user: Any) -> "Whose":
        teams, params = user.team_ids.query.sql_with_params()
        return cls(str(user.pk), f"s.group_id = ANY(ARRAY({teams}))", params)


class _Said(models.Func):
    """Whether something is said, of a person or of one of her teams, about what `path` of the row is the key of: the
    row itself, or its collection.

    Written out, since Django took longer to build these conditions than the database to answer them; and as the first
    row that says it, in place of EXISTS, since planning is most of the answer and that has two ways to be planned.
    """

    output_field = models.BooleanField()
    first_row = "(SELECT true FROM {table} s WHERE {condition} LIMIT 1) IS NOT NULL"

    def __init__(self, path: str, tables: Tables, whose: Whose):
        super().__init__(models.F(path))
        self.tables, self.whose = tables, whose

    def key(self, compiler) -> tuple[str, list]:
        """The key of the row, with its parameters."""
        (named,) = self.get_source_expressions()
        sql, params = compiler.compile(named)
        return sql, list(params)

    def said(self, connection, model, condition: str) -> str:
        return self.first_row.format(table=connection.ops.quote_name(model._meta.db_table), condition=condition)


class Granted(_Said):
    """Whether one of these permissions is granted, by a grant that is in force at the moment."""

    def __init__(self, path: str, tables: Tables, whose: Whose, permissions: list[int], now: datetime):
        super().__init__(path, tables, whose)
        self.permissions, self.now = permissions, now

    def as_sql(self, compiler, connection, **context):
        key, of_key = self.key(compiler)
        in_force = (
            "s.permission_id = ANY(%s) AND s.begins_at <= %s AND (s.expires_at IS NULL OR s.expires_at > %s)"
            f" AND s.content_object_id = {key}"
        )
        asked = [self.permissions, self.now, self.now, *of_key]
        by_user = self.said(connection, self.tables.by_user, f"s.user_id = %s::uuid AND {in_force}")
        by_group = self.said(connection, self.tables.by_group, f"{self.whose.in_teams} AND {in_force}")
        return f"({by_user} OR {by_group})", [self.whose.user, *asked, *self.whose.params, *asked]


class Denied(_Said):
    """Whether a denial names it."""

    def as_sql(self, compiler, connection, **context):
        key, of_key = self.key(compiler)
        field = connection.ops.quote_name(f"{self.tables.denial_field}_id")
        condition = f"s.{field} = {key} AND (s.user_id = %s::uuid OR {self.whose.in_teams})"
        return self.said(connection, self.tables.denials, condition), [*of_key, self.whose.user, *self.whose.params]


def rule(model, home, secured: dict[Any, Tables], user: Any, permissions: Callable[[Any], list[int]]) -> Q:
    """The gate's rule as a question to each row of `model`; `permissions` gives those of a model that satisfy it."""
    now, whose = timezone.now(), Whose.of(user)
    granted = Q(Granted("pk", secured[model], whose, permissions(model), now))
    denied = Q(Denied("pk", secured[model], whose))
    if model is not home:
        inherited = Q(inherits_access=True) & Q(Granted("collection_id", secured[home], whose, permissions(home), now))
        granted = inherited | granted
        denied |= Q(Denied("collection_id", secured[home], whose))
    return granted & Q(effective_level__lte=user.clearance) & ~denied
