"""The same acts on the real services of a server room: PostgreSQL, Redis and RabbitMQ on their standard ports."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.services, pytest.mark.slow]
BROKERS = {
    "redis": ("redis://127.0.0.1:6379/9", 6379),
    "rabbitmq": ("amqp://guest:guest@127.0.0.1:5672//", 5672),
}


def listens(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def need(port: int, name: str) -> None:
    """Absent services are skipped loudly on a laptop and fail in CI."""
    if not listens(port):
        if os.environ.get("CI"):
            pytest.fail(f"{name} does not listen on 127.0.0.1:{port}")
        pytest.skip(f"{name} does not listen on 127.0.0.1:{port}")


@pytest.fixture
def environment(tmp_path):
    """A fresh database on the real PostgreSQL, and what the project's commands need to use it."""
    need(5432, "PostgreSQL")
    name = f"repository_{uuid.uuid4().hex[:10]}"
    administrator = "host=127.0.0.1 port=5432 user=postgres dbname=postgres"
    with contextlib.closing(psycopg2.connect(administrator)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'repository_owner'")
        if not cursor.fetchone():
            cursor.execute("CREATE ROLE repository_owner LOGIN CREATEROLE NOSUPERUSER")
        cursor.execute(f'CREATE DATABASE "{name}" OWNER repository_owner')
    with contextlib.closing(psycopg2.connect(administrator.replace("dbname=postgres", f"dbname={name}"))) as connection:
        connection.autocommit = True
        connection.cursor().execute("ALTER SCHEMA public OWNER TO repository_owner")
    yield {
        **{key: value for key, value in os.environ.items() if not key.startswith(("TEST_", "PYTEST_", "DJANGO_"))},
        "REPOSITORY_VAR": str(tmp_path),
        "DATABASE_URL": f"postgres://repository_app@127.0.0.1:5432/{name}",
        "MIGRATION_DATABASE_URL": f"postgres://repository_owner@127.0.0.1:5432/{name}",
        "SEQUENCER_DATABASE_URL": f"postgres://ledger_sequencer@127.0.0.1:5432/{name}",
        "DJANGO_SETTINGS_MODULE": "repository.settings.embedded",
        "CELERY_BROKER_URL": "memory://",
        "PYTHONWARNINGS": "default",
    }
    with contextlib.closing(psycopg2.connect(administrator)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def manage(environment: dict, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def prepare(environment: dict) -> None:
    from repository.runtime.keys import make_keys

    make_keys(Path(environment["REPOSITORY_VAR"]) / "keys")
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, "load_reference")


IMPORT = """
from io import BytesIO
from accounts.people import invite
from custody.ledger import Service
from evidence import access, batches
from evidence.models import ImportMapping
user = invite(by=Service("t"), email="one@example.org", name="One", role="investigator", clearance=3)
opener = invite(by=Service("t"), email="two@example.org", name="Two", role="administrator", clearance=1)
home = access.open_collection(by=opener, name_en="Invented", preset_level=1)
access.grant(by=opener, record=home, permission="contribute", reason="test", user=user)
data = b"date,type,event,description,resources\\n2011-03-04,Invented,Something,Invented words,https://example.org\\n"
batch = batches.receive_batch(by=user, collection=home, mapping=ImportMapping.objects.get(slug="dprk-provocations"),
                              stream=BytesIO(data), filename="t.csv", dry_run=False)
from evidence.tasks import nudge, run_import
nudge(run_import, str(batch.pk))
print(batch.pk)
"""


@pytest.mark.parametrize("broker", BROKERS)
def test_a_worker_on_a_real_broker_runs_an_import(environment, broker):
    url, port = BROKERS[broker]
    need(port, broker)
    environment["CELERY_BROKER_URL"] = url
    prepare(environment)
    log = Path(environment["REPOSITORY_VAR"]) / "worker.log"
    with log.open("w") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "repository.celery", "worker", "-c", "1", "--loglevel", "INFO"],
            cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
        try:
            batch = manage(environment, "shell", "-c", IMPORT).strip().splitlines()[-1]
            state = ""
            for _try in range(30):
                state = (
                    manage(
                        environment,
                        "shell",
                        "-c",
                        f"from evidence.models import ImportBatch; print(ImportBatch.objects.get(pk='{batch}').state)",
                    )
                    .strip()
                    .splitlines()[-1]
                )
                if state == "done":
                    break
                time.sleep(1)
            assert state == "done", log.read_text()[-2000:]
        finally:
            os.killpg(worker.pid, signal.SIGTERM)
            worker.wait(30)


def test_the_ledger_refuses_on_a_real_server(environment):
    prepare(environment)
    manage(environment, "shell", "-c", IMPORT)
    with contextlib.closing(psycopg2.connect(environment["DATABASE_URL"])) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM custody.entry")
        assert cursor.fetchone()[0] >= 5
        for statement in (
            "DELETE FROM custody.entry",
            "UPDATE custody.entry SET act = 'x.y'",
            "TRUNCATE custody.entry CASCADE",
            "DELETE FROM evidence_collection",
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
            connection.rollback()
    manage(environment, "ledger_sequencer", "--once")
    with contextlib.closing(psycopg2.connect(environment["DATABASE_URL"])) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM custody.entry) = (SELECT size FROM custody.state)")
        assert cursor.fetchone()[0]
