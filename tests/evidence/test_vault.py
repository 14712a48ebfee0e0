"""The vault: what is sealed opens in its place only, keys rotate, and what is wrong is said."""

import base64
import json
import os
import uuid

import pytest

from evidence import vault
from evidence.vault import VaultError

CONTEXT = uuid.UUID(int=7).bytes


@pytest.fixture
def ring(settings, tmp_path):
    """`ring(active, *names)`: write a keyring; a key keeps its bytes from one writing to the next."""
    settings.KEYRING_FILE = tmp_path / "keyring.json"
    keys = {}

    def write(active, *names):
        for name in names:
            keys.setdefault(name, base64.b64encode(os.urandom(32)).decode())
        text = json.dumps({"active": active, "keys": {name: keys[name] for name in names}})
        settings.KEYRING_FILE.write_text(text)
        # Two writings within one tick of the clock: what a rotation by hand never does.
        write.ticks += 1
        os.utime(settings.KEYRING_FILE, (write.ticks, write.ticks))

    write.ticks = 1_000_000
    return write


def seal(text: bytes = b"a name", **changes) -> bytes:
    return vault.seal(text, **{"purpose": "identity", "context": CONTEXT, **changes})


def unseal(sealed: bytes, **changes) -> bytes:
    return vault.unseal(sealed, **{"purpose": "identity", "context": CONTEXT, **changes})


@pytest.mark.parametrize("text", [b"", b"x", "홍가상 🕊".encode(), bytes(100_000)])
def test_what_is_sealed_opens(ring, text):
    ring("k1", "k1")
    assert unseal(seal(text)) == text


def test_equal_texts_are_sealed_differently(ring):
    ring("k1", "k1")
    assert seal() != seal()
    assert b"a name" not in seal()


def test_after_a_rotation_old_seals_open_and_new_ones_use_the_new_key(ring):
    ring("k1", "k1")
    old = seal(b"old")
    ring("k2", "k1", "k2")
    new = seal(b"new")
    assert (unseal(old), unseal(new)) == (b"old", b"new")
    assert (old[2:4], new[2:4]) == (b"k1", b"k2")
    ring("k2", "k2")
    assert unseal(new) == b"new"
    with pytest.raises(VaultError, match="'k1'"):
        unseal(old)


def test_another_row_another_purpose_and_an_altered_byte_are_refused(ring):
    ring("k1", "k1")
    sealed = seal()
    with pytest.raises(VaultError, match="another record"):
        unseal(sealed, context=uuid.UUID(int=8).bytes)
    with pytest.raises(VaultError):
        unseal(sealed, purpose="blob")
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(VaultError):
            unseal(bytes(altered))
    for length in range(len(sealed)):
        with pytest.raises(VaultError):
            unseal(sealed[:length])


def test_another_key_of_the_same_name_is_refused(ring, settings):
    ring("k1", "k1")
    sealed = seal()
    other = {"active": "k1", "keys": {"k1": base64.b64encode(bytes(32)).decode()}}
    settings.KEYRING_FILE.write_text(json.dumps(other))
    with pytest.raises(VaultError):
        unseal(sealed)


def test_a_missing_keyring_says_where_and_what_to_do(settings, tmp_path):
    settings.KEYRING_FILE = tmp_path / "gone.json"
    with pytest.raises(VaultError, match=r"gone\.json: restore it from its backup"):
        seal()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"active": "a", "keys": {}}', '{"active": "a", "keys": {"a": "AAAA"}}',
     '{"active": "a", "keys": {"a": "***"}}', '{"active": "a", "keys": []}', '{"active": "a", "keys": {"a": 7}}',
     '{"keys": {}}', "null"],
)  # fmt: skip
def test_a_malformed_keyring_is_refused(settings, tmp_path, text):
    settings.KEYRING_FILE = tmp_path / "keyring.json"
    settings.KEYRING_FILE.write_text(text)
    with pytest.raises(VaultError, match="keyring"):
        seal()
