"""The tus protocol 1.0 as it is spoken in headers: what a client says, read strictly; what it is answered.

No rows and no bytes here: the door is evidence.api.uploads.
"""

import base64
import binascii
from datetime import UTC, datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions

from accounts.errors import Invalid
from evidence.uploading import ALGORITHMS

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"
PIECE = "application/offset+octet-stream"
LONGEST = 16 * 1024  # characters of Upload-Metadata
MOST = 10**15  # bytes anybody could mean


class WrongVersion(exceptions.APIException):
    status_code = 412
    default_detail = gettext_lazy("Send Tus-Resumable: 1.0.0.")


class NoPiece(exceptions.APIException):
    status_code = 415
    default_detail = gettext_lazy("Send the bytes as application/offset+octet-stream.")


class NoLength(exceptions.APIException):
    status_code = 411
    default_detail = gettext_lazy("Say how long the piece is, by Content-Length.")


class Gone(exceptions.APIException):
    status_code = 410


class Misplaced(exceptions.APIException):
    """The piece does not begin where the last one ended."""

    status_code = 409

    def __init__(self, expected: int):
        super().__init__(_("The upload stands at byte %(offset)d: go on from there.") % {"offset": expected})
        self.expected = expected


class Occupied(exceptions.APIException):
    status_code = 423
    default_detail = gettext_lazy("Another request is writing to this upload. Ask for its offset and go on from there.")


class Mismatch(exceptions.APIException):
    status_code = 460
    default_detail = gettext_lazy(
        "The piece does not have the digest that was sent with it. Nothing of it was kept: send it again."
    )


class Full(exceptions.APIException):
    status_code = 507
    default_detail = gettext_lazy("The storage is full. What arrived is kept; go on when there is room.")


def capabilities() -> dict[str, str]:
    """What the server can do, as an answer to OPTIONS."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def check_version(request) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise WrongVersion


def number(request, name: str) -> int:
    """A header that is a count of bytes. Raises Invalid when it is missing or no such thing."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or int(text) > MOST:
        raise Invalid(_("Send the header %(name)s: a number of bytes.") % {"name": name}, field=name)
    return int(text)


def is_piece(request) -> bool:
    return request.headers.get("Content-Type", "").split(";")[0].strip().lower() == PIECE


def has_body(request) -> bool:
    return str(request.headers.get("Content-Length", "")) not in ("", "0") or "Transfer-Encoding" in request.headers


def length(request) -> int:
    """How many bytes the body holds."""
    text = str(request.headers.get("Content-Length", ""))
    if not (text.isascii() and text.isdigit()) or "Transfer-Encoding" in request.headers:
        raise NoLength
    return int(text)


def metadata(request) -> dict[str, str]:
    """Upload-Metadata as words: `key base64, key base64`. Raises Invalid naming what is wrong."""
    header = request.headers.get("Upload-Metadata", "")
    if len(header) > LONGEST:
        raise Invalid(_("Upload-Metadata is too long."), field="Upload-Metadata")
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _space, encoded = pair.partition(" ")
        if not key.isascii() or key in found:
            raise Invalid(_("Upload-Metadata names something twice, or not in ASCII."), field="Upload-Metadata")
        try:
            found[key] = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            raise Invalid(
                _("Upload-Metadata holds pairs of a key and its value in Base64 of UTF-8, with commas between."),
                field="Upload-Metadata",
            )
    return found


def moment(text: str) -> datetime | None:
    """Milliseconds since 1970 as browsers tell them; what is no such thing is nobody's fault and counts as unknown."""
    if not (text.isascii() and text.isdigit()) or len(text) > 14:
        return None
    return datetime.fromtimestamp(int(text) / 1000, UTC)


def checksum(request) -> tuple[str, bytes] | None:
    """(algorithm, digest) that a piece was announced with."""
    header = request.headers.get("Upload-Checksum", "")
    if not header:
        return None
    algorithm, _space, encoded = header.strip().partition(" ")
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if algorithm not in ALGORITHMS or not digest:
        message = _("Upload-Checksum is the name of an algorithm (%(names)s) and a digest in Base64.")
        raise Invalid(message % {"names": ", ".join(ALGORITHMS)}, field="Upload-Checksum")
    return algorithm, digest
