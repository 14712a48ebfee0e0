"""The Celery application. The broker only wakes workers: what there is to do is the state of rows in PostgreSQL."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "repository.settings.production")

# Longer than any task: a message unacknowledged for this long is given to another worker.
VISIBILITY_SECONDS = 4 * 60 * 60

app = Celery("repository")
app.conf.update(
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
)
app.config_from_object("django.conf:settings", namespace="CELERY")

# RabbitMQ gives abandoned messages back by itself; this transport looks for them only every 100 seconds unless told.
if settings.CELERY_BROKER_URL.startswith(("redis", "valkey")):
    app.conf.broker_transport_options = {
        "visibility_timeout": VISIBILITY_SECONDS,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 5,
    }

app.autodiscover_tasks()
