"""docs/verify.md runs: its shell blocks on a real proof, with openssl, sha256sum and xxd, and on damaged ones."""

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from conftest import signer_at_work
from test_proofs import Made

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("openssl", "sha256sum", "xxd")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs" / "verify.md").read_text(), re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}: apt-get install openssl xxd coreutils"
)


@pytest.fixture(scope="module")
def unpacked(committed_for_module, tmp_path_factory):
    folder = tmp_path_factory.mktemp("by-hand")
    with signer_at_work(folder / "signed.json"):
        Made(folder)
    with zipfile.ZipFile(folder / "proof.zip") as archive:
        archive.extractall(folder / "proof")
    shutil.copy(folder / "trust.json", folder / "proof" / "mine.json")
    return folder / "proof"


def run(folder: Path) -> subprocess.CompletedProcess:
    script = "set -e\n" + "\n".join(BLOCKS)
    return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True)


def test_every_step_of_the_document_holds(unpacked):
    assert len(BLOCKS) == 6
    entries, checkpoints = (list((unpacked / name).iterdir()) for name in ("entries", "checkpoints"))
    done = run(unpacked)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"^entry (\d+) is entry \1 of the log of \d+$", done.stdout, re.MULTILINE)) == len(entries)
    assert done.stdout.count("Signature Verified Successfully") == len(checkpoints) / 2 >= 3
    assert done.stdout.count("contains that of") == len(list((unpacked / "consistency").iterdir())) >= 2
    assert done.stdout.count("Verification: OK") == len(list((unpacked / "stamps").iterdir())) >= 2
    assert len(re.findall(r"^entries/\d+\.json$", done.stdout, re.MULTILINE)) >= 1


def damage(path: Path, place: int = 10) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])


@pytest.mark.parametrize("what", ["entries", "paths", "checkpoint", "stamp", "file", "key", "consistency", "swapped"])
def test_one_flipped_bit_breaks_it(unpacked, tmp_path, what):
    folder = tmp_path / "proof"
    shutil.copytree(unpacked, folder)
    first = sorted((folder / "entries").iterdir(), key=lambda path: int(path.stem))[0].stem
    newest = max((folder / "checkpoints").glob("*.signed-text"), key=lambda path: int(path.name.split(".")[0]))
    if what == "key":
        trust = json.loads((folder / "mine.json").read_text())
        name, key_id, key = trust["log_keys"][0].split("+", 2)
        trust["log_keys"] = [f"{name}+{key_id}+{key[:10]}{'A' if key[10] != 'A' else 'B'}{key[11:]}"]
        (folder / "mine.json").write_text(json.dumps(trust, indent=1))
    elif what == "swapped":
        # Two entries under each other's numbers, each with its own way up.
        one, other = sorted((folder / "entries").iterdir(), key=lambda path: int(path.stem))[:2]
        for name, ending in (("entries", "json"), ("paths", "txt")):
            a, b = (folder / name / f"{path.stem}.{ending}" for path in (one, other))
            first_bytes, second_bytes = a.read_bytes(), b.read_bytes()
            a.write_bytes(second_bytes)
            b.write_bytes(first_bytes)
    else:
        damage({
            "entries": folder / "entries" / f"{first}.json", "paths": folder / "paths" / f"{first}.txt",
            "checkpoint": newest, "stamp": next((folder / "stamps").iterdir()),
            "file": next((folder / "files").iterdir()), "consistency": next((folder / "consistency").iterdir()),
        }[what], place=30)  # fmt: skip
    done = run(folder)
    assert done.returncode != 0, done.stdout
