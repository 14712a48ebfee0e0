"""What the ledger costs: logging an incident with its entry, and the same rows without one."""

from pathlib import Path
from unittest.mock import patch

from benchmarks.database import median, table, workplace
from evidence import recording

GIVEN = {
    "title_en": "Detention at a county holding centre",
    "narrative_en": "Three people were held. " * 40,
    "date": "2011-03",
    "place": "KP-09",
    "place_precision": "province",
    "acts": [{"crimes": ["cah.imprisonment"], "involvements": [{"role": "victim", "count_min": 3}]}],
}


def run(folder: Path) -> str:
    user, collection = workplace()

    def log():
        recording.log_incident(by=user, collection=collection, given=GIVEN)

    def log_without():
        with patch("custody.ledger.append"), patch("custody.ledger.UnrecordedWrite", _Ignored):
            try:
                recording.log_incident(by=user, collection=collection, given=GIVEN)
            except _Ignored:
                raise SystemExit("the benchmark without entries was rolled back: nothing was measured")

    with_entry, without = [], []
    for _round in range(5):
        with_entry.append(median(log, 20))
        with patch("custody.ledger._WRITES", ()):
            without.append(median(log_without, 20))
    a, b = sorted(with_entry)[2] * 1000, sorted(without)[2] * 1000
    rows = [["with its entry", f"{a:.1f}", f"{a / b:.2f}"], ["without", f"{b:.1f}", "1.00"]]
    return table("Logging an incident with one act, one crime, one group", ["", "ms", "ratio"], rows)


class _Ignored(Exception):
    pass
