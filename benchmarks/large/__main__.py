"""`manage.py generate --incidents N`: make a large invented database for the benchmarks, or say that it is there."""

import argparse
import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "repository.settings.testing")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="manage.py generate",
        description="Make a database of invented records, of any size, on a PostgreSQL cluster of its own under "
        "var/bench (or REPOSITORY_VAR/bench). It is kept: a second run with the same number finds it. No other "
        "database is touched, whatever DATABASE_URL says. To be rid of it, remove the folder. "
        "`manage.py bench access --incidents N` measures on it.",
    )
    parser.add_argument(
        "--incidents",
        type=int,
        default=20_000,
        metavar="N",
        help="how many incidents, 20,000 unless told; ten rows each",
    )
    asked = parser.parse_args()
    import django

    django.setup()
    from benchmarks.large import clusters
    from repository.runtime.places import PlaceRefused
    from repository.runtime.postgres import PostgresFailed

    begun = time.monotonic()
    try:
        clusters.ensure(
            asked.incidents, said=lambda text: print(f"{time.monotonic() - begun:7.1f} s  {text}", flush=True)
        )
    except (clusters.Unusable, PostgresFailed, PlaceRefused) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was made so far is removed by the next run.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
