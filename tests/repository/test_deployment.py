"""docker-compose.yml and Dockerfile, read as text: no container runs here."""

import re

import pytest
import yaml

from repository.bootstrap import BASE

COMPOSE = yaml.safe_load((BASE / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
EXPECTED = {
    "web", "worker", "beat", "signer", "sequencer", "anchors", "migrate", "postgres", "broker", "proxy"
}  # fmt: skip


def test_every_service_of_the_plan_is_there():
    assert set(SERVICES) == EXPECTED


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_service_is_pinned_confined_and_watched(name):
    service = SERVICES[name]
    assert re.fullmatch(r"[a-z][a-z0-9/-]*:\d+\.\d[\w.-]*", service["image"])
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["restart"] in ("unless-stopped", "no")
    assert "test" in service["healthcheck"] or (name == "migrate" and service["healthcheck"] == {"disable": True})


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_a_service_refers_to_exists(name):
    service = SERVICES[name]
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert set(service.get("networks", [])) <= set(COMPOSE["networks"])
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert source in COMPOSE["volumes"] or (BASE / source).is_file()
    for other, how in service.get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other == "migrate" else "service_healthy"
        assert how == {"condition": wanted} and other in SERVICES


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_service_gets_each_secret_file_it_is_told_of(name):
    service = SERVICES[name]
    told = [value for value in service.get("environment", {}).values() if str(value).startswith("/run/secrets/")]
    assert {value.removeprefix("/run/secrets/") for value in told} <= set(service.get("secrets", []))


def test_no_secret_is_written_in_the_file():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|_URL|KEY", name):
                assert value.startswith("/run/secrets/"), name


def test_only_the_signer_signs_and_only_migrate_owns():
    def holders(secret):
        return {name for name, service in SERVICES.items() if secret in service.get("secrets", [])}

    assert holders("ledger_signing_key") == {"signer"}
    assert SERVICES["signer"]["secrets"] == ["ledger_signing_key"]
    assert SERVICES["signer"]["network_mode"] == "none"
    assert "networks" not in SERVICES["signer"]
    assert holders("migration_database_url") == {"migrate"}
    assert holders("database_owner_password") == {"postgres"}


def test_every_declared_secret_is_made_by_the_script():
    script = (BASE / "deploy" / "make-secrets.sh").read_text()
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].rsplit("/", 1)[1] in script


def test_only_the_proxy_is_reachable():
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}


def test_the_image_runs_as_nobody_in_particular_from_hashed_packages():
    text = (BASE / "Dockerfile").read_text()
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert ":latest" not in text
