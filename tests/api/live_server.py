"""The product under its production server, on the database and storage of a test: for what asks it from outside."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

from conftest import TESTS, person

from accounts import tokens
from accounts.grants import Permission
from evidence import access
from repository.bootstrap import BASE


class Live:
    """The product under the server that it has in production, on the database and storage of the test."""

    def __init__(self, database, settings, folder):
        self.folder, self.process = folder, None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.database, self.settings = database, settings

    def start(self):
        options = f"--interface wsgi --host 127.0.0.1 --port {self.port} --workers 1 --blocking-threads 8"
        command = [sys.executable, "-m", "granian", *options.split(), "tests_live_wsgi:application"]
        (self.folder / "tests_live_wsgi.py").write_text(WSGI % self.values())
        env = {
            **os.environ,
            "PYTHONPATH": f"{self.folder}:{BASE}",
            "TMPDIR": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "repository.settings.testing",
        }
        self.process = subprocess.Popen(
            command, cwd=BASE, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + 300
        while True:
            try:
                with urllib.request.urlopen(f"{self.address}/health/live", timeout=5):
                    return self
            except OSError:
                assert time.monotonic() < deadline
                assert self.process.poll() is None
                time.sleep(0.2)

    def for_somebody(self, *scopes: str):
        """With an investigator, `person`, who may contribute to `home` and has a `token` of these scopes."""
        self.person = person("investigator")
        self.home = access.open_collection(by=person("administrator"), name_en="Invented", preset_level=2)
        access.grant(by=TESTS, record=self.home, permission=Permission.CONTRIBUTE, reason="test", user=self.person)
        self.token = tokens.issue(by=self.person, user=self.person, name="t", scopes=list(scopes), days=1).text
        return self

    def values(self) -> dict:
        """What the server has in common with the test."""
        return {
            "database": {key: self.database[key] for key in ("NAME", "HOST", "USER", "PASSWORD", "PORT")},
            "storage": str(self.settings.STORAGE_DIR),
            "keyring": str(self.settings.KEYRING_FILE),
            "secret": self.settings.SECRET_KEY,
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


WSGI = """
from django.conf import settings
import django
settings.STORAGE_DIR = %(storage)r
settings.KEYRING_FILE = %(keyring)r
settings.SECRET_KEY = %(secret)r
settings.ALLOWED_HOSTS = ["*"]
settings.DATABASES["default"].update(%(database)r)
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
"""
