"""The sequencer: dense, in order, nothing lost; what readers trust is a signed checkpoint."""

import contextlib
import time
import uuid

import psycopg2
import pytest
from conftest import as_sequencer
from django.core.management import call_command
from django.db import connection

from custody import checkpoints, notes, sequencer
from custody.checkpoints import ForkRefused, latest
from custody.models import Entry, Leaf
from custody.tree import leaf_hash, verify_consistency, verify_inclusion


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


def test_the_command_signs_what_it_sequenced(committed_database, signing):
    write(5)
    call_command("ledger_sequencer", once=True)
    checkpoint = latest()
    text = notes.open_note(bytes(checkpoint.note), signing.verifier_keys)
    origin, size, root = notes.parse_checkpoint(text)
    assert (origin, size) == ("ledger.example/tests", Leaf.objects.count())
    assert root == bytes(checkpoint.root) == sequencer.tree(size).root()
    assert checkpoints.announced_keys() == {signing.verifier_keys[0]: "begins"}


def sequenced_and_signed() -> int | None:
    with as_sequencer():
        sequencer.integrate()
        return checkpoints.publish()


def test_checkpoints_continue_each_other(log, signing):
    first = sequenced_and_signed()
    assert sequenced_and_signed() == first + 1  # the announcement of the key
    write(3)
    assert sequenced_and_signed() == first + 4
    assert sequenced_and_signed() is None


def test_a_crash_between_memory_and_checkpoint_resumes(log, signing):
    write(1)
    step = integrate()
    signing.sign(step.new, step.root, [])  # remembered and signed, never stored
    assert sequenced_and_signed() == step.new
    assert latest().size == step.new


def test_a_restored_older_log_is_not_signed(log, signing):
    write(1)
    step = integrate()
    signing.sign(step.new + 5, bytes(32), [])
    with pytest.raises(ForkRefused, match="were signed before"):
        sequenced_and_signed()
    assert latest() is None


def test_a_log_that_grew_differently_after_a_restore_is_not_signed(log, signing):
    size = len(logged())
    signing.sign(size, uuid.uuid4().bytes * 2, [])
    write(3)
    with pytest.raises(ForkRefused, match="does not continue"):
        sequenced_and_signed()
    assert signing.size == size


def test_a_forking_log_stops_the_command(committed_database, signing):
    write(1)
    signing.sign(10**6, bytes(32), [])
    with pytest.raises(SystemExit) as stopped:
        call_command("ledger_sequencer", once=True)
    assert stopped.value.code == 3


def test_without_a_signer_entries_are_sequenced_and_wait(committed_database, capsys):
    write(2)
    call_command("ledger_sequencer", once=True)
    assert "does not answer" in capsys.readouterr().err
    assert Leaf.objects.count() == Entry.objects.count()
    assert latest() is None


def test_a_signer_of_another_log_is_not_asked(committed_database, signing):
    signing.origin = "somebody.example/else"
    write(1)
    with pytest.raises(checkpoints.SignerUnreachable, match="somebody"):
        sequenced_and_signed()


def restore_elsewhere(administrator, database: str) -> None:
    """As after pg_restore into another cluster: the identity differs, and transaction numbers mean nothing."""
    with administrator(database) as cursor:
        cursor.execute("ALTER TABLE custody.entry DISABLE TRIGGER USER; SET session_replication_role = replica")
        cursor.execute("UPDATE custody.state SET cluster = 1")
        cursor.execute("UPDATE custody.entry SET xid = ((xid::text)::bigint + 1000000000)::text::xid8")
        cursor.execute("ALTER TABLE custody.entry ENABLE ALWAYS TRIGGER no_rewrite")


def test_after_a_restore_elsewhere_nothing_is_lost_or_taken_twice(log, database_administrator):
    write(3)  # not sequenced when the copy was made
    restore_elsewhere(database_administrator, log)
    before = len(logged())
    with writer(log) as late, late.cursor() as cursor:
        (delayed,) = append(cursor)
        visible = write(2)
        first = integrate()
        assert (first.old, first.new) == (before, before + 5)
        assert logged()[-2:] == visible
        later = write(1)
        assert integrate().new == before + 6  # still in the careful mode: the late one is on its way
        late.commit()
    assert integrate().new == before + 7
    assert logged()[-2:] == [*later, delayed]
    for _ in range(3):
        ids = write(2)
        step = integrate()
        assert step.new - step.old == 2
        assert logged()[-2:] == ids
    assert sequencer.left_out() == 0
    # The careful mode ends when all that ran when the restore was noticed has ended, in other databases too.
    deadline = time.monotonic() + 120
    while restoring() and time.monotonic() < deadline:
        time.sleep(0.1)
        integrate()
    assert not restoring()
    write(1)
    step = integrate()
    assert step.new - step.old == 1


def restoring() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT restoring IS NOT NULL, floor_eid FROM custody.state")
        is_restoring, floor = cursor.fetchone()
    assert floor > 0
    return is_restoring
