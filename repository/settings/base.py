"""Settings that hold everywhere. What differs between embedded, production and tests lives in those modules."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from repository.settings import environment
from repository.settings.object_storage import *  # noqa: F403
from repository.settings.single_sign_on import *  # noqa: F403
from repository.settings.single_sign_on import OIDC_ORIGINS

BASE_DIR = Path(__file__).resolve().parent.parent.parent

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_htmx",
    "lucide",
    "custody",
    "accounts",
    "evidence",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "repository.middleware.request_id",
    "csp.middleware.CSPMiddleware",
    "repository.middleware.private_by_default",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "repository.middleware.person_language",
    "repository.middleware.bodies_have_a_length",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "repository.middleware.sign_in_required",
    "repository.holding.session_holds",
    "repository.middleware.reads_write_nothing",
    "repository.middleware.refusals",
]

ROOT_URLCONF = "repository.urls"
WSGI_APPLICATION = "repository.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "evidence.web.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.ScopeBackend",
    "accounts.backends.SignInBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"accounts.passwords.{name}"} for name in ("LengthByFactor", "NotCommon", "NotWhatEverybodyKnows")
]

# Sign-in by e-mail; nobody signs himself up: people are invited.
ACCOUNT_ADAPTER = "accounts.adapters.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
# `key` is account and address for "login_failed", the account alone for "account_failed": docs/security.md, 6.1.1.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/300s/key", "account_failed": "50/h/key"}

# Second factors. A passkey made for it signs in alone; it then asks for a PIN, a finger or a face by itself.
MFA_ADAPTER = "accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are an administrator's; nobody adds one himself
MFA_RECOVERY_CODE_DIGITS = 10
MFA_FORMS = {
    "authenticate": "accounts.factor_forms.CodeAtSignIn",
    "reauthenticate": "accounts.factor_forms.CodeAgain",
    "authenticate_webauthn": "accounts.factor_forms.PasskeyAsSecond",
    "reauthenticate_webauthn": "accounts.factor_forms.PasskeyAgain",
    "login_webauthn": "accounts.factor_forms.PasskeyAlone",
    "activate_totp": "accounts.factor_forms.NewApp",
    "add_webauthn": "accounts.factor_forms.NewPasskey",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
SECOND_FACTOR_ROLES: list[str] = []

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# guardian serves as the store of grants, spoken in accounts.grants alone.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]

# What all processes have to count alike is in the database; "near" is each one's own, for what is asked all the time.
CACHES = {
    "default": {"BACKEND": "accounts.counting.TableCache"},
    "near": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The greatest age of a session, however busy it is (repository.holding), and of its cookie.
SESSION_COOKIE_AGE = 12 * 60 * 60
# After so long without anybody at it a session is locked.
IDLE_LOCK_SECONDS = environment.seconds("IDLE_LOCK_SECONDS", 15 * 60)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = False
# Nothing goes to other sites. Not "no-referrer": browsers then send "Origin: null" with each form, and CSRF refuses it.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

# A form of 200,000 characters in two languages fits; a 10 MB narrative gets a clear refusal.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'", *OIDC_ORIGINS],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.doors.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["evidence.api.access.DeclaredAct"],
    "DEFAULT_PAGINATION_CLASS": "evidence.api.pages.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "evidence.api.schema.HouseSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "evidence.api.forms.Negotiation",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "EXCEPTION_HANDLER": "evidence.api.problems.as_problem",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DEFAULT_THROTTLE_CLASSES": ["accounts.doors.NearThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "1200/min"},
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Accountability repository API",
    "DESCRIPTION": "Incidents, evidence, persons, sources and their custody. Classifications are analytical "
    "allegations, never findings of guilt. Everything passes one access gate: what you may not see does not exist.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "evidence.api.schema.narrowed_shapes",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RecordTypeEnum": ["incident", "item", "person", "source"],
        "ClaimKindEnum": ["time", "place"],
        "DecisionKindEnum": "evidence.models.decision.Decision.Kind",
        "UploadStateEnum": "evidence.models.intake.Upload.State",
    },
}

CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "evidence.tasks.sweep", "schedule": 30.0},
    "fixity": {"task": "evidence.tasks.check_fixity", "schedule": 300.0},
    "tallies": {"task": "evidence.tasks.put_tallies_together", "schedule": 60.0},
    "names": {"task": "evidence.tasks.mark_names", "schedule": 300.0},
}

# Every stored blob is read and hashed again within so many days, at most so many bytes every five minutes.
FIXITY_DAYS = environment.count("FIXITY_DAYS", 90)
FIXITY_BYTES = environment.count("FIXITY_MEGABYTES", 1024) * 1024**2
# How long one person may read the bytes of a file that she opened for a purpose.
OPENING_SECONDS = environment.seconds("OPENING_SECONDS", 15 * 60)
# Resumable uploads: the largest file, and how long one waits for its next piece.
UPLOAD_MAX_BYTES = environment.count("UPLOAD_MAX_BYTES", 200 * 1024**3)
UPLOAD_DAYS = environment.count("UPLOAD_DAYS", 7)

# Making files readable: which steps there are, what they are told, and how much longer than usual they may take.
PROCESSING_STEPS = "evidence.processing.steps"
PROCESSING_OPTIONS: dict = {
    # Roots of signers (PEM) whose C2PA manifests are trusted. Without them every signer is one that is not known here.
    "c2pa_anchors": environment.contents("C2PA_ANCHORS_FILE"),
    # Recognition of text in pictures: languages as Tesseract names them, pages a file, processor seconds a page.
    "ocr_languages": environment.text("OCR_LANGUAGES", "kor+eng"),
    "ocr_pages": environment.count("OCR_PAGES", 200),
    "ocr_seconds": environment.seconds("OCR_SECONDS", 60),
    # Members of archives that are taken in: bytes of one, and of all that are asked for at a time.
    "member_bytes": environment.count("MEMBER_BYTES", 2 * 1024**3),
    "members_bytes": environment.count("MEMBERS_BYTES", 4 * 1024**3),
}
PROCESSING_PATIENCE = environment.seconds("PROCESSING_PATIENCE", 1)
# The malware scanner, ClamAV's daemon: a path of its socket, or host:port. Empty: files are marked as not scanned.
SCANNER = environment.text("CLAMD", "-").removeprefix("-")

# How long a page waits for the numbers of its facets; None: until they are there.
FACETS_SECONDS: float | None = 1.0

# Seconds between time stamps, publications and manifests of the ledger, where there is anything new.
LEDGER_STAMP_SECONDS = environment.seconds("LEDGER_STAMP_SECONDS", 300)
LEDGER_PUBLISH_SECONDS = environment.seconds("LEDGER_PUBLISH_SECONDS", 10)
LEDGER_MANIFEST_SECONDS = environment.seconds("LEDGER_MANIFEST_SECONDS", 3600)

# The ledger's tables live in a schema of their own; `search_path` never has to be trusted.
TEST_RUNNER = "django.test.runner.DiscoverRunner"
SILENCED_SYSTEM_CHECKS = [
    "guardian.W001",  # its backend is left out on purpose: accounts.backends.ScopeBackend asks the gate instead
]
