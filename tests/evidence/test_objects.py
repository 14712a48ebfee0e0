"""The bucket as a place: large files in parts, retries, locks, and every wrong setting said in words."""

import hashlib
import io
import json
import os
import socket

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from rest_framework.test import APIClient

from accounts.errors import Refused
from custody.models import Entry
from evidence import deriving, handling, intake, storage
from evidence.handling import fixity
from evidence.models import File, Processing
from evidence.storage import StorageError, Unavailable, objects
from repository import checks, health
from repository.settings.environment import ImproperlyConfigured
from tests.evidence import object_server

MB = 1024**2


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with object_server.running(tmp_path_factory.mktemp("objects")) as server:
        yield server


@pytest.fixture
def bucket(server, settings, tmp_path):
    settings.STORAGE, settings.S3_ENDPOINT, settings.S3_BUCKET = "s3", server.endpoint, server.make_bucket()
    settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = object_server.KEY, object_server.SECRET
    settings.STORAGE_DIR = tmp_path
    return settings.S3_BUCKET


def file_of(tmp_path, data: bytes):
    path = tmp_path / f"sealed-{len(data)}"
    path.write_bytes(data)
    return path


def at_place(name: str, length: int) -> bytes:
    reader = storage.place().open(name)
    try:
        return reader.at(0, length)
    finally:
        reader.close()


def test_a_large_file_goes_in_parts_and_comes_back(bucket, db, monkeypatch):
    monkeypatch.setattr(objects, "PART", 5 * MB)
    data = os.urandom(13 * MB)
    blob = intake.keep_bytes(io.BytesIO(data), limit=20 * MB)
    assert hashlib.sha256(b"".join(storage.read(blob))).digest() == hashlib.sha256(data).digest()
    assert b"".join(storage.read(blob, 7 * MB - 3, 7 * MB + 5)) == data[7 * MB - 3 : 7 * MB + 5]
    assert not [path for path in storage.root().rglob("*") if path.is_file()]


def test_parts_that_break_off_leave_nothing(bucket, server, tmp_path, monkeypatch):
    monkeypatch.setattr(objects, "PART", 5 * MB)
    place, calls = storage.place(), []
    usual = objects.S3Place._call

    def broken(self, method, name, **arguments):
        calls.append(method)
        if method == "complete_multipart_upload":
            raise ReadTimeoutError(endpoint_url="")
        return usual(self, method, name, **arguments)

    monkeypatch.setattr(objects.S3Place, "_call", broken)
    path = file_of(tmp_path, b"x" * 6 * MB)
    with pytest.raises(Unavailable, match="does not answer"):
        place.put(path, "blobs/aa/bb/large")
    assert path.exists() and calls[-1] == "abort_multipart_upload"
    assert not server.client().list_multipart_uploads(Bucket=bucket).get("Uploads")
    assert not list(place.names(older_than=-60))


def test_what_a_killed_process_left_in_parts_is_swept(bucket, server):
    server.client().create_multipart_upload(Bucket=bucket, Key="blobs/aa/bb/cut-off")
    assert storage.place().clear_partial(older_than=3600) == 0
    assert storage.place().clear_partial(older_than=-60) == 1
    assert not server.client().list_multipart_uploads(Bucket=bucket).get("Uploads")


def test_a_name_is_never_used_for_other_bytes(bucket, tmp_path):
    place = storage.place()
    place.put(file_of(tmp_path, b"first"), "blobs/aa/bb/name")
    with pytest.raises(StorageError, match="PreconditionFailed"):
        place.put(file_of(tmp_path, b"other"), "blobs/aa/bb/name")
    assert at_place("blobs/aa/bb/name", 100) == b"first"
    again = file_of(tmp_path, b"first")
    place.put(again, "blobs/aa/bb/name")  # as after an answer that was lost
    assert not again.exists()


def test_bytes_that_change_on_their_way_are_refused_by_the_server(bucket, tmp_path, monkeypatch):
    monkeypatch.setattr(objects._Part, "checksum", lambda self: "A" * 43 + "=")
    path = file_of(tmp_path, b"bytes")
    with pytest.raises(StorageError):
        storage.place().put(path, "blobs/aa/bb/name")
    assert path.exists()


def test_locked_objects_cannot_be_removed_even_by_us(server, bucket, settings, tmp_path):
    settings.S3_BUCKET, settings.S3_LOCK_DAYS = server.make_bucket(locked=True), 3
    storage.place().put(file_of(tmp_path, b"locked"), "blobs/aa/bb/name")
    client = server.client()
    version = client.list_object_versions(Bucket=settings.S3_BUCKET, Prefix="blobs/")["Versions"][0]["VersionId"]
    with pytest.raises(ClientError):
        client.delete_object(Bucket=settings.S3_BUCKET, Key="blobs/aa/bb/name", VersionId=version)
    assert at_place("blobs/aa/bb/name", 100) == b"locked"


def test_a_connection_that_breaks_while_reading_is_taken_up_again(bucket, db, monkeypatch):
    data = os.urandom(3 * MB)
    blob = intake.keep_bytes(io.BytesIO(data), limit=10 * MB)
    usual, broken = objects._S3Reader._read, []

    def once(self, offset, length):
        if offset > 2 * MB and not broken:
            broken.append(offset)
            raise ReadTimeoutError(endpoint_url="")
        return usual(self, offset, length)

    monkeypatch.setattr(objects._S3Reader, "_read", once)
    assert b"".join(storage.read(blob)) == data
    assert broken


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


WRONG = {
    "bucket": ({"S3_BUCKET": "there-is-none-of-this-name"}, "bucket 'there-is-none-of-this-name'"),
    "key": ({"S3_ACCESS_KEY": "somebody"}, "S3_ACCESS_KEY"),
    "secret": ({"S3_SECRET_KEY": "wrong"}, "S3_SECRET_KEY"),
    "address": ({"S3_ENDPOINT": "closed"}, "does not answer"),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_wrong_setting_is_said_everywhere_and_nothing_is_lost(
    name, bucket, settings, investigator, item, file, monkeypatch, rf
):
    changes, said = WRONG[name]
    for setting, value in changes.items():
        setattr(settings, setting, closed_port() if value == "closed" else value)
    with pytest.raises(Unavailable, match=said) as caught:
        intake.keep_bytes(io.BytesIO(b"new bytes"), limit=100)
    with pytest.raises(Unavailable, match=said):
        storage.read(file.blob)
    (found,) = checks.storage_takes_files(None)
    assert said in found.msg
    assert object_server.SECRET not in found.msg + str(caught.value)
    assert json.loads(health.ready(rf.get("/health/ready")).content)["storage"] == "unreachable"
    client = APIClient()
    client.force_login(investigator)
    answer = client.post(f"/api/v1/items/{item.pk}/files", {"file": io.BytesIO(b"more")}, format="multipart")
    assert answer.status_code == 503
    assert "storage" in answer.json()["detail"] and "127.0.0.1" not in answer.content.decode()
    # The work on a file waits: nothing is said about bytes that nobody could read.
    assert deriving.process(file.pk) is None
    row = Processing.objects.get(file=file)
    assert (row.state, row.attempts) == ("pending", 0) and not file.steps.exists()
    assert File.objects.count() == 1


def test_a_storage_that_does_not_answer_raises_no_alarm(bucket, settings, investigator, file):
    settings.S3_ENDPOINT = closed_port()
    assert fixity.check_due() == []
    file.blob.refresh_from_db()
    file.item.refresh_from_db()
    assert (file.blob.altered_at, file.blob.checked_at, file.item.frozen_at) == (None, None, None)
    entry = Entry.objects.filter(act="fixity.checked").order_by("-eid").first()
    assert json.loads(bytes(entry.envelope))["data"]["unread"] == 1
    File.objects.filter(pk=file.pk).update(scan="clean")
    file.refresh_from_db()
    with pytest.raises(Refused, match="does not answer"):
        handling.open_file(by=investigator, file=file)
    assert not Entry.objects.filter(act="file.opened").exists()


def test_a_bucket_with_right_settings_passes_the_checks(bucket, db, rf):
    assert checks.storage_takes_files(None) == []
    assert json.loads(health.ready(rf.get("/health/ready")).content)["storage"] == "ok"


def settings_with(monkeypatch, **environ):
    import importlib

    from repository.settings import object_storage

    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    try:
        return dict(vars(importlib.reload(object_storage)))
    finally:
        monkeypatch.undo()
        importlib.reload(object_storage)


def test_settings_of_a_bucket_may_be_files(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("a\n")
    (tmp_path / "secret").write_text("b\n")
    read = settings_with(
        monkeypatch, STORAGE="s3", S3_BUCKET="evidence", S3_ENDPOINT="https://storage.example",
        S3_ACCESS_KEY_FILE=str(tmp_path / "key"), S3_SECRET_KEY_FILE=str(tmp_path / "secret"),
    )  # fmt: skip
    assert (read["S3_ACCESS_KEY"], read["S3_SECRET_KEY"], read["S3_BUCKET"]) == ("a", "b", "evidence")


@pytest.mark.parametrize(
    "environ, said",
    [
        ({"STORAGE": "cloud"}, "local or s3"),
        ({"STORAGE": "s3"}, "S3_BUCKET is not set"),
        ({"STORAGE": "s3", "S3_BUCKET": "b"}, "S3_ACCESS_KEY is not set"),
        ({"STORAGE": "s3", "S3_BUCKET": "b", "S3_ACCESS_KEY": "a"}, "S3_SECRET_KEY is not set"),
        (
            {"STORAGE": "s3", "S3_BUCKET": "b", "S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "s", "S3_ENDPOINT": "x:9000"},
            "S3_ENDPOINT must be an address",
        ),
    ],
)
def test_a_setting_that_is_missing_stops_the_start_by_its_name(monkeypatch, environ, said):
    with pytest.raises(ImproperlyConfigured, match=said):
        settings_with(monkeypatch, **environ)
