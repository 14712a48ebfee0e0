"""Settings of the test suite: real PostgreSQL, everything else in memory or a temporary directory, no network."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from repository.runtime.keys import make_keys
from repository.settings import environment
from repository.settings.assets import *  # noqa: F403
from repository.settings.base import *  # noqa: F403

DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

# One a process: xdist workers must not share storage or keys.
VAR_DIR = Path(tempfile.mkdtemp(prefix="repository-tests-"))
_MADE_BY = os.getpid()
atexit.register(lambda: os.getpid() == _MADE_BY and shutil.rmtree(VAR_DIR, ignore_errors=True))
make_keys(VAR_DIR / "keys")
SECRET_KEY = (VAR_DIR / "keys" / "secret_key").read_text()
KEYRING_FILE = VAR_DIR / "keys" / "keyring.json"
LEDGER_SIGNING_KEY_FILE = VAR_DIR / "keys" / "ledger-signing.key"
LEDGER_SIGNER_MEMORY_FILE = VAR_DIR / "keys" / "ledger-signed.json"
LEDGER_ORIGIN = "ledger.example/tests"
LEDGER_SIGNER_SOCKET = VAR_DIR / "signer.sock"
LEDGER_TIMESTAMP_AUTHORITIES = ["demo:"]
LEDGER_TIMESTAMP_ROOTS_FILE = ""
LEDGER_PUBLISH_TO = [str(VAR_DIR / "published")]
LEDGER_DEMO_FOLDER = VAR_DIR / "keys"
STORAGE_DIR = VAR_DIR / "storage"
STORAGE_DIR.mkdir()

# repository.runtime.pytest_plugin puts the name of the test database and, if it started the server, the socket here.
DATABASES, MIGRATION_DATABASE, SEQUENCER_DATABASE = (
    {"default": environment.connection(name="repository", user="repository_app", host="")},
    environment.connection(name="repository", user="repository_owner", host=""),
    environment.connection(name="repository", user="ledger_sequencer", host=""),
)
EMBEDDED_DATABASE = EMBEDDED_BROKER = False

MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True

# What a test finds must not depend on how busy the machine is.
FACETS_SECONDS = None

CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir()
WHITENOISE_AUTOREFRESH = True
