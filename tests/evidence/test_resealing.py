"""Rotation of the vault's keys: everything opens before, during and after, and the old key is needed no more."""

import base64
import hashlib
import io
import json
import uuid

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from conftest import looked_at
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from custody.models import Entry
from evidence import handling, protection, recording, storage
from evidence.models import File, Identity, PersonName, Upload
from evidence.protection import resealing
from repository import checks


@pytest.fixture
def ring(tmp_path, settings):
    """A keyring of this test's own."""
    path = tmp_path / "keyring.json"
    path.write_text(json.dumps({"active": "k1", "keys": {"k1": base64.b64encode(b"1" * 32).decode()}}))
    settings.KEYRING_FILE = path
    return path


@pytest.fixture
def held(ring, investigator, collection, item):
    """A person with name and identity, a file, and a second factor, all sealed with k1."""
    from evidence import intake

    given = {
        "risk": "medium", "names": [{"script": "hangul", "kind": "legal", "value": "홍가상"}],
        "identity": {"birth": "1980 in an invented village"},
    }  # fmt: skip
    her = recording.record_person(by=investigator, collection=collection, given=given)
    file = looked_at(
        intake.receive_file(by=investigator, item=item, stream=io.BytesIO(b"bytes of evidence"), name="a.txt")
    )
    data = {"secret": get_adapter().encrypt("JBSWY3DPEHPK3PXP")}
    factor = Authenticator.objects.create(user=investigator, type=Authenticator.Type.TOTP, data=data)
    return her, file, factor


def rotate(*arguments) -> str:
    out = io.StringIO()
    call_command("rotate_vault_key", *arguments, stdout=out)
    return out.getvalue()


def opens(held, investigator) -> bool:
    her, file, factor = held
    opened = protection.open_identity(by=investigator, person=her, reason="to warn her family")
    read = b"".join(handling.open_file(by=investigator, file=File.objects.get(pk=file.pk)).chunks)
    factor.refresh_from_db()
    return (
        opened.names[0]["value"] == "홍가상"
        and opened.identity == {"birth": "1980 in an invented village"}
        and read == b"bytes of evidence"
        and get_adapter().decrypt(factor.data["secret"]) == "JBSWY3DPEHPK3PXP"
    )


def test_after_a_rotation_everything_opens_without_the_old_key(held, ring, investigator):
    assert opens(held, investigator)
    said = rotate()
    assert "Sealed anew: 4" in said
    assert opens(held, investigator)
    content = json.loads(ring.read_text())
    assert content["active"] != "k1"
    assert ring.stat().st_mode & 0o777 == 0o600
    del content["keys"]["k1"]
    ring.write_text(json.dumps(content))
    assert opens(held, investigator)


def test_it_goes_on_where_it_was_cut_off(held, ring, investigator, monkeypatch):
    monkeypatch.setattr(resealing, "BATCH", 1)
    kind = next(one for one in resealing.KINDS if one.model is PersonName)
    rotate()
    assert not any(resealing.waiting(one).exists() for one in resealing.KINDS)
    content = json.loads(ring.read_text())
    content["active"] = "k1"
    ring.write_text(json.dumps(content, indent=1))
    assert resealing.waiting(kind).count() == 1
    assert "Sealed anew: 4" in rotate("--reseal-only")
    assert opens(held, investigator)
    assert "Sealed anew: 0" in rotate("--reseal-only")


def test_the_ledger_tells_of_keys_by_their_ids_and_of_nothing_else(held, ring):
    rotate()
    entries = Entry.objects.filter(act__startswith="vault.")
    assert set(entries.values_list("act", flat=True)) == {"vault.key_added", "vault.resealed"}
    said = " ".join(bytes(entry.envelope).decode() for entry in entries)
    assert json.loads(ring.read_text())["keys"]["k1"] not in said


def test_uploads_under_way_are_sealed_anew_and_go_on(held, ring, investigator, item):
    _her, file, _factor = held
    stored = (storage.root() / storage.name_of(file.blob)).read_bytes()
    arrival = storage.Arrival.begin(10)
    arrival.write(io.BytesIO(b"01234"), offset=0)
    given = {"item": item, "name": "a", "size": 10, "expires_at": timezone.now(), "created_by": investigator}
    begun = Upload.objects.create(blob_id=arrival.blob_id, wrapped_key=arrival.wrapped_key, **given)
    # What has ended needs no key any more, and has none.
    Upload.objects.create(blob_id=uuid.uuid4(), wrapped_key=b"", state="cancelled", **given)
    assert "Sealed anew: 5" in rotate()
    content = json.loads(ring.read_text())
    del content["keys"]["k1"]
    ring.write_text(json.dumps(content))
    begun.refresh_from_db()
    later = storage.Arrival(begun.blob_id, bytes(begun.wrapped_key), begun.size)
    assert later.write(io.BytesIO(b"56789"), offset=5) == 10
    assert storage.arrived(later).sha256 == hashlib.sha256(b"0123456789").digest()
    # The bytes of files are not written again.
    assert (storage.root() / storage.name_of(file.blob)).read_bytes() == stored
    later.discard()


def test_a_keyring_that_does_not_open_what_is_stored_is_found_at_the_start(held, ring):
    assert checks.keyring_opens_what_is_sealed(None, databases=["default"]) == []
    other = {"active": "k1", "keys": {"k1": base64.b64encode(b"2" * 32).decode()}}
    ring.write_text(json.dumps(other, indent=1))
    found = {message.msg.split("stored: ")[1].split(":")[0] for message in checked()}
    assert found == {"names", "identities", "files"}
    ring.write_text(json.dumps({"active": "k2", "keys": {"k2": other["keys"]["k1"]}}))
    assert all("does not hold the key 'k1'" in message.msg for message in checked())
    ring.unlink()
    (missing,) = checked()
    assert "there is no keyring" in missing.msg and "Put back the keyring" in missing.hint


def checked():
    return checks.keyring_opens_what_is_sealed(None, databases=["default"])


def test_a_file_whose_key_is_missing_is_said_at_its_use(held, ring, investigator):
    _her, file, _factor = held
    File.objects.filter(pk=file.pk).update(scan="clean")
    opening = handling.open_for(by=investigator, file=File.objects.get(pk=file.pk), purpose="to compare the scans")
    client = APIClient()
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    ring.write_text(json.dumps({"active": "k2", "keys": {"k2": base64.b64encode(b"2" * 32).decode()}}))
    answer = client.get(f"/api/v1/files/{file.pk}/content?opening={opening.pk}")
    assert answer.status_code == 503
    assert "k1" not in answer.content.decode()


def test_a_key_that_is_missing_is_named_and_nothing_is_lost(held, ring):
    before = bytes(Identity.objects.get().sealed)
    other = {"active": "k2", "keys": {"k2": base64.b64encode(b"2" * 32).decode()}}
    ring.write_text(json.dumps(other, indent=1))
    with pytest.raises(CommandError, match="does not hold the key 'k1'"):
        rotate("--reseal-only")
    assert bytes(Identity.objects.get().sealed) == before


def test_a_keyring_that_cannot_be_written_is_said(held, ring, monkeypatch):
    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(ring), "replace", refuse)
    with pytest.raises(CommandError, match="could not be written"):
        rotate()
    assert json.loads(ring.read_text())["active"] == "k1"
    assert list(ring.parent.glob(".keyring*")) == []


def test_what_was_altered_stops_the_rotation(held, ring):
    row = PersonName.objects.get()
    sealed = bytearray(row.sealed)
    sealed[-1] ^= 1
    PersonName.objects.filter(pk=row.pk).update(sealed=bytes(sealed))
    with pytest.raises(CommandError, match="altered"):
        rotate()
