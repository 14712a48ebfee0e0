"""`manage.py ledger_sequencer`: the daemon that sequences entries and signs checkpoints, about once a second."""

import signal
import threading

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from custody.checkpoints import ForkRefused, Signer, publish
from custody.sequencer import integrate


class Command(BaseCommand):
    help = "Sequence committed ledger entries and sign checkpoints until stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="one run, then stop")
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between runs")

    def handle(self, *, once, interval, **options):
        usual = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update({**settings.SEQUENCER_DATABASE, "NAME": usual["NAME"]})
        try:
            self._run(once, interval)
        finally:
            connection.close()
            connection.settings_dict.update(usual)

    def _run(self, once: bool, interval: float) -> None:
        signer = Signer.from_files(
            settings.LEDGER_ORIGIN, settings.LEDGER_SIGNING_KEY_FILE, settings.LEDGER_SIGNER_MEMORY_FILE
        )
        stop = threading.Event()
        if not once:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while True:
            try:
                integrate()
                publish(signer)
            except OperationalError as error:
                if once:
                    raise
                # The database restarts now and then; entries wait, none is lost.
                self.stderr.write(f"database not reachable, trying again: {type(error).__name__}")
                connection.close()
            except ForkRefused as error:
                self.stderr.write(f"STOPPED, nothing is signed any more: {error}")
                raise SystemExit(3)
            if once or stop.wait(interval):
                return
