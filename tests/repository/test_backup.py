"""Backup of a running installation, restored onto an empty one: every hash and the ledger verify, damage is named."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from repository.bootstrap import BASE
from tests.repository.test_up import Up

pytestmark = pytest.mark.slow
PHRASE = "six random words are long enough"


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory):
    """(directory of the backup, file of the keys, file of the passphrase) of a running installation with the sample."""
    folder = tmp_path_factory.mktemp("backup")
    (folder / "phrase").write_text(PHRASE + "\n")
    up = Up(folder / "var", sample=True)
    try:
        up.wait_until_ready()
        for arguments, said in (
            (["--keys-to", str(folder / "data" / "keys"), "--plain-keys"], "must not lie with the data"),
            (["--keys-to", str(folder / "keys")], "Say how the keys are kept"),
        ):
            done = manage(up.var, "backup", str(folder / "data"), *arguments)
            assert done.returncode == 1 and said in done.stderr
        keys = ["--keys-to", str(folder / "keys"), "--passphrase-file", str(folder / "phrase")]
        done = manage(up.var, "backup", str(folder / "data"), *keys)
        assert done.returncode == 0, done.stderr
        before = {path: path.stat().st_mtime_ns for path in blobs(folder / "data")}
        assert before
        next((folder / "keys").iterdir()).rename(folder / "keys.json")
        # Again into the same directory: only what is new is copied.
        done = manage(up.var, "backup", str(folder / "data"))
        assert done.returncode == 0 and "The keys are NOT in it" in done.stdout
        assert {path: path.stat().st_mtime_ns for path in before} == before
    finally:
        up.stop()
        up.kill_everything()
    return folder / "data", folder / "keys.json", folder / "phrase"


def blobs(data: Path) -> list[Path]:
    return [path for area in ("blobs", "derived") for path in sorted(data.glob(f"{area}/*/*/*"))]


def manage(var: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE, env=environment(var), capture_output=True, text=True, timeout=900,
    )  # fmt: skip


def environment(var: Path) -> dict:
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return {**inherited, "REPOSITORY_VAR": str(var)}


def restore(var: Path, backed_up, *arguments: str) -> subprocess.CompletedProcess:
    data, keys, phrase = backed_up
    return manage(var, "restore", str(data), "--keys", str(keys), "--passphrase-file", str(phrase), *arguments)


def test_nothing_of_the_keys_lies_with_the_data(backed_up):
    data, keys, _phrase = backed_up
    assert {path.name.partition("-")[0] for path in data.iterdir()} <= {
        "backup",
        "database",
        "files",
        "blobs",
        "derived",
    }
    assert keys.stat().st_mode & 0o777 == 0o600 and json.loads(keys.read_text())["kdf"] == "scrypt"
    listing = sorted(data.glob("files-*.sha256"))[-1]
    assert subprocess.run(["sha256sum", "-c", "--quiet", listing.name], cwd=data).returncode == 0


def test_it_is_restored_on_an_empty_machine_where_everything_verifies(backed_up, tmp_path):
    var = tmp_path / "var"
    done = restore(var, backed_up, "--verify")
    assert done.returncode == 0, done.stderr
    assert "VERIFIED" in done.stdout and "every hash and the ledger verified" in done.stdout
    again = restore(var, backed_up)
    assert again.returncode == 1 and "holds a database already" in again.stderr
    up = Up(var, sample=True)
    try:
        up.wait_until_ready()
        assert b'"data": "ok"' in up.get("/health/ready")
        verified = manage(var, "ledger_verify", "--deep")
        assert verified.returncode == 0, verified.stdout
    finally:
        assert up.stop() == 0
        up.kill_everything()


def test_a_flipped_byte_is_named_and_the_rest_is_restored(backed_up, tmp_path):
    victim = blobs(backed_up[0])[0]
    whole = victim.read_bytes()
    try:
        victim.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        done = restore(tmp_path / "var", backed_up, "--verify")
    finally:
        victim.write_bytes(whole)
    name = victim.relative_to(backed_up[0]).as_posix()
    assert done.returncode == 1
    assert f"{name}: altered in the backup" in done.stderr
    assert "1 files are damaged or missing" in done.stdout, done.stderr
    assert len(blobs(tmp_path / "var" / "storage")) == len(blobs(backed_up[0])) - 1


def test_wrong_keys_and_damaged_dumps_are_refused_before_anything_is_made(backed_up, tmp_path):
    data, keys, _phrase = backed_up
    wrong = tmp_path / "phrase"
    wrong.write_text("another passphrase altogether")
    done = manage(tmp_path / "var", "restore", str(data), "--keys", str(keys), "--passphrase-file", str(wrong))
    assert done.returncode == 1 and "passphrase is another one" in done.stderr
    done = manage(tmp_path / "var", "restore", str(data))
    assert done.returncode == 1 and "There is no keyring" in done.stderr
    done = manage(tmp_path / "var", "restore", str(tmp_path))
    assert done.returncode == 1 and "no finished backup" in done.stderr
    dump = sorted(data.glob("database-*.dump"))[-1]
    whole = dump.read_bytes()
    try:
        dump.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        done = restore(tmp_path / "var", backed_up)
    finally:
        dump.write_bytes(whole)
    assert done.returncode == 1 and "is not what was backed up" in done.stderr
    assert not (tmp_path / "var" / "postgres").exists()
