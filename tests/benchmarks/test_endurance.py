"""Kills while files come in, in small: the script itself takes hundreds of files and twenty kills."""

import json
import subprocess
import sys

import pytest

from repository.bootstrap import BASE
from tests.repository.test_up import free_port

pytestmark = pytest.mark.slow


def test_no_file_is_lost_doubled_or_half_visible_when_everything_is_killed_in_turn(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.endurance", "--files", "24", "--kills", "3",
         "--port", str(free_port()), "--dir", str(tmp_path)],
        cwd=BASE, capture_output=True, text=True, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout[done.stdout.index("\n{") :])
    assert found["wrong"] == [] and found["files"] == 24 and found["ledger"] == "VERIFIED"
    assert all(f"killed the {name}" in done.stdout for name in ("web", "worker", "database"))
