"""Many writers with aborts while sequencer, signer and database are killed: every committed entry is numbered once.

On a server of its own with durability on. REPOSITORY_STRESS_SECONDS says for how long (45; run it for minutes by hand).
"""

import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import psycopg2
import pytest

from custody import notes
from custody.signer import Signer, SignerUnreachable, ask
from custody.tree import in_memory, verify_consistency
from repository.runtime.keys import make_keys
from repository.runtime.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
SECONDS = int(os.environ.get("REPOSITORY_STRESS_SECONDS", "45"))
WRITERS = 32
ORIGIN = "ledger.example/stress"


class Installation:
    """A database server, a signer and a sequencer as processes, each of which can be killed and started again."""

    def __init__(self, folder: Path):
        self.folder = folder
        make_keys(folder / "keys")
        self.socket = folder / "signer.sock"
        self.server = self._server()
        address = f"postgresql://{{}}@/repository?host={self.server.socket}"
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "repository.settings.embedded",
            "REPOSITORY_VAR": str(folder),
            "DATABASE_URL": address.format("repository_app"),
            "MIGRATION_DATABASE_URL": address.format("repository_owner"),
            "SEQUENCER_DATABASE_URL": address.format("ledger_sequencer"),
            "LEDGER_ORIGIN": ORIGIN,
            "LEDGER_SIGNER_SOCKET": str(self.socket),
            "LEDGER_SIGNING_KEY_FILE": str(folder / "keys" / "ledger-signing.key"),
            "LEDGER_SIGNER_MEMORY_FILE": str(folder / "memory.json"),
            "PYTHONPATH": str(ROOT),
        }
        self.signer = self.sequencer = None
        done = subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            self.server.stop()
            raise AssertionError(done.stderr[-2000:])

    def _server(self) -> Postgres:
        server = Postgres(self.folder / "postgres", var=self.folder, log=self.folder / "postgres.log")
        server.start()
        return server

    def start(self) -> None:
        if self.signer is None or self.signer.poll() is not None:
            self.signer = self._spawn("-m", "custody.signer")
        if self.sequencer is None or self.sequencer.poll() is not None:
            self.sequencer = self._spawn("manage.py", "ledger_sequencer", "--interval", "0.2")

    def _spawn(self, *command) -> subprocess.Popen:
        with (self.folder / "children.log").open("ab") as log:
            return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=self.env, stdout=log, stderr=log)

    def kill(self, process) -> None:
        process.kill()
        process.wait()

    def kill_database(self) -> None:
        os.kill(self.server.process.pid, signal.SIGKILL)
        self.server.process.wait()
        with contextlib.suppress(Exception):
            self.server.stop()
        self.server = self._server()

    def stop(self) -> None:
        for process in (self.sequencer, self.signer):
            if process:
                self.kill(process)
        self.server.stop()

    def connect(self, user: str = "repository_app"):
        return psycopg2.connect(dbname="repository", user=user, host=str(self.server.socket))


class Writer(threading.Thread):
    """Writes entries in transactions of several, with pauses, savepoints and aborts; knows what was acknowledged."""

    def __init__(self, place: Installation, stop: threading.Event, number: int):
        super().__init__(daemon=True)
        self.place, self.stop, self.random = place, stop, random.Random(number)
        self.acknowledged, self.aborted, self.unknown = [], set(), set()

    def run(self) -> None:
        while not self.stop.is_set():
            with contextlib.suppress(psycopg2.Error), contextlib.closing(self.place.connect()) as connection:
                while not self.stop.is_set():
                    self.act(connection)
            time.sleep(0.05)

    def act(self, connection) -> None:
        ids: list[str] = []
        try:
            with connection.cursor() as cursor:
                for _ in range(self.random.randint(1, 4)):
                    ids.append(self.append(cursor))
                if self.random.random() < 0.2:
                    cursor.execute("SAVEPOINT s")
                    self.aborted.add(self.append(cursor))
                    cursor.execute("ROLLBACK TO s")
                time.sleep(self.random.random() ** 3 * 0.4)
            if self.random.random() < 0.25:
                connection.rollback()
                self.aborted.update(ids)
                return
            connection.commit()
        except psycopg2.Error:
            self.unknown.update(ids)  # the answer to the commit may have been lost
            raise
        self.acknowledged.append(ids)

    def append(self, cursor) -> str:
        cursor.execute("SELECT custody.append('test.noted', 'probe', %s)", [str(uuid.uuid4())])
        return str(cursor.fetchone()[0])


@pytest.fixture
def place(tmp_path):
    installation = Installation(tmp_path)
    try:
        yield installation
    finally:
        installation.stop()


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_reordered_whatever_is_killed(place):
    stop = threading.Event()
    writers = [Writer(place, stop, number) for number in range(WRITERS)]
    place.start()
    for writer in writers:
        writer.start()
    end, killers = time.monotonic() + SECONDS, itertools.cycle(["sequencer", "signer", "sequencer", "database"])
    while time.monotonic() < end:
        time.sleep(min(4, max(0.1, end - time.monotonic())))
        victim = next(killers)
        place.kill_database() if victim == "database" else place.kill(getattr(place, victim))
        place.start()
    stop.set()
    for writer in writers:
        writer.join(30)
    settle(place)
    check(place, writers)


def settle(place) -> None:
    """Until everything that committed is numbered and signed."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        place.start()
        with contextlib.suppress(psycopg2.Error, SignerUnreachable):
            with contextlib.closing(place.connect()) as connection, connection.cursor() as cursor:
                cursor.execute(
                    "SELECT (SELECT count(*) FROM custody.entry), (SELECT size FROM custody.state),"
                    " (SELECT max(size) FROM custody.checkpoint)"
                )
                entries, size, signed = cursor.fetchone()
            if entries == size == signed == ask(place.socket, {})["size"]:
                return
        time.sleep(0.3)
    raise AssertionError((place.folder / "children.log").read_text()[-2000:])


def check(place, writers) -> None:
    with contextlib.closing(place.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.idx, l.leaf_hash, e.entry_id::text"
            " FROM custody.leaf l JOIN custody.entry e USING (eid) ORDER BY 1"
        )
        rows = cursor.fetchall()
        cursor.execute("SELECT size, root, note FROM custody.checkpoint ORDER BY size")
        signed = [(size, bytes(root), bytes(note)) for size, root, note in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM custody.entry")
        assert cursor.fetchone()[0] == len(rows)
    index = {entry_id: number for number, _leaf, entry_id in rows}
    assert [number for number, *_ in rows] == list(range(len(rows)))
    assert len(index) == len(rows)
    acknowledged = [entry_id for writer in writers for ids in writer.acknowledged for entry_id in ids]
    assert len(acknowledged) > 1000
    assert [entry_id for entry_id in acknowledged if entry_id not in index] == []
    assert [entry_id for writer in writers for entry_id in writer.aborted if entry_id in index] == []
    for writer in writers:
        # What one writer committed before it began the next comes first.
        order = [[index[entry_id] for entry_id in ids] for ids in writer.acknowledged]
        assert all(max(one) < min(other) for one, other in itertools.pairwise(order))
    keys = Signer(ORIGIN, place.folder / "keys" / "ledger-signing.key", place.folder / "none").verifier_keys
    tree = in_memory([bytes(leaf) for _number, leaf, _entry_id in rows])
    assert len(signed) > 5
    for size, root, note in signed:
        assert notes.parse_checkpoint(notes.open_note(note, keys)) == (ORIGIN, size, root)
        assert tree.root(size) == root
    for (old, old_root, _n), (new, new_root, _m) in itertools.pairwise(signed):
        verify_consistency(old, new, tree.consistency(old, new), old_root, new_root)
