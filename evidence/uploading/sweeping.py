"""What became of uploads whose client went away: whole ones are finished, those without a piece for days given up."""

import logging
import time

from django.utils import timezone, translation

from accounts.errors import Refused
from custody import ledger
from evidence.models import Upload
from evidence.storage import Busy
from evidence.uploading.pieces import arrival_of, expire, expires_at, finish

log = logging.getLogger(__name__)
SWEEP = ledger.Service("sweep")
QUIET = 30  # seconds after the last piece: until then its own request is finishing it


def sweep() -> int:
    """Finish and give up what waits for nobody. Returns how many uploads have ended."""
    ended = 0
    rows = Upload.objects.filter(state=Upload.State.ARRIVING).select_related("created_by").order_by("created_at")
    for upload in rows.iterator(chunk_size=500):
        try:
            ended += _look_after(upload)
        except Exception as error:  # one upload's trouble must not keep the others waiting
            log.error("the upload %s could not be looked after (%s)", upload.pk, type(error).__name__)
    return ended


def _look_after(upload: Upload) -> bool:
    arrival = arrival_of(upload)
    if arrival.is_whole():
        if time.time() - (arrival.touched_at() or 0) < QUIET:
            return False
        try:
            with translation.override(upload.created_by.language):
                finish(by=upload.created_by, upload=upload)
        except Busy:
            return False
        except Refused:
            return True  # its row says why
        return True
    if expires_at(upload) <= timezone.now():
        expire(by=SWEEP, upload=upload)
        return True
    return False
