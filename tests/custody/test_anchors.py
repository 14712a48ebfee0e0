"""Time stamps, publication, manifests: done when due, failures said once and retried, nothing held up."""

import http.server
import threading
from pathlib import Path

import pytest
from conftest import as_sequencer
from django.core.management import call_command
from django.db import connection

from custody import anchors, checkpoints, configuration, heads, notes, sequencer, tiles, verify_custody
from custody.anchors import DEMO, AnchorFailed, Anchoring
from custody.demo_authority import DemoAuthority
from custody.models import Entry
from custody.tree import in_memory, leaf_hash


class Outside(http.server.BaseHTTPRequestHandler):
    """An authority and a place of publication of somebody else, on this machine."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        if self.server.broken:
            return self.answer(500, b"out of order")
        answer = self.server.lies or self.server.authority.answer(body)
        self.answer(200, answer)

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.broken:
            return self.answer(503, b"")
        self.server.published[self.path] = body
        self.answer(201, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def outside(tmp_path):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Outside) as server:
        server.authority = DemoAuthority(tmp_path / "outside")
        server.broken, server.lies, server.asked, server.published = False, b"", 0, {}
        server.url = f"http://127.0.0.1:{server.server_port}/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def log(committed_database, signing, settings, tmp_path):
    settings.LEDGER_PUBLISH_TO = [str(tmp_path / "published")]
    settings.LEDGER_STAMP_SECONDS = settings.LEDGER_PUBLISH_SECONDS = settings.LEDGER_MANIFEST_SECONDS = 0
    write(3)
    grow()
    return tmp_path


def write(count: int = 1) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT custody.append('test.noted', 'probe', gen_random_uuid()) FROM generate_series(1, %s)", [count]
        )


def grow() -> None:
    with as_sequencer():
        sequencer.integrate()
        checkpoints.publish()


def turn(anchoring=None) -> list[str]:
    with as_sequencer():
        return (anchoring or Anchoring()).turn()


def rows(kind: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, issuer, proof FROM custody.anchor WHERE kind = %s ORDER BY id", [kind])
        return [(size, issuer, bytes(proof)) for size, issuer, proof in cursor.fetchall()]


def test_a_checkpoint_is_stamped_published_and_recorded(log):
    assert turn() == []
    ((size, issuer, token),) = rows("rfc3161")
    newest = checkpoints.of_size(size)
    text = bytes(newest.note)[: bytes(newest.note).rindex(b"\n\n") + 1]
    when, who = verify_custody.check_stamp(token, text, anchors.roots())
    assert (issuer, "DEMONSTRATION" in who) == (DEMO, True)
    said = Entry.objects.get(act="ledger.anchored").content
    assert said["actor"] == {"kind": "service", "name": "sequencer"}
    assert said["data"]["size"] == size
    manifest = heads.last_manifest()
    assert Entry.objects.get(entry_id=manifest.entry_id).content["data"] == {
        "objects": manifest.objects, "root": manifest.root.hex(), "size": size
    }  # fmt: skip
    published = log / "published"
    assert (
        (published / "checkpoint").read_bytes()
        == (published / f"checkpoints/{size}.txt").read_bytes()
        == bytes(newest.note)
    )
    assert when.tzinfo


def test_an_idle_log_is_not_stamped_again_and_again(log):
    anchoring = Anchoring()
    turn(anchoring)
    for _ in range(3):
        grow()
        turn(anchoring)
    assert len(rows("rfc3161")) == 1
    assert Entry.objects.filter(act="ledger.heads").count() == 1
    write()
    grow()
    turn(anchoring)
    assert len(rows("rfc3161")) == 2


def test_the_interval_counts_from_the_last_stamp(log, settings):
    settings.LEDGER_STAMP_SECONDS = 3600
    anchoring = Anchoring()
    turn(anchoring)
    write()
    grow()
    turn(anchoring)
    assert len(rows("rfc3161")) == 1


def test_several_authorities_each_stamp(log, settings, outside, tmp_path):
    settings.LEDGER_TIMESTAMP_AUTHORITIES = [DEMO, outside.url]
    settings.LEDGER_TIMESTAMP_ROOTS_FILE = str(outside.authority.root_file)
    assert turn() == []
    assert [issuer for _size, issuer, _token in rows("rfc3161")] == [DEMO, outside.url]


def test_a_failing_authority_holds_nothing_up_and_is_retried(log, settings, outside):
    settings.LEDGER_TIMESTAMP_AUTHORITIES = [outside.url, DEMO]
    settings.LEDGER_TIMESTAMP_ROOTS_FILE = str(outside.authority.root_file)
    outside.broken = True
    anchoring = Anchoring()
    for _ in range(3):
        (failure,) = turn(anchoring)
        assert outside.url in failure
    assert outside.asked == 3
    assert [issuer for _size, issuer, _token in rows("rfc3161")] == [DEMO]
    assert Entry.objects.filter(act="ledger.anchor_failed").count() == 1  # said once, not at each retry
    assert (log / "published" / "checkpoint").exists()
    outside.broken = False
    assert turn(anchoring) == []
    assert {issuer for _size, issuer, _token in rows("rfc3161")} == {DEMO, outside.url}


@pytest.mark.parametrize("lie", ["another root", "other data", "junk", "another nonce", "much too long"])
def test_what_an_authority_must_not_say_is_not_kept(log, settings, outside, tmp_path, lie):
    settings.LEDGER_TIMESTAMP_AUTHORITIES = [outside.url]
    settings.LEDGER_TIMESTAMP_ROOTS_FILE = str(outside.authority.root_file)
    request = anchors.TimestampRequestBuilder().hash_algorithm(anchors.HashAlgorithm.SHA256)
    newest = checkpoints.latest()
    text = bytes(newest.note)[: bytes(newest.note).rindex(b"\n\n") + 1]
    if lie == "another root":
        settings.LEDGER_TIMESTAMP_ROOTS_FILE = str(DemoAuthority(tmp_path / "else").root_file)
    else:
        outside.lies = {
            "other data": lambda: outside.authority.answer(request.data(b"other").build().as_bytes()),
            "another nonce": lambda: outside.authority.answer(request.data(text).build().as_bytes()),
            "junk": lambda: b"junk",
            "much too long": lambda: bytes(10**6),
        }[lie]()
    (failure,) = turn()
    assert outside.url in failure
    assert rows("rfc3161") == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "ftp://127.0.0.1/", "nonsense", "file:///etc/passwd"])
def test_an_address_that_does_not_answer_or_is_none_is_a_failure(log, settings, address):
    settings.LEDGER_TIMESTAMP_AUTHORITIES = [address]
    with pytest.raises(AnchorFailed):
        anchors.stamp(b"text", address)


def test_without_roots_no_stamp_is_kept(log, settings, outside):
    settings.LEDGER_TIMESTAMP_AUTHORITIES = [outside.url]
    (failure,) = turn()
    assert outside.url in failure


def test_checkpoints_are_published_by_http(log, settings, outside):
    settings.LEDGER_PUBLISH_TO = [outside.url]
    turn()
    size = checkpoints.latest().size
    assert outside.published["/checkpoint"] == outside.published[f"/checkpoints/{size}.txt"]
    write()
    grow()
    turn()
    assert any(path.startswith("/stamps/") for path in outside.published)
    outside.broken = True
    write()
    grow()
    (failure,) = turn()
    assert outside.url in failure


def test_a_published_checkpoint_is_never_replaced(log):
    turn()
    path = next((log / "published" / "checkpoints").iterdir())
    path.write_bytes(b"another history")
    with connection.cursor() as cursor, pytest.raises(AnchorFailed, match="two histories"):
        cursor.execute("SELECT 1")
        anchors._write(path, b"ours", replace=False)


def test_a_directory_that_cannot_be_written_is_a_failure(log, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.LEDGER_PUBLISH_TO = [str(tmp_path / "file" / "below")]
    assert any("below" in failure or "file" in failure for failure in turn())


def test_the_command_says_that_its_authority_is_for_demonstration(log, capsys):
    call_command("ledger_anchors", once=True)
    assert "DEMONSTRATION" in capsys.readouterr().err
    assert len(rows("rfc3161")) == 1


def test_before_anything_is_signed_there_is_nothing_to_do(committed_database):
    assert turn() == []


def test_the_first_stamp_over_an_entry(log):
    turn()
    size = rows("rfc3161")[0][0]
    assert anchors.first_stamp_over(0).size == size
    assert anchors.first_stamp_over(size) is None


def test_tiles_are_those_of_the_signed_tree(log):
    write(600)
    grow()
    newest = checkpoints.latest()
    signed = Entry.objects.filter(leaf__idx__lt=newest.size).order_by("leaf__idx")
    envelopes = [bytes(entry.envelope) for entry in signed]
    hashes = [leaf_hash(envelope) for envelope in envelopes]
    full, rest = divmod(newest.size, 256)
    read = b"".join(tiles.read(f"0/{tiles.canonical_number(n)}") for n in range(full))
    read += tiles.read(f"0/{tiles.canonical_number(full)}.p/{rest}")
    assert read == b"".join(hashes)
    assert in_memory([read[at : at + 32] for at in range(0, len(read), 32)]).root() == bytes(newest.root)
    bundle, found = tiles.read("entries/000"), []
    while bundle:
        size = int.from_bytes(bundle[:2], "big")
        found.append(bundle[2 : 2 + size])
        bundle = bundle[2 + size :]
    assert found == envelopes[:256]


@pytest.mark.parametrize("place", ["0/000.p/0", "0/000.p/256", "0/000.p/007", "0/x000/000", "0/1", "0/0000", "8/000",
                                   "0/999", "entries/999", "entries/000.p/999", "-1/000", "0/000/", "../0/000",
                                   "0/x999/999", "1/000", "0/x1000/000", "", "0/000.p/", "٠/000"])  # fmt: skip
def test_what_is_no_tile_of_the_signed_tree_is_not_there(log, place):
    with pytest.raises(tiles.NoSuchTile):
        tiles.read(place)


def test_the_number_of_a_tile_is_spelled_in_one_way():
    assert tiles.canonical_number(1234067) == "x001/x234/067"
    assert tiles.canonical_number(0) == "000"
    assert notes.DASH and Path


def test_a_change_of_the_settings_is_an_entry_without_passwords(log, settings):
    settings.LEDGER_PUBLISH_TO = ["https://someone:Zebrafink@witness.example/log", str(log / "published")]
    with as_sequencer():
        assert configuration.note_changes()
        assert not configuration.note_changes()
    first = Entry.objects.get(act="ledger.configured")
    assert b"Zebrafink" not in bytes(first.envelope)
    assert "https://witness.example/log" in first.content["data"]["settings"]["LEDGER_PUBLISH_TO"]
    settings.SESSION_COOKIE_AGE = 99 * 86400
    with as_sequencer():
        assert configuration.note_changes()
    last = Entry.objects.filter(act="ledger.configured").order_by("-eid").first()
    assert last.content["data"]["settings"] == {"SESSION_COOKIE_AGE": str(99 * 86400)}
