"""Pages of imports: the form, the state of a batch, the refused rows, a mapping of one's own. Rules: test_batches."""

import csv
import io

import pytest
from conftest import TESTS
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.roles import Permission
from evidence import access, batches
from evidence.models import ImportBatch, ImportMapping, Incident

SPEC = {
    "format": 1,
    "name": "invented",
    "label": {"en": "Invented table", "ko": ""},
    "identity": {"template": "{id}"},
    "fields": {"title_en": "{title}", "date": {"value": "{date}", "formats": ["iso"]}},
}
TABLE = "id,title,date\n1,Shelling,2010-11-23\n2,Arrest,2011-03\n3,Search,no date\n"


def enter(client, user):
    client.force_login(user, backend="accounts.backends.SignInBackend")


@pytest.fixture
def mapping(investigator):
    return batches.save_mapping(
        by=investigator, slug="invented", spec=SPEC, name_en="Invented table", name_ko="가상 표"
    )


@pytest.fixture
def page(client, investigator):
    enter(client, investigator)
    return client


@pytest.fixture
def bring(investigator, collection, mapping):
    """`bring(text)`: a batch, run to its end."""

    def make(text=TABLE, *, dry_run=True, run=True, **values):
        batch = batches.receive_batch(
            by=investigator, collection=collection, mapping=mapping, stream=io.BytesIO(text.encode()),
            filename="table.csv", dry_run=dry_run, **values,
        )  # fmt: skip
        return batches.run(batch.pk) if run else batch

    return make


def table(content: bytes | str = TABLE, name="table.csv"):
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def posted(page, home, **changes):
    values = {"file": table(), "mapping": "invented", "collection": str(home.pk), "dry_run": "on"}
    return page.post(reverse("import-new"), values | changes)


def detail(batch):
    return reverse("import-detail", args=[batch.pk])


def test_list_without_imports_explains_what_they_are(page, collection):
    text = page.get(reverse("import-list")).content.decode()
    assert "No imports yet" in text and reverse("import-new") in text


def test_list_shows_file_and_counts(page, bring):
    batch = bring()
    text = page.get(reverse("import-list")).content.decode()
    assert detail(batch) in text and "table.csv" in text and "Trial run" in text


def test_list_goes_on_after_the_batch_it_ended_with(page, bring, monkeypatch):
    monkeypatch.setattr("evidence.web.imports.PAGE", 1)
    older, newer = bring(run=False), bring(run=False)
    first = page.get(reverse("import-list")).content.decode()
    assert detail(newer) in first and detail(older) not in first
    second = page.get(reverse("import-list"), {"before": newer.pk}).content.decode()
    assert detail(older) in second and detail(newer) not in second


def test_roles_without_imports_get_403(client, reviewer):
    enter(client, reviewer)
    assert client.get(reverse("import-list")).status_code == 403


def test_batch_of_a_hidden_collection_does_not_exist(client, stranger, bring):
    enter(client, stranger)
    batch = bring()
    for name in ("import-detail", "import-progress", "import-errors"):
        assert client.get(reverse(name, args=[batch.pk])).status_code == 404
    assert client.post(reverse("import-run", args=[batch.pk])).status_code == 404
    assert "table.csv" not in client.get(reverse("import-list")).content.decode()


def test_batch_above_the_readers_clearance_does_not_exist(client, stranger, collection, investigator, bring):
    access.grant(by=TESTS, record=collection, permission=Permission.VIEW, reason="test", user=stranger)
    type(stranger).objects.filter(pk=stranger.pk).update(clearance=2)
    batch = bring(confidentiality=3)
    enter(client, stranger)
    assert client.get(detail(batch)).status_code == 404
    assert client.get(reverse("import-errors", args=[batch.pk])).status_code == 404


@pytest.mark.parametrize("pk", ["x", "INC-0000-0000", "00000000", "428062cb-6016-49e2-92bb-3ec44d70d35f"])
def test_unknown_batch_is_404(page, pk):
    assert page.get(reverse("import-detail", args=[pk])).status_code == 404


def test_form_offers_only_collections_to_contribute_to(page, collection, other_collection, mapping):
    text = page.get(reverse("import-new")).content.decode()
    assert str(collection.pk) in text and str(other_collection.pk) not in text


def test_form_marks_shipped_mappings_and_chooses_the_one_asked_for(page, collection, mapping):
    ImportMapping.objects.create(slug="shipped", name_en="Shipped one", spec=SPEC, is_shipped=True)
    text = page.get(reverse("import-new"), {"mapping": "invented"}).content.decode()
    assert "Shipped with the program" in text and '<option value="invented" selected>' in text


def test_upload_makes_a_batch(page, collection, mapping):
    answer = posted(page, collection)
    batch = ImportBatch.objects.get()
    assert answer.status_code == 302 and answer["Location"] == detail(batch)
    assert (batch.state, batch.is_dry_run, batch.confidentiality) == ("pending", True, 2)


def test_upload_wakes_the_worker(page, collection, mapping, monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr("evidence.tasks.nudge", lambda task, *args: woken.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        posted(page, collection)
    assert woken == [(str(ImportBatch.objects.get().pk),)]


def test_unticked_trial_run_imports_for_real(page, collection, mapping):
    posted(page, collection, dry_run="")
    assert not ImportBatch.objects.get().is_dry_run


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"\0" * 1000, "characters that are not text"),
        (b"id,title\n1,x\n", "lacks columns"),
        (b"id,id,title,date\n1,1,x,\n", "both named"),
        (b"id,title,date\n", "no rows"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PK\x03\x04rubbish", "damaged zip"),
        (b"id,title,date\n1,\xff\xfe\xfa,\n", "neither UTF-8"),
    ],
)  # fmt: skip
def test_table_that_cannot_be_imported_is_refused_in_the_form(page, collection, mapping, content, words):
    answer = posted(page, collection, file=table(content))
    text = answer.content.decode()
    assert answer.status_code == 400 and words in text and not ImportBatch.objects.exists()
    assert f'<option value="{collection.pk}" selected>' in text


def test_file_larger_than_the_limit_is_refused(page, collection, mapping, monkeypatch):
    monkeypatch.setattr("evidence.importing.sniff.MAX_BYTES", 10)
    answer = posted(page, collection)
    assert answer.status_code == 400 and "is the most that can be imported" in answer.content.decode()


@pytest.mark.parametrize("name", ["mapping", "collection", "confidentiality"])
@pytest.mark.parametrize("value", ["\0", "\ufffd", "nothing", "99999"])
def test_hostile_choices_are_form_errors(page, collection, mapping, name, value):
    assert posted(page, collection, **{name: value}).status_code == 400
    assert not ImportBatch.objects.exists()


def test_collection_one_may_only_view_is_refused(client, stranger, collection, investigator, mapping):
    access.grant(by=TESTS, record=collection, permission=Permission.VIEW, reason="test", user=stranger)
    enter(client, stranger)
    assert posted(client, collection).status_code == 400 and not ImportBatch.objects.exists()


def test_level_above_ones_clearance_is_not_offered(page, collection, mapping):
    assert posted(page, collection, confidentiality="4").status_code == 400


def test_waiting_batch_asks_for_itself(page, bring):
    batch = bring(run=False)
    text = page.get(detail(batch)).content.decode()
    assert 'hx-trigger="every 2s"' in text and reverse("import-progress", args=[batch.pk]) in text
    assert 'aria-live="polite"' in text


def test_progress_of_a_finished_batch_asks_no_more_and_says_so(page, bring):
    batch = bring()
    text = page.get(reverse("import-progress", args=[batch.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in text and "Finished: 2 new, 0 changed, 0 unchanged, 1 refused." in text
    assert "hx-swap-oob" in text and "<html" not in text


def test_progress_counts_rows_of_a_running_batch(page, bring):
    batch = bring(run=False)
    ImportBatch.objects.filter(pk=batch.pk).update(state="running", total=8, done=4)
    text = page.get(reverse("import-progress", args=[batch.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "4 of 8 rows" in text and "About 50% done." in text


def test_progress_without_htmx_is_the_page(page, bring):
    batch = bring()
    assert page.get(reverse("import-progress", args=[batch.pk]))["Location"] == detail(batch)


def test_trial_run_shows_what_rows_would_become_and_offers_the_import(page, bring):
    text = page.get(detail(bring())).content.decode()
    assert "Import 2 rows for real" in text and "Shelling" in text and "23 Nov" in text
    assert "‘no date’ is not a date" in text and not Incident.objects.exists()


def test_import_for_real_follows_a_trial_run(page, bring):
    trial = bring()
    answer = page.post(reverse("import-run", args=[trial.pk]))
    real = ImportBatch.objects.get(is_dry_run=False)
    assert answer["Location"] == detail(real)
    batches.run(real.pk)
    text = page.get(detail(real)).content.decode()
    assert all(reverse("incident-detail", args=[incident.pk]) in text for incident in Incident.objects.all())
    assert "was imported for real afterwards" in page.get(detail(trial)).content.decode()


def test_import_for_real_is_refused_while_it_runs_or_when_it_is_no_trial(page, bring):
    trial = bring()
    assert page.post(reverse("import-run", args=[trial.pk])).status_code == 302
    answer = page.post(reverse("import-run", args=[trial.pk]))
    assert answer.status_code == 409 and "being imported already" in answer.content.decode()
    real = ImportBatch.objects.get(is_dry_run=False)
    assert page.post(reverse("import-run", args=[real.pk])).status_code == 409
    assert ImportBatch.objects.count() == 2


def test_import_for_real_needs_more_than_to_view(client, stranger, collection, investigator, bring):
    access.grant(by=TESTS, record=collection, permission=Permission.VIEW, reason="test", user=stranger)
    enter(client, stranger)
    trial = bring()
    assert "rows for real" not in client.get(detail(trial)).content.decode()
    assert client.post(reverse("import-run", args=[trial.pk])).status_code == 403


def test_import_again_is_unchanged(page, bring):
    bring(dry_run=False)
    again = bring(dry_run=False)
    assert (again.created, again.unchanged, again.refused) == (0, 2, 1)


def test_rows_of_incidents_the_reader_may_not_see_are_left_out(page, investigator, bring):
    batch = bring(dry_run=False)
    hidden = Incident.objects.get(title_en="Arrest")
    Incident.objects.filter(pk=hidden.pk).update(effective_level=4)
    text = page.get(detail(batch)).content.decode()
    assert "Shelling" in text and "Arrest" not in text and str(hidden.pk) not in text


def test_failed_batch_says_why_and_what_to_do(page, bring, mapping, monkeypatch):
    batch = bring("id,title\n1,x\n")
    text = page.get(detail(batch)).content.decode()
    assert (
        batch.state == "failed"
        and "lacks columns that the mapping needs: ‘date’" in text
        and "Nothing was recorded" in text
    )


def test_reading_rows_is_an_entry(page, bring):
    from custody.models import Entry

    batch = bring()
    before = Entry.objects.filter(act="search.ran").count()
    page.get(detail(batch))
    page.get(reverse("import-errors", args=[batch.pk])).getvalue()
    kinds = [entry.content["data"]["kind"] for entry in Entry.objects.filter(act="search.ran").order_by("eid")[before:]]
    assert kinds == ["import.rows", "import.refused_rows"]


def errors_of(page, batch) -> tuple[str, list[list[str]]]:
    answer = page.get(reverse("import-errors", args=[batch.pk]))
    text = answer.getvalue().decode()
    assert answer["Content-Type"].startswith("text/csv") and "attachment" in answer["Content-Disposition"]
    return text, list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_errors_csv_has_reasons_and_original_columns(page, bring):
    text, rows = errors_of(page, bring("id,title,date,row\n1,가상 사건,어제,9\n"))
    assert text.startswith("\ufeff")
    assert rows[0] == ["sheet", "import row", "column", "reason", "id", "date", "title", "row"]
    assert rows[1][1:3] == ["2", "date"] and rows[1][4:] == ["1", "어제", "가상 사건", "9"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_errors_csv_escapes_formulas(page, bring, cell):
    _text, rows = errors_of(page, bring(f'id,title,date,=head\n1,x,never,"{cell}"\n'))
    assert rows[0][-1] == "'=head" and rows[1][-1] == f"'{cell}"
