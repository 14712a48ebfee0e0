"""The embedded PostgreSQL, really started: it is fast enough for every run."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from repository.bootstrap import BASE
from repository.runtime import identity
from repository.runtime.postgres import Postgres, PostgresFailed, find_binaries, major_version


@pytest.fixture
def server(tmp_path):
    made = Postgres(tmp_path / "postgres", var=tmp_path, log=tmp_path / "postgres.log", fast=True)
    yield made
    made.stop()


def ask(server, question, database="repository", user="repository_owner"):
    with contextlib.closing(server.connect(database, user)) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone() if cursor.description else None


def test_start_makes_an_owner_that_is_no_superuser(server):
    server.start()
    assert ask(server, "SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user") == (False, True)
    assert ask(server, "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public'") == (
        "repository_owner",
    )


def test_the_database_knows_korean_and_checks_its_pages(server):
    server.start()
    ask(server, "CREATE EXTENSION pg_trgm")
    assert ask(server, "SELECT show_trgm('한국') <> '{}'") == (True,)
    assert ask(server, "SHOW data_checksums") == ("on",)
    assert ask(server, "SHOW listen_addresses") == ("",)


def test_it_recovers_after_kill_9_with_a_lock_that_names_another_process(server, tmp_path):
    server.fast = False
    server.start()
    ask(server, "CREATE TABLE kept AS SELECT 1 AS row")
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    # The number of the dead server, given to somebody else: PostgreSQL alone would refuse to start now.
    lock = server.data / "postmaster.pid"
    lock.write_text("\n".join([str(os.getppid()), *lock.read_text().splitlines()[1:]]) + "\n")
    again = Postgres(server.data, var=tmp_path, log=server.log)
    again.start()
    try:
        assert ask(again, "SELECT row FROM kept") == (1,)
    finally:
        again.stop()


def test_a_long_path_gets_a_short_socket(tmp_path):
    var = tmp_path / ("x" * 110)
    server = Postgres(var / "postgres", var=var, log=tmp_path / "log", fast=True)
    try:
        server.start()
        assert server.socket != server.data
        assert ask(server, "SELECT 1") == (1,)
    finally:
        server.stop()
        server.socket.rmdir()


def test_data_of_another_version_is_refused(server):
    server.data.mkdir()
    (server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(
        PostgresFailed, match=f"made by PostgreSQL 9, the binaries here are {major_version(find_binaries())}"
    ):
        server.start()


def test_a_directory_of_something_else_is_refused(server):
    server.data.mkdir()
    with pytest.raises(PostgresFailed, match="not a PostgreSQL data directory"):
        server.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_without_namespaces_uses_another_user_and_changes_no_mode_above(tmp_path, monkeypatch):
    monkeypatch.setattr(identity, "namespaces_work", lambda: False)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = Postgres(closed / "postgres", var=closed, log=tmp_path / "log", fast=True)
    try:
        server.start()
        assert server.identity.way == "user"
        assert server.data.stat().st_uid != 0
        assert closed.stat().st_mode & 0o777 == 0o700
        assert ask(server, "SELECT 1") == (1,)
    finally:
        server.stop()


def test_it_does_not_outlive_who_started_it(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from repository.runtime.postgres import Postgres;"
        "v = Path(sys.argv[1]); p = Postgres(v / 'postgres', var=v, log=v / 'log', fast=True); p.start();"
        "print(p.process.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=BASE) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 15
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}")
