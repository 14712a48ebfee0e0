from contextlib import nullcontext

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from custody.management.commands.migrate import Command
from repository import checks


def test_a_database_that_knows_korean_passes(committed_database, database_administrator):
    with database_administrator(committed_database) as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert checks.trigrams_know_korean(None, databases=["default"]) == []


def test_a_database_of_the_c_locale_is_an_error(database_administrator):
    with database_administrator() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS c_locale")
        cursor.execute("CREATE DATABASE c_locale TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'")
    with database_administrator("c_locale") as cursor:
        cursor.execute("CREATE EXTENSION pg_trgm")
        (found,) = checks.trigrams_know_korean(None, databases=["default"], cursor_of=lambda alias: nullcontext(cursor))
    assert found.id == "repository.E003"


@pytest.mark.django_db
def test_the_application_role_passes():
    assert checks.application_cannot_rewrite_the_ledger(None, databases=["default"]) == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["repository_owner", "repository_admin"])
def test_an_owner_or_superuser_as_application_is_an_error(role, monkeypatch):
    monkeypatch.setitem(django_settings.DATABASES["default"], "USER", role)
    (found,) = checks.application_cannot_rewrite_the_ledger(None, databases=["default"])
    assert found.id == "repository.E004"
    assert found.is_serious()


def test_missing_assets_are_an_error_with_the_way_to_fetch_them(monkeypatch, tmp_path):
    monkeypatch.setattr(checks, "NODE_MODULES", tmp_path)
    found = checks.assets_are_there(None)
    assert {message.id for message in found} == {"repository.E001"}
    assert all("npm ci" in message.hint for message in found)


@pytest.mark.parametrize("content", ["", "[]", '{"active": "k2", "keys": {"k1": "x"}}'])
def test_a_damaged_keyring_is_an_error(content, settings, tmp_path):
    settings.KEYRING_FILE = tmp_path / "keyring.json"
    settings.KEYRING_FILE.write_text(content)
    (found,) = checks.keyring_is_readable(None)
    assert found.id == "repository.E002"


def test_the_keyring_of_a_first_start_passes():
    assert checks.keyring_is_readable(None) == []


@pytest.mark.parametrize(
    ("authorities", "roots", "places", "expected"),
    [
        (["demo:"], "", ["/srv/a"], {"repository.W001"}),
        ([], "", [], {"repository.W001", "repository.W002"}),
        (["https://tsa.example"], "", ["/srv/a"], {"repository.E005"}),
        (["https://tsa.example"], "{there}", ["/srv/a"], set()),
    ],
)
def test_a_ledger_that_nobody_outside_holds_is_warned_of(settings, tmp_path, authorities, roots, places, expected):
    (tmp_path / "roots.pem").write_text("")
    settings.LEDGER_TIMESTAMP_AUTHORITIES, settings.LEDGER_PUBLISH_TO = authorities, places
    settings.LEDGER_TIMESTAMP_ROOTS_FILE = roots.format(there=tmp_path / "roots.pem")
    assert {message.id for message in checks.ledger_is_tied_to_the_outside(None)} == expected


def test_migrate_asks_the_database_only_once_the_roles_are_there(monkeypatch):
    """On a fresh server the role that the checks connect with is made by the first migration."""
    happened = []
    monkeypatch.setattr(Command, "check", lambda self, **options: happened.append(options.get("databases")))
    monkeypatch.setattr(Command, "migrate_as_owner", lambda self, *args, **options: happened.append("migrated"))
    call_command("migrate", skip_checks=False, verbosity=0)
    assert happened == [None, "migrated", ["default"]]


@pytest.mark.parametrize(("roles", "count"), [([], 0), (["*"], 0), (["auditor", "*"], 0), (["administator"], 1)])
def test_a_misspelt_role_of_the_second_factor_is_an_error(settings, roles, count):
    settings.SECOND_FACTOR_ROLES = roles
    found = checks.second_factor_roles_are_known(None)
    assert [error.id for error in found] == ["repository.E006"] * count


def test_without_a_scanner_a_warning_says_what_that_means(settings):
    settings.SCANNER = ""
    (found,) = checks.files_are_scanned(None)
    assert (found.id, found.is_serious()) == ("repository.W003", False)
    assert "CLAMD" in found.hint


@pytest.mark.parametrize("address", ["/nowhere/clamd.sock", "127.0.0.1:1", "nonsense"])
def test_a_scanner_that_does_not_answer_is_told(settings, address):
    settings.SCANNER = address
    (found,) = checks.files_are_scanned(None)
    assert found.id == "repository.W004"
