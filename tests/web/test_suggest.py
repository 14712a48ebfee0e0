"""Suggestions: both languages, within access, on record; dates read back."""

import pytest

from custody.ledger import history
from evidence.models import Organisation

SIGN_IN = "accounts.backends.SignInBackend"


@pytest.fixture
def signed(client, investigator):
    client.force_login(investigator, backend=SIGN_IN)
    return client


def ids(client, kind: str, text: str) -> list[str]:
    return [row["id"] for row in client.get(f"/suggest/{kind}/", {"q": text}).json()["results"]]


@pytest.mark.parametrize("text", ["Ryanggang", "ryang", "량강", "KP-10"])
def test_places_are_found_in_both_languages(signed, text):
    assert "KP-10" in ids(signed, "places", text)


def test_places_answer_in_the_language_of_the_page(signed, investigator):
    investigator.language = "ko"
    investigator.save()
    row = signed.get("/suggest/places/", {"q": "KP-10"}).json()["results"][0]
    assert row["lang"] == "en"
    assert row["sublabel"].startswith("Ryanggang")


@pytest.mark.parametrize("kind", ["places", "persons", "organisations", "sources"])
@pytest.mark.parametrize("text", ["", "   ", "a\x00b", "%", "x" * 5000])
def test_what_cannot_match_finds_nothing(signed, source, protected, kind, text):
    assert ids(signed, kind, text) == []


def test_persons_and_sources_are_found_by_code_and_words(signed, protected, source):
    assert ids(signed, "persons", "former") == [protected.code]
    assert ids(signed, "persons", protected.code.lower()) == [protected.code]
    assert ids(signed, "sources", "R-1") == [source.code]


def test_a_name_is_never_found(signed, protected):
    assert ids(signed, "persons", "홍") == []


def test_a_label_begins_with_the_code(signed, protected):
    (row,) = signed.get("/suggest/persons/", {"q": "former"}).json()["results"]
    assert row["label"].split(" ")[0] == protected.code


def test_nothing_hidden_is_suggested(client, stranger, protected, source):
    client.force_login(stranger, backend=SIGN_IN)
    assert ids(client, "persons", protected.code) == []
    assert ids(client, "sources", source.title) == []


def test_suggesting_persons_is_on_record(signed, investigator, protected):
    ids(signed, "persons", "former")
    newest = history([investigator.pk])[0]
    assert (newest.act, newest.data["kind"], newest.data["shown"]) == ("search.ran", "person", 1)


def test_organisations_are_found(signed):
    assert len(ids(signed, "organisations", "ministry")) >= 1


@pytest.mark.parametrize("role", ["mechanism", "auditor"])
def test_who_reads_no_records_gets_no_persons(client, request, role, protected):
    client.force_login(request.getfixturevalue(role), backend=SIGN_IN)
    assert client.get("/suggest/persons/", {"q": "former"}).status_code == 403


def test_a_date_is_read_back(signed):
    answer = signed.get("/suggest/date/", {"value": "2009-21~"}).json()
    assert answer == {
        "wording": "c. spring 2009", "edtf": "2009-21~", "range": "Found from 2009-03-01 to 2009-05-31",
    }  # fmt: skip


@pytest.mark.parametrize("value", ["", "14.3.2009", "2009-13", "a\x00", "9" * 500, "Y99999"])
def test_what_is_no_date_is_explained(signed, value):
    answer = signed.get("/suggest/date/", {"value": value})
    assert answer.status_code == 200
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("text", "place"),
    [("Pyongynag", "KP-01"), ("Pyonyang", "KP-01"), ("평얀", "KP-01"), ("펑양", "KP-01"), ("Hamgoyng", "KP-08")],
)
def test_a_slip_in_the_name_of_a_place_is_forgiven(signed, text, place):
    found = ids(signed, "places", text)
    assert place in found
    assert len(found) <= 5


def test_a_slip_in_the_name_of_an_organisation_is_forgiven(signed, investigator):
    Organisation.objects.create(name_en="Invented River Guard", name_ko="가상강경비대", created_by=investigator)
    for text in ("Invented Rivre Gaurd", "가상강겅비대", "Rivver"):
        assert len(ids(signed, "organisations", text)) == 1, text
    assert ids(signed, "organisations", "zzzzzz") == []
    assert ids(signed, "organisations", "ㅋ") == []
