"""The Korean translation is complete: every string has one, with the same placeholders, and none is only guessed."""

import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = polib.pofile(str(ROOT / "locale" / "ko" / "LC_MESSAGES" / "django.po"))
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def test_every_string_is_translated_and_none_is_fuzzy():
    missing = [entry.msgid for entry in CATALOGUE if not entry.obsolete and (not entry.translated() or entry.fuzzy)]
    assert missing == []


@pytest.mark.parametrize(
    "entry", [e for e in CATALOGUE if not e.obsolete and "%(" in e.msgid], ids=lambda e: e.msgid[:40]
)
def test_placeholders_are_kept(entry):
    wanted = set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
    for text in [entry.msgstr, *entry.msgstr_plural.values()]:
        if text:
            assert set(PLACEHOLDER.findall(text)) == wanted


def test_no_particle_leans_on_a_placeholder():
    """은(는), 을(를) after a placeholder reads badly: such sentences are phrased around it."""
    assert [
        entry.msgid for entry in CATALOGUE if re.search(r"\)[sd][”’\"']?(은\(는\)|을\(를\)|이\(가\))", entry.msgstr)
    ] == []


@pytest.mark.slow
def test_the_catalogue_holds_every_string_of_the_code(tmp_path):
    """makemessages over a copy finds nothing that the committed catalogue lacks."""
    import shutil
    import subprocess
    import sys

    if not shutil.which("msgfmt"):
        pytest.skip("gettext is not installed: apt-get install gettext")
    copy = tmp_path / "copy"
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in tracked:
        if name.endswith((".py", ".html", ".po")) and not name.startswith("tests/"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "-l", "ko", "--no-location", "--no-obsolete"],
        cwd=copy, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(copy)},
    )  # fmt: skip
    found = polib.pofile(str(copy / "locale" / "ko" / "LC_MESSAGES" / "django.po"))
    assert [entry.msgid for entry in found if not entry.translated() or entry.fuzzy] == []
