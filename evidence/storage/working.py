"""Plain bytes for the time of one piece of work, in a private directory that goes with whoever made it.

A process that is killed leaves its directory behind unlocked: the sweep finds it so and removes it.
"""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evidence.storage.places import folder


@contextmanager
def workplace(prefix: str = "work-") -> Iterator[Path]:
    """A private directory; nothing of it is left afterwards."""
    path = Path(tempfile.mkdtemp(dir=folder("working"), prefix=prefix))
    try:
        with (path / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def sweep_workplaces() -> int:
    """Remove the directories whose makers are gone. Returns how many."""
    removed = 0
    for path in folder("working").iterdir():
        if not path.is_dir():
            continue
        try:
            with (path / ".lock").open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
                removed += 1
        except (FileNotFoundError, BlockingIOError):
            continue  # just being made, or in use
    return removed
