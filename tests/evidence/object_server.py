"""A real S3 server on this machine, for tests of the storage: SeaweedFS from a wheel, which checks signatures."""

import contextlib
import json
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

KEY, SECRET = "tests-key", "tests-secret-of-nobody"  # those of the repository: it may not make buckets
OWNER_KEY, OWNER_SECRET = "owner-key", "owner-secret-of-nobody"
READY_SECONDS = 90


@dataclass(frozen=True)
class ObjectServer:
    endpoint: str

    def client(self):
        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=OWNER_KEY,
            aws_secret_access_key=OWNER_SECRET, config=Config(s3={"addressing_style": "path"}, connect_timeout=2),
        )  # fmt: skip

    def make_bucket(self, *, locked: bool = False) -> str:
        name = f"tests-{random.SystemRandom().randrange(2**48):012x}"
        client = self.client()
        client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked)
        deadline = time.monotonic() + READY_SECONDS
        while True:  # it makes room for a bucket with the first put, which it may refuse meanwhile
            try:
                client.put_object(Bucket=name, Key="ready", Body=b"ready")
                return name
            except ClientError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


def free_ports(count: int) -> list[int]:
    """Ports that are free, each along with the one 10,000 above it, which the server takes for itself."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randrange(20000, 30000)
        with contextlib.suppress(OSError), socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", port))
            other.bind(("127.0.0.1", port + 10000))
            if port not in found:
                found.append(port)
    return found


@contextlib.contextmanager
def running(folder: Path) -> Iterator[ObjectServer]:
    """The server on free ports, its data in `folder`, until the end."""
    identities = [
        {"name": name, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": actions}
        for name, key, secret, actions in (
            ("owner", OWNER_KEY, OWNER_SECRET, ["Admin", "Read", "Write", "List", "Tagging"]),
            ("repository", KEY, SECRET, ["Read", "Write", "List", "Tagging", "PutObjectRetention"]),
        )
    ]
    (folder / "identities.json").write_text(json.dumps({"identities": identities}))
    (folder / "data").mkdir()
    master, volume, filer, s3 = free_ports(4)
    binary = Path(sys.executable).with_name("weed")
    command = [
        str(binary if binary.exists() else shutil.which("weed")), "server", f"-dir={folder / 'data'}",
        "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-master.port={master}", f"-volume.port={volume}", "-filer",
        f"-filer.port={filer}", "-s3", f"-s3.port={s3}", f"-s3.config={folder / 'identities.json'}",
        "-volume.max=5000", "-master.volumeSizeLimitMB=64", "-s3.port.iceberg=0", "-s3.port.lance=0",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            server = ObjectServer(f"http://127.0.0.1:{s3}")
            _wait(server, process, folder / "log")
            yield server
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(server: ObjectServer, process, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        assert process.poll() is None, log.read_text()[-2000:]
        with contextlib.suppress(ClientError, BotoCoreError):
            server.make_bucket()
            return
        assert time.monotonic() < deadline, log.read_text()[-2000:]
        time.sleep(0.3)
