import base64
import json
import stat

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from repository.runtime.keys import make_keys


def test_keys_are_made_closed_to_others(tmp_path):
    make_keys(tmp_path / "keys")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}
    assert modes == {"secret_key": 0o600, "keyring.json": 0o600, "ledger-signing.key": 0o600}


def test_the_keyring_names_its_active_key(tmp_path):
    make_keys(tmp_path)
    keyring = json.loads((tmp_path / "keyring.json").read_text())
    assert len(base64.b64decode(keyring["keys"][keyring["active"]], validate=True)) == 32


def test_the_signing_key_is_one(tmp_path):
    make_keys(tmp_path)
    raw = base64.b64decode((tmp_path / "ledger-signing.key").read_text().strip(), validate=True)
    assert Ed25519PrivateKey.from_private_bytes(raw).sign(b"note")


def test_an_existing_key_is_never_replaced(tmp_path):
    make_keys(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    (tmp_path / "ledger-signing.key").unlink()
    make_keys(tmp_path)
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {"ledger-signing.key"}
