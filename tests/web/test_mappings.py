"""Pages that make a mapping: from a sample and choices, or from JSON."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from evidence import batches
from evidence.models import ImportBatch, ImportMapping, Incident

SPEC = {
    "format": 1,
    "name": "invented",
    "label": {"en": "Invented table", "ko": ""},
    "identity": {"template": "{id}"},
    "fields": {"title_en": "{title}"},
}


def enter(client, user):
    client.force_login(user, backend="accounts.backends.SignInBackend")


@pytest.fixture
def page(client, investigator):
    enter(client, investigator)
    return client


def table(content: bytes | str, name="table.csv"):
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def test_mapping_from_a_sample_imports_the_table(page, collection):
    sample = "번호,제목,날짜,피해자 수,위도,경도\n1,가상 사건,2011년 3월 5일,3,39.0,125.7\n2,가상 체포,2012년 4월,2,,\n"
    text = page.post(reverse("mapping-new"), {"step": "sample", "file": table(sample)}).content.decode()
    assert "가상 사건" in text and "Step 2 of 2" in text
    form = page.post(reverse("mapping-new"), {"step": "sample", "file": table(sample)}).context["columns"]
    chosen = {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields}
    assert [chosen[f"becomes_{n}"] for n in range(6)] == [
        "identifier", "title_ko", "date", "count_min", "latitude", "longitude",
    ]  # fmt: skip
    assert chosen["formats"] == ["korean"]
    values = {name: value for name, value in chosen.items() if value} | {
        "name_en": "My table",
        "precision": "settlement",
    }
    answer = page.post(reverse("mapping-new"), values | {"step": "columns", "source": "Report {1}"})
    assert answer["Location"] == reverse("import-new") + "?mapping=my-table"
    page.post(reverse("import-new"), {"file": table(sample), "mapping": "my-table", "collection": str(collection.pk)})
    batch = batches.run(ImportBatch.objects.get().pk)
    assert (batch.created, batch.refused) == (2, 0), list(batch.rows.values_list("problems", flat=True))
    first, second = Incident.objects.order_by("date")
    assert (first.date, first.title_ko, str(first.latitude), first.place_precision) == (
        "2011-03-05", "가상 사건", "39.000000", "settlement",
    )  # fmt: skip
    assert second.date == "2012-04" and second.place_precision == "unknown"
    assert first.acts.get().involvements.get().count_min == 3
    assert first.documentation.get().source.title == "Report {1}"


def columns_post(page, names="id,what,when", **values):
    form = page.post(reverse("mapping-new"), {"step": "sample", "names": names}).context["columns"]
    base = {"step": "columns", "sample": form.initial["sample"], "name_en": "My table", "repeats": "error"}
    return page.post(reverse("mapping-new"), base | {"precision": "unknown"} | values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"becomes_1": "title_en"}, "Choose the column that identifies a row"),
        ({"becomes_0": "identifier"}, "Choose a column for the title"),
        ({"becomes_0": "identifier", "becomes_1": "title_en", "becomes_2": "title_en"}, "only one column can"),
        ({"becomes_0": "identifier", "becomes_1": "title_en", "becomes_2": "date"}, "Tick how the dates are written"),
        (
            {"becomes_0": "identifier", "becomes_1": "title_en", "becomes_2": "date", "formats": ["d/m/y", "m/d/y"]},
            "tick one",
        ),
        ({"becomes_0": "identifier", "title_en_made": "In {nowhere"}, "A brace stands alone"),
        ({"becomes_0": "identifier", "title_en_made": "In {$x}"}, "is not defined"),
        ({"becomes_0": "identifier", "becomes_1": "title_en", "becomes_2": "latitude"}, "need each other"),
        ({"becomes_0": "identifier", "becomes_1": "title_en", "becomes_2": "place"}, "how precise"),
        ({"becomes_0": "identifier", "becomes_1": "title_en", "name_en": "a\0b"}, "Null characters"),
        ({"becomes_0": "identifier", "becomes_1": "title_en", "slug": "Not a slug"}, "small letters"),
        ({"becomes_0": "identifier", "becomes_1": "title_en", "name_en": "가상"}, "short name in Latin letters"),
    ],
)
def test_unsound_choices_are_form_errors(page, db, values, words):
    answer = columns_post(page, **values)
    assert answer.status_code == 400 and words in answer.content.decode()
    assert not ImportMapping.objects.filter(is_shipped=False).exists()


def test_columns_of_sources_and_accounts_become_a_specification(page, db):
    targets = ("identifier", "narrative_en", "narrative_en", "source", "tag")
    chosen = {f"becomes_{number}": target for number, target in enumerate(targets)}
    marks = {"yes": "예, Y", "no": "아니요", "not_applicable": ""}
    answer = columns_post(page, "a b,c,d,e,f", **chosen, **marks, title_en_made="Case {a b}")
    assert answer.status_code == 302
    spec = ImportMapping.objects.get(is_shipped=False).spec
    assert spec["identity"] == {"template": "{a b}", "repeats": "error"}
    assert spec["fields"]["narrative_en"] == "[\n\n{$narrative_en1}][\n\n{$narrative_en2}]"
    assert spec["sources"][0]["matrix"] == {"columns": ["e"], "values": {"yes": ["예", "Y"], "no": ["아니요"]}}


def test_column_names_with_brackets_can_identify(page, db):
    assert columns_post(page, "id [no],what", becomes_0="identifier", becomes_1="title_en").status_code == 302
    assert ImportMapping.objects.get(is_shipped=False).spec["identity"] == {"content": ["id [no]"], "repeats": "error"}


def test_mapping_of_another_person_is_not_overwritten(investigator, investigator2, client):
    batches.save_mapping(by=investigator, slug="invented", spec=SPEC, name_en="Invented table")
    enter(client, investigator2)
    answer = columns_post(client, becomes_0="identifier", becomes_1="title_en", slug="invented")
    assert answer.status_code == 409 and "exists already" in answer.content.decode()


@pytest.mark.parametrize(
    "sample",
    ["", "[", "[]", "{}", "null", '[["a"]]', "[" * 3000, '[["a",[1],[],true]]', '[["a",["x","x","x","x"],[],true]]',
     '[["a",[],["nope"],true]]', '[["a\\u0000",[],[],true]]', '[["\\ud800",[],[],true]]', '[[1,[],[],true]]',
     '[["a",[],[],true],["a",[],[],true]]', '[["a",[[]],[],true]]', '[["a",[],[[]],true]]'],
)  # fmt: skip
def test_tampered_sample_starts_again(page, db, sample):
    answer = page.post(reverse("mapping-new"), {"step": "columns", "sample": sample, "name_en": "x"})
    assert answer.status_code == 302 and answer["Location"] == reverse("mapping-new")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Choose a file, or write the column names"),
        ({"names": "a,a"}, "both named"),
        ({"names": "a,,b"}, "has no name"),
        ({"names": "a\0"}, "Null characters"),
        ({"file": b"%PDF-1.7"}, "a PDF document"),
    ],
)
def test_sample_that_is_no_table_is_a_form_error(page, db, values, words):
    values = {name: table(value) if name == "file" else value for name, value in values.items()}
    answer = page.post(reverse("mapping-new"), {"step": "sample", **values})
    assert answer.status_code == 400 and words in answer.content.decode()


def test_mapping_can_be_pasted_as_json(page, db):
    values = {"step": "spec", "spec": json.dumps(SPEC), "name_en": "Pasted", "name_ko": "", "slug": ""}
    assert page.post(reverse("mapping-new"), values)["Location"].endswith("?mapping=pasted")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("{", "line 1, column 2"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5000, "number that is too long"),
        ("[]", "spec"),
        (json.dumps({**SPEC, "fields": {}}), "title_en"),
        (json.dumps({**SPEC, "credit": "a\0"}), "cannot be stored"),
        (json.dumps({**SPEC, "credit": "\ud800"}), "cannot be stored"),
        (json.dumps({**SPEC, "credit": float("nan")}), "can be stored"),
    ],
)
def test_unsound_json_is_a_form_error(page, db, spec, words):
    answer = page.post(reverse("mapping-new"), {"step": "spec", "spec": spec, "name_en": "Pasted"})
    assert answer.status_code == 400 and words in answer.content.decode()
