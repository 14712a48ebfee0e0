"""Reads the process environment for the settings: values, secrets, database addresses. Holds no defaults of its own.

Every refusal is an ImproperlyConfigured that names the variable and says how to set it, never the value of a secret.
"""

import os
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """The variable, or the default; without a default it is required."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment (docs/operations.md says to what).")
    return value


def secret(name: str, default: str | None = None) -> str:
    """The variable NAME, or the content of the file that NAME_FILE points to; required unless a default is given."""
    if value := os.environ.get(name, "").strip():
        return value
    if place := os.environ.get(f"{name}_FILE", "").strip():
        try:
            value = Path(place).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read ({type(error).__name__}): {place}")
        if not value:
            raise ImproperlyConfigured(f"{name}_FILE is empty: {place}")
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. Set {name}, or {name}_FILE to a file that holds it.")
    return default


def boolean(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if name not in os.environ or value == "":
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def listed(name: str, default: list[str] | None = None) -> list[str]:
    """A comma-separated list. Set to nothing it is empty, where a default says that it may be."""
    if not os.environ.get(name, "").strip() and default is not None:
        return [] if name in os.environ else default
    return [part.strip() for part in text(name).split(",") if part.strip()]


def port(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise ImproperlyConfigured(f"{name} must be a port from 1 to 65535, not {value!r}.")
    return int(value)


def seconds(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number of seconds, not {value!r}.")
    return int(value)


def count(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def folder(name: str, default: Path | None = None) -> Path:
    """An absolute path; a relative one counts from the working directory."""
    return Path(text(name, None if default is None else str(default))).expanduser().resolve()


def readable_file(name: str) -> Path:
    """A path to a file that exists and can be read, for keys that are used as files."""
    path = folder(name)
    if not path.is_file() or not os.access(path, os.R_OK):
        raise ImproperlyConfigured(f"{name} must be a file that this process can read: {path}")
    return path


def contents(name: str) -> str:
    """The text of a file that NAME names; empty without one."""
    if not os.environ.get(name):
        return ""
    try:
        return readable_file(name).read_text()
    except (OSError, UnicodeError) as error:
        raise ImproperlyConfigured(f"{name} cannot be read ({type(error).__name__})")


def running(*commands: str) -> bool:
    """Whether this process is `manage.py COMMAND`: some secrets are required by one command only."""
    return Path(sys.argv[0]).name == "manage.py" and len(sys.argv) > 1 and sys.argv[1] in commands


def database(address: str, *, name: str = "DATABASE_URL") -> dict:
    """Django's settings for `postgresql://user:password@host:5432/db?sslmode=require`; a socket is `?host=/run/pg`.

    The address never appears in an error: it may hold a password.
    """
    try:
        parts = urlsplit(address)
        at_port = parts.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} has no valid host and port. {_SHAPE}")
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"{name} must begin with postgresql:// and not with {parts.scheme!r}. {_SHAPE}")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    at_port = options.pop("port", "") or (str(at_port) if at_port else "")
    base = unquote(parts.path.lstrip("/"))
    user = options.pop("user", "") or unquote(parts.username or "")
    if not base or not user:
        raise ImproperlyConfigured(f"{name} must name a user and a database. {_SHAPE}")
    password = options.pop("password", "") or unquote(parts.password or "")
    return connection(name=base, user=user, password=password, host=host, port=at_port, options=options)


_SHAPE = "It looks like postgresql://user:password@host:5432/database."


def connection(*, name: str, user: str, host: str, password: str = "", port: str = "", options: dict | None = None):
    """One entry of DATABASES, complete: commands copy whole entries over one another."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": user,
        "PASSWORD": password,
        "HOST": host,
        "PORT": port,
        "OPTIONS": {"connect_timeout": "5", **(options or {})},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def with_role(entry: dict, role: str) -> dict:
    """The same entry, but every session of it acts as `role`."""
    options = f"{entry['OPTIONS'].get('options', '')} -c role={role}".strip()
    return {**entry, "OPTIONS": {**entry["OPTIONS"], "options": options}}
