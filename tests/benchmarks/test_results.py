"""Results of benchmarks: what is measured anew replaces its own section and no other."""

import pytest

from benchmarks import __main__ as bench


def test_a_section_measured_anew_leaves_the_others(tmp_path):
    results = tmp_path / "RESULTS.md"
    bench.write({"verbs": "## One\n\nfirst", "access": "## Two\n\nkept"}, results)
    before = results.read_text()
    assert before.index("## One") < before.index("## Two")
    bench.write({"verbs": "## One\n\nanew"}, results)
    after = results.read_text()
    assert "first" not in after
    assert after == before.replace("first", "anew")


def test_what_there_is_not_is_refused_by_name(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "verbs", "nonsense"])
    with pytest.raises(SystemExit):
        bench.main()
    assert "no benchmark 'nonsense'" in capsys.readouterr().err


def test_a_number_of_incidents_that_makes_no_sense_is_refused(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("REPOSITORY_VAR", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["bench", "access", "--incidents", "0"])
    assert bench.main() == 1
    assert "from 1 to 20,000,000" in capsys.readouterr().err
