"""docs/api.md runs: each of its examples, in order, against the product under its production server.

A block of `sh` is run by bash, a block of `python` by Python, with REPOSITORY and TOKEN as the page says; a block that
ends in an error, or that asks for an answer above 399, fails.
"""

import os
import re
import subprocess
import sys

import pytest
from conftest import TESTS, person, simple
from live_server import Live

from accounts import tokens
from accounts.grants import Permission
from accounts.roles import SCOPES
from evidence import access, intake, recording
from repository.bootstrap import BASE

pytestmark = pytest.mark.slow
PAGE = BASE / "docs" / "api.md"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Whatever curl is answered, an error is one: the page's reader sees the problem that names it.
CURL = 'curl() { command curl --silent --show-error --fail-with-body "$@"; }\n'


def blocks() -> list[tuple[str, str]]:
    return BLOCK.findall(PAGE.read_text())


def test_the_page_has_no_example_that_is_not_run():
    text = BLOCK.sub("", PAGE.read_text())
    assert "curl " not in re.sub(r"`[^`\n]*`|use curl", "", text)
    assert {language for language, _code in blocks()} == {"sh", "python"}


def test_every_example_runs(committed_database, django_db_blocker, settings, tmp_path):
    from django.db import connection

    settings.STORAGE_DIR = tmp_path / "storage"
    with django_db_blocker.unblock():
        user = person("investigator")
        home = access.open_collection(by=person("administrator"), name_en="Invented", preset_level=2)
        access.grant(by=TESTS, record=home, permission=Permission.MANAGE, reason="test", user=user)
        recording.log_incident(by=user, collection=home, given=simple())
        intake.receive_item(by=user, collection=home, given={"kind": "testimony", "title_en": "Interview at a school"})
        token = tokens.issue(by=user, user=user, name="t", scopes=list(SCOPES), days=1).text
        server = Live(connection.settings_dict, settings, tmp_path).start()
        try:
            env = {**os.environ, "REPOSITORY": server.address, "TOKEN": token, "COLLECTION": home.code}
            for language, code in blocks():
                if language == "sh":
                    command = ["bash", "-euo", "pipefail", "-c", CURL + code]
                else:
                    start = "import os\nREPOSITORY, TOKEN, COLLECTION = (os.environ[name] for name in "
                    start += "('REPOSITORY', 'TOKEN', 'COLLECTION'))\n"
                    command = [sys.executable, "-W", "error", "-c", start + code]
                done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120)
                assert done.returncode == 0, f"{code}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        finally:
            server.kill()
