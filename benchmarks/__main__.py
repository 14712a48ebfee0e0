"""`make bench`: each benchmark on a throwaway embedded PostgreSQL; writes benchmarks/RESULTS.md.

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

    with tempfile.TemporaryDirectory(prefix="bench-") as folder, throwaway_database(Path(folder)):
        from benchmarks import imports, pages, storage, verbs

        sections = [module.run(Path(folder)) for module in (verbs, imports, pages, storage)]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = f"# Results\n\nMeasured {datetime.now(UTC):%Y-%m-%d} on {machine}. `make bench` repeats it.\n"
    RESULTS.write_text("\n".join([head, *sections]))
    print(RESULTS.read_text())


if __name__ == "__main__":
    sys.exit(main())
