"""The entry of a row that is inserted by itself is written another way than those of many, and says the same."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from custody import ledger
from custody.envelope import is_canonical
from custody.models import Entry
from evidence.models import CollectionUserPermission, SavedSearch

pytestmark = pytest.mark.usefixtures("own_verbs")


def keep(rows, *, by):
    type(rows[0]).objects.bulk_create(rows)
    ledger.append("test.kept", by)


def saved(by) -> SavedSearch:
    return SavedSearch(name="이름 “quoted”\n", query='a="\\"', created_by=by)


def entries_of(rows, *, by) -> list[Entry]:
    before = Entry.objects.count()
    with ledger.request("of-a-test"):
        ledger.verb(keep)(rows, by=by)
    made = list(Entry.objects.order_by("eid"))[before:]
    return [entry for entry in made if entry.act != "test.kept"]


def shape(entry: Entry) -> dict:
    """What an entry says, without what each has of its own."""
    said = dict(entry.content)
    own = [said.pop(name) for name in ("at", "id", "nonce")]
    assert all(own)
    assert str(entry.object_id) == said["object"]["id"]
    said["object"], said["data"] = said["object"]["type"], sorted(said["data"])
    said["db"] = said["db"]["role"]
    return said | {"act": entry.act, "kind": entry.object_type, "by": entry.actor_id}


def differing(table: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT object_id::text, finding FROM custody.reconcile(%s)", [table])
        return cursor.fetchall()


MAKERS = {
    "a UUID for its key": ("evidence_savedsearch", saved),
    "a number for its key": ("auth_group", lambda by: Group(name=f"Group {next(numbers)}")),
}
numbers = iter(range(1000))


@pytest.mark.parametrize(("table", "make"), MAKERS.values(), ids=MAKERS)
def test_the_entry_of_one_row_says_what_those_of_many_say(investigator, table, make):
    (alone,) = entries_of([make(investigator)], by=investigator)
    together = entries_of([make(investigator) for _row in range(3)], by=investigator)
    assert alone.act == "row.inserted"
    assert alone.actor_id == investigator.pk
    assert [shape(entry) for entry in together] == [shape(alone)] * 3
    drawn = [entry.content[name] for entry in (alone, *together) for name in ("id", "nonce")]
    assert len(set(drawn)) == len(drawn)
    assert all(is_canonical(bytes(entry.envelope)) for entry in (alone, *together))
    assert len({entry.content["data"]["state"] for entry in (alone, *together)}) == 4
    assert differing(table) == []


def test_a_row_that_comes_back_is_digested_with_the_secret_it_had(investigator, collection):
    grant = CollectionUserPermission.objects.filter(user=investigator)[0]
    states = []
    for _turn in range(2):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM evidence_collectionuserpermission WHERE id = %s", [grant.pk])
        (entry,) = entries_of([grant], by=investigator)
        states.append(entry.content["data"]["state"])
    assert states[0] == states[1]
    assert differing("evidence_collectionuserpermission") == []


def test_what_inserts_no_row_leaves_no_entry(db):
    before = Entry.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('custody.actor', %s, true)", ['{"kind":"service","name":"test"}'])
        cursor.execute("INSERT INTO auth_group (name) SELECT 'x' WHERE false")
    assert Entry.objects.count() == before
