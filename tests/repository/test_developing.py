import pytest

from repository.runtime import developing, preparation


@pytest.mark.parametrize(
    ("arguments", "everything", "added"),
    [
        ([], False, ["-n", "2", "-m", "not slow and not services"]),
        ([], True, ["-n", "2"]),
        (["tests/repository"], False, ["-m", "not slow and not services"]),
        (["manage.py::test_x"], True, []),
        (["-n0"], True, []),
        (["-k", "seal"], True, ["-n", "2"]),
        (["-m", "slow"], False, ["-n", "2"]),
    ],
)
def test_the_choice_of_tests(arguments, everything, added):
    assert developing._choice(arguments, everything) == added


def test_missing_programs_fail_a_full_run_in_ci(monkeypatch, capsys):
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(developing, "missing_packages", lambda: ["chromium", "ffmpeg"])
    assert developing.test(["--all"]) == 1
    assert "apt-get install chromium ffmpeg" in capsys.readouterr().err


def test_the_fingerprint_of_static_files_follows_content_and_locks(tmp_path):
    (tmp_path / "static" / "css").mkdir(parents=True)
    (tmp_path / "repository").mkdir()
    for name in ("package-lock.json", "requirements.lock", "repository/static_files.py", "static/css/a.css"):
        (tmp_path / name).write_text(name)
    seen = {preparation.static_fingerprint(tmp_path)}
    for name in ("package-lock.json", "static/css/a.css", "static/css/new.css"):
        (tmp_path / name).write_text("changed")
        seen.add(preparation.static_fingerprint(tmp_path))
    assert len(seen) == 4
