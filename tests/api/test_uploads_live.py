"""Uploads to a real server: a tus client that others wrote, and a server that is killed at any moment."""

import base64
import hashlib
import json
import os
import random
import signal
import threading
import urllib.error
import urllib.request

import pytest
from live_server import Live

from evidence import intake, storage
from evidence.models import File, Upload

pytestmark = pytest.mark.slow
SIZE = 12 * 1024 * 1024 + 12345
PIECE = 700_000


@pytest.fixture
def live(committed_database, django_db_blocker, settings, tmp_path):
    from django.db import connection

    settings.STORAGE_DIR = tmp_path / "storage"
    with django_db_blocker.unblock():
        server = Live(connection.settings_dict, settings, tmp_path).start().for_somebody("items:write")
        given = {"kind": "testimony", "title_en": "Interview"}
        server.item = intake.receive_item(by=server.person, collection=server.home, given=given)
        yield server
        server.kill()


class Client:
    def __init__(self, live):
        self.live = live

    def ask(self, method, path, body=None, **headers):
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        named |= {"Authorization": f"Bearer {self.live.token}", "Tus-Resumable": "1.0.0"}
        request = urllib.request.Request(f"{self.live.address}{path}", data=body, headers=named, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.headers, answer.read()

    def offset(self, path) -> int:
        return int(self.ask("HEAD", path)[0]["Upload-Offset"])

    def patch(self, path, body, offset):
        kind = "application/offset+octet-stream"
        return self.ask("PATCH", path, body, Upload_Offset=offset, Content_Type=kind)


@pytest.mark.filterwarnings("ignore:unclosed", "ignore::pytest.PytestUnraisableExceptionWarning")  # its sessions
def test_a_tus_client_of_others_uploads_and_resumes(live, tmp_path):
    tusclient = pytest.importorskip("tusclient.client")
    content = random.Random(1).randbytes(SIZE)
    source = tmp_path / "source.bin"
    source.write_bytes(content)
    client = tusclient.TusClient(f"{live.address}/api/v1/uploads", headers={"Authorization": f"Bearer {live.token}"})
    metadata = {"filename": "source.bin", "item": live.item.code}
    with source.open("rb") as stream:
        first = client.uploader(file_stream=stream, chunk_size=PIECE, metadata=metadata, upload_checksum=True)
        for _ in range(5):
            first.upload_chunk()
    with source.open("rb") as stream:
        again = client.uploader(file_stream=stream, chunk_size=PIECE, url=first.url, upload_checksum=True)
        assert again.offset == 5 * PIECE
        again.upload()
    assert live.item.files.get().blob.digest == hashlib.sha256(content).hexdigest()


def test_a_server_killed_at_any_moment_loses_and_doubles_nothing(live):
    """Killed amid pieces, and while the whole is being finished; what was acknowledged is there each time."""
    chance, client = random.Random(7), Client(live)
    content = chance.randbytes(SIZE)
    metadata = f"item {_base64(live.item.code)},filename {_base64('a.bin')}"
    headers, _body = client.ask("POST", "/api/v1/uploads", b"", Upload_Length=SIZE, Upload_Metadata=metadata)
    path = headers["Location"].replace(live.address, "")
    kills, acknowledged, until = 0, 0, 0.0
    while True:
        try:
            offset = client.offset(path)
            assert offset >= acknowledged
            piece = content[offset : offset + chance.choice([PIECE, 3 * PIECE])]
            if kills < 6 and (chance.random() < 0.4 or offset + len(piece) == SIZE):
                until = chance.uniform(0.0, 0.08)
                _kill_after(live, until)
                kills += 1
            client.patch(path, piece, offset)
            acknowledged = offset + len(piece)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            live.process.wait()
            live.start()
            continue
        if acknowledged == SIZE and json.loads(client.ask("GET", path)[1])["state"] == "kept":
            break
    if live.process.poll() is not None:
        live.start()
    file = File.objects.get()
    assert kills >= 3
    assert file.blob.digest == hashlib.sha256(content).hexdigest()
    assert hashlib.sha256(b"".join(storage.read(file.blob))).hexdigest() == file.blob.digest
    assert Upload.objects.get().file == file


def _kill_after(live, seconds: float) -> None:
    process = live.process  # not the one that is started after it

    def kill():
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)

    threading.Timer(seconds, kill).start()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
