"""The large database of the benchmarks, small: its records keep what the verbs keep; no other database is touched."""

import random
import shutil
import unicodedata
from collections import Counter

import pytest
from django.db import connection, transaction

from accounts.models import User
from benchmarks.large import clusters, loading
from benchmarks.large.__main__ import main
from benchmarks.large.world import COLLECTIONS, PEOPLE, READERS, TEAMS, address
from evidence.models import (
    Act,
    Classification,
    Collection,
    Denial,
    Incident,
    IncidentUserPermission,
    Involvement,
    Item,
    Link,
    Person,
    Source,
)
from evidence.models.codes import read_code
from evidence.recording.content import incident_dates
from evidence.recording.incidents import keep_filters
from evidence.recording.levels import _floors
from evidence.reference import check_term

INCIDENTS = 200
SECURED = (Incident, Item, Person, Source)


@pytest.fixture
def large(db):
    rows = loading.fill(connection.connection, INCIDENTS)
    connection.check_constraints()
    return rows


def reader(name: str) -> User:
    return User.objects.get(email=address(name))


def test_the_world_is_of_the_promised_size(large):
    assert User.objects.filter(email__endswith="@example.org").count() == PEOPLE
    assert (Collection.objects.count(), Incident.objects.count(), Item.objects.count()) == (
        COLLECTIONS,
        INCIDENTS,
        2 * INCIDENTS,
    )
    sizes = Counter(Incident.objects.values_list("collection", flat=True)).most_common()
    assert sizes[0][1] > 8
    assert User.objects.get(email=address("broad")).groups.count() < TEAMS
    assert large["evidence_incident"] == INCIDENTS


def test_levels_are_those_that_the_verbs_keep(large):
    for model in SECURED:
        for record in model.objects.all():
            floor = max((person.floor for person in _floors(record)), default=0)
            assert record.effective_level == max(record.confidentiality, floor)
    assert Incident.objects.filter(effective_level__gt=0).values("effective_level").distinct().count() == 4


def test_crimes_dates_and_places_are_derived_as_the_verbs_derive_them(large):
    kinds = Counter()
    for incident in Incident.objects.select_related("place"):
        kept = list(incident.crime_codes), incident.classified_as
        keep_filters(incident)
        assert (incident.crime_codes, incident.classified_as) == kept
        for name, value in incident_dates(incident.date).items():
            assert getattr(incident, name) == value
        assert incident.place_path == (incident.place.path if incident.place else [])
        assert (incident.place is None) == (incident.place_precision == "unknown")
        kinds["undated" if not incident.date else "day" if len(incident.date) == 10 else "partial"] += 1
    assert min(kinds["day"], kinds["partial"]) > 20
    assert kinds["undated"]
    assert Classification.objects.filter(status="rejected").exists()


def test_codes_check_and_are_all_different(large):
    for model in (*SECURED, Collection):
        codes = list(model.objects.values_list("code", flat=True))
        assert len(set(codes)) == len(codes)
        assert [read_code(code) for code in codes] == codes


def test_terms_are_of_the_vocabularies(large):
    for model, field, vocabulary in (
        (Incident, "verification_status", "verification_status"),
        (Item, "kind", "evidence_item_type"),
        (Source, "kind", "source_type"),
        (Person, "risk", "risk_level"),
        (Involvement, "role", "person_role"),
        (Link, "function", "evidence_function"),
    ):
        for code in model.objects.order_by().values_list(field, flat=True).distinct():
            assert check_term(vocabulary, code, field=field) == code


def test_rows_are_valid_and_text_is_normal_in_both_languages(large):
    for model in (*SECURED, Act, Classification, Involvement, Link):
        for row in random.Random(1).sample(list(model.objects.all()), 4):
            row.clean_fields(exclude=[one.name for one in row._meta.fields if not getattr(row, one.attname)])
    korean = english = 0
    for incident in Incident.objects.all():
        text = incident.narrative_ko + incident.title_ko
        assert unicodedata.is_normalized("NFC", text)
        assert incident.narrative_en
        assert incident.narrative_ko
        korean, english = korean + bool(incident.title_ko), english + bool(incident.title_en)
    assert min(korean, english) > INCIDENTS / 2


def test_every_incident_has_acts_and_two_items_of_its_collection(large):
    assert set(Counter(Link.objects.values_list("incident", flat=True)).values()) == {2}
    assert not Incident.objects.filter(acts=None).exists()
    assert not Incident.objects.filter(acts__classifications=None).exists()
    for link in Link.objects.select_related("item", "incident"):
        assert link.item.collection_id == link.incident.collection_id


def test_the_readers_see_much_some_little_single_records_and_nothing(large):
    seen = {name: Incident.objects.permitted(reader(name)).count() for name in READERS}
    assert INCIDENTS * 0.6 < seen["broad"] < INCIDENTS
    assert 0 < seen["middle"] < seen["broad"]
    assert 0 < seen["outside"] <= IncidentUserPermission.objects.filter(user=reader("outside")).count()
    assert seen["narrow"] < seen["middle"]
    assert seen["nobody"] == 0
    assert not Collection.objects.permitted(reader("outside")).exists()
    assert Incident.objects.filter(inherits_access=False).exists()
    assert Denial.objects.filter(collection__isnull=False).exists()
    assert Denial.objects.filter(incident__isnull=False).exists()


def test_the_same_seed_makes_the_same_records(db):
    made = []
    for _time in range(2):
        with transaction.atomic():
            loading.fill(connection.connection, 20)
            made.append(list(Incident.objects.order_by("pk").values_list("pk", "code", "narrative_ko", "updated_at")))
            transaction.set_rollback(True)
    assert made[0] == made[1]
    assert len(made[0]) == 20


@pytest.fixture
def bench_root(tmp_path, monkeypatch):
    monkeypatch.setenv("REPOSITORY_VAR", str(tmp_path))
    return tmp_path / "bench"


def run(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["generate", *arguments])
    return main()


@pytest.mark.parametrize("number", ["0", "-5", "20000001"])
def test_a_number_that_makes_no_sense_is_refused(bench_root, monkeypatch, capsys, number):
    assert run(monkeypatch, "--incidents", number) == 1
    assert "from 1 to 20,000,000" in capsys.readouterr().err
    assert not bench_root.exists()


@pytest.mark.parametrize("word", ["many", "1.5", ""])
def test_what_is_no_number_is_refused_by_name(monkeypatch, capsys, word):
    with pytest.raises(SystemExit):
        run(monkeypatch, "--incidents", word)
    assert "--incidents" in capsys.readouterr().err


def test_too_large_for_the_disk_is_said_before_anything_is_made(bench_root, monkeypatch, capsys):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 10**8))
    assert run(monkeypatch, "--incidents", "1000000") == 1
    assert "0.1 GB are free" in capsys.readouterr().err
    assert not clusters.place_of(1_000_000).folder.exists()


def test_a_folder_that_was_not_made_here_is_left_alone(bench_root, monkeypatch, capsys):
    folder = clusters.place_of(30).folder
    (folder / "postgres").mkdir(parents=True)
    assert run(monkeypatch, "--incidents", "30") == 1
    assert "was not made here" in capsys.readouterr().err
    assert (folder / "postgres").is_dir()


def test_what_is_not_there_is_not_opened(bench_root):
    bench_root.mkdir()
    with pytest.raises(clusters.Unusable, match="generate --incidents 30"), clusters.opened(30):
        pass


@pytest.mark.slow
def test_a_cluster_is_made_once_and_found_again(bench_root):
    said = []
    place = clusters.ensure(50, said=said.append)
    assert place.facts["rows"]["evidence_incident"] == 50
    assert place.facts["bytes"] < 50 * clusters.BYTES_AN_INCIDENT + clusters.BYTES_AT_LEAST
    assert clusters.ensure(50, said=said.append) == place
    assert "are here already" in said[-1]
    with (
        clusters.opened(50) as server,
        server.connect("repository") as own,
        own.cursor() as cursor,
        pytest.raises(clusters.Unusable, match="Another run"),
    ):
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'ledger%' AND tgenabled <> 'A'")
        assert cursor.fetchone() == (0,)
        clusters.ensure(50, said=said.append)
