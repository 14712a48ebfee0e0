"""What a step may use: memory, time, files, and no network. Set in the child before any byte of the file is read."""

import ctypes
import os
import resource
import signal
from contextlib import suppress
from dataclasses import asdict, dataclass

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Limits:
    """Bytes of address space and of one written file, open files; how many times slower than usual is still fine."""

    memory: int = 3 * 1024**3
    file_size: int = 512 * 1024**2
    open_files: int = 256
    patience: float = 1.0

    def as_json(self) -> dict:
        return asdict(self)


def confine(limits: Limits) -> None:
    """Give up what a step does not need. What the system refuses to take away is left, the rest is taken."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _without_network(libc)
    os.nice(10)
    for name, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(name, (value, value))


def _without_network(libc) -> None:
    """A network of its own, without an interface: nothing that is examined can call home. Needs user namespaces."""
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        return
    with suppress(OSError):
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123
                file.write(text)


def allow_cpu(seconds: float) -> None:
    """So much more processor time from here on; then the process is ended."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    with suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime + seconds) + 1, hard))
