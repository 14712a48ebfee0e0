"""What the ledger's daemons share: the sequencer's role, a turn at intervals, an end at a signal."""

import contextlib
import signal
import tempfile
import threading
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection


def mark_of(command: str) -> Path:
    """A file that the daemon touches at each turn, for whoever watches the process."""
    return Path(tempfile.gettempdir()) / f"repository-{command}.turn"


class Daemon(BaseCommand):
    """Calls `turn` about every `interval` seconds as ledger_sequencer until told to stop."""

    requires_system_checks: list[str] = []
    interval = 1.0
    last_complaint = ""

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="one turn, then stop")
        parser.add_argument("--interval", type=float, default=self.interval, help="seconds between turns")

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
        stop = threading.Event()
        if not once:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while True:
            try:
                self.turn()
                with contextlib.suppress(OSError):
                    mark_of(type(self).__module__.rpartition(".")[2]).touch()
            except OperationalError as error:
                if once:
                    raise
                # The database restarts now and then; entries wait, none is lost.
                self.complain(f"database not reachable, trying again: {type(error).__name__}")
                connection.close()
            if once or stop.wait(interval):
                return

    def turn(self) -> None:
        raise AssertionError("a daemon has a turn")

    def complain(self, what: str) -> None:
        """Say it once, not every second."""
        if what != self.last_complaint:
            self.stderr.write(what)
            self.last_complaint = what
