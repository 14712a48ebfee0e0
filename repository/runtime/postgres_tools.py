"""pg_dump and pg_restore of the binaries at hand, on a database that Django's settings describe."""

import os
import subprocess
from pathlib import Path

from psycopg2.extensions import make_dsn

from repository.runtime.postgres import find_binaries


class ToolFailed(RuntimeError):
    """One sentence for the terminal."""


def address(entry: dict) -> str:
    """A libpq address without the password, which never stands on a command line."""
    parts = {"host": entry.get("HOST"), "port": entry.get("PORT"), "user": entry["USER"], "dbname": entry["NAME"]}
    options = {name: value for name, value in entry.get("OPTIONS", {}).items() if isinstance(value, (str, int))}
    return make_dsn(**{name: str(value) for name, value in (parts | options).items() if value})


def run(tool: str, entry: dict, *arguments: str) -> None:
    """Run a tool of PostgreSQL; what it says on standard error is the reason of a failure."""
    path = find_binaries() / tool
    if not path.exists():
        raise ToolFailed(f"There is no {tool} beside the PostgreSQL binaries in {path.parent}.")
    environ = {**os.environ, "PGPASSWORD": entry.get("PASSWORD") or "", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [str(path), "--no-password", f"--dbname={address(entry)}", *arguments],
        env=environ, capture_output=True, text=True, cwd="/",
    )  # fmt: skip
    if done.returncode:
        said = [line for line in done.stderr.strip().splitlines() if line.strip()]
        raise ToolFailed(f"{tool} failed: {' '.join(said[-4:])[:800]}")


def dump(entry: dict, to: Path, *, snapshot: str) -> None:
    """The whole database as of a snapshot, in the custom format."""
    run("pg_dump", entry, "--format=custom", f"--snapshot={snapshot}", f"--file={to}")


def restore(entry: dict, dump: Path) -> None:
    """Into an empty database, with owners, rights, triggers; all or nothing."""
    run("pg_restore", entry, "--exit-on-error", "--single-transaction", str(dump))
