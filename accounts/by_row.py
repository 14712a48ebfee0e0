"""Where grants are, and what is granted, asked of each row: for few rows (docs/decisions/0037-few-rows-by-row.md)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models


@dataclass(frozen=True)
class Tables:
    """Where the grants and denials of one secured model live; `denial_field` names the model in the denial table."""

    by_user: Any
    by_group: Any
    denials: Any
    denial_field: str


class Granted(models.Func):
    """Whether a grant that is in force at a moment, of the person or of one of her teams, names what `path` of the row
    is the key of: the row itself, or its collection.

    Written out: built as querysets, these conditions took longer than all that the database does for them.
    """

    output_field = models.BooleanField()
    exists = (
        "EXISTS (SELECT FROM {table} g WHERE g.content_object_id = {key} AND g.{whose} AND g.permission_id = ANY(%s)"
        " AND g.begins_at <= %s AND (g.expires_at IS NULL OR g.expires_at > %s))"
    )

    def __init__(self, path: str, tables: Tables, user: UUID, groups: list[int], permissions: list[int], now: datetime):
        super().__init__(models.F(path))
        self.asked = [(tables.by_user, "user_id = %s::uuid", str(user))]
        self.asked += [(tables.by_group, "group_id = ANY(%s)", groups)] if groups else []
        self.permissions, self.now = permissions, now

    def as_sql(self, compiler, connection, **context):
        (named,) = self.get_source_expressions()
        key, params = compiler.compile(named)
        found, given = [], []
        for model, whose, who in self.asked:
            table = connection.ops.quote_name(model._meta.db_table)
            found.append(self.exists.format(table=table, key=key, whose=whose))
            given += [*params, who, self.permissions, self.now, self.now]
        return f"({' OR '.join(found)})", given
