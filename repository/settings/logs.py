"""Logging of every process: one line a record, to standard error; whoever runs the process keeps it.

Carries no request bodies and no SQL parameters: they hold evidence. Nor the secret of an invitation link.
"""

import logging
import re

SECRET = re.compile(r"(/invitation/)[^/\s?\"']+")


class WithoutSecrets(logging.Filter):
    """Takes the secret out of every record that names the path of an invitation link."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if SECRET.search(said):
            record.msg, record.args = SECRET.sub(r"\1…", said), ()
        return True


def to_stderr(level: str) -> dict:
    """A LOGGING dictionary at this level ("INFO", "WARNING", …)."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"secrets": {"()": "repository.settings.logs.WithoutSecrets"}},
        "formatters": {
            "line": {
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
                "datefmt": "%Y-%m-%dT%H:%M:%S%z",
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "django": {"level": level.upper(), "handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # At DEBUG it writes every statement with its parameters.
            "django.db.backends": {"level": "INFO"},
        },
    }
