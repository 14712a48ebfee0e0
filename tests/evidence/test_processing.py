"""Steps in real children: whatever one does, it ends with an outcome, and the others run."""

import socket

import pytest

from evidence.processing import running
from evidence.processing.limits import Limits
from evidence.processing.results import Facts, Outcome, read_outcome
from tests.evidence import odd_steps

REGISTRY = "tests.evidence.odd_steps"
SECONDS = {module.NAME: module.SECONDS for module in odd_steps.STEPS}


@pytest.fixture
def work(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "START_SECONDS", 15)
    (tmp_path / "out").mkdir()
    (tmp_path / "bytes").write_text("hello")

    def make(*names, **options):
        return running.Work(
            path=tmp_path / "bytes",
            out=tmp_path / "out",
            facts=Facts("", 5, "txt"),
            steps={name: SECONDS[name] for name in names},
            options=options,
            limits=Limits(file_size=8 * 1024**2),
            registry=REGISTRY,
        )

    return make


def outcomes(work) -> dict[str, Outcome]:
    return {outcome.step: outcome for outcome in running.run(work)}


def test_each_step_ends_with_an_outcome_whatever_the_others_do(work):
    ended = outcomes(work(*(name for name in SECONDS if name not in ("calling", "endless"))))
    assert {name: (one.state, one.reason) for name, one in ended.items()} == {
        "identify": ("done", ""),
        "good": ("done", ""),
        "locked": ("failed", "password"),
        "missing": ("not_done", "missing_program"),
        "raising": ("failed", "damaged"),
        "dying": ("failed", "crashed"),
        "greedy": ("failed", "memory"),
        "writing": ("failed", "too_large"),
        "lying": ("failed", "hostile"),
    }
    assert ended["good"].found["saw"]["media_type"] == "text/plain"
    assert ended["good"].flags == ["macros"]
    assert "witness" not in ended["raising"].to_json()


def test_a_step_that_does_not_end_is_ended(work):
    ended = outcomes(work("endless", "good"))
    assert (ended["endless"].state, ended["endless"].reason) == ("failed", "time")
    assert ended["good"].state == "done"


def test_a_step_reaches_no_network(work):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        ended = outcomes(work("calling", port=server.getsockname()[1]))
    assert ended["calling"].found["answer"] != 0


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"state": "done", "texts": [{"number": -1, "text": "x"}]}',
     '{"state": "done", "pictures": [{"kind": "thumbnail", "number": 1, "name": "none", "media_type": "image/webp"}]}',
     '{"state": "done", "fingerprint": "zz"}'],
)  # fmt: skip
def test_an_answer_that_is_none_is_refused(text, tmp_path):
    with pytest.raises((ValueError, KeyError, TypeError)):
        read_outcome(text, "x", tmp_path)


def test_what_a_database_cannot_take_is_replaced(tmp_path):
    text = '{"state": "done", "texts": [{"number": 1, "text": "a\\u0000b\\ud800"}], "found": {"a": ["\\u0000", NaN]}}'
    read = read_outcome(text, "x", tmp_path)
    assert read.texts[0].text == "a�b?"
    assert read.found == {"a": ["�", None]}
