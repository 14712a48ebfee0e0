"""A reference code that is taken is drawn again: nobody's record is refused for it, nor written over."""

import pytest
from conftest import TESTS
from django.apps import apps
from django.db import connection

from custody import ledger
from evidence import access, recording
from evidence.models import Incident, Item, Organisation, Person, Source, codes
from evidence.models.codes import CodeField, read_code

PREFIXES = ("COL", "INC", "ORG", "SIT", "SRC", "DIS", "EV", "P")


@pytest.fixture
def unlucky(monkeypatch):
    """Whatever is drawn is the same."""
    monkeypatch.setattr(codes, "new_code", lambda prefix: f"{prefix}-7777-7770")


def log(by, collection, title: str) -> Incident:
    return recording.log_incident(by=by, collection=collection, given={"title_en": title})


def test_a_taken_code_is_drawn_again(investigator, collection, unlucky):
    first, second = log(investigator, collection, "One"), log(investigator, collection, "Two")
    assert first.code == "INC-7777-7770"
    assert second.code == read_code(second.code) != first.code
    assert Incident.objects.get(pk=second.pk).code == second.code


@pytest.mark.usefixtures("own_verbs")
def test_many_written_together_with_one_code(investigator, collection, unlucky):
    rows = [
        Incident(collection=collection, created_by=investigator, title_en=str(n), date_sort="0001-01-01")
        for n in range(20)
    ]
    ledger.verb(keep_rows)(rows, by=TESTS)
    assert len({row.code for row in rows}) == 20
    assert set(Incident.objects.values_list("code", flat=True)) == {row.code for row in rows}


def keep_rows(rows, *, by):
    Incident.objects.bulk_create(rows)
    ledger.append("test.kept", rows[0])


def test_every_kind_of_record_with_a_code(investigator, administrator, unlucky):
    opened = [access.open_collection(by=administrator, name_en=f"C{n}", preset_level=1) for n in range(2)]
    own = {"collection": opened[0], "created_by": investigator}
    for model, given in (
        (Item, own | {"kind": "testimony", "title_en": "Invented"}),
        (Person, own),
        (Source, own | {"kind": "witness", "title": "Invented"}),
        (Organisation, {"name_en": "Invented office", "created_by": investigator}),
    ):
        made = [model.objects.create(**given) for _turn in range(2)]
        assert made[0].code != made[1].code == model.objects.get(pk=made[1].pk).code
    assert opened[0].code != opened[1].code


def test_each_table_with_codes_draws_again(db):
    models = [m for m in apps.get_models() if any(isinstance(f, CodeField) for f in m._meta.fields)]
    assert len(models) == len(PREFIXES)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'free_code' AND tgenabled = 'O'")
        assert {name for (name,) in cursor.fetchall()} == {model._meta.db_table for model in models}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_the_database_draws_reads_back(db, prefix):
    with connection.cursor() as cursor:
        cursor.execute("SELECT evidence_code(%s) FROM generate_series(1, 300)", [prefix])
        drawn = [code for (code,) in cursor.fetchall()]
    assert len(set(drawn)) == 300
    assert [read_code(code) for code in drawn] == drawn
    assert {letter for code in drawn for letter in code.split("-", 1)[1]} >= set(codes.ALPHABET)
