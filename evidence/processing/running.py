"""The parent's side: children are started, watched and ended, and each step gets an outcome whatever happens."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from evidence.processing.limits import Limits
from evidence.processing.results import MAX_RESULT, Facts, Outcome, read_outcome

REGISTRY = "evidence.processing.steps"
START_SECONDS = 60  # for an interpreter and its imports on a busy machine


@dataclass
class Work:
    """The steps to run on one file, the seconds each may take, and what they are given."""

    path: Path
    out: Path
    facts: Facts
    steps: dict[str, float]
    options: dict = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    registry: str = REGISTRY


def run(work: Work) -> Iterator[Outcome]:
    """The outcome of each step that applies, as it ends. Pictures lie in `work.out`/<step> until the caller is done."""
    waiting, facts = list(work.steps), work.facts
    while waiting:
        for outcome in _one_child(work, waiting, facts):
            if outcome.state == "done":
                facts = Facts(
                    media_type=outcome.media_type or facts.media_type,
                    size=facts.size,
                    ending=facts.ending,
                    results={**facts.results, outcome.step: outcome.found},
                )
            yield outcome


def _one_child(work: Work, waiting: list[str], facts: Facts) -> Iterator[Outcome]:
    """What one child brings to an end; `waiting` loses what is settled, at least one step."""
    reader, writer = os.pipe()
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "evidence.processing.child", str(writer)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(writer,),
        cwd=Path(__file__).resolve().parents[2],
        env=_environment(work.out),
        start_new_session=True,
    )
    os.close(writer)
    # A list, so that the clock sees which step is running.
    running, ended = [""], False
    try:
        _tell(child, work, waiting, facts)
        for line in _lines(reader, lambda: work.steps.get(running[0], 0) * work.limits.patience + START_SECONDS):
            message = json.loads(line) if line.startswith("{") else {}
            if "begun" in message:
                running[0] = message["begun"]
            elif message.get("skipped") in waiting:
                waiting.remove(message["skipped"])
            elif message.get("ended") in waiting:
                waiting.remove(message["ended"])
                running[0] = ""
                yield _read(work, message["ended"])
        ended = True
    except TimeoutError:
        pass
    finally:
        os.close(reader)
        _end(child)
    if waiting:
        # The child went, or took too long: the step it was at has failed, the rest is for another child.
        step = running[0] if running[0] in waiting else waiting[0]
        waiting.remove(step)
        yield Outcome(step=step, state="failed", reason=_why(child, timed_out=not ended))


def _environment(out: Path) -> dict[str, str]:
    """Nothing of the parent's: no secrets, no proxies, no home."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TESSDATA_PREFIX") if name in os.environ}
    return {**kept, "HOME": str(out), "TMPDIR": str(out), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
            "OMP_THREAD_LIMIT": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "", "TZ": "UTC"}  # fmt: skip


def _tell(child: subprocess.Popen, work: Work, waiting: list[str], facts: Facts) -> None:
    text = json.dumps(
        {
            "registry": work.registry,
            "path": str(work.path),
            "out": str(work.out),
            "steps": waiting,
            "facts": {"media_type": facts.media_type, "size": facts.size, "ending": facts.ending,
                      "results": facts.results},
            "options": work.options,
            "limits": work.limits.as_json(),
        }
    )  # fmt: skip
    assert child.stdin is not None
    with suppress(BrokenPipeError):
        child.stdin.write(text.encode())
        child.stdin.close()


def _lines(reader: int, seconds) -> Iterator[str]:
    """Lines of the pipe. Raises TimeoutError when none comes in time."""
    buffer = b""
    deadline = time.monotonic() + seconds()
    while True:
        ready, _, _ = select.select([reader], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = os.read(reader, 65536)
        if not part:
            return
        buffer += part
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace")
            deadline = time.monotonic() + seconds()


def _read(work: Work, step: str) -> Outcome:
    path = work.out / f"{step}.json"
    try:
        if path.is_symlink() or path.stat().st_size > MAX_RESULT:
            return Outcome(step=step, state="failed", reason="too_large")
        return read_outcome(path.read_text(encoding="utf-8"), step, work.out / step)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Outcome(step=step, state="failed", reason="hostile")


def _end(child: subprocess.Popen) -> None:
    """The child and whatever it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _why(child: subprocess.Popen, *, timed_out: bool) -> str:
    if timed_out or child.returncode == -signal.SIGXCPU:
        return "time"
    return "too_large" if child.returncode == -signal.SIGXFSZ else "crashed"
