"""What servers use: nothing has a guessed value; a missing secret stops the start by its name (NAME or NAME_FILE).

TLS ends at the proxy, which must set X-Forwarded-Proto itself and drop what a client sent.
"""

from repository.settings import environment
from repository.settings.assets import *  # noqa: F403
from repository.settings.base import *  # noqa: F403
from repository.settings.base import BASE_DIR
from repository.settings.logs import to_stderr

DEBUG = False
SECRET_KEY = environment.secret("SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise environment.ImproperlyConfigured("SECRET_KEY must be random and at least 50 characters long.")

DATABASES = {"default": environment.database(environment.secret("DATABASE_URL"))}
MIGRATION_DATABASE = SEQUENCER_DATABASE = None
if environment.running("migrate", "backup", "restore"):
    MIGRATION_DATABASE = environment.database(
        environment.secret("MIGRATION_DATABASE_URL"), name="MIGRATION_DATABASE_URL"
    )
LEDGER_SIGNER_SOCKET = None
if environment.running("ledger_sequencer", "ledger_anchors"):
    SEQUENCER_DATABASE = environment.database(
        environment.secret("SEQUENCER_DATABASE_URL"), name="SEQUENCER_DATABASE_URL"
    )
if environment.running("ledger_sequencer"):
    LEDGER_SIGNER_SOCKET = environment.folder("LEDGER_SIGNER_SOCKET")
LEDGER_ORIGIN = environment.text("LEDGER_ORIGIN")
LEDGER_TIMESTAMP_AUTHORITIES = environment.listed("LEDGER_TIMESTAMP_AUTHORITIES", [])
LEDGER_TIMESTAMP_ROOTS_FILE = environment.text("LEDGER_TIMESTAMP_ROOTS_FILE", "")
LEDGER_PUBLISH_TO = environment.listed("LEDGER_PUBLISH_TO", [])
LEDGER_DEMO_FOLDER = None
EMBEDDED_DATABASE = EMBEDDED_BROKER = False

KEYRING_FILE = environment.readable_file("KEYRING_FILE")
STORAGE_DIR = environment.folder("STORAGE_DIR")
CELERY_BROKER_URL = environment.secret("CELERY_BROKER_URL")
CELERY_BEAT_SCHEDULE_FILENAME = environment.text("CELERY_BEAT_SCHEDULE_FILENAME", "/tmp/beat-schedule")  # noqa: S108

ALLOWED_HOSTS = environment.listed("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = environment.listed(
    "CSRF_TRUSTED_ORIGINS", [f"https://{host}" for host in ALLOWED_HOSTS if not host.startswith(".")]
)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of ours each add the address before them to X-Forwarded-For; throttles count by the client's.
ALLAUTH_TRUSTED_PROXY_COUNT = environment.count("TRUSTED_PROXIES", 1)
SECURE_SSL_REDIRECT = True
# Probes come from inside, by plain HTTP, and carry nothing.
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = environment.seconds("SECURE_HSTS_SECONDS", 365 * 24 * 60 * 60)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# The prefixes make the browser itself refuse a cookie set by a sibling host or over plain HTTP.
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

# Roles that may do nothing before a second factor is set up; "*" is every role, empty is none.
SECOND_FACTOR_ROLES = environment.listed("SECOND_FACTOR_ROLES", ["*"])

STATIC_ROOT = environment.folder("STATIC_ROOT", BASE_DIR / "var" / "static")
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = environment.text("EMAIL_HOST", "localhost")
EMAIL_PORT = environment.port("EMAIL_PORT", 25)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = environment.secret("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = environment.boolean("EMAIL_USE_TLS")
LOGGING = to_stderr(environment.text("LOG_LEVEL", "INFO"))
