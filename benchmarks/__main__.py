"""`make bench`: each benchmark on an embedded PostgreSQL; writes benchmarks/RESULTS.md, or prints those named.

Figures are medians. What counts are the ratios, both sides of which are measured in turn within the same run.
"""

import argparse
import os
import platform
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "repository.settings.testing")

RESULTS = Path(__file__).parent / "RESULTS.md"
THROWAWAY = ("verbs", "ledger", "imports", "intake")
LARGE = ("access", "search", "http")
NAMES = (*THROWAWAY, *LARGE)


def main() -> int:
    asked = _arguments()
    import django

    django.setup()
    from benchmarks import access, search, serving
    from benchmarks.large import clusters

    sections = {}
    wanted = asked.names or NAMES
    if any(name in THROWAWAY for name in wanted):
        sections |= _on_throwaway([name for name in THROWAWAY if name in wanted])
    large = {"access": access.run, "search": search.run, "http": serving.run}
    if any(name in LARGE for name in wanted):
        try:
            incidents = asked.incidents
            if incidents is None:
                incidents = access.LARGE if clusters.is_there(access.LARGE) else access.SMALL
            clusters.ensure(incidents, said=lambda text: print(text, file=sys.stderr, flush=True))
            sections |= {name: run(incidents) for name, run in large.items() if name in wanted}
        except clusters.Unusable as error:
            print(error, file=sys.stderr)
            return 1
    if asked.names and not asked.write:
        print("\n".join(sections.values()))
        return 0
    write(sections)
    print(RESULTS.read_text())
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="manage.py bench",
        description="Measure, and write benchmarks/RESULTS.md; with names, measure these and print them.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument(
        "--incidents", type=int, metavar="N",
        help="for access, search and http: on how many; 1,000,000 if `manage.py generate` has made them, else 20,000",
    )  # fmt: skip
    parser.add_argument("--write", action="store_true", help="put the named sections into RESULTS.md, leave the others")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in NAMES]:
        parser.error(f"there is no benchmark {unknown[0]!r}: choose from {', '.join(NAMES)}")
    return asked


def _on_throwaway(names: list[str]) -> dict[str, str]:
    from benchmarks.database import throwaway_database

    with tempfile.TemporaryDirectory(prefix="bench-") as folder, throwaway_database(Path(folder)) as server:
        from benchmarks import imports, intake, ledger, verbs

        runs = {
            "verbs": lambda: verbs.run(server),
            "ledger": lambda: ledger.run(Path(folder), server),
            "imports": imports.run,
            "intake": lambda: intake.run(Path(folder)),
        }
        return {name: runs[name]() for name in names}


def write(sections: dict[str, str], results: Path = RESULTS) -> None:
    """Put the sections into the file, each under its name and date; sections not measured now stay as they are."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    # Of a load above one's own, ratios and the least times tell more than medians do.
    machine += f", a load of {os.getloadavg()[0]:.1f}"
    kept = {}
    if results.exists():
        kept = dict(re.findall(r"^<!-- (\w+) -->\n(.*?)(?=^<!-- |\Z)", results.read_text(), re.DOTALL | re.MULTILINE))
    for name, text in sections.items():
        kept[name] = f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine}.\n\n{text.strip()}\n\n"
    head = "# Results\n\n`make bench` repeats them; `manage.py bench NAME --write` one of them.\n\n"
    body = "".join(f"<!-- {name} -->\n{kept[name]}" for name in NAMES if name in kept)
    results.write_text(head + body.rstrip() + "\n")


if __name__ == "__main__":
    sys.exit(main())
