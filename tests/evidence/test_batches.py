"""Imports: each row made, updated, left or refused; a re-import keeps what people wrote; a crash loses nothing."""

import csv
import io
from datetime import timedelta

import pytest
from conftest import TESTS
from django.db import transaction
from django.utils import timezone

from accounts.errors import Invalid, Refused
from custody.ledger import history
from evidence import access, batches, recording, storage
from evidence.importing import Mapping, open_table, read_drafts
from evidence.models import Act, ImportBatch, ImportedRecord, ImportMapping, ImportRow, Incident, Involvement, Source

SPEC = {
    "format": 1,
    "name": "table",
    "label": {"en": "Table", "ko": "표"},
    "identity": {"template": "{id}"},
    "fields": {"title_en": "{title}", "narrative_en": "{text}", "date": {"value": "{date}", "formats": ["edtf"]}},
    "acts": [
        {
            "title_en": "Raid",
            "crimes": ["{crime}"],
            "involvements": [{"role": "victim", "count_min": "{victims}", "count_max": "{victims}"}],
        }
    ],
    "sources": [{"title": "{source}", "documented": "yes"}],
}
COLUMNS = ("id", "title", "text", "date", "crime", "victims", "source")


def row(identity, title="A raid", text="What happened", date="2010", crime="cah.torture", victims="3", source="Paper"):
    return (identity, title, text, date, crime, victims, source)


def as_csv(rows) -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    return io.BytesIO(text.getvalue().encode())


@pytest.fixture
def mapping(investigator):
    return batches.save_mapping(by=investigator, slug="table", spec=SPEC, name_en="Table")


@pytest.fixture
def bring(investigator, collection, mapping):
    """`bring(row, …)`: receive a table and run it; returns the finished batch."""

    def receive(*rows, dry_run=False, run=True, confidentiality=None):
        batch = batches.receive_batch(
            by=investigator,
            collection=collection,
            mapping=mapping,
            stream=as_csv(rows),
            filename="table.csv",
            dry_run=dry_run,
            confidentiality=confidentiality,
        )
        return batches.run(batch.pk) if run else batch

    return receive


def counts(batch) -> tuple:
    return batch.created, batch.updated, batch.unchanged, batch.refused


def test_a_row_becomes_an_incident_with_its_parts(bring, investigator):
    batch = bring(row("1"))
    assert (batch.state, *counts(batch)) == ("done", 1, 0, 0, 0)
    incident = Incident.objects.get()
    assert (incident.title_en, incident.date, incident.effective_level) == ("A raid", "2010", 2)
    assert incident.crime_codes == ["cah", "cah.torture"]
    assert Involvement.objects.get().count_max == 3
    assert [entry.source.title for entry in incident.documentation.all()] == ["Paper"]
    assert incident.created_by == investigator
    assert ImportRow.objects.get().original == dict(zip(COLUMNS, row("1"), strict=True))


def test_a_bad_row_stops_no_other_and_says_everything_that_is_wrong(bring):
    batch = bring(row("1"), row("2", date="soon", crime="none"), row("3"), row("4", crime="cah"))
    assert counts(batch) == (2, 0, 0, 2)
    refused = {entry.number: entry.problems for entry in batch.rows.filter(outcome="refused")}
    assert "date" in {problem["column"] for problem in refused[3]}
    assert {problem["column"] for problem in refused[5]} == {"acts.0.crimes.0"}
    assert all(problem["reason"] for problem in refused[3] + refused[5])


def test_a_reimport_of_the_same_changes_nothing(bring):
    bring(row("1"), row("2"))
    before = list(Incident.objects.values_list("pk", "version", "updated_at"))
    assert counts(bring(row("1"), row("2"))) == (0, 0, 2, 0)
    assert list(Incident.objects.values_list("pk", "version", "updated_at")) == before
    assert (Source.objects.count(), Act.objects.count(), Involvement.objects.count()) == (1, 2, 2)


def test_a_changed_row_updates_its_incident_and_no_other(bring):
    bring(row("1"), row("2"))
    assert counts(bring(row("1", title="Another title", victims="5"), row("2"))) == (0, 1, 1, 0)
    assert sorted(Incident.objects.values_list("title_en", flat=True)) == ["A raid", "Another title"]
    assert Involvement.objects.filter(act__incident__title_en="Another title").get().count_max == 5


def test_what_a_person_changed_stays_unless_the_source_changed_there(bring, investigator):
    bring(row("1"))
    incident = Incident.objects.get()
    given = {"title_en": "By hand", "narrative_en": "By hand"}
    recording.revise_incident(by=investigator, incident=incident, given=given, version=incident.version)
    bring(row("1", date="2011"))
    incident.refresh_from_db()
    assert (incident.title_en, incident.narrative_en, incident.date) == ("By hand", "By hand", "2011")
    bring(row("1", date="2011", title="Corrected by the source"))
    incident.refresh_from_db()
    assert (incident.title_en, incident.narrative_en) == ("Corrected by the source", "By hand")


def test_an_incident_under_review_is_not_changed_by_an_import(bring, investigator):
    from evidence import assessment

    bring(row("1"))
    assessment.submit(by=investigator, incident=Incident.objects.get())
    batch = bring(row("1", title="Changed"))
    assert counts(batch) == (0, 0, 0, 1)
    assert "review" in batch.rows.get().problems[0]["reason"]
    assert Incident.objects.get().title_en == "A raid"


def test_a_trial_run_changes_nothing_and_tells_what_would_be(bring):
    bring(row("1"))
    batch = bring(row("1", title="Changed"), row("2"), row("3", date="soon"), dry_run=True)
    assert counts(batch) == (1, 1, 0, 1)
    assert list(Incident.objects.values_list("title_en", flat=True)) == ["A raid"]
    assert ImportedRecord.objects.count() == 1
    assert not batch.rows.exclude(incident=None).exists()


def test_a_trial_run_is_then_run_for_real(bring, investigator):
    trial = bring(row("1"), row("2"), dry_run=True)
    real = batches.run(batches.run_for_real(by=investigator, batch=trial).pk)
    assert counts(real) == counts(trial) == (2, 0, 0, 0)
    assert Incident.objects.count() == 2
    with pytest.raises(Refused):
        batches.run_for_real(by=investigator, batch=real)


class Crash(BaseException):
    """Pulls the plug: nothing of ours may catch it."""


def test_a_run_that_died_is_taken_up_where_it_stopped(bring, monkeypatch):
    batch = bring(*(row(str(number)) for number in range(7)), run=False)
    monkeypatch.setattr(batches, "ROWS_AT_ONCE", 2)
    usual, calls = batches.import_rows, []

    def dies(**kwargs):
        calls.append([outcome.row.number for outcome in kwargs["outcomes"]])
        if len(calls) == 3:
            with transaction.atomic():
                usual(**kwargs)
                raise Crash
        return usual(**kwargs)

    monkeypatch.setattr(batches, "import_rows", dies)
    with pytest.raises(Crash):
        batches.run(batch.pk)
    assert Incident.objects.count() == ImportRow.objects.count() == 4
    assert batches.pending() == []  # it may still be alive
    assert batches.run(batch.pk) is None
    ImportBatch.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    assert batches.pending() == [batch.pk]
    finished = batches.run(batch.pk)
    assert (finished.state, *counts(finished)) == ("done", 7, 0, 0, 0)
    assert Incident.objects.count() == 7
    assert calls == [[2, 3], [4, 5], [6, 7], [6, 7], [8]]


def test_rows_that_the_batch_has_already_are_left_out(bring, investigator):
    batch = bring(row("1"), row("2"), row("3"))
    path = batches._as_file(batch)
    with path as file:
        outcomes = list(read_drafts(open_table(file, batch.filename), Mapping.from_dict(batch.spec)))
    assert batches.import_rows(by=investigator, batch=batch, outcomes=outcomes) == []
    assert ImportRow.objects.count() == Incident.objects.count() == 3


def test_a_finished_batch_is_not_run_again(bring):
    batch = bring(row("1"))
    assert batches.run(batch.pk) is None
    assert Incident.objects.count() == 1


def test_a_batch_that_dies_every_time_is_given_up(bring):
    batch = bring(row("1"), run=False)
    ImportBatch.objects.filter(pk=batch.pk).update(state="running", attempts=batches.MAX_ATTEMPTS, heartbeat_at=None)
    assert batches.run(batch.pk) is None
    batch.refresh_from_db()
    assert (batch.state, bool(batch.problem)) == ("failed", True)
    assert batches.pending() == []


def test_whoever_lost_access_meanwhile_imports_nothing(bring, investigator, collection):
    batch = bring(row("1"), run=False)
    access.revoke(by=TESTS, record=collection, permission="contribute", reason="left", user=investigator)
    finished = batches.run(batch.pk)
    assert (finished.state, Incident.objects.count()) == ("failed", 0)
    assert "no longer" in finished.problem


def test_whoever_was_suspended_meanwhile_imports_nothing(bring, investigator):
    batch = bring(row("1"), run=False)
    investigator.is_active = False
    investigator.save()
    assert batches.run(batch.pk).state == "failed"
    assert not Incident.objects.exists()


def test_whoever_is_revoked_in_the_middle_stops_there(bring, investigator, collection, monkeypatch):
    monkeypatch.setattr(batches, "ROWS_AT_ONCE", 2)
    batch = bring(*(row(str(number)) for number in range(6)), run=False)

    def revoke(batch):
        if batch.done == 2:
            access.revoke(by=TESTS, record=collection, permission="contribute", reason="left", user=investigator)

    assert batches.run(batch.pk, report=revoke).state == "failed"
    assert Incident.objects.count() == 2


def test_rows_of_much_text_go_in_smaller_lots(bring, monkeypatch):
    monkeypatch.setattr(batches, "CHARACTERS_AT_ONCE", 1000)
    lots, usual = [], batches.import_rows

    def noting(**kwargs):
        lots.append(len(kwargs["outcomes"]))
        return usual(**kwargs)

    monkeypatch.setattr(batches, "import_rows", noting)
    assert bring(*(row(str(number), text="long " * 90) for number in range(7))).created == 7
    assert lots == [3, 3, 1]


def test_the_level_of_the_batch_is_that_of_its_records(bring):
    batch = bring(row("1"), confidentiality=3)
    assert batch.confidentiality == 3
    assert Incident.objects.get().effective_level == 3
    assert Source.objects.get().effective_level == 3


def test_a_level_above_the_clearance_is_refused(bring):
    with pytest.raises(Refused):
        bring(row("1"), confidentiality=4)
    assert not ImportBatch.objects.exists()


def test_an_empty_file_is_refused(investigator, collection, mapping):
    with pytest.raises(Invalid, match="empty"):
        batches.receive_batch(
            by=investigator,
            collection=collection,
            mapping=mapping,
            stream=io.BytesIO(b""),
            filename="a.csv",
            dry_run=True,
        )


def test_a_file_that_is_no_table_fails_with_a_sentence(investigator, collection, mapping):
    batch = batches.receive_batch(
        by=investigator,
        collection=collection,
        mapping=mapping,
        stream=io.BytesIO(b"PK\x03\x04 not a workbook"),
        filename="a.xlsx",
        dry_run=True,
    )
    finished = batches.run(batch.pk)
    assert (finished.state, bool(finished.problem)) == ("failed", True)


def test_a_damaged_file_fails_the_batch_and_says_so(bring):
    batch = bring(row("1"), run=False)
    (storage.root() / storage.name_of(batch.blob)).unlink()
    assert batches.run(batch.pk).state == "failed"


def test_a_mapping_changed_later_does_not_change_the_batch(bring, mapping, investigator):
    batch = bring(row("1"), run=False)
    spec = {**SPEC, "fields": {**SPEC["fields"], "title_en": "Changed"}}
    batches.save_mapping(by=investigator, slug="table", spec=spec, name_en="Table")
    batches.run(batch.pk)
    assert Incident.objects.get().title_en == "A raid"


def test_every_row_that_was_made_has_its_entries(bring, investigator):
    bring(row("1"))
    acts = [event.act for event in history([Incident.objects.get().pk])]
    assert acts == ["incident.imported", "incident.logged"]
    assert {event.actor_id for event in history([Incident.objects.get().pk])} == {investigator.pk}


@pytest.mark.parametrize("slug", ["", "With Space", "한글", "a/b", "x" * 81, "a\x00"])
def test_a_short_name_is_plain(investigator, slug):
    with pytest.raises(Invalid):
        batches.save_mapping(by=investigator, slug=slug, spec=SPEC, name_en="x")


def test_shipped_and_other_people_s_mappings_are_not_overwritten(investigator, stranger, mapping):
    shipped = ImportMapping.objects.filter(is_shipped=True).first()
    for by, slug in ((investigator, shipped.slug), (stranger, mapping.slug)):
        with pytest.raises(Refused):
            batches.save_mapping(by=by, slug=slug, spec=SPEC, name_en="x")


def test_a_mapping_with_a_mistake_is_refused(investigator):
    with pytest.raises(Invalid) as refusal:
        batches.save_mapping(by=investigator, slug="x", spec={**SPEC, "fields": {"nosuch": "x"}}, name_en="x")
    assert refusal.value.field == "spec"


def test_a_source_of_another_s_hidden_record_is_not_reused(bring, collection, investigator):
    hidden = recording.record_source(by=investigator, collection=collection, given={"title": "Paper"})
    Source.objects.filter(pk=hidden.pk).update(inherits_access=False)
    bring(row("1"))
    assert Source.objects.filter(title="Paper").count() == 2
