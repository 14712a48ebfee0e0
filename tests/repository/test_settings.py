"""Settings modules are read in a process of their own, as servers do."""

import json
import os
import secrets
import subprocess
import sys

import pytest

from repository.bootstrap import BASE

SHOW = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


def read(module, *names, **env):
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", SHOW, *names],
        cwd=BASE,
        env={**plain, **env, "DJANGO_SETTINGS_MODULE": f"repository.settings.{module}"},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def production(tmp_path):
    (tmp_path / "keyring.json").write_text('{"active": "k1", "keys": {"k1": ""}}')
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "DATABASE_URL": "postgresql://repository_app:hidden@db/repository",
        "CELERY_BROKER_URL": "redis://broker:6379/0",
        "KEYRING_FILE": str(tmp_path / "keyring.json"),
        "STORAGE_DIR": str(tmp_path),
        "LEDGER_ORIGIN": "evidence.example/ledger",
        "ALLOWED_HOSTS": "evidence.example",
    }


def test_production_reads_with_everything_set(production):
    done = read("production", "DEBUG", "SESSION_COOKIE_SECURE", "MIGRATION_DATABASE", **production)
    assert json.loads(done.stdout) == {"DEBUG": False, "SESSION_COOKIE_SECURE": True, "MIGRATION_DATABASE": None}


@pytest.mark.parametrize(
    "missing",
    [
        "SECRET_KEY",
        "DATABASE_URL",
        "CELERY_BROKER_URL",
        "KEYRING_FILE",
        "STORAGE_DIR",
        "LEDGER_ORIGIN",
        "ALLOWED_HOSTS",
    ],
)
def test_production_stops_by_the_name_of_what_is_missing(production, missing):
    del production[missing]
    done = read("production", "DEBUG", **production)
    assert done.returncode != 0
    assert f"{missing} is not set" in done.stderr
    assert "hidden" not in done.stderr


@pytest.mark.parametrize(
    ("command", "missing"), [("migrate", "MIGRATION_DATABASE_URL"), ("ledger_sequencer", "SEQUENCER_DATABASE_URL")]
)
def test_production_asks_a_command_for_the_secrets_it_alone_needs(production, command, missing):
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=BASE,
        env={**os.environ, **production, "DJANGO_SETTINGS_MODULE": "repository.settings.production"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Wrong settings: {missing} is not set")


def test_embedded_keeps_neighbours_apart(tmp_path):
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "STORAGE_DIR", "DATABASES", "CELERY_BROKER_URL")
    one, two = (
        json.loads(read("embedded", *names, REPOSITORY_VAR=str(tmp_path / name), REPOSITORY_PORT=port).stdout)
        for name, port in (("a", "8001"), ("b", "8002"))
    )
    assert all(one[name] != two[name] for name in names)
    assert one["DATABASES"]["default"]["USER"] == "repository_app"


def test_embedded_uses_servers_of_the_environment(tmp_path):
    done = read(
        "embedded",
        "DATABASES",
        "EMBEDDED_DATABASE",
        "EMBEDDED_BROKER",
        "STORAGE_DIR",
        REPOSITORY_VAR=str(tmp_path),
        DATABASE_URL="postgresql://someone@db/evidence",
        CELERY_BROKER_URL="amqp://broker//",
        STORAGE_DIR="/srv/evidence",
    )
    found = json.loads(done.stdout)
    assert (found["EMBEDDED_DATABASE"], found["EMBEDDED_BROKER"]) == (False, False)
    assert found["DATABASES"]["default"]["USER"] == "someone"
    assert found["STORAGE_DIR"] == "/srv/evidence"


def test_production_demands_a_second_factor_of_everybody_unless_told_otherwise(production):
    names = ("SECOND_FACTOR_ROLES", "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN")
    assert json.loads(read("production", names[0], **production).stdout) == {"SECOND_FACTOR_ROLES": ["*"]}
    done = read("production", names[0], **production, SECOND_FACTOR_ROLES="administrator, auditor")
    assert json.loads(done.stdout) == {"SECOND_FACTOR_ROLES": ["administrator", "auditor"]}
    # Passkeys of any origin are for one machine only.
    assert "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN" in read("production", names[1], **production).stderr


def test_single_sign_on_is_off_without_an_issuer_and_whole_with_one(production):
    names = ("OIDC_ISSUER", "SOCIALACCOUNT_PROVIDERS", "CONTENT_SECURITY_POLICY")
    off = json.loads(read("production", *names, **production).stdout)
    assert (off["OIDC_ISSUER"], off["SOCIALACCOUNT_PROVIDERS"]) == ("", {})
    given = {"OIDC_ISSUER": "https://id.example.org/realm", "OIDC_CLIENT_ID": "us", "OIDC_CLIENT_SECRET": "hidden"}
    on = json.loads(read("production", *names, **production, **given).stdout)
    assert on["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"][0]["client_id"] == "us"
    assert on["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"] == ["'self'", "https://id.example.org"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET is not set"),
     ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID is not set"), ({"OIDC_ISSUER": "http://id.example.org"}, "https://")],
)  # fmt: skip
def test_single_sign_on_by_halves_stops_the_start(production, changes, said):
    given = {"OIDC_ISSUER": "https://id.example.org", "OIDC_CLIENT_ID": "us", "OIDC_CLIENT_SECRET": "hidden"}
    done = read("production", "DEBUG", **production, **{**given, **changes})
    assert done.returncode != 0
    assert said in done.stderr
    assert "hidden" not in done.stderr
