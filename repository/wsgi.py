"""The door for WSGI servers (granian here; any other is a drop-in)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "repository.settings.production")

# Loaded here so that a page's `task.delay()` finds the configured broker and not Celery's default.
from repository.celery import app as celery_app

application = get_wsgi_application()

__all__ = ["application", "celery_app"]
