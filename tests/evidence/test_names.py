"""Persons found by their names: those of who is not protected, whoever may see them, and never anybody else's."""

import base64
import io
import json

import pytest
from conftest import person
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.test import Client
from rest_framework.test import APIClient

from accounts.roles import Permission
from evidence import access, marks, protection, recording, search
from evidence.models import Person, PersonName
from evidence.open_names import names_of
from evidence.recording.names import mark_waiting

NAMES = [("hangul", "김가상"), ("romanised_source", "Kim Ga-sang"), ("other_script", "Émile Gasang")]


@pytest.fixture
def official(investigator, collection):
    """Somebody who is not protected, with three names."""
    return recording.record_person(by=investigator, collection=collection, given=given())


def given(*, is_protected=False, names=NAMES, **more) -> dict:
    return {
        "is_protected": is_protected, "risk": "medium", "note": "Invented warden",
        "names": [{"script": script, "kind": "legal", "value": value} for script, value in names],
    } | more  # fmt: skip


def found(text: str, user) -> list:
    query = QueryDict(mutable=True)
    query["q"] = text
    both = []
    for indexed in (True, False):
        rows = search.narrow(Person.objects.permitted(user), query, search.PERSON_FILTERS, user=user, indexed=indexed)
        both.append(list(rows.order_by("code")))
    assert both[0] == both[1], text
    assert search.counted(Person, query, search.PERSON_FILTERS, user=user).exact() == len(both[0])
    return both[0]


@pytest.mark.parametrize(
    "text",
    ["김가상", "가상", "김", "김가상 Kim", "kim", "KIM", "ki", "Ga-sang", "sang", '"kim ga"', '"kim ga-sang"', "emile",
     "Kim warden", "nobody OR kim", "warden -park", "kim -park"],
)  # fmt: skip
def test_an_official_is_found_by_name(text, official, analyst):
    assert found(text, analyst) == [official]


@pytest.mark.parametrize(
    "text", ["이가상", "김상", "im", '"ga kim"', '"ki"', "park", "kim -gasang", "warden -김가상", "kim nobody"]
)
def test_what_is_not_in_the_name_does_not_find_it(text, official, analyst):
    assert found(text, analyst) == []


@pytest.mark.parametrize("text", ["김까상", "긴가상", "Kim Ga-snag", "Kim Gasang", "Kin Ga-sang", "Emil Gasanng"])
def test_a_slip_of_the_keyboard_is_forgiven(text, official, analyst):
    assert search.alike_titles("person", QueryDict(f"q={text}"), user=analyst) == [official]


def test_nothing_alike_is_said_of_what_is_unlike(official, analyst):
    for text in ("Park Invented", "박지어냄", "k", "-"):
        assert search.alike_titles("person", QueryDict(f"q={text}"), user=analyst) == []


@pytest.mark.parametrize("risk", ["low", "not_assessed"])
def test_a_protected_person_is_never_found_by_name(risk, investigator, collection, analyst):
    recording.record_person(by=investigator, collection=collection, given=given(is_protected=True, risk=risk))
    for _script, name in NAMES:
        assert found(name, investigator) == found(name, analyst) == []
        assert search.alike_titles("person", QueryDict(f"q={name}"), user=investigator) == []
    assert not PersonName.objects.exclude(marks=None).exists()
    rows = list(Person.objects.permitted(investigator))
    assert names_of(rows, investigator) == {}


def test_protecting_her_takes_the_marks_away_in_the_same_act(official, investigator):
    assert found("김가상", investigator) == [official]
    recording.revise_person(by=investigator, person=official, given={"is_protected": True}, version=official.version)
    assert not PersonName.objects.exclude(marks=None).exists()
    assert found("김가상", investigator) == []
    # A mark that was left behind would find nothing either.
    PersonName.objects.filter(person=official).update(marks=marks.marks_of(["김가상"])[0])
    assert found("김가상", investigator) == []
    assert names_of(list(Person.objects.permitted(investigator)), investigator) == {}


def test_two_people_who_end_her_protection_let_her_be_found(investigator, reviewer, collection):
    her = recording.record_person(by=investigator, collection=collection, given=given(is_protected=True))
    decision = protection.propose_reassessment(
        by=investigator, person=her, risk="low", is_protected=False, reason="A public official, invented."
    )
    assert found("김가상", investigator) == []
    protection.carry_out(by=reviewer, decision=decision, answer="Confirmed.")
    assert found("김가상", investigator) == [her]


def test_a_name_that_is_added_is_found_at_once(official, investigator):
    names = [{"script": "hangul", "kind": "alias", "value": "박지어냄"}]
    recording.revise_person(by=investigator, person=official, given={"names": names}, version=official.version)
    assert found("지어냄", investigator) == [official]


def test_who_may_not_see_her_finds_counts_and_is_told_nothing(official, stranger):
    for _script, name in NAMES:
        assert found(name, stranger) == []
        assert search.alike_titles("person", QueryDict(f"q={name}x"), user=stranger) == []
        suggested = signed_in(stranger).get("/suggest/persons/", {"q": name}).json()
        assert suggested == {"results": []}
    assert names_of([official], stranger) == {}


def test_a_name_from_a_source_one_may_not_see_is_not_found(official, investigator, analyst, other_collection, stranger):
    hidden = recording.record_source(
        by=stranger, collection=other_collection, given={"title": "Hidden", "kind": "witness"}
    )
    PersonName.objects.filter(person=official, script="hangul").update(source=hidden)
    assert found("김가상", analyst) == []
    assert [one["value"] for one in names_of([official], analyst)[official.pk]] == [
        "Kim Ga-sang",
        "Émile Gasang",
    ]
    assert search.alike_titles("person", QueryDict("q=김가상"), user=analyst) == []


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.SignInBackend")
    return client


def test_pages_and_api_show_open_names_and_no_others(official, investigator, collection, analyst):
    hers = given(is_protected=True, names=[("hangul", "나보호")], note="Protected one")
    protected = recording.record_person(by=investigator, collection=collection, given=hers)
    pages = signed_in(analyst)
    listed = pages.get("/persons/").content.decode()
    record = pages.get(f"/persons/{official.code}/").content.decode()
    hits = pages.get("/search/", {"q": "가상", "type": "person"}).content.decode()
    api = APIClient()
    api.force_authenticate(analyst)
    rows = {row["code"]: row for row in api.get("/api/v1/persons").json()["results"]}
    for text in (listed, record, str(rows[official.code]["names"])):
        assert "김가상" in text
    assert "<mark>가상</mark>" in hits
    assert official.code in hits
    assert rows[protected.code]["names"] == []
    for text in (listed, str(rows), pages.get(f"/persons/{protected.code}/").content.decode()):
        assert "나보호" not in text
    suggested = pages.get("/suggest/persons/", {"q": "김가"}).json()["results"]
    assert [(one["id"], "김가상" in one["sublabel"]) for one in suggested] == [(official.code, True)]
    slip = pages.get("/search/", {"q": "김까상", "type": "person"}).content.decode()
    assert "김가상, Kim Ga-sang" in slip


def test_a_person_found_by_name_stands_before_one_whose_note_has_the_word(official, investigator, collection, analyst):
    by_note = recording.record_person(
        by=investigator, collection=collection, given={"note": "Speaks of somebody called Kim", "risk": "low"}
    )
    page = search.find("person", QueryDict("q=kim&ordering=relevance"), user=analyst)
    assert [hit.record for hit in page.hits] == [official, by_note]
    assert "".join(part.text for part in page.hits[0].titles["name"] if part.is_match) == "Kim"


def test_the_database_holds_no_piece_of_a_name_and_the_ledger_no_mark(official):
    rows = PersonName.objects.filter(person=official).values_list("marks", flat=True)
    assert all(len(one) > 10 for one in rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(n::text, ' ') FROM evidence_personname n")
        (stored,) = cursor.fetchone()
        cursor.execute("SELECT string_agg(e::text, ' ') FROM custody.entry e")
        (entries,) = cursor.fetchone()
        cursor.execute("SELECT string_agg(p::text, ' ') FROM custody.payload p")
        (parts,) = cursor.fetchone()
    pieces = [name for _script, name in NAMES]
    for text in (stored, entries, parts):
        assert not any(one in text or one.encode().hex() in text for one in pieces)
    some = [str(mark) for one in rows for mark in one]
    assert all(mark in stored for mark in some)
    for text in (entries, parts):
        assert not any(mark in text or mark.encode().hex() in text for mark in some)


def test_another_key_makes_other_marks(official, tmp_path, settings):
    before = marks.marks_of(["김가상"])
    path = tmp_path / "keyring.json"
    path.write_text(json.dumps({"active": "k9", "keys": {"k9": base64.b64encode(b"9" * 32).decode()}}))
    settings.KEYRING_FILE = path
    assert not set(before[0]) & set(marks.marks_of(["김가상"])[0])


def test_she_is_found_while_keys_rotate_and_after(tmp_path, settings, investigator, collection):
    path = tmp_path / "keyring.json"
    path.write_text(json.dumps({"active": "k1", "keys": {"k1": base64.b64encode(b"1" * 32).decode()}}))
    settings.KEYRING_FILE = path
    her = recording.record_person(by=investigator, collection=collection, given=given())
    ring = json.loads(path.read_text())
    ring["keys"]["k2"] = base64.b64encode(b"2" * 32).decode()
    path.write_text(json.dumps(ring | {"active": "k2"}))
    assert found("김가상", investigator) == [her]
    call_command("rotate_vault_key", "--reseal-only", stdout=io.StringIO())
    ring["keys"].pop("k1")
    path.write_text(json.dumps(ring | {"active": "k2"}))
    assert found("김가상", investigator) == [her]
    assert search.alike_titles("person", QueryDict("q=김까상"), user=investigator) == [her]


def test_names_of_before_there_were_marks_are_marked_by_the_sweep(official, investigator, collection):
    recording.record_person(by=investigator, collection=collection, given=given(is_protected=True))
    PersonName.objects.update(marks=None)
    assert found("김가상", investigator) == []
    assert mark_waiting() == len(NAMES)
    assert found("김가상", investigator) == [official]
    assert mark_waiting() == 0


def test_a_reader_of_the_record_alone_finds_her_too(official, administrator, collection):
    outsider = person("analyst")
    assert found("kim", outsider) == []
    access.grant(by=administrator, record=official, permission=Permission.VIEW, reason="knows her", user=outsider)
    assert found("kim", outsider) == [official]
    assert names_of([official], outsider)[official.pk][0]["value"] == "김가상"


def test_words_that_cannot_be_marked_are_refused_or_find_nothing(official, analyst):
    for text in ("ㄱ" * 200, "a" * 200, "-kim", "x" * 19 + " kim"):
        found(text, analyst)
    long = "Abcdefghijklmnopqrstuvwxyz"
    recording.revise_person(
        by=official.created_by, person=official, version=official.version,
        given={"names": [{"script": "romanised_source", "kind": "alias", "value": long}]},
    )  # fmt: skip
    assert found(long, analyst) == found(long[:20], analyst) == found(f'"{long}"', analyst) == [official]
    assert found(long[:15], analyst) == [official]


def test_a_name_whose_key_is_missing_is_left_out_and_told_and_the_list_goes_on(
    official, analyst, tmp_path, settings, caplog
):
    path = tmp_path / "keyring.json"
    path.write_text(json.dumps({"active": "k9", "keys": {"k9": base64.b64encode(b"9" * 32).decode()}}))
    settings.KEYRING_FILE = path
    answer = signed_in(analyst).get("/persons/")
    assert official.code in answer.content.decode()
    assert names_of([official], analyst) == {}
    assert "cannot be read" in caplog.text
    assert "가상" not in caplog.text
