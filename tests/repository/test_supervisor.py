import socket
import subprocess
import sys

import pytest

from repository.bootstrap import BASE
from repository.runtime import supervisor


def test_a_busy_port_is_one_sentence_with_a_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(supervisor.UpFailed, match=rf"Port {port} is in use.*--port \d+"):
            supervisor._refuse_busy_port(port)


def test_a_second_up_on_the_same_directory_is_refused_and_says_where_the_first_is(tmp_path):
    with (
        supervisor._alone(tmp_path, 8000),
        pytest.raises(supervisor.UpFailed, match=r"already runs.* at http://localhost:8000\."),
        supervisor._alone(tmp_path, 8001),
    ):
        pytest.fail("got in")
    with supervisor._alone(tmp_path, 8001):
        assert (tmp_path / "up.lock").read_text() == " at http://localhost:8001"


@pytest.mark.parametrize("text", ["0", "70000", "http", "８０００"])
def test_a_wrong_port_is_refused(text, capsys):
    with pytest.raises(SystemExit):
        supervisor._parser().parse_args(["--port", text])
    assert "a port is a number from 1 to 65535" in capsys.readouterr().err


def test_ready_shows_how_to_sign_in(tmp_path, capsys):
    (tmp_path / "sample-accounts.json").write_text('{"investigator": {"email": "i@example.org", "password": "p-w"}}')
    supervisor._say_ready(8000, tmp_path)
    said = capsys.readouterr().out
    assert "Ready: http://localhost:8000" in said
    assert "i@example.org with password p-w" in said


def test_ready_without_a_sample_shows_the_address_alone(tmp_path, capsys):
    supervisor._say_ready(8000, tmp_path)
    assert "Sign in" not in capsys.readouterr().out


# Python drops what a signal's handler raises there: the moment of a fork is where most of a start's stops fall.
DROPPED = """
import os, signal, time
from repository.bootstrap import BASE
from repository.runtime import supervisor
supervisor.KNOCK_SECONDS = 0.2
supervisor._listen()
os.register_at_fork(after_in_parent=lambda: (os.kill(os.getpid(), signal.SIGINT), time.sleep(0.01)))
if os.fork() == 0:
    os._exit(0)
print("unheard")
try:
    time.sleep(30)
except supervisor.Stopped:
    supervisor._heard()
    time.sleep(0.5)
    print("heard once")
"""


def test_a_stop_that_python_drops_is_said_again_until_it_is_heard():
    done = subprocess.run([sys.executable, "-c", DROPPED], cwd=BASE, capture_output=True, text=True, timeout=60)
    assert done.stdout.split("\n") == ["unheard", "heard once", ""]
    assert done.returncode == 0
