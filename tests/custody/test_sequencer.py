"""The sequencer: dense, in order, nothing lost; what readers trust is a signed checkpoint."""

import contextlib
import uuid

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from custody import notes, sequencer
from custody.checkpoints import ForkRefused, Signer, latest, publish
from custody.models import Entry, Leaf
from custody.tree import leaf_hash, verify_consistency, verify_inclusion


@contextlib.contextmanager
def as_sequencer():
    """Django's connection with the rights of the sequencer, and no more."""
    usual = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update({**settings.SEQUENCER_DATABASE, "NAME": usual["NAME"]})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(usual)


@contextlib.contextmanager
def writer(database: str):
    """Another connection of the application's role, with a transaction of its own."""
    host = connection.settings_dict["HOST"]
    with contextlib.closing(psycopg2.connect(dbname=database, user="repository_app", host=host)) as other:
        yield other


def append(cursor, count: int = 1) -> list[str]:
    cursor.execute(
        "SELECT custody.append('test.noted', 'probe', gen_random_uuid()) FROM generate_series(1, %s)", [count]
    )
    return [str(entry_id) for (entry_id,) in cursor.fetchall()]


def write(count: int = 1) -> list[str]:
    with connection.cursor() as cursor:
        return append(cursor, count)


def integrate() -> sequencer.Step:
    with as_sequencer():
        return sequencer.integrate()


def logged() -> list[str]:
    return [str(pk) for pk in Leaf.objects.order_by("idx").values_list("entry__entry_id", flat=True)]


@pytest.fixture
def log(committed_database):
    """The log after what the template brought."""
    integrate()
    return committed_database


@pytest.fixture
def signer(tmp_path):
    return Signer.from_files("ledger.example/tests", settings.LEDGER_SIGNING_KEY_FILE, tmp_path / "signed.json")


def test_entries_get_a_dense_index_in_order(log):
    before = len(logged())
    ids = write(3) + write(2)
    step = integrate()
    assert (step.old, step.new) == (before, before + 5)
    assert logged()[before:] == ids
    assert list(Leaf.objects.order_by("idx").values_list("idx", flat=True)) == list(range(before + 5))


def test_a_leaf_is_the_hash_of_the_exact_bytes(log):
    write(2)
    integrate()
    for leaf in Leaf.objects.select_related("entry"):
        assert bytes(leaf.leaf_hash) == leaf_hash(bytes(leaf.entry.envelope))


def test_an_idle_run_changes_nothing(log):
    first, second = integrate(), integrate()
    assert (first.new, first.root) == (second.new, second.root) == (second.old, first.root)


def test_a_late_commit_is_neither_lost_nor_put_before_others(log):
    with writer(log) as late, late.cursor() as cursor:
        (delayed,) = append(cursor)  # has the smaller eid, and is not visible yet
        early = write(2)
        first = integrate()
        assert delayed not in logged()
        assert sequencer.left_out() == 0
        late.commit()
    second = integrate()
    assert logged()[-3:] == [*early, delayed]
    assert second.old == first.new
    delayed_eid, early_eid = (Entry.objects.get(entry_id=pk).eid for pk in (delayed, early[0]))
    assert delayed_eid < early_eid


def test_what_is_rolled_back_leaves_no_hole(log):
    with writer(log) as other, other.cursor() as cursor:
        append(cursor, 3)
        other.rollback()
    write(1)
    step = integrate()
    assert step.new - step.old == 1
    assert Leaf.objects.count() == step.new


def test_a_savepoint_that_was_undone_is_not_logged(log):
    with writer(log) as other, other.cursor() as cursor:
        (kept,) = append(cursor)
        cursor.execute("SAVEPOINT s")
        (undone,) = append(cursor)
        cursor.execute("ROLLBACK TO s")
        (after,) = append(cursor)
        other.commit()
    integrate()
    assert logged()[-2:] == [kept, after]
    assert undone not in logged()


def test_two_sequencers_do_not_work_at_once(log):
    host = connection.settings_dict["HOST"]
    with contextlib.closing(psycopg2.connect(dbname=log, user="ledger_sequencer", host=host)) as other:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [sequencer.LOCK])
        write(1)
        assert integrate() is None
    assert integrate().new == len(logged())


def test_the_application_cannot_sequence(log):
    write(1)
    with pytest.raises(Exception, match="permission denied"):
        sequencer.integrate()
    assert sequencer.left_out() == 1


def test_proofs_from_tiles_hold_across_tile_borders(log):
    roots = {}
    for count in (253, 2, 1, 300, 256):
        write(count)
        step = integrate()
        roots[step.new] = step.root
    size, root = step.new, step.root
    with connection.cursor() as cursor:
        cursor.execute("SELECT level, n FROM custody.tile ORDER BY 1, 2")
        assert cursor.fetchall() == [(0, n) for n in range(size // 256)]
    tree = sequencer.tree(size)
    hashes = [bytes(leaf) for leaf in Leaf.objects.order_by("idx").values_list("leaf_hash", flat=True)]
    for index in (0, 1, 254, 255, 256, 257, 511, 512, size - 1):
        verify_inclusion(index, size, hashes[index], tree.inclusion(index, size), root)
    for old, old_root in roots.items():
        assert tree.root(old) == old_root
        verify_consistency(old, size, tree.consistency(old, size), old_root, root)


@pytest.mark.slow
def test_a_full_second_level_tile_is_stored(log):
    """65,536 leaves of one run, by hashes: the tiles above the first level become full too."""
    write(65_536)
    step = integrate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM custody.tile WHERE level = 1")
        assert cursor.fetchone()[0] == step.new // 65_536
    leaf = bytes(Leaf.objects.get(idx=65_000).leaf_hash)
    verify_inclusion(65_000, step.new, leaf, sequencer.tree(step.new).inclusion(65_000, step.new), step.root)


def test_a_damaged_log_is_noticed(log, database_administrator):
    write(4)
    size = integrate().new
    with database_administrator(log) as cursor:
        cursor.execute("ALTER TABLE custody.leaf DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM custody.leaf WHERE idx = %s", [size - 2])
    with pytest.raises(RuntimeError, match="damaged"):
        sequencer.tree(size).root()


def test_the_command_signs_what_it_sequenced(committed_database, monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "LEDGER_SIGNER_MEMORY_FILE", tmp_path / "signed.json")
    write(5)
    call_command("ledger_sequencer", once=True)
    checkpoint = latest()
    key = Signer.from_files("ledger.example/tests", settings.LEDGER_SIGNING_KEY_FILE, settings.VAR_DIR / "none")
    text = notes.open_note(bytes(checkpoint.note), [key.verifier_key])
    origin, size, root = notes.parse_checkpoint(text)
    assert (origin, size) == ("ledger.example/tests", Leaf.objects.count())
    assert root == bytes(checkpoint.root) == sequencer.tree(size).root()


def test_checkpoints_continue_each_other(log, signer):
    with as_sequencer():
        first = publish(signer)
    write(3)
    integrate()
    with as_sequencer():
        assert publish(signer) == first + 3
        assert publish(signer) is None


def test_a_crash_between_memory_and_checkpoint_resumes(log, signer):
    write(1)
    step = integrate()
    signer.sign(step.new, step.root, [])  # remembered and signed, never stored
    again = Signer(signer.origin, signer.key, signer.memory)
    with as_sequencer():
        assert publish(again) == step.new
    assert latest().size == step.new


def test_a_restored_older_log_is_not_signed(log, signer):
    write(1)
    step = integrate()
    signer.sign(step.new + 5, bytes(32), [])
    with as_sequencer(), pytest.raises(ForkRefused, match="were signed before"):
        publish(signer)
    assert latest() is None


def test_a_log_that_grew_differently_after_a_restore_is_not_signed(log, signer):
    size = len(logged())
    signer.sign(size, uuid.uuid4().bytes * 2, [])
    write(3)
    integrate()
    with as_sequencer(), pytest.raises(ForkRefused, match="does not continue"):
        publish(signer)
    assert signer.size == size


def test_the_same_size_with_another_root_is_not_signed(signer):
    signer.sign(7, bytes(32), [])
    with pytest.raises(ForkRefused):
        signer.sign(7, b"\x01" * 32, [])


def test_the_signer_remembers_across_restarts(signer):
    signer.sign(7, bytes(32), [])
    again = Signer(signer.origin, signer.key, signer.memory)
    assert (again.size, again.root) == (7, bytes(32))
    with pytest.raises(ForkRefused):
        again.sign(6, bytes(32), [])


def test_a_forking_log_stops_the_command(committed_database, monkeypatch, tmp_path, signer):
    write(1)
    signer.sign(10**6, bytes(32), [])
    monkeypatch.setattr(settings, "LEDGER_SIGNER_MEMORY_FILE", signer.memory)
    with pytest.raises(SystemExit) as stopped:
        call_command("ledger_sequencer", once=True)
    assert stopped.value.code == 3
