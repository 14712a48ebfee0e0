"""Logging of every process: one line a record, to standard error; whoever runs the process keeps it.

Carries no request bodies and no SQL parameters: they hold evidence.
"""


def to_stderr(level: str) -> dict:
    """A LOGGING dictionary at this level ("INFO", "WARNING", …)."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
                "datefmt": "%Y-%m-%dT%H:%M:%S%z",
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "django": {"level": level.upper(), "handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # At DEBUG it writes every statement with its parameters.
            "django.db.backends": {"level": "INFO"},
        },
    }
