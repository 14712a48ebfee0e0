"""`manage.py ledger_sequencer`: the daemon that sequences entries and has checkpoints signed, about once a second."""

from custody.checkpoints import publish
from custody.management.daemon import Daemon
from custody.sequencer import integrate
from custody.signer import ForkRefused, SignerUnreachable


class Command(Daemon):
    help = "Sequence committed ledger entries and have checkpoints signed until stopped."
    interval = 1.0

    def turn(self):
        integrate()
        try:
            publish()
        except SignerUnreachable as error:
            self.complain(str(error))
        except ForkRefused as error:
            self.stderr.write(f"STOPPED, nothing is signed any more: {error}")
            raise SystemExit(3)
