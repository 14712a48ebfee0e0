"""What a developer runs: the tests on a PostgreSQL of their own, the checks, the benchmarks, the screenshots."""

import ctypes.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from repository.bootstrap import BASE
from repository.runtime.postgres import Postgres, PostgresFailed
from repository.translations import compile_stale

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# Programs that .ci/run installs, and the Debian package of each.
PROGRAMS = {
    "msgfmt": "gettext",
    "tesseract": "tesseract-ocr",
    "exiftool": "libimage-exiftool-perl",
    "ffmpeg": "ffmpeg",
    "clamd": "clamav-daemon",
    "soffice": "libreoffice-writer-nogui",
}
CHECKS = (
    ("ruff check", ["-m", "ruff", "check", "."]),
    ("ruff format", ["-m", "ruff", "format", "--check", "."]),
    ("mypy", ["-m", "mypy"]),
    ("lint-imports", ["-c", "from importlinter.cli import lint_imports_command as run; run()"]),
    ("djlint", ["-m", "djlint", "templates", "--lint", "--quiet"]),
    ("migrations", ["manage.py", "makemigrations", "--check", "--dry-run", "--settings=repository.settings.testing"]),
    ("pip check", ["-m", "pip", "check"]),
)


def chromium() -> str | None:
    """The browser that the browser tests drive."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


def missing_packages() -> list[str]:
    """Debian packages of the optional programs that are not here."""
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if not chromium():
        missing.append("chromium")
    if not ctypes.util.find_library("magic"):
        missing.append("libmagic1")
    return missing


def test(arguments: list[str]) -> int:
    """`manage.py test ARGS`: pytest with ARGS; --all adds the slow suites and those that need services."""
    everything = "--all" in arguments
    arguments = [argument for argument in arguments if argument != "--all"]
    if everything and os.environ.get("CI", "").lower() == "true" and (missing := missing_packages()):
        print(f"Missing programs, with CI=true that fails: apt-get install {' '.join(missing)}", file=sys.stderr)
        return 1
    compile_stale()
    with tempfile.TemporaryDirectory(prefix="repository-test-") as folder:
        server = Postgres(Path(folder) / "postgres", var=Path(folder), log=Path(folder) / "postgres.log", fast=True)
        try:
            server.start()
            return _pytest([*_choice(arguments, everything), *arguments], socket=server.socket)
        except PostgresFailed as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            server.stop()


def _choice(arguments: list[str], everything: bool) -> list[str]:
    """What to add to the arguments: both cores for the whole suite, the slow suites left out unless asked for."""
    named = any(not argument.startswith("-") and (BASE / argument.split("::")[0]).exists() for argument in arguments)
    added = [] if everything or "-m" in arguments else ["-m", "not slow and not services"]
    if named or {"-n", "--pdb"} & set(arguments) or any(argument.startswith("-n") for argument in arguments):
        return added
    return ["-n", "2", *added]


def _pytest(arguments: list[str], *, socket: Path) -> int:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=BASE,
            env={
                **os.environ,
                "TEST_DATABASE_SOCKET": str(socket),
                "DJANGO_SETTINGS_MODULE": "repository.settings.testing",
            },
            # Ctrl-C is pytest's: it prints what it has, then we stop the server.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def check_all(arguments: list[str]) -> int:
    """`manage.py check_all`: every linter, each by name, all of them even if one fails; 1 when any did."""
    failed = []
    for name, command in CHECKS:
        print(f"== {name}", flush=True)
        done = subprocess.run([sys.executable, *command], cwd=BASE, env={**os.environ, "PYTHONWARNINGS": "ignore"})
        if done.returncode:
            failed.append(name)
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def bench(arguments: list[str]) -> int:
    """`manage.py bench ARGS`: benchmarks/, never asserted on time."""
    return subprocess.run([sys.executable, "-m", "benchmarks", *arguments], cwd=BASE).returncode


def generate(arguments: list[str]) -> int:
    """`manage.py generate ARGS`: a large invented database for the benchmarks, on a cluster of its own."""
    return subprocess.run([sys.executable, "-m", "benchmarks.large", *arguments], cwd=BASE).returncode


def screenshots(arguments: list[str]) -> int:
    """`manage.py screenshots ARGS`: pictures of the pages from a running `up`."""
    return subprocess.run([sys.executable, "-m", "tests.screenshots", *arguments], cwd=BASE).returncode
