"""docker-compose.yml and Dockerfile, read as text: no container runs here."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from repository.bootstrap import BASE

COMPOSE = yaml.safe_load((BASE / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
EXPECTED = {
    "web", "worker", "beat", "signer", "sequencer", "anchors", "migrate", "postgres", "broker", "proxy", "objects",
    "clamav"
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


def test_object_storage_is_optional_and_everything_that_reads_settings_gets_its_keys():
    assert SERVICES["objects"]["profiles"] == ["objects"]
    assert not [name for name, service in SERVICES.items() if "objects" in service.get("depends_on", {})]
    for name, service in SERVICES.items():
        if environment := service.get("environment", {}):
            told = {"STORAGE", "S3_BUCKET", "S3_ENDPOINT", "S3_ACCESS_KEY_FILE", "S3_SECRET_KEY_FILE"} <= set(
                environment
            )
            assert told == ("KEYRING_FILE" in environment), name


def test_the_script_makes_keys_that_the_object_storage_knows(tmp_path):
    shutil.copy(BASE / "deploy" / "make-secrets.sh", tmp_path)
    for _twice in range(2):
        subprocess.run(["sh", str(tmp_path / "make-secrets.sh")], check=True, capture_output=True)
    made = tmp_path / "secrets"
    (identity,) = json.loads((made / "objects.json").read_text())["identities"]
    assert identity["credentials"] == [
        {
            "accessKey": (made / "s3_access_key").read_text().strip(),
            "secretKey": (made / "s3_secret_key").read_text().strip(),
        }
    ]
    assert "Admin" not in identity["actions"]


def test_only_the_proxy_is_reachable():
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}


def test_the_worker_knows_the_scanner_and_nothing_else_of_the_database_network_does():
    assert SERVICES["worker"]["environment"]["CLAMD"] == "${CLAMD-clamav:3310}"
    assert "inside" not in SERVICES["clamav"]["networks"]
    shared = set(SERVICES["worker"]["networks"]) & set(SERVICES["clamav"]["networks"])
    assert shared and all(COMPOSE["networks"][name].get("internal") for name in shared)


def test_the_image_holds_the_programs_that_steps_call():
    text = (BASE / "Dockerfile").read_text()
    for package in ("ffmpeg", "libimage-exiftool-perl", "libreoffice-writer-nogui"):
        assert package in text


def test_the_image_runs_as_nobody_in_particular_from_hashed_packages():
    text = (BASE / "Dockerfile").read_text()
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", text, re.MULTILINE)
    assert "--require-hashes" in text
    assert ":latest" not in text
