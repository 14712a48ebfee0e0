"""PostgreSQL refuses to run as root. This is how root runs it all the same, without touching any other directory.

Preferred: a user namespace in which root's files belong to an ordinary number. Where unshare is forbidden (containers):
another user, who keeps the one capability needed to pass through directories that are closed to him.
"""

import ctypes
import os
import pwd
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from repository.runtime.processes import die_with_parent, libc

CLONE_NEWUSER = 0x10000000
PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522
INSIDE = 65534


@dataclass(frozen=True)
class Identity:
    """Who the server's files belong to (`uid`, `gid`) and what a child does before exec to become that."""

    way: str
    uid: int
    gid: int
    become: Callable[[], None]

    def before_exec(self) -> None:
        self.become()
        # After the change of identity: the kernel forgets the death signal then.
        die_with_parent(signal.SIGINT)


def choose(data: Path) -> Identity:
    """The identity for this data directory: ours, or, for root, that of its files, a namespace, or another user."""
    if os.geteuid() != 0:
        return Identity("self", os.geteuid(), os.getegid(), lambda: None)
    owner = data.stat() if data.exists() else None
    if owner and owner.st_uid != 0:
        return as_user(owner.st_uid, owner.st_gid)
    if namespaces_work():
        return Identity("namespace", 0, 0, enter_namespace)
    return as_somebody()


def as_somebody() -> Identity:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return as_user(entry.pw_uid, entry.pw_gid)
    raise RuntimeError(
        "PostgreSQL does not run as root, and there is neither a user namespace nor a user postgres or nobody: "
        "run this command as an ordinary user, or set DATABASE_URL."
    )


def as_user(uid: int, gid: int) -> Identity:
    return Identity("user", uid, gid, lambda: switch_user(uid, gid))


def namespaces_work() -> bool:
    """Try it in a child: a process that has entered a namespace cannot come back."""
    pid = os.fork()
    if pid == 0:
        try:
            enter_namespace()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def enter_namespace() -> None:
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{INSIDE} 0 1")
    Path("/proc/self/gid_map").write_text(f"{INSIDE} 0 1")


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Capabilities(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


def switch_user(uid: int, gid: int) -> None:
    """Become the user, still able to pass closed directories above the data and the programs: no mode is changed."""
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    kept = 1 << CAP_DAC_OVERRIDE
    header = _CapabilityHeader(CAPABILITY_VERSION_3, 0)
    sets = (_Capabilities * 2)(_Capabilities(kept, kept, kept), _Capabilities(0, 0, 0))
    # Without the capability the server still starts where the directories are open.
    if libc.capset(ctypes.byref(header), sets) == 0:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)
