"""Shims: an id in, one verb. Safe to run twice; the rows' state is the queue, so a lost broker only delays."""

import logging

from celery import shared_task
from celery.signals import task_failure

from evidence import batches, handling, verifications

log = logging.getLogger(__name__)


@shared_task
def run_import(batch_id: str) -> None:
    batches.run(batch_id)


@shared_task
def verify_ledger() -> None:
    verifications.run_pending()


@shared_task
def sweep() -> None:
    """Take up whatever is pending and clear what was cut off."""
    verifications.run_pending()
    for batch_id in batches.pending():
        batches.run(batch_id)
    handling.sweep_storage()


@task_failure.connect(dispatch_uid="evidence.job_failed")
def note_failure(sender=None, exception=None, **kwargs) -> None:
    """The outcome of a job is an entry too; that it cannot be written now must not hide why the job failed."""
    try:
        handling.note_failed_job(by=handling.SWEEP, name=sender.name, error=type(exception).__name__)
    except Exception as error:
        log.error("the failure of %s could not be recorded (%s)", sender.name, type(error).__name__)


def nudge(task, *args) -> None:
    """Wake a worker now; when the broker is away the sweep finds the row later."""
    try:
        task.apply_async(args, retry=False)
    except Exception as error:
        log.warning("the broker did not take %s (%s): the sweep will", task.name, type(error).__name__)
