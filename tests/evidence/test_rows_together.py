"""Rows of an import become the same alone, among others and by hand; one spoils no other; two imports take turns."""

import io
import json
import re
import threading

import pytest
from conftest import TESTS
from django.db import DataError, connection, connections, transaction
from test_batches import SPEC, as_csv, counts, row

from custody.models import Entry
from evidence import batches, recording, rows
from evidence.importing import Mapping, open_table, read_drafts
from evidence.models import ImportedRecord, ImportRow, Incident, Source

TABLES = ("incident", "act", "classification", "involvement", "documentation", "source")
# What is another each time by design; the text searched for holds a source's code.
PASSING = ("created_at", "updated_at", "assessed_at", "code", "search_text")
ROWS = (
    row("1"),
    row(
        "2",
        title="고문 사건",
        text="Words “here” and\nthere",
        date="2009-21",
        crime="cah.murder",
        victims="",
        source="Other",
    ),
    row("3", date="soon"),
    row("4", crime="cah"),
    row("5", title="x" * 301),
    row("6", crime="", source=""),
    row("7", date="", text="", source="Paper"),
)


class Undo(Exception):
    pass


def scrubbed(value) -> str:
    """As text, without ids, codes and moments."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", text)


def recorded(since: int) -> tuple[dict, list, list]:
    """(rows of each table, verbs' entries, row entries) as text in an order of their own; entries after `since`."""
    tables = {}
    with connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f"SELECT to_jsonb(t) - %s::text[] FROM evidence_{name} t", [list(PASSING)])
            tables[name] = sorted(scrubbed(found) for (found,) in cursor.fetchall())
    told, rowwise = [], []
    for entry in Entry.objects.filter(eid__gt=since).prefetch_related("payloads"):
        content = entry.content
        data = {name: value for name, value in content["data"].items() if name not in ("state", "batch")}
        if entry.object_type in ("importbatch", "importedrecord"):
            continue
        parts = {payload.part: scrubbed(payload.value()) for payload in entry.payloads.all()}
        said = scrubbed([entry.act, entry.object_type, content["actor"], content.get("req"), data, parts])
        if entry.object_type == "importrow":
            said = scrubbed([entry.act, entry.object_type])
        (rowwise if entry.act.startswith("row.") else told).append(said)
    return tables, sorted(told), sorted(rowwise)


def undone(act):
    """What `recorded` says after the act, which is undone again."""
    try:
        with transaction.atomic():
            since = Entry.objects.order_by("-eid").first().eid
            act()
            found = recorded(since)
            raise Undo
    except Undo:
        return found


@pytest.fixture
def mapping(investigator):
    return batches.save_mapping(by=investigator, slug="table", spec=SPEC, name_en="Table")


@pytest.fixture
def receive(investigator, collection, mapping):
    def receive(*table, dry_run=False):
        return batches.receive_batch(
            by=investigator, collection=collection, mapping=mapping, stream=as_csv(table), filename="table.csv",
            dry_run=dry_run,
        )  # fmt: skip

    return receive


def by_hand(investigator, collection, table):
    """Each row that is not refused logged, with its source, by the verbs that people use."""
    text = as_csv(table).getvalue()

    def act(tmp_path):
        path = tmp_path / "table.csv"
        path.write_bytes(text)
        sources = {}
        for outcome in read_drafts(open_table(path, path.name), Mapping.from_dict(SPEC)):
            if outcome.draft is None or outcome.draft["external_id"] in ("4", "5"):
                continue
            given = rows._given(outcome.draft) | {"confidentiality": collection.level_for_new}
            incident = recording.log_incident(by=investigator, collection=collection, given=given)
            for draft in outcome.draft["sources"]:
                if draft["title"] not in sources:
                    given = {"title": draft["title"], "kind": "unknown", "confidentiality": collection.level_for_new}
                    sources[draft["title"]] = recording.record_source(
                        by=investigator, collection=collection, given=given
                    )
                incident.documentation.create(
                    source=sources[draft["title"]], documented=draft["documented"], created_by=investigator
                )

    return act


def test_rows_together_become_what_each_becomes_alone(receive, monkeypatch):
    batch = receive(*ROWS)
    together = undone(lambda: batches.run(batch.pk))
    monkeypatch.setattr(batches, "ROWS_AT_ONCE", 1)
    alone = undone(lambda: batches.run(batch.pk))
    assert len(together[0]["incident"]) == 4
    for first, second in zip(together, alone, strict=True):
        assert first == second


def test_rows_together_become_what_is_logged_by_hand(receive, investigator, collection, tmp_path):
    batch = receive(*ROWS)
    tables, told, rowwise = undone(lambda: batches.run(batch.pk))
    act = by_hand(investigator, collection, ROWS)
    hand_tables, hand_told, hand_rowwise = undone(lambda: act(tmp_path))
    assert tables == hand_tables
    own = [said for said in told if "incident.logged" in said or "source.recorded" in said]
    assert own == [said for said in hand_told if "raw." not in said]  # documentation by hand is no verb's
    assert len([said for said in told if "incident.imported" in said]) == 4
    hand_rowwise = [said for said in hand_rowwise if "documentation" not in said]
    assert [s for s in rowwise if "importrow" not in s and "documentation" not in s] == hand_rowwise


def test_the_rows_of_a_reimport_together_become_what_each_becomes_alone(receive, monkeypatch):
    batches.run(receive(row("1"), row("2"), row("3"), row("6")).pk)
    batch = receive(
        row("1"), row("2", title="Another", victims="5"), row("3", source="New"), row("4"), row("6", date="soon")
    )
    together = undone(lambda: batches.run(batch.pk))
    monkeypatch.setattr(batches, "ROWS_AT_ONCE", 1)
    assert together == undone(lambda: batches.run(batch.pk))
    assert counts(batches.run(batch.pk)) == (1, 2, 1, 1)


def test_search_finds_what_came_together_by_every_word_of_it(receive):
    batches.run(receive(row("1", title="Needle")).pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_text, search_details, search_details_of(id) FROM evidence_incident")
        ((text, details, due),) = cursor.fetchall()
    assert "needle" in text
    assert " raid " in text
    assert details == due != ""


def test_a_row_that_the_database_does_not_take_is_refused_and_stops_no_other(receive, monkeypatch):
    usual = rows.keep_incidents

    def keep(drafts):
        if any(new.incident.title_en == "Bad" for new in drafts):
            raise DataError("no such value")
        usual(drafts)

    monkeypatch.setattr(rows, "keep_incidents", keep)
    batch = batches.run(receive(*(row(str(n), title="Bad" if n == 5 else "Good") for n in range(12))).pk)
    assert (batch.state, *counts(batch)) == ("done", 11, 0, 0, 1)
    assert Incident.objects.filter(title_en="Good").count() == 11
    refused = batch.rows.get(outcome="refused")
    assert (refused.original["id"], refused.problems[0]["column"]) == ("5", "")


def test_two_rows_of_one_identity_in_one_go_make_one_record(receive, investigator, tmp_path):
    """A mapping lets none through; if one did, the second would find the first."""
    batch = receive(row("1"), row("2"))
    path = tmp_path / "table.csv"
    path.write_bytes(as_csv([row("1"), row("2")]).getvalue())
    outcomes = list(read_drafts(open_table(path, path.name), Mapping.from_dict(SPEC)))
    outcomes[1].draft["external_id"] = "1"
    batches._import(batch, outcomes, investigator)
    assert sorted(ImportRow.objects.values_list("outcome", flat=True)) == ["created", "unchanged"]
    assert ImportedRecord.objects.count() == 1


def test_few_statements_however_many_rows(receive, django_assert_max_num_queries):
    batch = receive(*(row(str(n), source=f"Paper {n}") for n in range(60)))
    with django_assert_max_num_queries(70):
        batches.run(batch.pk)
    again = receive(*(row(str(n), source=f"Paper {n}") for n in range(60)), row("more"))
    with django_assert_max_num_queries(70):
        assert counts(batches.run(again.pk)) == (1, 0, 60, 0)


def test_a_trial_leaves_no_change_unattributed(receive):
    since = Entry.objects.order_by("-eid").first().eid
    batches.run(receive(*ROWS, dry_run=True).pk)
    acts = list(Entry.objects.filter(eid__gt=since).values_list("act", flat=True))
    assert acts.count("import.tried") == 1
    assert acts.count("import.row_refused") == 3
    assert not Source.objects.exists()
    raw = Entry.objects.filter(eid__gt=since, act__startswith="raw.").exclude(object_type="importbatch")
    assert not raw.exists()


def test_of_two_imports_at_once_the_second_finds_everything_there(committed_database, monkeypatch):
    from conftest import person

    from evidence import access

    by = person("investigator", clearance=3)
    home = access.open_collection(by=person("administrator"), name_en="Both", preset_level=1)
    access.grant(by=TESTS, record=home, permission="contribute", reason="works on it", user=by)
    mapping = batches.save_mapping(by=by, slug="both", spec=SPEC, name_en="Both")
    table = [row(str(n), source=f"Paper {n % 3}") for n in range(20)]
    monkeypatch.setattr(batches, "ROWS_AT_ONCE", 5)
    waiting = [
        batches.receive_batch(
            by=by, collection=home, mapping=mapping, stream=io.BytesIO(as_csv(table).getvalue()), filename="t.csv",
            dry_run=False,
        )
        for _turn in range(2)
    ]  # fmt: skip
    found = []

    def go(batch):
        try:
            found.append(batches.run(batch.pk))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(batch,)) for batch in waiting]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert [batch.state for batch in found] == ["done", "done"]
    assert sum(batch.created for batch in found) == sum(batch.unchanged for batch in found) == 20
    assert (Incident.objects.filter(collection=home).count(), Source.objects.filter(collection=home).count()) == (20, 3)
