"""A bucket of an S3-compatible object storage as the place of sealed files.

An object is put on the condition that none has its name, with a SHA-256 that the server checks; large files go in
parts, of which none is held in memory. The server sees ciphertext alone.
"""

import base64
import hashlib
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from django.conf import settings

from evidence.storage.frames import StorageError, Unavailable
from evidence.storage.places import Reader

PART = 32 * 1024**2  # bytes; files of up to one part go at once
MOST_PARTS = 9_000  # the protocol allows 10,000
BLOCK = 256 * 1024
TAKEN = ("PreconditionFailed", "412", "ConditionalRequestConflict", "409")
MISSING = ("NoSuchKey", "404", "NotFound")
SAID = {
    "NoSuchBucket": "there is no bucket {bucket}: make it, or set S3_BUCKET to the right one",
    "InvalidBucketName": "{bucket} is no name for a bucket: set S3_BUCKET",
    "InvalidAccessKeyId": "the access key is unknown to the storage: set S3_ACCESS_KEY",
    "SignatureDoesNotMatch": "the secret key does not fit the access key: set S3_SECRET_KEY",
    "AccessDenied": "the access key may not do this in a bucket {bucket}, if there is one: check S3_BUCKET, give the "
    "key the right to read, write, list and delete there",
    "403": "the storage does not let this access key into a bucket {bucket}, if there is one: check S3_BUCKET, "
    "S3_ACCESS_KEY and S3_SECRET_KEY",
}


@lru_cache(maxsize=2)
def _client(endpoint: str, region: str, key: str, secret: str, authority: str, pid: int) -> Any:
    """One a process: connections must not be shared with a process that was forked."""
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        verify=authority or ssl.get_default_verify_paths().cafile,
        config=Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"total_max_attempts": 3, "mode": "standard"},
            request_checksum_calculation="when_required",  # ours is SHA-256 and goes in a header
            response_checksum_validation="when_required",  # each frame proves itself
            s3={"addressing_style": "path" if endpoint else "auto"},
            proxies={} if endpoint else None,
        ),
    )


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def _told(name: str = "") -> Iterator[None]:
    """Every error of the storage as one of ours, that says what to do and holds no secret."""
    try:
        yield
    except ClientError as error:
        code, bucket = _code(error), settings.S3_BUCKET
        if code in MISSING and name:
            raise StorageError(f"{name} is missing from the storage")
        if code in ("404", "NotFound"):
            code = "NoSuchBucket"
        told = SAID.get(code, f"the storage refused ({code or 'no reason given'})")
        raise Unavailable(f"object storage: {told.format(bucket=repr(bucket))}")
    except (BotoCoreError, HTTPClientError) as error:
        where = settings.S3_ENDPOINT or "Amazon S3"
        raise Unavailable(f"object storage: {where} does not answer ({type(error).__name__}): check S3_ENDPOINT")


class _Part:
    """The bytes [start, end) of an open file, as a file."""

    def __init__(self, file: BinaryIO, start: int, end: int):
        self._file, self._start, self._end, self._at = file, start, end, start

    def read(self, count: int = -1) -> bytes:
        left = self._end - self._at
        self._file.seek(self._at)
        data = self._file.read(left if count is None or count < 0 else min(count, left))
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: self._start, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        self._at = base + offset
        return self.tell()

    def tell(self) -> int:
        return self._at - self._start

    def __len__(self) -> int:
        return self._end - self._start

    def checksum(self) -> str:
        digest = hashlib.sha256()
        self.seek(0)
        while block := self.read(BLOCK):
            digest.update(block)
        self.seek(0)
        return base64.b64encode(digest.digest()).decode()


class _S3Reader:
    """Reads on within one answer of the server as long as it is read in sequence."""

    def __init__(self, client: Any, name: str):
        self._client, self._name = client, name
        self._body: Any = None
        self._at = 0

    def at(self, offset: int, length: int) -> bytes:
        try:
            return self._read(offset, length)
        except (BotoCoreError, HTTPClientError):  # the connection broke while it was read: once more
            self.close()
            with _told(self._name):
                return self._read(offset, length)

    def _read(self, offset: int, length: int) -> bytes:
        if self._body is None or self._at != offset:
            self.close()
            try:
                answer = self._call(self._client.get_object, Range=f"bytes={offset}-")
            except ClientError as error:
                if _code(error) in ("InvalidRange", "416"):
                    return b""
                with _told(self._name):
                    raise
            self._body, self._at = answer["Body"], offset
        parts, missing = [], length
        while missing and (part := self._body.read(min(missing, BLOCK))):
            parts.append(part)
            missing -= len(part)
        self._at += length - missing
        return b"".join(parts)

    def _call(self, method: Callable, **arguments: Any) -> Any:
        return method(Bucket=settings.S3_BUCKET, Key=self._name, **arguments)

    def close(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


class S3Place:
    """The bucket that the settings name."""

    @property
    def client(self) -> Any:
        s = settings
        return _client(s.S3_ENDPOINT, s.S3_REGION, s.S3_ACCESS_KEY, s.S3_SECRET_KEY, s.S3_CA_FILE, os.getpid())

    def put(self, path: Path, name: str) -> None:
        with path.open("rb") as file, _told():
            size = os.fstat(file.fileno()).st_size
            try:
                if size <= PART:
                    part = _Part(file, 0, size)
                    self._call("put_object", name, Body=part, ChecksumSHA256=part.checksum(), **self._new())
                else:
                    self._put_parts(file, size, name)
            except ClientError as error:
                # An earlier try of ours may have arrived although its answer did not.
                if _code(error) not in TAKEN or not self._is_same(file, size, name):
                    raise
        path.unlink()

    def _new(self) -> dict:
        return {"IfNoneMatch": "*", **self._lock()}

    def _lock(self) -> dict:
        """Amazon wants a lock's end with the first request of an object, in parts or not."""
        if not settings.S3_LOCK_DAYS:
            return {}
        until = datetime.now(UTC) + timedelta(days=settings.S3_LOCK_DAYS)
        return {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}

    def _put_parts(self, file: BinaryIO, size: int, name: str) -> None:
        each = max(PART, -(-size // MOST_PARTS))
        begun = self._call("create_multipart_upload", name, ChecksumAlgorithm="SHA256", **self._lock())
        upload, parts = begun["UploadId"], []
        try:
            for number, start in enumerate(range(0, size, each), start=1):
                part = _Part(file, start, min(size, start + each))
                checksum = part.checksum()
                answer = self._call(
                    "upload_part", name, UploadId=upload, PartNumber=number, Body=part, ChecksumSHA256=checksum
                )
                parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum})
            done = {"MultipartUpload": {"Parts": parts}, "IfNoneMatch": "*"}
            self._call("complete_multipart_upload", name, UploadId=upload, **done)
        except BaseException:
            with suppress(ClientError, BotoCoreError, HTTPClientError):
                self._call("abort_multipart_upload", name, UploadId=upload)
            raise

    def _is_same(self, file: BinaryIO, size: int, name: str) -> bool:
        if self._call("head_object", name)["ContentLength"] != size:
            return False
        reader, digest, at = self.open(name), hashlib.sha256(), 0
        try:
            while block := reader.at(at, BLOCK):
                digest.update(block)
                at += len(block)
        finally:
            reader.close()
        return base64.b64encode(digest.digest()).decode() == _Part(file, 0, size).checksum()

    def _call(self, method: str, name: str, **arguments: Any) -> Any:
        return getattr(self.client, method)(Bucket=settings.S3_BUCKET, Key=name, **arguments)

    def open(self, name: str) -> Reader:
        # Nothing is asked before the first read: the answer to HEAD could not tell a wrong bucket from a missing file.
        return _S3Reader(self.client, name)

    def remove(self, name: str) -> None:
        with _told():
            self._call("delete_object", name)

    def names(self, older_than: float) -> Iterator[str]:
        before = datetime.now(UTC) - timedelta(seconds=older_than)
        for prefix in ("blobs/", "derived/"):
            with _told():
                for page in self.client.get_paginator("list_objects_v2").paginate(
                    Bucket=settings.S3_BUCKET, Prefix=prefix
                ):
                    for entry in page.get("Contents", []):
                        if entry["LastModified"] <= before:
                            yield entry["Key"]

    def clear_partial(self, older_than: float) -> int:
        before, removed = datetime.now(UTC) - timedelta(seconds=older_than), 0
        with _told():
            for page in self.client.get_paginator("list_multipart_uploads").paginate(Bucket=settings.S3_BUCKET):
                for entry in page.get("Uploads", []):
                    if entry["Initiated"] <= before:
                        self._call("abort_multipart_upload", entry["Key"], UploadId=entry["UploadId"])
                        removed += 1
        return removed

    def check(self) -> None:
        with _told():
            self.client.list_objects_v2(Bucket=settings.S3_BUCKET, MaxKeys=1)
