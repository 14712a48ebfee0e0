"""The malware scan against a real clamd with a database of one signature, and what happens when there is none."""

import io
import shutil
import socket
import subprocess
import threading
import time

import pytest

from evidence import deriving, intake
from evidence.models import File
from evidence.processing import scanning

# /usr/sbin is not on everybody's path.
CLAMD = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
needs_clamd = pytest.mark.skipif(CLAMD is None, reason="clamav-daemon is not installed")
EICAR = "".join(scanning.TEST_FILE).encode()
BODY = ("EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE").encode().hex()


@pytest.fixture(autouse=True)
def unproven():
    scanning._proven.clear()
    yield
    scanning._proven.clear()


@pytest.fixture(scope="module")
def clamd(tmp_path_factory):
    """`clamd(signature)`: the socket of a daemon whose database holds that one."""
    running = []

    def start(signature: str) -> str:
        folder = tmp_path_factory.mktemp("clamd")
        (folder / "db").mkdir()
        (folder / "db" / "local.ndb").write_text(signature + "\n")
        door = folder / "s"
        (folder / "conf").write_text(
            f"DatabaseDirectory {folder / 'db'}\nLocalSocket {door}\nForeground yes\nStreamMaxLength 1M\n"
            f"TemporaryDirectory {folder}\nLogFile {folder / 'log'}\n"
        )
        process = subprocess.Popen([CLAMD, f"--config-file={folder / 'conf'}"], stdout=subprocess.DEVNULL)
        running.append(process)
        until = time.monotonic() + 60
        while not door.exists():
            assert process.poll() is None and time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.05)
        return str(door)

    yield start
    for process in running:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def scanner(clamd):
    return clamd(f"Local.Test.EicarBody:0:*:{BODY}")


@pytest.fixture
def given(tmp_path):
    def make(data: bytes):
        path = tmp_path / "bytes"
        path.write_bytes(data)
        return path

    return make


@needs_clamd
def test_a_clean_an_infected_and_a_large_file(scanner, given):
    outcome = scanning.scan(given(b"a letter"), scanner)
    assert (outcome.state, outcome.found["verdict"], outcome.found["signature"]) == ("done", "clean", "")
    assert outcome.tool.startswith("ClamAV ") and outcome.found["engine"] == outcome.tool
    outcome = scanning.scan(given(EICAR), scanner)
    assert (outcome.state, outcome.found["verdict"]) == ("done", "infected")
    assert outcome.found["signature"].startswith("Local.Test.EicarBody")
    outcome = scanning.scan(given(b"x" * 5_000_000), scanner)
    assert (outcome.state, outcome.reason, outcome.found) == ("not_done", "too_large", {})
    assert scanning.scan(given(b""), scanner).found["verdict"] == "clean"


@needs_clamd
def test_a_scanner_that_knows_nothing_calls_nothing_clean(clamd, given):
    outcome = scanning.scan(given(b"a letter"), clamd("Local.Test.Other:0:*:" + b"something else".hex()))
    assert (outcome.state, outcome.reason) == ("not_done", "not_configured")
    assert "database" in outcome.detail


@needs_clamd
def test_malware_is_isolated_and_nothing_is_made_of_it(scanner, item, investigator, settings):
    settings.SCANNER = scanner
    file = intake.receive_file(by=investigator, item=item, stream=io.BytesIO(EICAR), name="letter.txt")
    clean = intake.receive_file(by=investigator, item=item, stream=io.BytesIO(b"a letter"), name="clean.txt")
    for one in (file, clean):
        deriving.process(one.pk)
        one.refresh_from_db()
    assert (file.scan, clean.scan) == (File.Scan.INFECTED, File.Scan.CLEAN)
    assert file.scan_note.startswith("Local.Test.EicarBody")
    assert file.is_isolated
    assert set(file.steps.values_list("name", flat=True)) == {"identify", "scan"}
    assert not file.texts.exists() and not file.renditions.exists()
    assert clean.texts.exists()


@pytest.mark.parametrize("address", ["/nowhere/clamd.sock", "127.0.0.1:1", "localhost", "nonsense:port"])
def test_a_scanner_that_cannot_be_reached_is_never_clean(given, address):
    outcome = scanning.scan(given(b"a letter"), address)
    assert outcome.state == "not_done"
    assert outcome.reason in ("missing_program", "not_configured")
    assert outcome.detail


def test_without_a_scanner_it_says_so(given):
    assert scanning.scan(given(b"a letter"), "").reason == "not_configured"


@pytest.mark.parametrize(
    ("said", "reason"),
    [(b"HTTP/1.1 400 Bad Request", "missing_program"), (b"", "missing_program"), (b"ClamAV 1.0", "failed"),
     (b"x" * 100_000, "missing_program")],
)  # fmt: skip
def test_an_answer_that_is_none_is_never_clean(given, said, reason):
    """Something else listens there; the last of the four says what it is, and then nothing that is a verdict."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(5)  # a closed socket does not wake who waits at it

    def answer():
        for _ in range(3):
            try:
                door, _address = server.accept()
            except OSError:
                return
            with door:
                door.settimeout(5)
                door.recv(1024)
                door.sendall(said + b"\0")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        outcome = scanning.scan(given(b"a letter"), f"127.0.0.1:{server.getsockname()[1]}")
        assert outcome.state == "not_done"
        assert outcome.reason == reason, outcome
    finally:
        with socket.socket() as wake:
            wake.connect_ex(server.getsockname())
        server.close()
        thread.join(10)
