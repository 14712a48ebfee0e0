"""Two pages for whoever watches: alive, and ready. No sign-in, and nothing in them that needs one."""

import os
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from evidence import storage
from repository.celery import app
from repository.runtime import places

BROKER_SECONDS = 2


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing of the database, so that a database that is down restarts nobody."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Each part "ok" or a word; 503 unless all are ok."""
    parts = {name: _word(probe) for name, probe in PROBES.items()}
    return JsonResponse(parts, status=200 if set(parts.values()) == {"ok"} else 503)


def _word(probe: Callable[[], str]) -> str:
    try:
        return probe()
    except Exception:
        # Addresses and user names of a failed connection are nobody's business here; the log of the server has them.
        return "unreachable"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


_migrated = False


def _migrations() -> str:
    """Asked of the database until it is so once: the migrations of a running process's code do not change."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if _migrated else "pending"


def _broker() -> str:
    options = {}
    if not settings.CELERY_BROKER_URL.startswith(("amqp", "memory")):
        options = {"socket_timeout": BROKER_SECONDS, "socket_connect_timeout": BROKER_SECONDS}
    with app.connection_for_write(connect_timeout=BROKER_SECONDS, transport_options=options) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
    return "ok"


def _storage() -> str:
    if not settings.STORAGE_DIR.is_dir():
        return "missing"
    if not os.access(settings.STORAGE_DIR, os.W_OK):
        return "read-only"
    storage.place().check()
    return "ok"


def _data() -> str:
    """Whether `up` has finished loading reference data and, the first time, the sample."""
    var = getattr(settings, "VAR_DIR", None)
    return "loading" if var and places.preparing_mark(var).exists() else "ok"


PROBES = {"database": _database, "migrations": _migrations, "broker": _broker, "storage": _storage, "data": _data}
