"""How the installation is set up, as an entry when it changes: what weakens custody or sign-in should not pass unseen.

Only settings named here, and of addresses only what holds no password.
"""

from urllib.parse import urlsplit

from django.conf import settings

from custody.checkpoints import note, noted

NAMED = (
    "ACCOUNT_RATE_LIMITS", "ALLOWED_HOSTS", "AUTHENTICATION_BACKENDS", "AUTH_PASSWORD_VALIDATORS", "DEBUG",
    "LEDGER_MANIFEST_SECONDS", "LEDGER_ORIGIN", "LEDGER_PUBLISH_SECONDS", "LEDGER_PUBLISH_TO", "LEDGER_STAMP_SECONDS",
    "LEDGER_TIMESTAMP_AUTHORITIES", "LEDGER_TIMESTAMP_ROOTS_FILE", "MIDDLEWARE", "SECURE_HSTS_SECONDS",
    "SECURE_SSL_REDIRECT", "SESSION_COOKIE_AGE", "SESSION_COOKIE_SECURE",
)  # fmt: skip


def current() -> dict[str, str]:
    """The named settings as text, in one spelling."""
    return {name: _said(getattr(settings, name, None)) for name in NAMED}


def _said(value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_said(inner)}" for key, inner in sorted(value.items()))
    if isinstance(value, (list, tuple)):
        return "; ".join(map(_said, value))
    text = str(value)
    if "@" in text and "//" in text:
        parts = urlsplit(text)
        return parts._replace(netloc=parts.hostname or "").geturl()
    return text


def note_changes() -> bool:
    """Write `ledger.configured` with what differs from the last time; whether there was anything."""
    known: dict[str, str] = {}
    for data in noted("ledger.configured"):
        known |= data["settings"]
    changed = {name: value for name, value in current().items() if known.get(name) != value}
    if changed:
        note("ledger.configured", {"settings": changed})
    return bool(changed)
