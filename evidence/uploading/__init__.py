"""Verbs by which files come in over poor connections: batches of many, and uploads in pieces that are resumed.

`targets` says whether somebody may add there now, `batches` are what a person brings at once, `pieces` the uploads.
What a browser or a tus client sends is read by the doors; where the bytes lie is storage's matter.
"""

from evidence.storage import Busy, TooMuch, WrongDigest, WrongOffset
from evidence.uploading.batches import (
    Line,
    close_batch,
    describe_items,
    issue_receipt,
    known_items,
    lines_of,
    link_known,
    open_batch,
)
from evidence.uploading.pieces import (
    ALGORITHMS,
    Ended,
    begin,
    bring,
    cancel,
    expires_at,
    finish,
    offset_of,
    write,
)
from evidence.uploading.sweeping import sweep

__all__ = [
    "ALGORITHMS", "Busy", "Ended", "Line", "TooMuch", "WrongDigest", "WrongOffset", "begin", "bring", "cancel",
    "close_batch", "describe_items", "expires_at", "finish", "issue_receipt", "known_items", "lines_of", "link_known",
    "offset_of", "open_batch", "sweep", "write",
]  # fmt: skip
