"""Shims: an id in, one verb. Safe to run twice; the rows' state is the queue, so a lost broker only delays."""

import logging

from celery import shared_task
from celery.signals import task_failure
from django.db import transaction

from accounts import repeats
from evidence import batches, deriving, handling, uploading, verifications
from evidence.recording.names import mark_waiting
from evidence.search import tallies

log = logging.getLogger(__name__)


@shared_task
def run_import(batch_id: str) -> None:
    batches.run(batch_id)


@shared_task
def verify_ledger() -> None:
    verifications.run_pending()


@shared_task
def process_file(file_id: str) -> None:
    deriving.process(file_id)


@shared_task
def process_waiting() -> None:
    """A minute at a time, so that other work has its turn."""
    if deriving.process_waiting(seconds=60):
        nudge(process_waiting)


@shared_task
def sweep() -> None:
    """Take up whatever is pending and clear what was cut off."""
    verifications.run_pending()
    for batch_id in batches.pending():
        batches.run(batch_id)
    for clear in (uploading.sweep, handling.sweep_storage, repeats.sweep):
        clear()
    deriving.enlist(by=deriving.WORKER)
    if deriving.pending(limit=1):
        nudge(process_waiting)


@shared_task
def put_tallies_together() -> None:
    tallies.put_together()


@shared_task
def mark_names() -> None:
    mark_waiting()


@shared_task
def check_fixity() -> None:
    """The next portion of stored bytes; what is derived and broken is made anew."""
    for blob_id in handling.check_due():
        deriving.remake(by=deriving.WORKER, blob_id=blob_id)


@task_failure.connect(dispatch_uid="evidence.job_failed")
def note_failure(sender=None, exception=None, **kwargs) -> None:
    """The outcome of a job is an entry too; that it cannot be written now must not hide why the job failed."""
    try:
        handling.note_failed_job(by=handling.SWEEP, name=sender.name, error=type(exception).__name__)
    except Exception as error:
        log.error("the failure of %s could not be recorded (%s)", sender.name, type(error).__name__)


def wake() -> None:
    """Files were received: have a worker look, once they are committed."""
    transaction.on_commit(lambda: nudge(process_waiting))


def nudge(task, *args) -> None:
    """Wake a worker now; when the broker is away the sweep finds the row later."""
    try:
        task.apply_async(args, retry=False)
    except Exception as error:
        log.warning("the broker did not take %s (%s): the sweep will", task.name, type(error).__name__)
