"""`manage.py up` as a whole: a real process tree on a directory and a port of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from repository.bootstrap import BASE
from repository.runtime import processes

pytestmark = pytest.mark.slow


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Up:
    def __init__(self, var, *arguments, sample=False, **env):
        self.var, self.port, self.log = var, free_port(), var.parent / f"{var.name}.out"
        inherited = {name: os.environ[name] for name in os.environ if name != "DJANGO_SETTINGS_MODULE"}
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "manage.py",
                    "up",
                    "--port",
                    str(self.port),
                    *([] if sample else ["--no-sample"]),
                    *arguments,
                ],
                cwd=BASE,
                stdout=out,
                stderr=out,
                start_new_session=True,
                env={**inherited, "REPOSITORY_VAR": str(var), **env},
            )

    def wait_until_ready(self):
        deadline = time.monotonic() + 150
        while "Ready: " not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)
        return self

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=90) as answer:
            return answer.read()

    def kill_everything(self):
        for pid in (self.process.pid, *processes.marked_for(self.var)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(90)


@pytest.fixture
def start(tmp_path):
    started = []

    def up(*arguments, var="var", **env):
        started.append(Up(tmp_path / var, *arguments, **env))
        return started[-1]

    yield up
    for one in started:
        one.kill_everything()


def test_it_starts_serves_restarts_what_crashes_recovers_from_kill_9_and_stops_without_strays(start):
    first = start().wait_until_ready()
    assert first.get("/health/live") == b"ok"
    (web,) = (pid for pid in processes.marked_for(first.var) if os.getsid(pid) == pid and b"granian" in _command(pid))
    os.kill(web, signal.SIGKILL)
    deadline = time.monotonic() + 240
    while True:
        try:
            assert first.get("/health/live") == b"ok"
            if "web ended with code -9" in first.log.read_text():
                break
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        assert time.monotonic() < deadline
        time.sleep(0.2)
    first.kill_everything()

    second = start().wait_until_ready()
    assert b'"database": "ok"' in second.get("/health/ready")
    assert second.stop() == 0
    assert processes.marked_for(second.var) == []


def _command(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read()


def test_a_stop_while_starting_is_clean(start):
    up = start()
    deadline = time.monotonic() + 60
    while "PostgreSQL" not in up.log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert up.stop() == 0
    assert processes.marked_for(up.var) == []
