"""Runs Django's commands from manage.py, and says in a sentence what a trace would hide. No commands of its own."""

import os
import sys


def run(argv: list[str]) -> None:
    """As Django's manage.py; without a database or with a wrong setting it ends with one clear sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "repository.settings.embedded")
    from django.core.exceptions import ImproperlyConfigured

    try:
        prepare()
        from django.core.management import execute_from_command_line
        from django.db import OperationalError

        try:
            execute_from_command_line(argv)
        except OperationalError as error:
            sys.exit(unreachable(error))
    except ImproperlyConfigured as error:
        sys.exit(f"Wrong settings: {error}")


def prepare() -> None:
    """Load what every process of the project needs beside Django: its Celery application and its system checks."""
    import repository.celery
    import repository.checks  # noqa: F401


def unreachable(error: Exception) -> str:
    """The sentence for a database that does not answer."""
    from django.conf import settings

    if getattr(settings, "EMBEDDED_DATABASE", False):
        return (
            "The embedded database is not running: start it in another terminal with `python3 manage.py up` "
            f"(directory {settings.VAR_DIR})."
        )
    return f"The database does not answer: {str(error).strip().splitlines()[0]}"
