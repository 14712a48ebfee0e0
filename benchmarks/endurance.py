"""Kill -9 of web server, worker and database at random moments while hundreds of files come in: is any lost or doubled?

`python -m benchmarks.endurance` starts `manage.py up` in a directory of its own, uploads invented files as a client
that tries again after every broken answer, and kills at random. At the end each file must be there exactly once, bit
for bit, processed or failed with a reason, and the ledger must verify. The seed is printed: a run can be repeated.
"""

import argparse
import base64
import contextlib
import hashlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from repository.bootstrap import BASE
from repository.runtime import processes

ITEMS = 10
PIECE = 64 * 1024
TARGETS = {
    "web": b"granian",
    "worker": b"celery\x00-A\x00repository.celery\x00worker",
    "database": b"bin/postgres\x00-D",
}
PATIENCE_SECONDS = 300  # without any progress: a busy machine is no failure


class Broken(RuntimeError):
    """What must never be was found."""


@dataclass
class Run:
    var: Path
    port: int
    files: int
    kills: int
    seed: int
    token: str = ""
    items: list[str] = field(default_factory=list)
    killed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TARGETS, 0))
    again: int = 0
    already: int = 0
    sent: int = 0
    begun: dict[int, str] = field(default_factory=dict)  # addresses of uploads in pieces
    door: str = "post"
    stop: threading.Event = field(default_factory=threading.Event)

    def content(self, number: int) -> bytes:
        """Invented, different for each number, some longer than a chunk of the storage."""
        source = random.Random(f"{self.seed}-{number}")
        size = source.choice((0, 1, 200, 5_000, 60_000, 300_000, 1_100_000)) if number % 7 else 20_000
        return f"Invented file {number} of run {self.seed}. ".encode() + source.randbytes(size)


def main() -> int:
    choice = _arguments()
    folder = tempfile.mkdtemp(prefix="endurance-", dir=choice.dir)
    run = Run(Path(folder) / "var", choice.port, choice.files, choice.kills, choice.seed or random.randrange(10**6))
    run.door = choice.door
    print(f"seed {run.seed}, {run.files} files, {run.kills} kills, in {run.var}", flush=True)
    up = _start(run)
    try:
        _wait_ready(run, up)
        _in_django(run, "prepare")
        begun = time.monotonic()
        killer = threading.Thread(target=_kill_at_random, args=(run,))
        killer.start()
        _upload_all(run, up)
        killer.join()
        uploaded = time.monotonic() - begun
        _wait_ready(run, up)
        found = _in_django(run, "check")
    finally:
        up.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            up.wait(90)
        for pid in processes.marked_for(run.var):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    kills = ", ".join(f"{name} {number}" for name, number in run.killed.items())
    print(f"killed: {kills}; {run.sent} files sent in {uploaded:.0f} s, {run.again} requests tried again, "
          f"{run.already} of them had been kept although their answer was lost")  # fmt: skip
    print(json.dumps(found, indent=1))
    return 1 if found["wrong"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--door", choices=("post", "tus", "both"), default="both", help="both: in turn")
    parser.add_argument("--port", type=int, default=8045)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--dir", help="where the scratch directory is made")
    return parser.parse_args()


def _environ(run: Run) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTEST_"))}
    return {**environ, "REPOSITORY_VAR": str(run.var), "REPOSITORY_PORT": str(run.port)}


def _start(run: Run) -> subprocess.Popen:
    log = run.var.parent / "up.log"
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, str(BASE / "manage.py"), "up", "--no-sample"],
            env=_environ(run), stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip


def _wait_ready(run: Run, up: subprocess.Popen) -> None:
    deadline = time.monotonic() + 900
    while time.monotonic() < deadline:
        if up.poll() is not None:
            raise Broken(f"`up` ended: {(run.var.parent / 'up.log').read_text()[-2000:]}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=10)
            with contextlib.closing(connection):
                connection.request("GET", "/health/ready")
                if connection.getresponse().status == 200:
                    return
        time.sleep(0.3)
    raise Broken("not ready after ten minutes")


def _in_django(run: Run, what: str) -> dict:
    """Run a function of this module in a process that has Django and the run's database."""
    told = {"seed": run.seed, "files": run.files, "port": run.port, "items": run.items}
    done = subprocess.run(
        [sys.executable, "-c", f"from benchmarks.endurance import {what}_inside as act; act({json.dumps(told)!r})"],
        env={**_environ(run), "DJANGO_SETTINGS_MODULE": "repository.settings.embedded", "PYTHONPATH": str(BASE)},
        capture_output=True, text=True, cwd=BASE,
    )  # fmt: skip
    if done.returncode:
        raise Broken(f"{what}: {done.stderr[-3000:]}")
    said = json.loads(done.stdout.splitlines()[-1])
    if what == "prepare":
        run.token, run.items = said["token"], said["items"]
    return said


def prepare_inside(told: str) -> None:
    import django

    django.setup()
    from accounts import tokens
    from benchmarks.database import workplace
    from evidence import intake

    user, collection = workplace()
    given = {"kind": "other", "title_en": "Invented item of the endurance run"}
    items = [str(intake.receive_item(by=user, collection=collection, given=given).pk) for _number in range(ITEMS)]
    issued = tokens.issue(by=user, user=user, name="endurance", scopes=["items:read", "items:write"], days=2)
    print(json.dumps({"token": issued.text, "items": items}))


def _kill_at_random(run: Run) -> None:
    """Each kill at a random moment of its own part of the upload; every target has its turns."""
    order = [name for _turn in range(run.kills // len(TARGETS) + 1) for name in TARGETS][: run.kills]
    chance = random.Random(run.seed)
    chance.shuffle(order)
    for number, name in enumerate(order):
        part = run.files / (len(order) + 1)
        wanted = int(part * (number + chance.random()))
        while run.sent < wanted and not run.stop.is_set():
            time.sleep(0.005)
        time.sleep(chance.random() * 0.3)
        while not _kill(run, name) and not run.stop.is_set():
            time.sleep(0.2)
        run.killed[name] += 1
        print(f"{run.sent} sent: killed the {name}", flush=True)


def _kill(run: Run, name: str) -> bool:
    found = []
    for pid in processes.marked_for(run.var):
        with contextlib.suppress(OSError):
            if TARGETS[name] in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(found)


def _upload_all(run: Run, up: subprocess.Popen) -> None:
    try:
        for number in range(run.files):
            deadline = time.monotonic() + 900
            by_tus = run.door == "tus" or (run.door == "both" and number % 2)
            while not (_upload_in_pieces if by_tus else _upload)(run, number):
                run.again += 1
                if up.poll() is not None or time.monotonic() > deadline:
                    raise Broken(f"file {number} could not be sent")
                time.sleep(0.2)
            run.sent += 1
    finally:
        run.stop.set()


def _upload(run: Run, number: int) -> bool:
    """One try; True when the server says that it has the file, now or already."""
    mark, data = uuid.uuid4().hex, run.content(number)
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="file-{number}.bin"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{mark}--\r\n".encode()
    headers = {
        "Authorization": f"Bearer {run.token}", "Content-Type": f"multipart/form-data; boundary={mark}",
        "Accept": "application/json",
    }  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=60)
    try:
        with contextlib.closing(connection):
            connection.request("POST", f"/api/v1/items/{run.items[number % ITEMS]}/files", body, headers)
            answer = connection.getresponse()
            said = answer.read()
    except (OSError, http.client.HTTPException):
        return False
    if answer.status == 201:
        if json.loads(said).get("sha256") not in (None, hashlib.sha256(data).hexdigest()):
            raise Broken(f"file {number}: the answer has another hash")
        return True
    if answer.status == 409 and json.loads(said).get("code") == "same_file":
        run.already += 1
        return True
    if answer.status >= 500 or answer.status == 429:
        return False
    raise Broken(f"file {number}: {answer.status} {said[:300]!r}")


def _ask(run: Run, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict, bytes] | None:
    """(status, headers, body) of the answer; None when there was none, or one that says to try again."""
    told = {"Authorization": f"Bearer {run.token}", "Tus-Resumable": "1.0.0", "Accept": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=60)
    try:
        with contextlib.closing(connection):
            connection.request(method, path, body, told | {k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            said = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    if answer.status >= 500 or answer.status in (423, 429):
        return None
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, said


def _upload_in_pieces(run: Run, number: int) -> bool:
    """Go on with an upload by tus from where the server says that it stands; True once it is kept."""
    data = run.content(number)
    if number not in run.begun:
        about = {"filename": f"file-{number}.bin", "item": run.items[number % ITEMS]}
        words = ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in about.items())
        answer = _ask(run, "POST", "/api/v1/uploads", Upload_Length=str(len(data)), Upload_Metadata=words)
        if answer is None:
            return False
        if answer[0] != 201:
            raise Broken(f"file {number}: not begun, {answer[0]} {answer[2][:300]!r}")
        run.begun[number] = urlsplit(answer[1]["location"]).path
    while True:
        answer = _ask(run, "HEAD", run.begun[number])
        if answer is None:
            return False
        if answer[0] != 200:
            raise Broken(f"file {number}: its upload is gone, {answer[0]}")
        at = int(answer[1]["upload-offset"])
        piece = data[at : at + PIECE]
        digest = base64.b64encode(hashlib.sha256(piece).digest()).decode()
        answer = _ask(
            run, "PATCH", run.begun[number], piece, Upload_Offset=str(at), Upload_Checksum=f"sha256 {digest}",
            Content_Type="application/offset+octet-stream", Content_Length=str(len(piece)),
        )  # fmt: skip
        if answer is None:
            return False
        if answer[0] != 204:
            raise Broken(f"file {number}: {answer[0]} {answer[2][:300]!r}")
        if at + len(piece) == len(data):
            return _is_kept(run, number)


def _is_kept(run: Run, number: int) -> bool:
    answer = _ask(run, "GET", run.begun[number])
    if answer is None:
        return False
    said = json.loads(answer[2])
    if said["state"] == "kept" and said["sha256"] != hashlib.sha256(run.content(number)).hexdigest():
        raise Broken(f"file {number}: the answer has another hash")
    return said["state"] == "kept"


def check_inside(told: str) -> None:
    import django

    django.setup()
    asked = json.loads(told)
    run = Run(Path(), asked["port"], asked["files"], 0, asked["seed"], items=asked["items"])
    waited = _settle()
    found = {"seconds_until_processed": round(waited), "wrong": [], **_checked(run)}
    found["wrong"] = found.pop("problems")
    print(json.dumps(found))


def _settle() -> float:
    """Wait until nothing is pending, as the installation's own sweep and worker bring it about."""
    from evidence.models import Processing

    begun = moved = time.monotonic()
    left = -1
    while pending := Processing.objects.filter(state="pending").count():
        if time.monotonic() - moved > PATIENCE_SECONDS:
            break
        if pending != left:
            left, moved = pending, time.monotonic()
        time.sleep(2)
    return time.monotonic() - begun


def _checked(run: Run) -> dict:
    import io

    from django.core.management import CommandError, call_command

    from evidence import deriving, storage
    from evidence.models import Blob, File, Processing, Step

    problems = []
    wanted = {hashlib.sha256(run.content(number)).hexdigest(): number for number in range(run.files)}
    files = list(File.objects.filter(item__in=run.items).select_related("blob"))
    by_digest: dict[str, list] = {}
    for file in files:
        by_digest.setdefault(file.blob.digest, []).append(file)
    problems += [f"file {number} is lost" for digest, number in wanted.items() if digest not in by_digest]
    problems += [f"{digest} is there {len(same)} times" for digest, same in by_digest.items() if len(same) > 1]
    problems += [f"{digest} was never sent" for digest in by_digest if digest not in wanted]
    for file in files:
        number = wanted.get(file.blob.digest)
        data = b"".join(storage.read(file.blob))
        if number is not None and (data != run.content(number) or str(file.item_id) != run.items[number % ITEMS]):
            problems.append(f"file {number} is not what was sent, or elsewhere")
        ended = file.steps.filter(ended_at=None)
        # A step that does not apply to the kind of a file leaves no outcome; these two always do.
        if missing := {deriving.FIRST, deriving.SCAN} - set(ended.values_list("name", flat=True)):
            problems.append(f"file {number}: no outcome of {sorted(missing)}")
    states = {
        state: Step.objects.filter(file__in=files, ended_at=None, state=state).count()
        for state in ("done", "failed", "not_done")
    }
    if pending := Processing.objects.exclude(state="done").count():
        problems.append(f"{pending} files are not processed")
    known = {storage.name_of(blob) for blob in Blob.objects.all()}
    orphans = set(storage.place().names(older_than=-60)) - known
    if missing := known - set(storage.place().names(older_than=-60)):
        problems.append(f"{len(missing)} blobs have no bytes")
    said = io.StringIO()
    try:
        call_command("ledger_verify", stdout=said)
    except CommandError as error:
        problems.append(f"ledger: {error} {said.getvalue()}")
    return {
        "problems": problems, "files": len(files), "blobs": len(known), "steps": states,
        "left for the sweep": len(orphans) + len(list(storage.folder("incoming").iterdir())),
        "ledger": "VERIFIED" if "VERIFIED" in said.getvalue().splitlines()[-1] else "NOT VERIFIED",
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
