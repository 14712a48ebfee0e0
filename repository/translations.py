"""Compiles the .po files with polib, so that no gettext tool is needed. Extracting messages is `makemessages`."""

import os
import sys
from pathlib import Path

import polib

BASE = Path(__file__).resolve().parent.parent


def compile_stale(base: Path = BASE) -> list[Path]:
    """Write a .mo beside each django*.po of ours that is newer than it, never half a file; returns those written."""
    written = []
    for source in sorted(
        [*base.glob("locale/*/LC_MESSAGES/django*.po"), *base.glob("*/locale/*/LC_MESSAGES/django*.po")]
    ):
        if {".venv", "node_modules"} & set(source.relative_to(base).parts):
            continue
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        polib.pofile(str(source)).save_as_mofile(str(draft))
        draft.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    sys.stdout.writelines(f"{path}\n" for path in compile_stale())
