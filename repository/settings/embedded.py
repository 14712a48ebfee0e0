"""What manage.py uses when told nothing: everything under REPOSITORY_VAR, servers started by `manage.py up`.

With DATABASE_URL, CELERY_BROKER_URL or STORAGE_DIR in the environment that one is used instead of the embedded one.
"""

import secrets

from repository.runtime import places
from repository.settings import environment
from repository.settings.assets import *  # noqa: F403
from repository.settings.base import *  # noqa: F403
from repository.settings.base import BASE_DIR
from repository.settings.logs import to_stderr

DEBUG = False
VAR_DIR = environment.folder("REPOSITORY_VAR", BASE_DIR / "var")
PORT = environment.port("REPOSITORY_PORT", 8000)

KEYS_DIR = VAR_DIR / "keys"
KEYRING_FILE = environment.folder("KEYRING_FILE", KEYS_DIR / "keyring.json")
LEDGER_SIGNING_KEY_FILE = environment.folder("LEDGER_SIGNING_KEY_FILE", KEYS_DIR / "ledger-signing.key")
LEDGER_SIGNER_MEMORY_FILE = environment.folder("LEDGER_SIGNER_MEMORY_FILE", KEYS_DIR / "ledger-signed.json")
LEDGER_ORIGIN = environment.text("LEDGER_ORIGIN", "localhost/ledger")
LEDGER_SIGNER_SOCKET = environment.folder("LEDGER_SIGNER_SOCKET", places.signer_socket(VAR_DIR))
# For demonstration: an authority on this machine and a directory beside the data prove nothing to anybody else.
LEDGER_TIMESTAMP_AUTHORITIES = environment.listed("LEDGER_TIMESTAMP_AUTHORITIES", ["demo:"])
LEDGER_TIMESTAMP_ROOTS_FILE = environment.text("LEDGER_TIMESTAMP_ROOTS_FILE", "")
LEDGER_PUBLISH_TO = environment.listed("LEDGER_PUBLISH_TO", [str(VAR_DIR / "published")])
LEDGER_DEMO_FOLDER = KEYS_DIR
STORAGE_DIR = environment.folder("STORAGE_DIR", VAR_DIR / "storage")

# A command before the first `up` signs nothing that lasts, so it may use a key that is forgotten.
_kept = KEYS_DIR / "secret_key"
SECRET_KEY = environment.secret("SECRET_KEY", "") or (
    _kept.read_text().strip() if _kept.is_file() else secrets.token_urlsafe(64)
)

EMBEDDED_DATABASE = not environment.secret("DATABASE_URL", "")
if EMBEDDED_DATABASE:
    _socket = str(places.postgres_socket(VAR_DIR))
    _app, MIGRATION_DATABASE, SEQUENCER_DATABASE = (
        environment.connection(name="repository", user=role, host=_socket)
        for role in ("repository_app", "repository_owner", "ledger_sequencer")
    )
else:
    _address = environment.secret("DATABASE_URL")
    _app = environment.database(_address)
    MIGRATION_DATABASE = environment.database(
        environment.secret("MIGRATION_DATABASE_URL", _address), name="MIGRATION_DATABASE_URL"
    )
    SEQUENCER_DATABASE = environment.database(
        environment.secret("SEQUENCER_DATABASE_URL", _address), name="SEQUENCER_DATABASE_URL"
    )
    # Set by `up` when one address serves all three and its user may act as the lesser roles.
    if environment.boolean("REPOSITORY_LESSER_ROLES"):
        _app = environment.with_role(_app, "repository_app")
        SEQUENCER_DATABASE = environment.with_role(SEQUENCER_DATABASE, "ledger_sequencer")
DATABASES = {"default": _app}

EMBEDDED_BROKER = not environment.secret("CELERY_BROKER_URL", "")
CELERY_BROKER_URL = environment.secret("CELERY_BROKER_URL", f"redis+socket://{places.broker_socket(VAR_DIR)}")
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "run" / "beat-schedule")

# Cookies of a host are shared by all its ports; the port in the name keeps neighbours apart.
SESSION_COOKIE_NAME = f"sessionid_{PORT}"
CSRF_COOKIE_NAME = f"csrftoken_{PORT}"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *environment.listed("ALLOWED_HOSTS", [])]
CSRF_TRUSTED_ORIGINS = environment.listed("CSRF_TRUSTED_ORIGINS", [])

# Browsers take http://localhost for safe; passkeys made there work there alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
SECOND_FACTOR_ROLES = environment.listed("SECOND_FACTOR_ROLES", [])

STATIC_ROOT = VAR_DIR / "static"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
LOGGING = to_stderr(environment.text("LOG_LEVEL", "INFO"))
