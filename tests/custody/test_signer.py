"""The signer: signs only what continues, remembers across restarts, rotates keys, and runs without Django."""

import base64
import datetime
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from custody import notes, signer
from custody.signer import ForkRefused, KeysUnreadable, Signer, SignerUnreachable, add_key, ask, read_keys
from custody.tree import in_memory, leaf_hash
from repository.runtime.keys import make_keys

ROOT = Path(__file__).resolve().parent.parent.parent
ORIGIN = "ledger.example/log"
TODAY = datetime.date(2026, 11, 25)
TREE = in_memory([leaf_hash(bytes([number])) for number in range(40)])


@pytest.fixture
def key_file(tmp_path):
    make_keys(tmp_path / "keys")
    return tmp_path / "keys" / "ledger-signing.key"


@pytest.fixture
def one(key_file, tmp_path):
    return Signer(ORIGIN, key_file, tmp_path / "signed.json")


def again(one: Signer) -> Signer:
    return Signer(one.origin, one.key_file, one.memory)


def test_it_signs_what_continues(one):
    one.sign(7, TREE.root(7), [])
    note = one.sign(20, TREE.root(20), TREE.consistency(7, 20))
    assert notes.parse_checkpoint(notes.open_note(note, one.verifier_keys)) == (ORIGIN, 20, TREE.root(20))


@pytest.mark.parametrize(
    ("size", "root", "proof"),
    [
        (6, TREE.root(6), []),
        (7, TREE.root(8), []),
        (20, TREE.root(20), []),
        (20, TREE.root(20), TREE.consistency(8, 20)),
        (20, TREE.root(21), TREE.consistency(7, 20)),
        (20, TREE.root(20)[:31], TREE.consistency(7, 20)),
        (20, TREE.root(20), [b""]),
    ],
)
def test_it_refuses_what_does_not(one, size, root, proof):
    one.sign(7, TREE.root(7), [])
    with pytest.raises(ForkRefused):
        one.sign(size, root, proof)
    assert (one.size, one.root) == (again(one).size, again(one).root) == (7, TREE.root(7))


def test_it_remembers_across_restarts(one):
    one.sign(7, TREE.root(7), [])
    with pytest.raises(ForkRefused):
        again(one).sign(6, TREE.root(6), [])


def test_what_is_signed_is_remembered_before_it_leaves(one, monkeypatch):
    monkeypatch.setattr(signer, "_replace", lambda path, text: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        one.sign(7, TREE.root(7), [])
    assert one.size == 0


def test_during_a_rotation_both_keys_sign_then_only_the_new_one(one, key_file):
    (old,) = one.verifier_keys
    add_key(key_file, today=TODAY)
    keys = read_keys(key_file)
    assert [key.until for key in keys] == [None, TODAY + datetime.timedelta(days=30)]
    assert len(one.keys(TODAY + datetime.timedelta(days=30))) == 2
    assert len(one.keys(TODAY + datetime.timedelta(days=31))) == 1
    note = one.sign(7, TREE.root(7), [])
    new = next(key for key in one.verifier_keys if key != old)
    assert notes.open_note(note, [new]) == notes.open_note(note, [old])
    add_key(key_file, today=TODAY + datetime.timedelta(days=10))
    assert [key.until for key in read_keys(key_file)] == [
        None, TODAY + datetime.timedelta(days=40), TODAY + datetime.timedelta(days=30)
    ]  # fmt: skip


@pytest.mark.parametrize("content", ["", "no base64\n", base64.b64encode(b"short").decode(), "# only a comment\n",
                                     base64.b64encode(bytes(32)).decode() + " until 2026-01-01",
                                     base64.b64encode(bytes(32)).decode() + " until tomorrow"])  # fmt: skip
def test_a_damaged_key_file_is_named(tmp_path, content):
    path = tmp_path / "key"
    path.write_text(content)
    with pytest.raises(KeysUnreadable, match=str(path)):
        read_keys(path)


@pytest.mark.parametrize("request_", [{"size": "x"}, {"size": 3}, {"size": 3, "root": "zz", "proof": []},
                                      {"size": 3, "root": None, "proof": None},
                                      {"size": 3, "root": "00", "proof": [1]}])  # fmt: skip
def test_a_malformed_request_is_refused(signing, settings, request_):
    assert "refused" in ask(settings.LEDGER_SIGNER_SOCKET, request_)
    assert signing.size == 0


def test_a_silent_client_and_a_line_that_is_no_json_harm_nothing(signing, settings):
    import socket

    for line in (b"", b"{\n", b"\xff\xfe\n", b"[" * 200_000 + b"\n"):
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(str(settings.LEDGER_SIGNER_SOCKET))
            try:
                door.sendall(line)
                door.shutdown(socket.SHUT_WR)
                door.recv(1000)
            except OSError:
                pass
    assert ask(settings.LEDGER_SIGNER_SOCKET, {})["size"] == 0


def test_nobody_at_the_socket_is_said(tmp_path):
    with pytest.raises(SignerUnreachable, match="does not answer"):
        ask(tmp_path / "none.sock", {})


def test_a_key_file_that_vanished_is_said_by_name(signing, settings, tmp_path):
    signing.key_file = tmp_path / "gone"
    with pytest.raises(SignerUnreachable, match="gone"):
        ask(settings.LEDGER_SIGNER_SOCKET, {})


def test_it_runs_alone_and_refuses_forks_after_a_kill(key_file, tmp_path):
    socket = tmp_path / "s.sock"
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LEDGER_ORIGIN": ORIGIN,
           "LEDGER_SIGNING_KEY_FILE": str(key_file), "LEDGER_SIGNER_MEMORY_FILE": str(tmp_path / "memory.json"),
           "LEDGER_SIGNER_SOCKET": str(socket)}  # fmt: skip
    root = TREE.root(7).hex()
    for number, expected in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 0)):
        process = subprocess.Popen([sys.executable, "-m", "custody.signer"], env=env, stdout=subprocess.PIPE, text=True)
        try:
            vkey = process.stdout.readline().strip()
            deadline = time.monotonic() + 10
            while True:
                try:
                    answer = ask(socket, {"size": 7, "root": root, "proof": []})
                    break
                except SignerUnreachable:
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            notes.open_note(answer["note"].encode(), [vkey])
            assert "refused" in ask(socket, {"size": 5, "root": root, "proof": []})
            assert socket.stat().st_mode & 0o007 == 0
        finally:
            process.send_signal(number)
            assert process.wait(10) == expected
            process.stdout.close()
    assert json.loads((tmp_path / "memory.json").read_text())["size"] == 7
    source = "import sys, custody.signer; sys.exit(any(m == 'django' or m.startswith('django.') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", source], env=env, cwd=ROOT).returncode == 0


def test_the_command_line_rotates(key_file, tmp_path, capsys):
    arguments = ["--origin", ORIGIN, "--key-file", str(key_file), "--memory", str(tmp_path / "m"), "--socket", "s"]
    assert signer.serve([*arguments, "--rotate"]) == 0
    assert len(capsys.readouterr().out.split()) == 2
    assert key_file.stat().st_mode & 0o777 == 0o600
    key_file.write_text("damaged")
    assert signer.serve(arguments) == 1
    assert "cannot start" in capsys.readouterr().err
