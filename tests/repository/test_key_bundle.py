"""The file of keys that a backup leaves apart from the data."""

import json

import pytest

from repository.runtime import key_bundle
from repository.runtime.key_bundle import KeysRefused

FILES = {"keyring.json": b'{"active": "k1"}', "ledger-signing.key": b"\x00\xff"}
PHRASE = "six random words are long enough"


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(key_bundle, "N", 2**12)


def test_keys_come_back_with_the_passphrase_and_are_readable_by_nobody_else(tmp_path):
    path = tmp_path / "keys.json"
    key_bundle.write(path, FILES, PHRASE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "active" not in path.read_text()
    assert key_bundle.read(path, PHRASE) == FILES
    with pytest.raises(KeysRefused, match="passphrase is another one"):
        key_bundle.read(path, PHRASE + "!")
    with pytest.raises(KeysRefused, match="--passphrase-file"):
        key_bundle.read(path, None)
    with pytest.raises(KeysRefused, match="cannot be written"):
        key_bundle.write(path, FILES, PHRASE)


def test_plain_keys_need_no_passphrase(tmp_path):
    key_bundle.write(tmp_path / "keys.json", FILES, None)
    assert key_bundle.read(tmp_path / "keys.json", None) == FILES


@pytest.mark.parametrize("name", ["salt", "nonce", "content"])
def test_an_altered_file_does_not_open(tmp_path, name):
    path = tmp_path / "keys.json"
    key_bundle.write(path, FILES, PHRASE)
    held = json.loads(path.read_text())
    held[name] = ("B" if held[name][0] == "A" else "A") + held[name][1:]
    path.write_text(json.dumps(held))
    with pytest.raises(KeysRefused, match="altered"):
        key_bundle.read(path, PHRASE)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"form": "accountability-keys-1"}', '{"form": 3, "kdf": "none"}'])
def test_another_file_is_refused(tmp_path, text):
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(KeysRefused, match="is not a file of keys"):
        key_bundle.read(tmp_path / "keys.json", PHRASE)
    with pytest.raises(KeysRefused, match="cannot be read"):
        key_bundle.read(tmp_path / "none.json", PHRASE)


def test_a_costly_file_and_a_path_for_a_name_are_refused(tmp_path):
    path = tmp_path / "keys.json"
    key_bundle.write(path, FILES, PHRASE)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"n": 2**40}))
    with pytest.raises(KeysRefused, match="is not a file of keys"):
        key_bundle.read(path, PHRASE)
    path.unlink()
    key_bundle.write(path, {"../outside": b""}, None)
    with pytest.raises(KeysRefused, match="is a path"):
        key_bundle.read(path, None)


def test_a_short_passphrase_is_refused(tmp_path):
    (tmp_path / "phrase").write_text("short\n")
    with pytest.raises(KeysRefused, match="at least 16"):
        key_bundle.read_passphrase(tmp_path / "phrase")
    (tmp_path / "phrase").write_text(PHRASE + "\n")
    assert key_bundle.read_passphrase(tmp_path / "phrase") == PHRASE
    with pytest.raises(KeysRefused, match="cannot be read"):
        key_bundle.read_passphrase(tmp_path / "none")
