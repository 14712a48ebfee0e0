import contextlib
import signal
import sys

import pytest

from repository.runtime import children, processes

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_leftovers_of_this_directory_are_swept_and_neighbours_are_not(tmp_path):
    ours, theirs = tmp_path / "var", tmp_path / "var2"
    mine = processes.start(SLEEP, log=tmp_path / "log", var=ours)
    neighbour = processes.start(SLEEP, log=tmp_path / "log", var=theirs)
    try:
        assert processes.marked_for(ours) == [mine.pid]
        assert processes.sweep_leftovers(ours, patience=0.2) == 1
        assert mine.wait(5) < 0
        assert neighbour.poll() is None
    finally:
        processes.stop(neighbour)


def test_stop_ends_the_whole_session(tmp_path):
    program = "import subprocess, sys, time; print(subprocess.Popen(sys.argv[1:]).pid, flush=True); time.sleep(60)"
    child = processes.start([sys.executable, "-u", "-c", program, *SLEEP], log=tmp_path / "log", var=tmp_path)
    while not (said := (tmp_path / "log").read_text()):
        assert child.poll() is None
    processes.stop(child)
    assert int(said) not in processes.marked_for(tmp_path)


def test_a_stop_at_the_birth_of_a_child_comes_when_the_child_is_known(tmp_path):
    class Stopped(BaseException):
        pass

    def stop(*_):
        raise Stopped

    child = None
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(Stopped), processes.undisturbed():
            signal.raise_signal(signal.SIGTERM)
            child = processes.start(SLEEP, log=tmp_path / "log", var=tmp_path)
        assert child is not None
        # It can be asked to stop: what was held back for us is not held back in it.
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == -signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, before)
        with contextlib.suppress(AttributeError):
            processes.stop(child)


def test_logs_are_rotated(tmp_path):
    log = tmp_path / "web.log"
    for text in "abcde":
        processes.rotate(log)
        log.write_text(text)
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {"web.log": "e", "web.log.1": "d", "web.log.2": "c", "web.log.3": "b"}


def test_a_crashing_child_is_started_again_later_and_later(tmp_path, monkeypatch, capsys):
    (tmp_path / "log").mkdir()
    now = [1000.0]
    monkeypatch.setattr(children.time, "monotonic", lambda: now[0])
    child = children.Child("flaky", [sys.executable, "-c", "raise SystemExit(3)"])
    child.start(tmp_path)
    for pause in (1, 2, 4):
        child.process.wait()
        child.watch(tmp_path)
        assert f"flaky ended with code 3, starting it again in {pause} s" in capsys.readouterr().out
        dead = child.process
        now[0] += pause - 0.5
        child.watch(tmp_path)
        assert child.process is dead
        now[0] += 1
        child.watch(tmp_path)
        assert child.process is not dead
    child.stop()
