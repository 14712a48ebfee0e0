"""`make bench`: each benchmark on a throwaway embedded PostgreSQL; writes benchmarks/RESULTS.md, or prints those named.

Figures are medians. What counts are the ratios, both sides of which are measured in turn within the same run.
"""

import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "repository.settings.testing")

RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    import django

    django.setup()
    from benchmarks.database import throwaway_database

    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, throwaway_database(Path(folder)) as server:
        from benchmarks import imports, ledger, pages, storage, verbs

        runs = {
            "verbs": lambda: verbs.run(server),
            "ledger": lambda: ledger.run(Path(folder), server),
            "imports": lambda: imports.run(Path(folder)),
            "pages": lambda: pages.run(Path(folder)),
            "storage": lambda: storage.run(Path(folder)),
        }
        sections = [run() for name, run in runs.items() if not wanted or name in wanted]
    if wanted:
        print("\n".join(sections))
        return
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = f"# Results\n\nMeasured {datetime.now(UTC):%Y-%m-%d} on {machine}. `make bench` repeats it.\n"
    RESULTS.write_text("\n".join([head, *sections]))
    print(RESULTS.read_text())


if __name__ == "__main__":
    sys.exit(main())
