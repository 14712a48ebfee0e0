"""What PostgreSQL's planner expects: read from its statistics, no row is. To choose a way by, and told to nobody."""

import hashlib
import json

from django.core.exceptions import EmptyResultSet
from django.db import connection

from evidence.remembered import remember


def plan_of(sql: str, params) -> dict:
    """The plan of a statement, which does not run."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (found,) = cursor.fetchone()
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def expected(rows) -> int:
    """About how many rows a queryset has, as of a minute ago: a list is paged through by the same conditions."""
    try:
        sql, params = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    asked = hashlib.sha256(repr((sql, params)).encode()).digest()  # long lists of ids are kept by nobody
    return remember(asked, lambda: int(plan_of(sql, params)["Plan Rows"]))


def size_of(model) -> int:
    """About how many rows the table has, as of a minute ago; 0 where nobody has looked yet."""
    return remember(model._meta.db_table, lambda: _size_of(model._meta.db_table))


def _size_of(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = %s::regclass", [table])
        return int(cursor.fetchone()[0])
