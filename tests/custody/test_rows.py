"""Row entries: no statement on a watched table goes unnoticed, whoever wrote it, and what hides from them is found."""

import base64
import io
import json

import psycopg2
import pytest
from conftest import TESTS
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from custody import ledger
from custody.envelope import commitment, is_canonical
from custody.models import Entry, Payload
from custody.watching import EXEMPT, IGNORED, MASKED
from evidence import batches
from evidence.models import Collection, ImportMapping, Incident, Term


def last(count: int = 1) -> list[Entry]:
    return list(Entry.objects.order_by("-eid")[:count])[::-1]


def rows_of(pk) -> list[Entry]:
    return [entry for entry in Entry.objects.filter(object_id=pk).order_by("eid") if entry.act[:4] in ("row.", "raw.")]


@pytest.fixture
def raw(db):
    """A statement as somebody at the database would write it: with the application's rights, outside any verb."""

    def run(sql, params=()):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('custody.actor', '', true)")
            cursor.execute(sql, params)

    return run


def test_every_table_is_watched_or_argued(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT name, columns FROM custody.watched")
        watched = dict(cursor.fetchall())
        cursor.execute("SELECT custody.unwatched()")
        assert cursor.fetchall() == []
    assert set(watched) == tables - set(EXEMPT)
    own = {model._meta.db_table for model in apps.get_app_config("evidence").get_models()}
    assert own - set(watched) == {"record_change", "incident_tally"}
    assert not {table for table in EXEMPT if table.startswith(("evidence_", "accounts_"))}
    assert set(IGNORED) <= set(watched)
    for table, columns in MASKED.items():
        assert set(columns) <= set(watched[table]), table


def test_a_verb_leaves_row_entries_with_its_actor_and_no_values(incident, investigator):
    (entry,) = [entry for entry in rows_of(incident.pk) if entry.act == "row.inserted"]
    assert entry.object_type == "incident"
    assert entry.actor_id == investigator.pk
    assert entry.content["commit"] == {}
    assert len(base64.urlsafe_b64decode(entry.content["data"]["state"] + "=")) == 32
    assert is_canonical(bytes(entry.envelope))


@pytest.mark.parametrize(
    ("sql", "act"),
    [
        ("UPDATE evidence_incident SET title_en = 'changed behind' WHERE id = %s", "raw.updated"),
        ("UPDATE evidence_incident SET title_en = 'changed ' || code WHERE id = %s", "raw.updated"),
        (
            "WITH x AS (UPDATE evidence_incident SET effective_level = 4 WHERE id = %s RETURNING 1) SELECT * FROM x",
            "raw.updated",
        ),
    ],
)
def test_raw_sql_shows_as_unattributed(raw, incident, sql, act):
    raw(sql, [str(incident.pk)])
    entry = rows_of(incident.pk)[-1]
    assert (entry.act, entry.actor_id, entry.content["actor"]) == (act, None, {"kind": "db"})
    assert len(entry.content["data"]["cols"]) == 1
    payload = Payload.objects.get(entry_id=entry.entry_id, part="row")
    made = commitment("row", bytes(payload.salt), bytes(payload.body))
    assert entry.content["commit"]["row"] == base64.urlsafe_b64encode(made).rstrip(b"=").decode()
    body = payload.value()
    assert set(body) == {"old", "new"}
    assert set(body["old"]) == set(body["new"]) == set(entry.content["data"]["cols"])


def test_the_orm_outside_a_verb_is_noticed_too(db, incident):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('custody.actor', '', true)")
    Incident.objects.filter(pk=incident.pk).update(narrative_en="replaced")
    assert rows_of(incident.pk)[-1].act == "raw.updated"
    Incident.objects.bulk_update([Incident(pk=incident.pk, title_en="again")], ["title_en"])
    assert rows_of(incident.pk)[-1].content["data"]["cols"] == ["title_en"]


def test_a_statement_over_many_rows_leaves_one_entry_a_row(raw, log):
    incidents = [log() for _ in range(5)]
    before = Entry.objects.count()
    raw("UPDATE evidence_incident SET title_en = title_en || '!'")
    entries = last(5)
    assert Entry.objects.count() == before + 5
    assert {entry.object_id for entry in entries} == {incident.pk for incident in incidents}
    assert len({entry.content["nonce"] for entry in entries}) == 5


def test_what_changes_nothing_leaves_none(raw, incident):
    before = Entry.objects.count()
    raw("UPDATE evidence_incident SET title_en = title_en")
    raw("UPDATE evidence_incident SET title_en = 'x' WHERE false")
    assert Entry.objects.count() == before


def test_bookkeeping_leaves_none_and_secrets_show_only_that_they_changed(raw, investigator):
    before = Entry.objects.count()
    raw("UPDATE accounts_user SET last_login = now() WHERE id = %s", [str(investigator.pk)])
    assert Entry.objects.count() == before
    raw("UPDATE accounts_user SET password = 'of somebody else', role = 'administrator' WHERE id = %s",
        [str(investigator.pk)])  # fmt: skip
    entry = rows_of(investigator.pk)[-1]
    assert entry.content["data"]["cols"] == ["password", "role"]
    value = Payload.objects.get(entry_id=entry.entry_id).value()
    assert value == {"old": {"role": "investigator"}, "new": {"role": "administrator"}}


def test_a_key_that_is_no_uuid_stands_in_the_entry(raw):
    term = Term.objects.first()
    raw("UPDATE evidence_term SET label_en = 'another meaning' WHERE id = %s", [term.pk])
    (entry,) = last()
    assert (entry.object_type, entry.content["data"]["key"]) == ("term", str(term.pk))


def test_an_upsert_and_a_delete_are_noticed(raw, collection, stranger):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM evidence_collectionuserpermission LIMIT 1")
        (key,) = cursor.fetchone()
    raw("INSERT INTO auth_group (name) VALUES ('x') ON CONFLICT (name) DO UPDATE SET name = 'y'")
    raw("INSERT INTO auth_group (name) VALUES ('x') ON CONFLICT (name) DO UPDATE SET name = 'y'")
    raw("DELETE FROM evidence_collectionuserpermission WHERE id = %s", [key])
    assert [entry.act for entry in last(3)] == ["raw.inserted", "raw.updated", "raw.deleted"]
    assert last()[0].content["data"]["state"] is None


def test_a_watched_table_is_not_truncated(committed_database, database_administrator):
    with database_administrator(committed_database) as cursor:
        for before in ("SET session_replication_role = replica", "SET session_replication_role = origin"):
            cursor.execute(before)
            with pytest.raises(psycopg2.Error, match="custody: TRUNCATE"):
                cursor.execute("TRUNCATE evidence_importrow CASCADE")


def test_a_row_entry_that_cannot_be_written_undoes_the_change(db, incident):
    """The transaction of the change is that of the entry: an actor that is none makes both fail."""
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('custody.actor', '[]', true)")
        cursor.execute("UPDATE evidence_incident SET title_en = 'x' WHERE id = %s", [str(incident.pk)])
    incident.refresh_from_db()
    assert incident.title_en != "x"


def findings(table: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT object_id::text, finding FROM custody.reconcile(%s) ORDER BY 2", [table])
        return cursor.fetchall()


def test_what_is_recorded_reconciles(db, incident, file, protected, source, raw):
    raw("UPDATE evidence_incident SET title_en = 'raw but recorded'")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM custody.watched")
        for (table,) in cursor.fetchall():
            assert findings(table) == [], table


def test_the_session_of_the_reader_changes_no_digest(db, incident):
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL TimeZone = 'Asia/Seoul'; SET LOCAL bytea_output = 'escape'; SET LOCAL DateStyle = 'German'"
        )
    assert findings("evidence_incident") == findings("evidence_blob") == []


@pytest.fixture
def with_lifted_triggers(committed_database, database_administrator):
    """`with_lifted_triggers(table, sql)`: what an owner of the database can do."""

    def run(table, sql):
        with database_administrator(committed_database) as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            cursor.execute(sql)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
            for op in ("insert", "update", "delete", "truncate"):
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER ledger_{op}")

    return run


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        ("UPDATE accounts_user SET clearance = 4", "row differs from its last entry"),
        ("DELETE FROM accounts_user", "row vanished"),
        ("INSERT INTO accounts_user SELECT (json_populate_record(u, json_build_object('id', gen_random_uuid(),"
         " 'email', 'ghost@tests.example'))).* FROM accounts_user u", "row without entry"),
    ],
)  # fmt: skip
def test_what_changes_behind_lifted_triggers_is_found(with_lifted_triggers, sql, finding):
    @ledger.verb
    def add(*, by):
        user = User.objects.create_user("a@tests.example", name="a", role="analyst", clearance=1)
        ledger.append("person.invited", user)

    ledger.VERBS.pop(next(name for name in ledger.VERBS if name.endswith("add")))
    add(by=TESTS)
    assert findings("accounts_user") == []
    with_lifted_triggers("accounts_user", sql)
    assert [what for _pk, what in findings("accounts_user")] == [finding]


def test_a_lifted_trigger_is_found(committed_database, database_administrator):
    with database_administrator(committed_database) as cursor:
        cursor.execute("ALTER TABLE evidence_item DISABLE TRIGGER ledger_update")
        cursor.execute("ALTER TABLE evidence_link ENABLE REPLICA TRIGGER ledger_insert")
        cursor.execute("DROP TRIGGER no_rewrite ON custody.leaf")
    with connection.cursor() as cursor:
        cursor.execute("SELECT custody.unwatched()")
        assert [name for (name,) in cursor.fetchall()] == ["custody.leaf", "evidence_item", "evidence_link"]


def test_rows_from_before_a_table_was_watched_or_changed_are_adopted(committed_database, database_administrator):
    with database_administrator(committed_database) as cursor:
        cursor.execute("SET SESSION AUTHORIZATION repository_owner")
        cursor.execute("SELECT count(*) FROM evidence_term")
        (count,) = cursor.fetchone()
        cursor.execute("ALTER TABLE evidence_term ADD COLUMN mood text DEFAULT 'good'")
    assert len(findings("evidence_term")) == 100  # as many as are asked for at once
    with database_administrator(committed_database) as cursor:
        cursor.execute("SET SESSION AUTHORIZATION repository_owner")
        cursor.execute("SELECT custody.watch('evidence_term', '{}', '{}'), custody.watch('evidence_term', '{}', '{}')")
        assert cursor.fetchone() == (True, False)
    assert findings("evidence_term") == []
    adopted = Entry.objects.filter(act="row.adopted", object_type="term")
    assert adopted.count() == count
    assert json.loads(bytes(adopted.first().envelope))["actor"] == {"kind": "service", "name": "migration"}


def test_the_product_itself_leaves_no_change_unattributed(committed_database, client, settings, tmp_path):
    """The sample with all its verbs, an import, signing in, reading and signing out, each with commits of their own."""
    settings.VAR_DIR = tmp_path
    call_command("load_sample", verbosity=0)
    account = json.loads((tmp_path / "sample-accounts.json").read_text())["investigator"]
    answer = client.post("/accounts/login/", {"login": account["email"], "password": account["password"]})
    assert answer.status_code == 302
    by = User.objects.get(email=account["email"])
    home = Collection.objects.permitted(by, "contribute").first()
    batch = batches.receive_batch(
        by=by, collection=home, mapping=ImportMapping.objects.get(slug="dprk-provocations"), filename="t.csv",
        stream=io.BytesIO(b"date,type,event,description,resources\n2011-03-01,x,An event,Words,\n"), dry_run=False,
    )  # fmt: skip
    assert batches.run(batch.pk).created == 1
    for path in ("/", "/incidents/", "/evidence/", "/persons/", "/imports/", "/settings/"):
        assert client.get(path).status_code == 200
    client.post("/accounts/logout/")
    assert Entry.objects.filter(act="account.signed_out").exists()
    assert list(Entry.objects.filter(act__startswith="raw.").values_list("act", "object_type").distinct()) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM custody.watched")
        for (table,) in cursor.fetchall():
            assert findings(table) == [], table
