"""What PostgreSQL's planner expects: read from its statistics, no row is. To choose a way by, and told to nobody."""

import json

from django.db import connection


def plan_of(sql: str, params) -> dict:
    """The plan of a statement, which does not run."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        (found,) = cursor.fetchone()
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def size_of(model) -> int:
    """About how many rows the table has; 0 where nobody has looked yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        return int(cursor.fetchone()[0])
