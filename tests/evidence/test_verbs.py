"""Every verb: no entry, no act; an entry for every change, with the actor and without a personal word.

Complete by construction: a verb that no scene of `scenes` plays fails here.
"""

import importlib
import pkgutil

import pytest
import scenes_of_access  # noqa: F401
import scenes_of_administration  # noqa: F401
import scenes_of_changes  # noqa: F401
import scenes_of_exports  # noqa: F401
import scenes_of_holding  # noqa: F401
import scenes_of_keeping  # noqa: F401
import scenes_of_members  # noqa: F401
import scenes_of_people  # noqa: F401
import scenes_of_processing  # noqa: F401
import scenes_of_proofs  # noqa: F401
import scenes_of_searches  # noqa: F401
import scenes_of_sign_in  # noqa: F401
import scenes_of_uploads  # noqa: F401
from conftest import TESTS
from django.db import connection, transaction
from scenes import SCENES, SECRET, Stage

import accounts
import custody
import evidence
from accounts.models import User
from custody import ledger
from custody.models import Entry

for package in (accounts, custody, evidence):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)


def test_every_verb_has_a_scene():
    assert set(ledger.VERBS) == set(SCENES)


def digests() -> dict:
    """A digest of every table of the application and the ledger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'custody')"
            " AND tablename <> 'secret' ORDER BY 1"
        )
        names = [name for (name,) in cursor.fetchall()]
        rows = " UNION ALL ".join(
            f"SELECT '{name}', md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {name} t" for name in names
        )
        cursor.execute(rows)
        return dict(cursor.fetchall())


class LedgerIsDown(Exception):
    pass


def writes_entries(sql) -> bool:
    return "custody.append" in str(sql) or "custody.redact" in str(sql)


class Counting:
    """Counts the statements that write entries: one of them may write many."""

    statements = 0

    def __call__(self, execute, sql, params, many, context):
        self.statements += writes_entries(sql)
        return execute(sql, params, many, context)


class FailAt:
    """Lets `working` statements write entries and fails on the next one."""

    def __init__(self, working: int):
        self.working = working

    def __call__(self, execute, sql, params, many, context):
        if writes_entries(sql):
            if self.working == 0:
                raise LedgerIsDown
            self.working -= 1
        return execute(sql, params, many, context)


class Undo(Exception):
    pass


def play(name, stage, tmp_path, counting=None):
    """(entries written, digests before, digests after) of the act, which is undone again."""
    found = None
    with pytest.raises(Undo), transaction.atomic():
        act, last = SCENES[name](stage, tmp_path), Entry.objects.order_by("-eid").first().eid
        before = digests()
        with connection.execute_wrapper(counting or Counting()):
            act()
        found = (list(Entry.objects.filter(eid__gt=last)), before, digests())
        raise Undo
    return found


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_verb_changes_nothing_without_its_entries(name, request, tmp_path):
    stage, counting = Stage(request), Counting()
    # Row entries are the database's own: they are tried in tests/custody/test_rows.py.
    play(name, stage, tmp_path, counting)
    assert counting.statements
    for working in range(counting.statements):
        with pytest.raises(Undo), transaction.atomic():
            act = SCENES[name](stage, tmp_path)
            before = digests()
            with pytest.raises(LedgerIsDown), connection.execute_wrapper(FailAt(working)):
                act()
            assert digests() == before
            raise Undo


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_verb_leaves_entries_that_name_the_actor_and_nobody_else(name, request, tmp_path):
    stage = Stage(request)
    entries, before, after = play(name, stage, tmp_path)
    assert entries
    assert before != after
    known = {str(user.pk) for user in User.objects.all()}
    for entry in entries:
        envelope = bytes(entry.envelope)
        assert SECRET.encode() not in envelope
        assert b"example.org" not in envelope
        actor = entry.content["actor"]
        assert actor == {"kind": "service", "name": TESTS.name} or (actor["kind"], actor["id"] in known) == (
            "user",
            True,
        )
        assert str(entry.actor_id) == actor.get("id", "None")
