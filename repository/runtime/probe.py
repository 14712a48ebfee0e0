"""`python -m repository.runtime.probe NAME`: health check of one container (PROBES), 0 when healthy."""

import os
import sys
import time
import urllib.request
from pathlib import Path

from repository.settings import environment

# Beat writes its schedule every three minutes.
BEAT_SECONDS = 10 * 60
SEQUENCER_SECONDS = 60
# A turn waits for each authority and place in turn, at most 20 seconds for one.
ANCHORS_SECONDS = 10 * 60


def web() -> bool:
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    request = urllib.request.Request("http://127.0.0.1:8000/health/ready", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=8) as answer:
        return answer.status == 200


def worker() -> bool:
    """Asks only the worker of this container."""
    import socket

    from repository.celery import app

    return bool(app.control.ping(destination=[f"celery@{socket.gethostname()}"], timeout=10))


def beat() -> bool:
    schedules = Path("/tmp").glob("beat-schedule*")
    return any(time.time() - path.stat().st_mtime < BEAT_SECONDS for path in schedules)


def sequencer() -> bool:
    """The sequencer notes each of its runs in custody.state."""
    import psycopg2

    entry = environment.database(environment.secret("SEQUENCER_DATABASE_URL"), name="SEQUENCER_DATABASE_URL")
    address = {"dbname": entry["NAME"], "user": entry["USER"], "password": entry["PASSWORD"], **entry["OPTIONS"]}
    address |= {name.lower(): entry[name] for name in ("HOST", "PORT") if entry[name]}
    with psycopg2.connect(**address) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT updated_at > clock_timestamp() - make_interval(secs => %s) FROM custody.state", [SEQUENCER_SECONDS]
        )
        return bool(cursor.fetchone()[0])


def signer() -> bool:
    from custody.signer import ask

    return "keys" in ask(Path(os.environ["LEDGER_SIGNER_SOCKET"]), {})


def anchors() -> bool:
    """The daemon marks each of its turns."""
    from custody.management.daemon import mark_of

    return time.time() - mark_of("ledger_anchors").stat().st_mtime < ANCHORS_SECONDS


PROBES = {"web": web, "worker": worker, "beat": beat, "signer": signer, "sequencer": sequencer, "anchors": anchors}


def main(name: str) -> int:
    try:
        return 0 if PROBES[name]() else 1
    except Exception as error:
        # Its words could hold an address with a password; the kind is enough for `docker inspect`.
        print(f"{name}: {type(error).__name__}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
