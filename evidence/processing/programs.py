"""Programs that are called as processes: what they say is read under a limit, and one that is missing is named."""

import os
import resource
import shutil
import signal
import subprocess
import threading
from contextlib import suppress

from evidence.processing.results import Failed, NotDone

MAX_OUTPUT = 64 * 1024**2  # bytes


def has(name: str) -> bool:
    return shutil.which(name) is not None


def call(arguments: list[str], *, package: str, seconds: float, data: bytes = b"") -> tuple[int, bytes, bytes]:
    """Exit code, output and errors of a program. It shares this process's limits and its lack of a network.

    `seconds` are of processor time, so that a busy machine fails nothing; of the clock it has five times as many.
    """
    program = shutil.which(arguments[0])
    if program is None:
        raise NotDone("missing_program", package)
    child = subprocess.Popen(  # noqa: S603
        [program, *arguments[1:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with suppress(ProcessLookupError, PermissionError, ValueError):
        resource.prlimit(child.pid, resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    clock = threading.Timer(seconds * 5, child.kill)
    clock.start()
    errors: list[bytes] = []
    helpers = [
        threading.Thread(target=_feed, args=(child.stdin, data), daemon=True),
        threading.Thread(target=lambda: errors.append(_read(child.stderr, 64 * 1024)), daemon=True),
    ]
    for helper in helpers:
        helper.start()
    try:
        output = _read(child.stdout, MAX_OUTPUT + 1)
        if len(output) > MAX_OUTPUT:
            raise Failed("too_large", "a program wrote too much")
        code = child.wait()
    finally:
        clock.cancel()
        child.kill()
        child.wait()
        for helper in helpers:
            helper.join(1)
        for pipe in (child.stdout, child.stderr):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
    if code in (-signal.SIGKILL, -signal.SIGXCPU):
        raise Failed("time", os.path.basename(program))  # noqa: PTH119
    return code, output, b"".join(errors)


def _feed(pipe, data: bytes) -> None:
    with suppress(OSError):
        pipe.write(data)
    with suppress(OSError):
        pipe.close()


def _read(pipe, limit: int) -> bytes:
    parts, size = [], 0
    while size < limit and (part := pipe.read1(65536)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def version(arguments: list[str], *, package: str) -> str:
    """The first line of what a program says of itself."""
    _, output, errors = call(arguments, package=package, seconds=10)
    return (output or errors).decode("utf-8", "replace").strip().split("\n")[0][:80]
