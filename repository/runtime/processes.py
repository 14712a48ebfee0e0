"""Child processes that cannot outlive us: started in a session of their own, watched, stopped, swept up after a crash.

Knows nothing of what the children do.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PR_SET_PDEATHSIG = 1
# In the environment of every child: names the directory it works for, so that leftovers can be told from neighbours.
MARK = "REPOSITORY_SUPERVISED"
LOGS_KEPT = 3
# What asks a supervisor to stop.
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """In a child before exec: get this signal when the thread that forked it is gone, so fork in the main thread."""
    libc.prctl(PR_SET_PDEATHSIG, int(number))


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Hold a stop back, for the moment between a child's birth and the note of it: nobody would end it otherwise."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start(
    command: list[str],
    *,
    log: Path,
    var: Path,
    env: dict[str, str] | None = None,
    before_exec: Callable[[], None] = die_with_parent,
) -> subprocess.Popen:
    """Start a child in its own session (a Ctrl-C reaches only us), its output appended to `log`."""

    def prepare() -> None:
        before_exec()
        # What is held back here would be held back in the child for good.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)

    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=prepare,
            cwd="/" if env is None else None,
            env={**os.environ, **(env or {}), MARK: str(var)},
        )


def stop(process: subprocess.Popen, *, number: int = signal.SIGTERM, patience: float = 10) -> None:
    """Ask, wait, and then end the whole session; returns when nothing of it is left."""
    if process.poll() is None:
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    end_session(process.pid)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)
    _see_gone(process.pid)


def _see_gone(leader: int, *, patience: float = 2) -> None:
    """Wait for the session's killed processes to be gone: on a busy machine they die a moment after the signal."""
    ends = time.monotonic() + patience
    with contextlib.suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < ends:
            os.killpg(leader, 0)
            time.sleep(0.01)


def end_session(leader: int) -> None:
    """Kill what is left of the session that `leader` began, also when the leader itself is dead."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def rotate(log: Path) -> None:
    """Keep the logs of the last starts beside the new one: name.log.1 is the newest of them."""
    if not log.exists() or log.stat().st_size == 0:
        return
    for number in range(LOGS_KEPT, 0, -1):
        older = log if number == 1 else log.with_name(f"{log.name}.{number - 1}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number}"))


def tail(log: Path, characters: int = 1500) -> str:
    """The end of a log, for an error message."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - characters))
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _processes() -> Iterator[Path]:
    for entry in Path("/proc").glob("[0-9]*"):
        if int(entry.name) != os.getpid():
            yield entry


def marked_for(var: Path) -> list[int]:
    """Processes that an earlier supervisor started for this directory. Call it only while holding its lock."""
    wanted = f"{MARK}={var}".encode()
    found = []
    for entry in _processes():
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def working_in(directory: Path) -> list[int]:
    """Processes whose working directory this is: PostgreSQL's are in their data directory."""
    found = []
    for entry in _processes():
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == directory:
                found.append(int(entry.name))
    return found


def sweep_leftovers(var: Path, *, patience: float = 5) -> int:
    """End what survived a killed supervisor, first politely so that PostgreSQL flushes; returns how many there were."""
    leftovers = marked_for(var)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        for pid in marked_for(var):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while (left := marked_for(var)) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not left:
            break
    return len(leftovers)
