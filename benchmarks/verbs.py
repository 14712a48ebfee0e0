"""What the ledger costs: logging an incident with its entry, and the same rows without one."""

from unittest.mock import patch

from benchmarks.database import median, table, without_triggers, workplace
from benchmarks.incidents import drawn
from evidence import recording


def run(server) -> str:
    user, collection = workplace()
    incidents = drawn(1)

    def log():
        recording.log_incident(by=user, collection=collection, given=next(incidents))

    def log_without():
        with patch("custody.ledger.append_all"):
            log()

    with_entries, without, verbs_only = [], [], []
    for _round in range(5):
        with_entries.append(median(log, 20))
        with without_triggers(server, [], "ledger\\_%"):
            verbs_only.append(median(log, 20))
            with patch("custody.ledger._WRITES", ()):
                without.append(median(log_without, 20))
    a, b, c = (sorted(times)[2] * 1000 for times in (with_entries, without, verbs_only))
    rows = [
        ["with its entries: the verbs' and a row entry each", f"{a:.1f}", f"{a / b:.2f}"],
        ["with the verbs' entries alone", f"{c:.1f}", f"{c / b:.2f}"],
        ["without", f"{b:.1f}", "1.00"],
    ]
    return table("Logging an incident with one to three acts", ["", "ms", "ratio"], rows)
