"""A cache in a table of the database: what all processes must count alike (attempts, codes that were used).

Django's own table cache unpickles what it finds: whoever may write a row could then run code. This one keeps JSON. A
row is added in one statement, so that of two processes exactly one adds it. Not for anything read on every request.
"""

import json
import random
import time

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

UPSERT = """INSERT INTO cache_entry (key, value, until) VALUES (%s, %s, %s) ON CONFLICT (key)
    DO UPDATE SET value = excluded.value, until = excluded.until """
FAR = 10**11  # never, in seconds
SWEPT = 100  # one writing in so many also clears what is over


class TableCache(BaseCache):
    def __init__(self, name, params):
        super().__init__(params)

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        """Keep the value if there is none, or none that still holds; whether it was kept."""
        return self._write(key, value, timeout, version, "WHERE cache_entry.until <= %s", [time.time()])

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        self._write(key, value, timeout, version)

    def _write(self, key, value, timeout, version, condition="", more=()) -> bool:
        until = self.get_backend_timeout(timeout)
        self._sweep()
        with connection.cursor() as cursor:
            cursor.execute(
                UPSERT + condition, [self._key(key, version), json.dumps(value), FAR if until is None else until, *more]
            )
            return cursor.rowcount > 0

    def get(self, key, default=None, version=None):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT value FROM cache_entry WHERE key = %s AND until > %s", [self._key(key, version), time.time()]
            )
            row = cursor.fetchone()
        return default if row is None else json.loads(row[0])

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        value = self.get(key, default=self, version=version)
        return False if value is self else self._write(key, value, timeout, version)

    def delete(self, key, version=None):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM cache_entry WHERE key = %s", [self._key(key, version)])
            return cursor.rowcount > 0

    def clear(self):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM cache_entry")

    def _key(self, key, version) -> str:
        key = self.make_key(key, version)
        self.validate_key(key)
        return key

    def _sweep(self) -> None:
        if random.randrange(SWEPT) == 0:  # noqa: S311
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM cache_entry WHERE until <= %s", [time.time()])
