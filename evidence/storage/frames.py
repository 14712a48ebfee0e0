"""The form in which bytes lie in the storage: fixed-size chunks, each encrypted by itself, so that ranges can be read.

A file is MAGIC and then frames of nonce, ciphertext and tag. What a frame is authenticated with says whose it is, which
one it is and whether it is the last: none can be moved, swapped, left out or cut off. Version 1 had a counter instead
of random nonces; it is still read. Random ones let an interrupted upload write a frame again with other bytes.
"""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"ARBLOB2\x00"
MAGIC_1 = b"ARBLOB1\x00"
CHUNK = 1024 * 1024  # plain bytes a frame: ranges decrypt at most one frame more than asked
NONCE, TAG = 12, 16


class StorageError(RuntimeError):
    """The stored bytes are missing, altered or cannot be decrypted."""


class Unavailable(StorageError):
    """The storage does not answer or does not let us in: nothing is said about the bytes, and later it may work."""


def last_index(size: int) -> int:
    """The number of the last frame of so many bytes; no bytes are one empty frame."""
    return max(0, (size - 1) // CHUNK)


def _context(blob_id: UUID, index: int, last: bool) -> bytes:
    return blob_id.bytes + index.to_bytes(8, "big") + bytes([last])


def seal(box: AESGCM, blob_id: UUID, index: int, last: bool, plain: bytes) -> bytes:
    """One frame."""
    nonce = os.urandom(NONCE)
    return nonce + box.encrypt(nonce, plain, _context(blob_id, index, last))


def position(magic: bytes, index: int) -> tuple[int, int]:
    """(offset, greatest length) of a frame in a file of this form."""
    length = CHUNK + TAG + (NONCE if magic == MAGIC else 0)
    return len(magic) + index * length, length


def unseal(box: AESGCM, magic: bytes, blob_id: UUID, index: int, last: bool, frame: bytes) -> bytes:
    """The plain bytes of a frame. Raises InvalidTag when it is not the one that was written there."""
    if magic == MAGIC_1:
        return box.decrypt(bytes([last]) + index.to_bytes(11, "big"), frame, blob_id.bytes)
    if len(frame) < NONCE + TAG:
        raise InvalidTag
    return box.decrypt(frame[:NONCE], frame[NONCE:], _context(blob_id, index, last))
