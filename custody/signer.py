"""The signer: a process of its own that sees sizes, roots and proofs, never the database, and refuses to fork.

It keeps its own memory of what it signed last, on its own disk. No Django here: it can run on a machine of its own.
Its door is a Unix socket that takes one JSON line and answers one: {"size", "root", "proof"} in hex, {"note"} or
{"refused"} out.
"""

import argparse
import base64
import contextlib
import datetime
import json
import os
import signal
import socket
import socketserver
import stat
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from custody import notes
from custody.tree import ProofError, verify_consistency

LONGEST_LINE = 64 * 1024
OVERLAP_DAYS = 30


class ForkRefused(RuntimeError):
    """The database shows a log that does not continue what was signed before: a restored backup, or tampering."""


class SignerUnreachable(RuntimeError):
    """The signer did not answer; entries wait, none is lost."""


class KeysUnreadable(RuntimeError):
    """The key file is missing or malformed; the message says what a line looks like."""


@dataclass(frozen=True)
class SigningKey:
    """A key with the last day on which it signs; None for the present key."""

    private: Ed25519PrivateKey
    until: datetime.date | None = None

    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()


def read_keys(path: Path) -> list[SigningKey]:
    """Keys of the file, the present one first: base64 of 32 bytes a line, an old one with `until YYYY-MM-DD`."""
    keys = []
    try:
        for line in path.read_text().splitlines():
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            until = datetime.date.fromisoformat(words[2]) if words[1:2] == ["until"] else None
            raw = base64.b64decode(words[0], validate=True)
            keys.append(SigningKey(Ed25519PrivateKey.from_private_bytes(raw), until))
    except (OSError, ValueError, IndexError) as error:
        raise KeysUnreadable(
            f"{path}: {type(error).__name__}. A line is base64 of 32 bytes, an old key's ends in `until YYYY-MM-DD`."
        )
    if not keys or keys[0].until is not None:
        raise KeysUnreadable(f"{path} has no present key: its first line is a key without `until`.")
    return keys


def add_key(path: Path, *, today: datetime.date, overlap: int = OVERLAP_DAYS) -> str:
    """Put a new key first; the one before it signs along for `overlap` days. Returns the new key's line's base64."""
    keys = read_keys(path)
    lines = [base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()]
    for key in keys:
        until = key.until or today + datetime.timedelta(days=overlap)
        lines.append(f"{base64.b64encode(key.private.private_bytes_raw()).decode()} until {until}")
    _replace(path, "\n".join(lines) + "\n")
    return lines[0]


def _replace(path: Path, text: str) -> None:
    """Write through to the disk under a draft name, then rename: the file is the old one or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Signer:
    """Signs a checkpoint only if it continues the last one; what it signed last is fsynced before the note leaves."""

    def __init__(self, origin: str, key_file: Path, memory: Path):
        self.origin, self.key_file, self.memory = origin, key_file, memory
        self.size, self.root = 0, b""
        if memory.exists():
            last = json.loads(memory.read_text())
            self.size, self.root = last["size"], bytes.fromhex(last["root"])

    def keys(self, today: datetime.date | None = None) -> list[SigningKey]:
        """Those in force, read anew each time: a rotation needs no restart."""
        today = today or datetime.datetime.now(datetime.UTC).date()
        return [key for key in read_keys(self.key_file) if key.until is None or key.until >= today]

    @property
    def verifier_keys(self) -> list[str]:
        return [notes.verifier_key(self.origin, key.public()) for key in self.keys()]

    def sign(self, size: int, root: bytes, proof: list[bytes]) -> bytes:
        """The signed note for (size, root), a line a key; raises ForkRefused."""
        if size < self.size:
            raise ForkRefused(f"the log has {size} entries, {self.size} were signed before")
        if len(root) != 32:
            raise ForkRefused("a root has 32 bytes")
        if self.size:
            try:
                verify_consistency(self.size, size, proof, self.root, root)
            except ProofError as error:
                raise ForkRefused(f"size {size} does not continue the signed size {self.size}: {error}")
        keys = self.keys()
        _replace(self.memory, json.dumps({"size": size, "root": root.hex()}))
        self.size, self.root = size, root
        text = notes.checkpoint_text(self.origin, size, root)
        return notes.sign(text, self.origin, *(key.private for key in keys))

    def answer(self, request: dict) -> dict:
        """One request of the socket: what was signed last, or a note for what continues it."""
        if "size" not in request:
            return {"size": self.size, "root": self.root.hex(), "keys": self.verifier_keys, "origin": self.origin}
        try:
            size, root = int(request["size"]), bytes.fromhex(request["root"])
            proof = [bytes.fromhex(step) for step in request["proof"]]
        except (KeyError, TypeError, ValueError):
            return {"refused": "a request holds size, root and proof"}
        try:
            return {"note": self.sign(size, root, proof).decode()}
        except ForkRefused as error:
            return {"refused": str(error)}


class _Door(socketserver.StreamRequestHandler):
    server: "SignerServer"
    timeout = 10

    def handle(self):
        line = self.rfile.readline(LONGEST_LINE + 1)
        if not line:
            return
        try:
            answer = self.server.signer.answer(json.loads(line))
        except (KeysUnreadable, OSError) as error:
            answer = {"failed": str(error)}
        except ValueError:
            answer = {"refused": "a request is one line of JSON"}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


class SignerServer(socketserver.UnixStreamServer):
    """Serves one request after the other: two at once could be given two histories."""

    def __init__(self, signer: Signer, path: Path):
        self.signer = signer
        if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()
        before = os.umask(0o117)  # the owner, and a group that the operator may set on the directory
        try:
            super().__init__(str(path), _Door)
        finally:
            os.umask(before)

    def handle_error(self, request, client_address):
        """A client that went away is nothing; the signer goes on."""


def ask(path: Path, request: dict, *, seconds: float = 10) -> dict:
    """Put one request to the signer at this socket; raises SignerUnreachable."""
    try:
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as door:
            door.settimeout(seconds)
            door.connect(str(path))
            door.sendall(json.dumps(request).encode() + b"\n")
            with door.makefile("rb") as answers:
                answer = json.loads(answers.readline())
    except (OSError, ValueError) as error:
        raise SignerUnreachable(f"the signer at {path} does not answer ({type(error).__name__})")
    if "failed" in answer:
        raise SignerUnreachable(f"the signer cannot sign: {answer['failed']}")
    return answer


def serve(arguments: list[str] | None = None) -> int:
    """`python -m custody.signer`: serve until stopped, or with --rotate put a new key in force and end."""
    parser = argparse.ArgumentParser(prog="python -m custody.signer", description="Signs checkpoints of the ledger.")
    for name in ("origin", "key-file", "memory", "socket"):
        variable = {"origin": "LEDGER_ORIGIN", "key-file": "LEDGER_SIGNING_KEY_FILE",
                    "memory": "LEDGER_SIGNER_MEMORY_FILE", "socket": "LEDGER_SIGNER_SOCKET"}[name]  # fmt: skip
        given = os.environ.get(variable, "")
        parser.add_argument(f"--{name}", default=given, required=not given, help=f"else {variable}")
    parser.add_argument("--rotate", action="store_true", help=f"new key; the old one signs along {OVERLAP_DAYS} days")
    options = parser.parse_args(arguments)
    try:
        if options.rotate:
            add_key(Path(options.key_file), today=datetime.datetime.now(datetime.UTC).date())
        signer = Signer(options.origin, Path(options.key_file), Path(options.memory))
        print("\n".join(signer.verifier_keys), flush=True)  # noqa: T201
        if options.rotate:
            return 0
        server = SignerServer(signer, Path(options.socket))
    except (KeysUnreadable, OSError, ValueError, KeyError) as error:
        print(f"The signer cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 1
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(serve())
