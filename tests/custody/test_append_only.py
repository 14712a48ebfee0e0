"""The database refuses to rewrite the ledger: by privileges to the application, by triggers to owner and superuser."""

import json
import uuid

import psycopg2
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from custody.envelope import is_canonical
from custody.models import Entry
from custody.privileges import DELETABLE

TABLES = ("entry", "payload", "secret", "leaf", "tile", "state", "checkpoint", "anchor")
WRITTEN_ONCE = ("entry", "leaf", "tile", "checkpoint", "anchor")
FIRST_COLUMN = {"entry": "act", "payload": "body", "secret": "salt", "leaf": "leaf_hash", "tile": "root",
                "state": "root", "checkpoint": "note", "anchor": "issuer"}  # fmt: skip


def refused(sql: str, params=()) -> str:
    """The database's words when it refuses this to the application's role."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
    return str(caught.value)


@pytest.fixture
def filled(committed_database, signing):
    """A committed log with a row in every table: 300 entries with parts, a full tile, a checkpoint."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT custody.append('test.noted', 'probe', gen_random_uuid(), '{}', '{\"note\":\"secret\"}')"
            " FROM generate_series(1, 300)"
        )
    call_command("ledger_sequencer", once=True)
    return committed_database


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table} CASCADE",
     "INSERT INTO {table} DEFAULT VALUES", "DROP TABLE {table} CASCADE",
     "ALTER TABLE {table} DISABLE TRIGGER ALL", "LOCK {table} IN ACCESS EXCLUSIVE MODE"],
    ids=lambda text: text.split()[0],
)  # fmt: skip
def test_the_application_only_reads(db, table, statement):
    words = refused(statement.format(table=f"custody.{table}", column=FIRST_COLUMN[table]))
    assert "permission denied" in words or "must be owner" in words


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM custody.secret",
        "SET SESSION AUTHORIZATION repository_owner",
        "SET ROLE repository_owner",
        "SET ROLE ledger_sequencer",
        "SET session_replication_role = replica",
        "CREATE TABLE custody.mine (a int)",
        "CREATE TABLE public.mine (a int)",
        "CREATE OR REPLACE FUNCTION custody.origin() RETURNS text LANGUAGE sql AS $$ SELECT 'else' $$",
        "SELECT custody.write('item.sealed', 'item', gen_random_uuid(), '{}', NULL)",
        "SELECT custody.watch('evidence_incident', '{}', '{}')",
        "UPDATE custody.watched SET ignored = columns",
        "SELECT custody.commit_part('a', ''::bytea, ''::bytea)",
    ],
)
def test_the_application_has_no_way_around(db, statement):
    words = refused(statement)
    assert "permission denied" in words or "must be owner" in words


@pytest.mark.parametrize("act", ["row.updated", "raw.updated", "ledger.redacted", "ledger.key", "sealed", "Item.sealed",
                                 "item sealed", "item.", ".sealed", "item.sealed\n", ""])  # fmt: skip
def test_reserved_and_malformed_acts_are_refused(db, act):
    assert "custody.append" in refused("SELECT custody.append(%s, 'probe', gen_random_uuid())", [act])


@pytest.mark.parametrize(
    "data", ['{},"at":"1999"', '{}} {"a":1', "[]", '"text"', "null", "", "{'a':1}", None, '{"a":1}--']
)
def test_data_that_is_no_json_object_is_refused(db, data):
    refused("SELECT custody.append('test.noted', 'probe', gen_random_uuid(), %s)", [data])


@pytest.mark.parametrize("actor", ['{"kind":"user"},"v":2', "[]", '"me"', '{"id":"no uuid"}'])
def test_an_actor_that_is_no_json_object_is_refused(db, actor):
    refused(
        "SELECT custody.append('test.noted', 'probe', gen_random_uuid()) FROM set_config('custody.actor', %s, true)",
        [actor],
    )


def test_an_object_type_cannot_break_out_of_its_quotes(db):
    name = 'probe","v":2,"x":"'
    with connection.cursor() as cursor:
        cursor.execute("SELECT custody.append('test.noted', %s, gen_random_uuid())", [name])
        (entry_id,) = cursor.fetchone()
    entry = Entry.objects.get(entry_id=entry_id)
    assert is_canonical(bytes(entry.envelope))
    assert entry.content["object"]["type"] == name


def test_an_entry_without_context_says_so(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT custody.append('test.noted', 'probe', %s::uuid)", [str(uuid.uuid4())])
        (entry_id,) = cursor.fetchone()
    content = Entry.objects.get(entry_id=entry_id).content
    assert content["actor"] == {"kind": "db"}
    assert content["db"]["role"] == "repository_app"
    assert "req" not in content


def test_an_envelope_over_the_limit_is_refused(db):
    data = json.dumps({"a": "x" * 32768})
    refused("SELECT custody.append('test.noted', 'probe', gen_random_uuid(), %s)", [data])


@pytest.mark.parametrize("before", ["SET SESSION AUTHORIZATION repository_owner", "SELECT 1",
                                    "SET session_replication_role = replica"],
                         ids=["owner", "superuser", "replica"])  # fmt: skip
def test_not_even_owner_and_superuser_rewrite(filled, database_administrator, before):
    attempts = [
        *(f"UPDATE custody.{table} SET {FIRST_COLUMN[table]} = {FIRST_COLUMN[table]}" for table in WRITTEN_ONCE[:4]),
        *(f"DELETE FROM custody.{table}" for table in (*WRITTEN_ONCE[:4], "payload")),
        *(f"TRUNCATE custody.{table} CASCADE" for table in TABLES),
        "UPDATE custody.payload SET body = 'other'",
        "UPDATE custody.payload SET salt = NULL, body = NULL",
    ]
    with database_administrator(filled) as cursor:
        cursor.execute(before)
        for statement in attempts:
            with pytest.raises(psycopg2.Error) as caught:
                cursor.execute(statement)
            assert "custody:" in str(caught.value), statement
        cursor.execute("RESET SESSION AUTHORIZATION")
        cursor.execute("SELECT count(*) >= 300, bool_and(body IS NOT NULL) FROM custody.payload")
        assert cursor.fetchone() == (True, True)


def test_the_sequencer_only_extends(filled, database_administrator):
    with database_administrator(filled) as cursor:
        cursor.execute("SET SESSION AUTHORIZATION ledger_sequencer")
        for statement in (
            "UPDATE custody.leaf SET leaf_hash = leaf_hash",
            "DELETE FROM custody.checkpoint",
            "INSERT INTO custody.entry DEFAULT VALUES",
            "SELECT * FROM custody.payload",
            "SELECT * FROM custody.secret",
            "SELECT * FROM public.accounts_user",
            "SELECT * FROM public.evidence_incident",
        ):
            with pytest.raises(psycopg2.Error, match="permission denied"):
                cursor.execute(statement)


def test_the_application_deletes_no_evidence(db):
    """DELETE is granted on bookkeeping and grants alone: everything else the database keeps."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND has_table_privilege(format('%I.%I', schemaname, tablename), 'DELETE')"
        )
        deletable = {name for (name,) in cursor.fetchall()}
    assert deletable == set(DELETABLE)
    bookkeeping = ("permission", "denial", "session", "_user_", "emailaddress", "emailconfirmation", "apitoken",
                   "mfa_authenticator", "cache_entry", "answered_request", "incident_tally")  # fmt: skip
    assert not [name for name in deletable if not any(word in name for word in bookkeeping)]


def test_nobody_may_call_a_function_of_the_ledger_by_default(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace,"
            " aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
            " WHERE n.nspname = 'custody' AND a.grantee = 0"
        )
        assert cursor.fetchall() == []
