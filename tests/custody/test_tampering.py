"""What an owner of the database can do to the log with every guard lifted, and what finds it: docs/verify.md's table.

Each test tampers as a superuser and names the first differing index that verification must report.
"""

import base64
import json
import re

import pytest
from conftest import TESTS, as_sequencer, person, signer_at_work
from django.core.management import CommandError, call_command
from django.db import connection

from custody import anchors, checkpoints, sequencer, verification
from custody.signer import ForkRefused, Signer
from custody.tree import in_memory, leaf_hash
from custody.verification import Finding

COUNT = 700  # more than two tiles


def write(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT custody.append('test.noted', 'probe', gen_random_uuid(), '{}', '{\"note\":\"said\"}')"
            " FROM generate_series(1, %s)",
            [count],
        )


def turn(*, stamp: bool = False) -> None:
    with as_sequencer():
        sequencer.integrate()
        checkpoints.publish()
        if stamp:
            anchors.stamp_newest(checkpoints.latest(), anchors.DEMO)
            anchors.write_manifest(checkpoints.latest())


class Log:
    """A log of many entries with checkpoints in between, and what an attacker does to it."""

    def __init__(self, name, administrator, signer):
        self.name, self.administrator, self.signer = name, administrator, signer
        person("auditor")
        turn(stamp=True)
        write(COUNT)
        turn(stamp=True)
        self.kept = bytes(checkpoints.latest().note)
        write(300)
        turn(stamp=True)
        turn()

    def run(self, *statements: str) -> None:
        """As a superuser, with every trigger of the log's tables lifted and set again."""
        tables = ("entry", "payload", "leaf", "tile", "checkpoint", "anchor")
        with self.administrator(self.name) as cursor:
            for table in tables:
                cursor.execute(f"ALTER TABLE custody.{table} DISABLE TRIGGER ALL")
            for statement in statements:
                cursor.execute(statement)
            for table in tables:
                cursor.execute(f"ALTER TABLE custody.{table} ENABLE TRIGGER ALL")
                for guard in ("no_rewrite", "no_truncate"):
                    cursor.execute(f"ALTER TABLE custody.{table} ENABLE ALWAYS TRIGGER {guard}")

    def rebuild(
        self, *, leaves: bool = True, tiles: bool = True, state: bool = True, sign: Signer | None = None
    ) -> None:
        """Make everything derived fit the entries as they are now, as a thorough attacker would."""
        statements = []
        if leaves:
            statements.append(
                "UPDATE custody.leaf l SET leaf_hash = sha256('\\x00'::bytea || e.envelope)"
                " FROM custody.entry e WHERE e.eid = l.eid"
            )
        self.run(*statements)
        hashes = [bytes(row) for row in self.column("SELECT leaf_hash FROM custody.leaf ORDER BY idx")]
        tree = in_memory(hashes)
        if tiles:
            for n in range(len(hashes) // 256):
                data = b"".join(hashes[256 * n : 256 * n + 256])
                root = in_memory(hashes[256 * n : 256 * n + 256]).root()
                self.run(f"UPDATE custody.tile SET hashes = '\\x{data.hex()}', root = '\\x{root.hex()}' WHERE n = {n}")
        if state:
            self.run(f"UPDATE custody.state SET size = {tree.size}, root = '\\x{tree.root().hex()}'")
        if sign:
            for size in self.column("SELECT size FROM custody.checkpoint WHERE size <= %s", [tree.size]):
                note = sign.sign(size, tree.root(size), tree.consistency(sign.size, size) if sign.size else [])
                self.run(
                    f"UPDATE custody.checkpoint SET root = '\\x{tree.root(size).hex()}', note = '\\x{note.hex()}'"
                    f" WHERE size = {size}"
                )

    def column(self, sql: str, params=()) -> list:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return [row[0] for row in cursor.fetchall()]

    def found(self, *, deep: bool = False, against: list[bytes] = ()) -> dict[str, Finding]:
        """The checks that do not hold."""
        findings = list(verification.verify(deep=deep, against=list(against)))
        return {finding.check: finding for finding in findings if not finding.holds}


@pytest.fixture
def log(committed_database, database_administrator, signing):
    return Log(committed_database, database_administrator, signing)


def entry_at(index: int) -> str:
    return f"(SELECT eid FROM custody.leaf WHERE idx = {index})"


CHANGE = """
UPDATE custody.entry SET envelope = convert_to(replace(convert_from(envelope, 'UTF8'), '"kind":"', '"kind":"x'), 'UTF8')
 WHERE eid = """


def test_an_untouched_log_verifies(log):
    assert log.found(deep=True, against=[log.kept]) == {}
    call_command("ledger_verify", deep=True)


@pytest.mark.parametrize("index", [0, 300, 511, 512, 900])
def test_a_changed_entry(log, index):
    log.run("UPDATE custody.entry SET envelope = envelope || ' '::bytea WHERE eid = " + entry_at(index))
    assert log.found()["leaves"].index == index
    with pytest.raises(CommandError, match="NOT VERIFIED"):
        call_command("ledger_verify")


def test_a_changed_entry_with_its_leaf(log):
    log.run(CHANGE + entry_at(300))
    log.rebuild(tiles=False, state=False)
    found = log.found()
    assert "leaves" not in found
    assert found["tiles"].index == 300


def test_a_changed_entry_with_everything_that_is_derived(log):
    """The signed checkpoints remain: the first that does not fit bounds the place from above, the last that fits from
    below."""
    log.run(CHANGE + entry_at(2200))
    log.rebuild()
    found = log.found()
    assert set(found) == {"checkpoints"}
    facts = found["checkpoints"].facts
    assert found["checkpoints"].index == facts["last_right"] <= 2200 < facts["first_wrong"]


def test_a_changed_entry_signed_anew_with_the_stolen_key(log, tmp_path):
    """The log alone verifies but for the time stamps; one checkpoint kept elsewhere shows it."""
    log.run(CHANGE + entry_at(2200))
    with signer_at_work(tmp_path / "none") as thief:
        thief.size, thief.root = 0, b""
        log.rebuild(sign=thief)
    assert set(log.found()) == {"stamps"}
    log.run("DELETE FROM custody.anchor", "DELETE FROM custody.manifest")
    assert log.found() == {}
    assert log.found(against=[log.kept])["kept"].facts["kept"] == kept_size(log)


def kept_size(log) -> int:
    return int(log.kept.split(b"\n")[1])


def test_a_replaced_key(log, tmp_path):
    """Somebody signs everything with a key of his own and announces it: a checkpoint kept elsewhere is none of his."""
    (tmp_path / "key").write_text(base64.b64encode(bytes(range(32))).decode())
    forger = Signer(log.signer.origin, tmp_path / "key", tmp_path / "memory")
    (genuine,) = log.signer.verifier_keys
    (forged,) = forger.verifier_keys
    log.run(
        "UPDATE custody.entry SET envelope = convert_to(replace(convert_from(envelope, 'UTF8'),"
        f" '{genuine}', '{forged}'), 'UTF8') WHERE act = 'ledger.key'"
    )
    log.rebuild(sign=forger)
    log.run("DELETE FROM custody.anchor", "DELETE FROM custody.manifest")
    assert log.found() == {}
    assert "kept_readable" in log.found(against=[log.kept])


def test_a_removed_entry(log):
    eid = log.column("SELECT eid FROM custody.leaf WHERE idx = 2300")[0]
    log.run(f"DELETE FROM custody.entry WHERE eid = {eid}")
    assert log.found()["leaves"].index == 2300
    log.run(f"DELETE FROM custody.leaf WHERE eid = {eid}")
    assert log.found()["numbering"].index == 2300
    log.run(
        "UPDATE custody.leaf SET idx = idx + 1000000 WHERE idx > 2300",
        "UPDATE custody.leaf SET idx = idx - 1000001 WHERE idx > 1000000",
    )
    found = log.found()
    assert found["tiles"].index == 2300
    log.rebuild()
    found = log.found()
    assert {"checkpoints"} <= set(found)
    assert found["checkpoints"].index <= 2300


def test_two_entries_swapped(log):
    a, b = (log.column("SELECT eid FROM custody.leaf WHERE idx = %s", [index])[0] for index in (2100, 2101))
    log.run(f"UPDATE custody.leaf SET eid = -1 WHERE eid = {a}", f"UPDATE custody.leaf SET eid = {a} WHERE eid = {b}",
            f"UPDATE custody.leaf SET eid = {b} WHERE eid = -1")  # fmt: skip
    assert log.found()["leaves"].index == 2100
    log.rebuild(tiles=False, state=False)
    assert log.found()["tiles"].index == 2100
    log.rebuild()
    assert log.found()["checkpoints"].index <= 2100


def test_an_inserted_entry(log):
    """A fabricated entry put between others, with everything moved up and derived anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT custody.append('test.noted', 'probe', gen_random_uuid())")
        cursor.execute("SELECT max(eid) FROM custody.entry")
        (eid,) = cursor.fetchone()
    log.run(
        "UPDATE custody.leaf SET idx = idx + 1000000 WHERE idx >= 2250",
        "UPDATE custody.leaf SET idx = idx - 999999 WHERE idx >= 1000000",
        "INSERT INTO custody.leaf SELECT 2250, eid, sha256('\\x00'::bytea || envelope)"
        f" FROM custody.entry WHERE eid = {eid}",
    )
    assert log.found()["tiles"].index == 2250
    log.rebuild()
    assert log.found()["checkpoints"].index <= 2250


def test_a_log_cut_back_to_an_older_checkpoint(log):
    """By itself it verifies; whoever kept a newer checkpoint sees it, and the signer signs no more."""
    newer = bytes(checkpoints.latest().note)
    size = kept_size(log)
    log.run(
        f"DELETE FROM custody.anchor WHERE size > {size}", f"DELETE FROM custody.checkpoint WHERE size > {size}",
        f"DELETE FROM custody.manifest WHERE size > {size}",
        f"DELETE FROM custody.leaf WHERE idx >= {size}", f"DELETE FROM custody.tile WHERE (n + 1) * 256 > {size}",
        "DELETE FROM custody.payload WHERE entry_id IN (SELECT entry_id FROM custody.entry e WHERE NOT EXISTS (SELECT FROM custody.leaf l WHERE l.eid = e.eid))",  # noqa: E501
        "DELETE FROM custody.entry e WHERE NOT EXISTS (SELECT FROM custody.leaf l WHERE l.eid = e.eid)",
    )  # fmt: skip
    log.rebuild()
    assert log.found() == {}
    found = log.found(against=[newer])
    assert found["kept"].index == size
    write(1)
    with pytest.raises(ForkRefused, match="were signed before"):
        turn()
    write(600)
    with pytest.raises(ForkRefused, match="does not continue"):
        turn()


def test_a_backdated_entry(log):
    """`at` is a claim; the stamps around it bound what it can be."""
    log.run(
        "UPDATE custody.entry SET recorded_at = recorded_at - interval '3 days', envelope = convert_to("
        "regexp_replace(convert_from(envelope, 'UTF8'), '\"at\":\"[0-9-]+', '\"at\":\"2020-01-01'), 'UTF8')"
        " WHERE eid = " + entry_at(kept_size(log) + 5)
    )
    log.rebuild()
    assert log.found()["times"].index == kept_size(log) + 5


@pytest.mark.parametrize(
    "column", ["act = 'test.other'", "object_id = gen_random_uuid()", "actor_id = gen_random_uuid()",
               "object_type = 'other'", "recorded_at = recorded_at + interval '1 second'"],
)  # fmt: skip
def test_a_lookup_column_that_lies(log, column):
    log.run(f"UPDATE custody.entry SET {column} WHERE eid = {entry_at(2050)}")
    assert log.found(deep=True)["columns"].index == 2050


def test_a_changed_part(log):
    entry_id = log.column("SELECT entry_id FROM custody.entry WHERE eid = " + entry_at(2050))[0]
    log.run(f"UPDATE custody.payload SET body = '\"other\"' WHERE entry_id = '{entry_id}'")
    assert log.found(deep=True)["parts"].index == 2050


def test_a_part_that_vanished(log):
    entry_id = log.column("SELECT entry_id FROM custody.entry WHERE eid = " + entry_at(2050))[0]
    log.run(f"DELETE FROM custody.payload WHERE entry_id = '{entry_id}'")
    assert log.found(deep=True)["parts"].index == 2050


def test_an_erasure_that_nobody_recorded(log):
    entry_id = log.column("SELECT entry_id FROM custody.entry WHERE eid = " + entry_at(2050))[0]
    log.run(
        "UPDATE custody.payload SET salt = NULL, body = NULL, redacted_by = gen_random_uuid()"
        f" WHERE entry_id = '{entry_id}'"
    )
    assert log.found(deep=True)["erasures"].index == 2050


def test_a_row_changed_behind_lifted_triggers(log):
    with log.administrator(log.name) as cursor:
        cursor.execute("ALTER TABLE accounts_user DISABLE TRIGGER ALL")
        cursor.execute("UPDATE accounts_user SET clearance = 4")
    found = log.found()
    assert "accounts_user" in found["triggers"].facts["tables"]
    assert found["tables"].facts["wrong"]["accounts_user"][0][1] == "row differs from its last entry"


def test_a_damaged_signature_and_a_note_about_another_tree(log):
    size = checkpoints.latest().size
    log.run(
        "UPDATE custody.checkpoint SET note = overlay(note PLACING 'AAAA'::bytea FROM length(note) - 20)"
        f" WHERE size = {size}"
    )
    assert log.found()["signatures"].facts["size"] == size
    log.run(f"UPDATE custody.checkpoint SET note = '\\x{log.kept.hex()}' WHERE size = {size}")
    assert log.found()["signatures"].facts["reason"] == "the note speaks of another tree"


def test_a_damaged_stamp(log):
    log.run(
        "UPDATE custody.anchor SET proof = overlay(proof PLACING '\\x00'::bytea FROM length(proof) - 3)"
        " WHERE kind = 'rfc3161'"
    )
    assert "stamps" in log.found()


def test_heads_that_lie_and_a_manifest_that_does_not_follow(log):
    log.run(
        "UPDATE custody.head SET entries = entries + 1"
        " WHERE object_id = (SELECT min(object_id::text)::uuid FROM custody.head)"
    )
    assert "manifest" in log.found(deep=True)


def test_an_entry_removed_before_it_was_numbered_is_what_no_log_can_show(log, capsys):
    """Said, not found: the verifier prints it each time."""
    write(1)
    log.run("DELETE FROM custody.payload WHERE entry_id ="
            " (SELECT entry_id FROM custody.entry ORDER BY eid DESC LIMIT 1)",
            "DELETE FROM custody.entry WHERE eid = (SELECT max(eid) FROM custody.entry)")  # fmt: skip
    turn()
    assert log.found(deep=True) == {}
    call_command("ledger_verify")
    assert re.search(r"removed in the second before it was numbered", capsys.readouterr().out)


@pytest.mark.parametrize("note", [b"", b"junk", b"\xff\n\n", b"a\n1\nAAAA\n\n"])
def test_a_kept_file_that_is_no_checkpoint_is_said(log, note):
    assert "kept_readable" in log.found(against=[note])


def test_findings_are_plain_json(log):
    text = json.dumps([finding.as_json() for finding in verification.verify(deep=True)])
    assert "tables" in text
    assert leaf_hash(b"") and TESTS.name
