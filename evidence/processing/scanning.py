"""Malware: the bytes are streamed to ClamAV's daemon. It runs in the parent, where nothing of the file is parsed.

The daemon's own protocol is a few lines (clamd(8), INSTREAM), spoken here: the clients on PyPI are under the GPL or
have had no release for ten years.
"""

import io
import socket
import struct
import time
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from evidence.processing.results import Outcome, clean

NAME = "scan"
CHUNK = 1024 * 1024
CONNECT_SECONDS = 10
SECONDS = 900  # for which a worker keeps a file while it is scanned
ANSWER_SECONDS = 400  # the daemon may unpack for long; its MaxScanTime in deploy/clamd.conf is shorter
MOST = 4096  # bytes of an answer
PROOF_SECONDS = 600
# The EICAR test file, in parts: whole, a scanner would take this module away.
TEST_FILE = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!", "$H+H*")
_proven: dict[str, float] = {}


class ScannerError(Exception):
    """The daemon could not be reached, or said something that is no verdict."""

    def __init__(self, reason: str, detail: str):
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def scan(path: Path, address: str) -> Outcome:
    """What the scanner says. Without one, or when it can't say: not scanned, with the reason; never silently clean."""
    if not address:
        return Outcome(step=NAME, state="not_done", reason="not_configured")
    begun, engine = time.monotonic(), ""
    try:
        engine, database = version(address)
        prove(address)
        with path.open("rb") as file:
            outcome = _verdict(_stream(file, address))
        outcome.found |= {"engine": engine, "database": database}
    except ScannerError as error:
        outcome = Outcome(state="not_done", reason=error.reason, detail=error.detail)
    except OSError as error:
        outcome = Outcome(state="not_done", reason="missing_program", detail=_unreachable(error))
    outcome.step, outcome.tool, outcome.seconds = NAME, engine, round(time.monotonic() - begun, 3)
    return outcome


def version(address: str) -> tuple[str, str]:
    """("ClamAV 1.4.3", "27500, Mon …") of the daemon. Raises OSError when it is away, ScannerError when it is none."""
    answer = _ask(address, b"zVERSION\0")
    engine, _, database = answer.partition("/")
    if not engine.startswith("ClamAV"):
        raise ScannerError("missing_program", "it does not answer like clamd")
    return clean(engine, 60), clean(database.replace("/", ", "), 80)


def prove(address: str) -> None:
    """See that it finds the test file that every scanner knows: one with an empty database calls everything clean.

    Asked once in a while for each daemon. Raises ScannerError when it does not.
    """
    if time.monotonic() < _proven.get(address, 0):
        return
    if _verdict(_stream(io.BytesIO("".join(TEST_FILE).encode()), address)).found["verdict"] != "infected":
        raise ScannerError("not_configured", "it does not know the standard test file: its database is empty")
    _proven[address] = time.monotonic() + PROOF_SECONDS


def _verdict(answer: str) -> Outcome:
    said = answer.removeprefix("stream: ").strip()
    if said == "OK":
        return Outcome(found={"verdict": "clean", "signature": ""})
    if said.endswith(" FOUND"):
        signature = clean(said.removesuffix(" FOUND"), 150)
        # With AlertExceedsMax it says so when a limit kept it from looking at all of the file.
        if signature.startswith("Heuristics.Limits.Exceeded"):
            raise ScannerError("too_large", signature)
        return Outcome(found={"verdict": "infected", "signature": signature})
    if "size limit" in said.lower():
        raise ScannerError("too_large", "larger than the scanner takes (StreamMaxLength)")
    raise ScannerError("failed", clean(said, 200) or "it answered nothing")


def _stream(file: BinaryIO, address: str) -> str:
    with closing(_connect(address)) as daemon:
        try:
            daemon.sendall(b"zINSTREAM\0")
            while part := file.read(CHUNK):
                daemon.sendall(struct.pack("!L", len(part)) + part)
            daemon.sendall(struct.pack("!L", 0))
        except (BrokenPipeError, ConnectionResetError):
            # It stops listening when it has had enough, and says why.
            answer = _answer(daemon, lost="")
            if answer:
                return answer
            raise ScannerError("too_large", "the scanner stopped listening")
        return _answer(daemon)


def _ask(address: str, command: bytes) -> str:
    with closing(_connect(address)) as daemon:
        daemon.sendall(command)
        return _answer(daemon)


def _answer(daemon: socket.socket, lost: str | None = None) -> str:
    """What it says up to the NUL."""
    daemon.settimeout(ANSWER_SECONDS)
    said = b""
    try:
        while b"\0" not in said and len(said) < MOST and (part := daemon.recv(MOST)):
            said += part
    except ConnectionResetError:
        if lost is None:
            raise
    return said.split(b"\0")[0].decode("utf-8", "replace").strip()


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        daemon = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        daemon.settimeout(CONNECT_SECONDS)
        try:
            daemon.connect(address)
        except BaseException:
            daemon.close()
            raise
    else:
        host, _, port = address.rpartition(":")
        if not (host and port.isdigit()):
            raise ScannerError("not_configured", "CLAMD is a path of a socket, or host:port")
        daemon = socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS)
    daemon.settimeout(60)
    return daemon


def _unreachable(error: OSError) -> str:
    return f"clamd could not be reached ({type(error).__name__})"
