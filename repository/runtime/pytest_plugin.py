"""Gives pytest a migrated PostgreSQL where tests have the rights of the application. Loaded by tests/conftest.py.

Migrates once into a template as repository_owner; every xdist worker clones it and connects as repository_app.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from repository.runtime.developing import chromium
from repository.runtime.postgres import OWNER, Postgres

TEMPLATE = "test_template"
SKIPPED_BROWSER = pytest.StashKey[int]()


def pytest_configure(config):
    import repository.runtime.commands

    repository.runtime.commands.prepare()


def pytest_collection_modifyitems(config, items):
    """Without a browser its tests are skipped, and the summary says so."""
    browser = [item for item in items if item.get_closest_marker("browser")]
    if browser and not chromium():
        config.stash[SKIPPED_BROWSER] = len(browser)
        for item in browser:
            item.add_marker(pytest.mark.skip(reason="no Chromium: apt-get install chromium"))


def pytest_terminal_summary(terminalreporter, config):
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "no Chromium" in str(report.longrepr)]
    if skipped or config.stash.get(SKIPPED_BROWSER, 0):
        text = "BROWSER TESTS WERE SKIPPED: no Chromium here. apt-get install chromium"
        terminalreporter.write_sep("!", text, red=True, bold=True)


@pytest.fixture(scope="session")
def database_server() -> Iterator[Path]:
    """The socket directory of a server for tests: the one of `manage.py test`, or one of this process's own."""
    if given := os.environ.get("TEST_DATABASE_SOCKET"):
        yield Path(given)
        return
    with tempfile.TemporaryDirectory(prefix="repository-test-") as folder:
        server = Postgres(Path(folder) / "postgres", var=Path(folder), log=Path(folder) / "postgres.log", fast=True)
        server.start()
        try:
            yield server.socket
        finally:
            server.stop()


@pytest.fixture(scope="session")
def database_administrator(database_server):
    """`with database_administrator("db") as cursor`: the superuser, for SET SESSION AUTHORIZATION and for clones."""

    @contextlib.contextmanager
    def connect(database: str = "postgres"):
        import psycopg2

        connection = psycopg2.connect(host=str(database_server), dbname=database, user="repository_admin")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            yield cursor

    return connect


@pytest.fixture(scope="session")
def django_db_setup(request, database_server, database_administrator, django_db_blocker):
    """Replaces pytest-django's: a clone of the migrated template, entered as the application's role."""
    from django.conf import settings
    from django.db import connection

    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with django_db_blocker.unblock():
        for entry in (settings.MIGRATION_DATABASE, settings.SEQUENCER_DATABASE, connection.settings_dict):
            entry["HOST"] = str(database_server)
        _make_template(database_server, database_administrator)
        with clone_of(TEMPLATE, name, database_administrator):
            for entry in (settings.MIGRATION_DATABASE, settings.SEQUENCER_DATABASE, connection.settings_dict):
                entry["NAME"] = name
            yield
            connection.close()


@pytest.fixture
def committed_database(django_db_setup, django_db_blocker, database_administrator):
    """A database of the test's own where it may commit: a fresh clone, dropped afterwards. Never flush."""
    with django_db_blocker.unblock(), own_database(database_administrator) as name:
        yield name


@pytest.fixture(scope="module")
def committed_for_module(django_db_setup, django_db_blocker, database_administrator):
    """The same for all tests of a module, for what is dear to make and only read."""
    with django_db_blocker.unblock(), own_database(database_administrator) as name:
        yield name


@contextlib.contextmanager
def own_database(administrator) -> Iterator[str]:
    """A fresh clone that Django's connection, the migrations and the sequencer use until the end."""
    from django.conf import settings
    from django.db import connection

    usual = connection.settings_dict["NAME"]
    entries = (settings.MIGRATION_DATABASE, settings.SEQUENCER_DATABASE, connection.settings_dict)
    name = f"{usual}_commits"
    with clone_of(TEMPLATE, name, administrator):
        connection.close()
        for entry in entries:
            entry["NAME"] = name
        try:
            yield name
        finally:
            connection.close()
            for entry in entries:
                entry["NAME"] = usual


@contextlib.contextmanager
def clone_of(template: str, name: str, administrator) -> Iterator[str]:
    """CREATE DATABASE … TEMPLATE, dropped with whoever is still connected."""
    with administrator() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER {OWNER} STRATEGY FILE_COPY')
    try:
        yield name
    finally:
        with administrator() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _make_template(socket: Path, administrator) -> None:
    """Migrate once a server; the other workers wait on a lock beside the socket, then find it made."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    with (socket.parent / f"{socket.name}.template").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with administrator() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
            if cursor.fetchone():
                return
            # A template under its final name is a finished one.
            cursor.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}_draft WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {TEMPLATE}_draft OWNER {OWNER}")
        with administrator(f"{TEMPLATE}_draft") as cursor:
            cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            cursor.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
        usual = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update({**settings.MIGRATION_DATABASE, "NAME": f"{TEMPLATE}_draft"})
        try:
            call_command("migrate", verbosity=0, interactive=False)
            call_command("load_reference", verbosity=0)
        finally:
            connection.close()
            connection.settings_dict.update(usual)
        with administrator() as cursor:
            cursor.execute(f"ALTER DATABASE {TEMPLATE}_draft RENAME TO {TEMPLATE}")
