"""The processes of our own code that `up` runs beside database and broker: which they are, and one of them in its life.

When they start and stop is the supervisor's business.
"""

import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from repository.bootstrap import BASE, say
from repository.runtime import processes

WORKERS, THREADS = 2, 32
LONGEST_BACKOFF = 60
# A child that ran this long is taken to have worked: its next crash starts counting anew.
SOUND_SECONDS = 60


@dataclass
class Child:
    """One process of the installation; restarted with growing pauses when it ends by itself."""

    name: str
    command: list[str]
    patience: float = 10
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = field(default=None, repr=False)
    started: float = 0
    crashes: int = 0
    again_at: float = 0

    def start(self, var: Path) -> None:
        env = {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(BASE), **self.env}
        with processes.undisturbed():
            self.process = processes.start(self.command, log=self.log(var), var=var, env=env)
        self.started, self.again_at = time.monotonic(), 0

    def log(self, var: Path) -> Path:
        return var / "log" / f"{self.name}.log"

    def watch(self, var: Path) -> None:
        """Say that it ended, and start it again when its pause is over."""
        now = time.monotonic()
        if self.again_at:
            if now >= self.again_at:
                self.start(var)
        elif self.process and self.process.poll() is not None:
            processes.end_session(self.process.pid)
            self.crashes = 1 if now - self.started > SOUND_SECONDS else self.crashes + 1
            pause = min(2 ** (self.crashes - 1), LONGEST_BACKOFF)
            code = self.process.returncode
            say(f"{self.name} ended with code {code}, starting it again in {pause} s ({self.log(var)})")
            self.again_at = now + pause

    def stop(self) -> None:
        if self.process:
            processes.stop(self.process, patience=self.patience)


def installation(port: int) -> list[Child]:
    """In the order of starting; they are stopped in the reverse."""
    from django.conf import settings

    signer = {
        "LEDGER_ORIGIN": settings.LEDGER_ORIGIN,
        "LEDGER_SIGNING_KEY_FILE": str(settings.LEDGER_SIGNING_KEY_FILE),
        "LEDGER_SIGNER_MEMORY_FILE": str(settings.LEDGER_SIGNER_MEMORY_FILE),
        "LEDGER_SIGNER_SOCKET": str(settings.LEDGER_SIGNER_SOCKET),
    }
    python, app = sys.executable, ["-m", "celery", "-A", "repository.celery"]
    web = [python, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    web += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--workers-kill-timeout", "10"]
    worker = [python, *app, "worker", "-c", "2", "-l", "INFO", "--without-gossip", "--without-mingle"]
    beat = [python, *app, "beat", "-l", "WARNING", "--pidfile=", "-s", settings.CELERY_BEAT_SCHEDULE_FILENAME]
    return [
        Child("web", [*web, "repository.wsgi:application"], patience=15),
        Child("signer", [python, "-m", "custody.signer"], env=signer),
        Child("sequencer", [python, str(BASE / "manage.py"), "ledger_sequencer"]),
        Child("anchors", [python, str(BASE / "manage.py"), "ledger_anchors"]),
        Child("beat", beat),
        Child("worker", [*worker, "-n", f"worker-{port}@%h"], patience=30),
    ]
