"""`manage.py ledger_anchors`: time stamps, publication, manifests, in a process apart from the sequencer."""

from django.conf import settings

from custody.anchors import DEMO, Anchoring
from custody.configuration import note_changes
from custody.management.daemon import Daemon


class Command(Daemon):
    help = "Have checkpoints time-stamped and published, and record manifests of completeness, until stopped."
    interval = 5.0
    anchoring = None

    def turn(self):
        if self.anchoring is None:
            note_changes()
            self.anchoring = Anchoring()
            if DEMO in settings.LEDGER_TIMESTAMP_AUTHORITIES:
                self.stderr.write(
                    "Time stamps come from a DEMONSTRATION authority on this machine: they prove nothing."
                )
        for failure in self.anchoring.turn():
            self.complain(failure)
