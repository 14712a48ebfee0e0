"""The ledger by API as a monitor and an auditor use it: checkpoints, proofs, tiles, entries, verifications."""

import base64
import hashlib
import io
import json
import uuid
import zipfile

import pytest
from conftest import TESTS, as_sequencer, person
from described import DescribedClient

from accounts.roles import SCOPES
from accounts.tokens import issue
from custody import anchors, checkpoints, sequencer, verify_custody
from custody.models import Entry
from custody.tree import in_memory, leaf_hash
from evidence import access, intake, verifications

API = "/api/v1/ledger"


def client(user, *scopes) -> DescribedClient:
    issued = issue(by=user, user=user, name="test", scopes=list(scopes or SCOPES), days=1)
    api = DescribedClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    return api


def turn() -> None:
    with as_sequencer():
        sequencer.integrate()
        checkpoints.publish()
        anchors.stamp_newest(checkpoints.latest(), anchors.DEMO)
        anchors.write_manifest(checkpoints.latest())
        sequencer.integrate()
        checkpoints.publish()


@pytest.fixture
def signed(committed_database, signing):
    """(investigator, item) in a log of some checkpoints."""
    by = person("investigator")
    home = access.open_collection(by=person("administrator"), name_en="Invented", preset_level=2)
    access.grant(by=TESTS, record=home, permission="contribute", reason="test", user=by)
    turn()
    item = intake.receive_item(by=by, collection=home, given={"kind": "testimony", "title_en": "Zebrafink"})
    intake.receive_file(by=by, item=item, stream=io.BytesIO(b"bytes"), name="Zebrafink.txt")
    turn()
    return by, item


def test_a_monitor_follows_the_log(signed):
    monitor = client(person("mechanism"))
    keys = monitor.get(f"{API}/keys").json()
    trust = verify_custody.Trust(keys)
    page = monitor.get(f"{API}/checkpoints").json()
    assert page["next"] is None
    sizes = [row["size"] for row in page["results"]]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) >= 4
    roots = {}
    for row in page["results"]:
        size, root, text, _signed = trust.checkpoint(row["note"])
        roots[size] = root
        assert (row["size"], row["root"]) == (size, root.hex())
        for stamp in row["stamps"]:
            verify_custody.check_stamp(base64.b64decode(stamp["token"]), text, trust.roots)
    assert monitor.get(f"{API}/checkpoint").content.decode() == page["results"][0]["note"]
    assert monitor.get(f"{API}/checkpoint?size={sizes[-1]}").content.decode() == page["results"][-1]["note"]
    assert monitor.get(f"{API}/checkpoint?size=1").status_code == 404
    for old, new in ((sizes[-1], sizes[0]), (sizes[0], sizes[-1]), (sizes[1], sizes[1])):
        given = monitor.get(f"{API}/consistency?from={old}&to={new}").json()
        steps = [bytes.fromhex(step) for step in given["proof"]]
        verify_custody.check_consistency(given["old"], given["new"], steps, roots[given["old"]], roots[given["new"]])
    for query in ("from=1&to=2", f"from={sizes[-1]}&to=999999", "from=0"):
        assert monitor.get(f"{API}/consistency?{query}").status_code == 404
    for query in ("", "from=x", "from=-1", "from=" + "9" * 40):
        assert monitor.get(f"{API}/consistency?{query}").status_code == 400


def test_pages_of_checkpoints_go_on_where_they_ended(signed):
    monitor = client(person("mechanism"))
    rows = monitor.get(f"{API}/checkpoints").json()["results"]
    older = monitor.get(f"{API}/checkpoints?before={rows[0]['size']}").json()["results"]
    assert [row["size"] for row in older] == [row["size"] for row in rows[1:]]


def test_whoever_holds_an_entry_gets_its_proof(signed):
    monitor, entry = client(person("mechanism")), Entry.objects.filter(act="item.received").get()
    leaf = leaf_hash(bytes(entry.envelope))
    given = monitor.get(f"{API}/inclusion", {"entry": str(entry.entry_id), "hash": leaf.hex()}).json()
    steps = [bytes.fromhex(step) for step in given["proof"]]
    root = bytes(checkpoints.of_size(given["size"]).root)
    verify_custody.check_inclusion(given["index"], given["size"], leaf, steps, root)
    for query in ({"hash": "0" * 64}, {"entry": str(uuid.uuid4())}, {"hash": leaf.hex(), "size": "1"}):
        asked = {"entry": str(entry.entry_id), "hash": leaf.hex(), **query}
        assert monitor.get(f"{API}/inclusion", asked).status_code == 404
    for query in ({"hash": "x"}, {"hash": leaf.hex().upper()}, {"entry": "x"}, {"size": "x"}):
        asked = {"entry": str(entry.entry_id), "hash": leaf.hex(), **query}
        assert monitor.get(f"{API}/inclusion", asked).status_code == 400


def test_an_auditor_rebuilds_the_whole_log_from_tiles(signed):
    auditor = client(person("auditor"), "ledger:read")
    size, root, *_ = verify_custody.Trust(auditor.get(f"{API}/keys").json()).checkpoint(
        auditor.get(f"{API}/checkpoint").content
    )
    hashes, envelopes = b"", []
    for n in range(-(-size // 256)):
        width = min(256, size - 256 * n)
        place = f"{n:03d}" + (f".p/{width}" if width < 256 else "")
        hashes += auditor.get(f"{API}/tile/0/{place}").content
        bundle = auditor.get(f"{API}/tile/entries/{place}").content
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            envelopes.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
    assert hashes == b"".join(map(leaf_hash, envelopes))
    assert in_memory([leaf_hash(envelope) for envelope in envelopes]).root() == root
    assert b"Zebrafink" not in b"".join(envelopes)
    assert auditor.get(f"{API}/tile/0/999").status_code == 404
    assert auditor.get(f"{API}/tile/0/{'x999/' * 900}000").status_code == 404
    assert client(person("mechanism")).get(f"{API}/tile/0/000").status_code == 403


def test_entries_are_listed_without_words_and_opened_with_the_right_scope(signed):
    by, item = signed
    auditor = client(person("auditor"))
    page = auditor.get(f"{API}/entries", {"object": item.code, "act": "item."}).json()
    (row,) = page["results"]
    assert (row["act"], row["parts"]) == ("item.received", {"change": "withheld"})
    assert hashlib.sha256(b"\x00" + row["envelope"].encode()).digest() == bytes(
        Entry.objects.get(entry_id=row["id"]).leaf.leaf_hash
    )
    own = client(by).get(f"{API}/entries/{row['id']}").json()
    assert "Zebrafink" in own["parts"]["change"]["body"]
    assert client(by, "ledger:read", "items:read").get(f"{API}/entries/{row['id']}").status_code == 200
    assert client(by, "ledger:read").get(f"{API}/entries/{row['id']}").status_code == 404
    assert client(by, "items:read").get(f"{API}/entries/{row['id']}").status_code == 403
    assert client(person("investigator")).get(f"{API}/entries/{row['id']}").status_code == 404
    for query in ("colour=red", "object=x", "date_from=x", "before=x", "date_from=2026-02-01&date_to=2026-01-01"):
        assert auditor.get(f"{API}/entries?{query}").status_code == 400


def test_an_auditors_proof_is_complete_and_an_investigators_is_hers(signed, monkeypatch):
    by, item = signed
    monkeypatch.setattr("evidence.proofs.PATIENCE", 0.0)
    answer = client(person("auditor")).get(f"{API}/objects/{item.pk}/proof")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        document = json.loads(archive.read("proof.json"))
        assert document["head"]
        assert not [name for name in archive.namelist() if b"Zebrafink" in archive.read(name)]
    own = client(by).post(f"/api/v1/items/{item.pk}/proof", {"purpose": "for the court", "with_parts": True})
    with zipfile.ZipFile(io.BytesIO(own.content)) as archive:
        document = json.loads(archive.read("proof.json"))
    assert document["head"] is None
    assert "Zebrafink" in json.dumps(document)
    auditor = client(person("auditor"))
    for key in (str(uuid.uuid4()), "x", str(item.pk) + "%0A"):
        assert auditor.get(f"{API}/objects/{key}/proof").status_code == 404
    junk = client(by).post(f"/api/v1/items/{item.pk}/proof", {"purpose": "for the court", "kept": "junk"})
    assert (junk.status_code, junk.json()["errors"][0]["pointer"]) == (400, "/kept")


def test_verify_by_api(signed):
    by, item = signed
    checks = {check["code"]: check["holds"] for check in client(by).post(f"/api/v1/items/{item.pk}/verify").json()}
    assert checks["bytes"] and checks["signed"] and checks["entries"] and checks["files"] and checks["stamped"]


def test_a_verification_is_asked_for_and_read(signed):
    auditor = client(person("auditor"))
    asked = auditor.post(f"{API}/verifications")
    assert asked.status_code == 202
    assert asked.json()["finished_at"] is None
    turn()
    verifications.run_pending()
    (run,) = auditor.get(f"{API}/verifications").json()
    assert run["holds"] is True, [finding for finding in run["findings"] if not finding["holds"]]
    assert {finding["check"] for finding in run["findings"]} >= {"leaves", "root", "tables", "signatures", "stamps"}
