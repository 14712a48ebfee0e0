import pytest
from django.core.exceptions import ImproperlyConfigured

from repository.settings import environment


def test_a_missing_variable_is_named(monkeypatch):
    monkeypatch.delenv("THE_NAME", raising=False)
    with pytest.raises(ImproperlyConfigured, match="THE_NAME is not set"):
        environment.text("THE_NAME")


def test_a_secret_comes_from_a_file(monkeypatch, tmp_path):
    monkeypatch.delenv("THE_SECRET", raising=False)
    (tmp_path / "secret").write_text("hidden\n")
    monkeypatch.setenv("THE_SECRET_FILE", str(tmp_path / "secret"))
    assert environment.secret("THE_SECRET") == "hidden"


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_missing_or_empty_secret_file_is_named(monkeypatch, tmp_path, content):
    place = tmp_path / "secret"
    if content is not None:
        place.write_text(content)
    monkeypatch.setenv("THE_SECRET_FILE", str(place))
    with pytest.raises(ImproperlyConfigured, match="THE_SECRET_FILE"):
        environment.secret("THE_SECRET")


@pytest.mark.parametrize("value", ["0", "65536", "-1", "80a", "٣", "8000.0"])
def test_a_port_must_be_a_port(monkeypatch, value):
    monkeypatch.setenv("PORT_NAME", value)
    with pytest.raises(ImproperlyConfigured, match="PORT_NAME"):
        environment.port("PORT_NAME", 8000)


def test_a_boolean_must_be_one(monkeypatch):
    monkeypatch.setenv("SWITCH", "maybe")
    with pytest.raises(ImproperlyConfigured, match="SWITCH"):
        environment.boolean("SWITCH")


def test_a_database_address_is_taken_apart():
    entry = environment.database("postgresql://app:p%40ss@db.example:6543/evidence?sslmode=verify-full")
    assert (entry["USER"], entry["PASSWORD"], entry["HOST"], entry["PORT"], entry["NAME"]) == (
        "app",
        "p@ss",
        "db.example",
        "6543",
        "evidence",
    )
    assert entry["OPTIONS"]["sslmode"] == "verify-full"


@pytest.mark.parametrize("address", ["postgresql://app@/evidence?host=/run/pg", "postgres://app@%2Frun%2Fpg/evidence"])
def test_a_database_address_may_be_a_socket(address):
    entry = environment.database(address)
    assert (entry["HOST"], entry["NAME"], entry["USER"]) == ("/run/pg", "evidence", "app")


@pytest.mark.parametrize(
    "address",
    ["", "mysql://a:secret@h/d", "postgresql://h/d", "postgresql://a:secret@h", "postgresql://a:secret@h:port/d"],
)
def test_a_wrong_database_address_is_refused_without_its_password(address):
    with pytest.raises(ImproperlyConfigured, match="OTHER_URL") as refused:
        environment.database(address, name="OTHER_URL")
    assert "secret" not in str(refused.value)


def test_a_lesser_role_keeps_other_options():
    entry = environment.database("postgresql://a@h/d?options=-c%20lock_timeout%3D5s")
    options = environment.with_role(entry, "repository_app")["OPTIONS"]["options"]
    assert options == "-c lock_timeout=5s -c role=repository_app"
