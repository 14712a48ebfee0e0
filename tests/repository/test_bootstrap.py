"""The stamp logic of the bootstrap, on an invented checkout: nothing is installed here."""

import json

import pytest

from repository import bootstrap


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").touch()
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
    (tmp_path / "node_modules").mkdir()
    for name in ("requirements.lock", "requirements-dev.lock", "package.json", "package-lock.json"):
        (tmp_path / name).write_text(f"content of {name}\n")
    for name, value in {
        "BASE": tmp_path,
        "VENV": venv,
        "PYTHON": venv / "bin" / "python",
        "STAMP": venv / "installed.json",
        "NODE_MODULES": tmp_path / "node_modules",
    }.items():
        monkeypatch.setattr(bootstrap, name, value)
    (tmp_path / "node_modules" / ".fetched").write_text(bootstrap._assets_fingerprint())
    return tmp_path


def test_an_environment_without_a_stamp_is_not_current(checkout):
    assert not bootstrap.is_current(bootstrap.RUNTIME)


def test_a_stamped_environment_is_current(checkout):
    bootstrap.write_stamp(bootstrap.RUNTIME)
    assert bootstrap.is_current(bootstrap.RUNTIME)
    assert not bootstrap.ensure(bootstrap.RUNTIME)


def test_a_runtime_environment_does_not_serve_the_tests(checkout):
    bootstrap.write_stamp(bootstrap.RUNTIME)
    assert not bootstrap.is_current(bootstrap.DEVELOPMENT)


def test_a_development_environment_serves_up(checkout):
    bootstrap.write_stamp(bootstrap.DEVELOPMENT)
    assert bootstrap.is_current(bootstrap.RUNTIME)


@pytest.mark.parametrize("changed", ["requirements.lock", ".venv/pyvenv.cfg", "package-lock.json"])
def test_a_change_makes_the_environment_stale(checkout, changed):
    bootstrap.write_stamp(bootstrap.RUNTIME)
    (checkout / changed).write_text("version = 3.12.1\n")
    assert not bootstrap.is_current(bootstrap.RUNTIME)


def test_a_damaged_stamp_counts_as_none(checkout):
    bootstrap.STAMP.write_text('{"lock": ')
    assert not bootstrap.is_current(bootstrap.RUNTIME)
    bootstrap.STAMP.write_text(json.dumps(["requirements.lock"]))
    assert not bootstrap.is_current(bootstrap.RUNTIME)


def test_a_stale_development_environment_is_renewed_as_one(checkout, monkeypatch):
    installed = []
    bootstrap.write_stamp(bootstrap.DEVELOPMENT)
    (checkout / "requirements-dev.lock").write_text("changed\n")
    monkeypatch.setattr(bootstrap, "_install", installed.append)
    assert bootstrap.ensure(bootstrap.RUNTIME)
    assert installed == [bootstrap.DEVELOPMENT]


def test_other_commands_take_the_environment_as_it_is(checkout, monkeypatch):
    monkeypatch.setattr(bootstrap, "_install", lambda lock: pytest.fail("installed something"))
    assert not bootstrap.ensure(bootstrap.RUNTIME, thorough=False)


def test_a_python_without_venv_names_the_package(checkout, monkeypatch):
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(bootstrap.BootstrapFailed, match=r"apt-get install python3\.\d+-venv"):
        bootstrap._make_environment()


def test_pip_is_the_fallback_of_uv(checkout, monkeypatch):
    commands = []

    def run(command, **kwargs):
        commands.append([str(part) for part in command])
        return bootstrap.subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(bootstrap, "_run", run)
    bootstrap._install(bootstrap.RUNTIME)
    assert commands[-1][2:4] == ["pip", "install"]
    assert "--require-hashes" in commands[-1]
    assert bootstrap.is_current(bootstrap.RUNTIME)


def test_a_failed_install_leaves_no_stamp(checkout, monkeypatch):
    bootstrap.write_stamp(bootstrap.RUNTIME)
    failed = bootstrap.subprocess.CompletedProcess([], 1, "", "hash mismatch")
    monkeypatch.setattr(bootstrap, "_run", lambda command, **kwargs: failed)
    with pytest.raises(bootstrap.BootstrapFailed, match="hash mismatch"):
        bootstrap._install(bootstrap.RUNTIME)
    assert not bootstrap.STAMP.exists()


def test_the_block_of_a_package_has_its_hashes_and_no_others():
    wanted = "uv==0.1 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
    lock = f"uvloop==1 \\\n    --hash=sha256:aa\n{wanted}wcwidth==2 \\\n    --hash=sha256:dd\n"
    assert bootstrap.pinned_block(lock, "uv") == wanted
    assert bootstrap.pinned_block(lock, "missing") == ""
