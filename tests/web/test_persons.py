"""Pages of persons: codes everywhere, names only on the one answer that opened them."""

import pytest

from custody.ledger import history
from evidence.models import Person, PersonName

SIGN_IN = "accounts.backends.SignInBackend"

NAME = "홍가상"


@pytest.fixture
def signed(client, investigator):
    client.force_login(investigator, backend=SIGN_IN)
    return client


def fields(collection, *names: tuple, **changes) -> dict:
    rows = {"names-TOTAL_FORMS": str(len(names)), "names-INITIAL_FORMS": "0"}
    for number, (script, kind, value) in enumerate(names):
        rows |= {f"names-{number}-script": script, f"names-{number}-kind": kind, f"names-{number}-value": value}
    person = {"collection": str(collection.pk), "sex": "female", "risk": "medium", "is_protected": "on"}
    return person | rows | changes


def test_new_seals_names_and_identity(signed, collection):
    given = fields(collection, ("hangul", "legal", NAME), ("hangul", "legal", ""), note="Former detainee", birth="1980")
    answer = signed.post("/persons/new/", given)
    person = Person.objects.get()
    assert answer.url == f"/persons/{person.pk}/"
    assert (person.note, person.risk, person.is_protected, person.effective_level) == (
        "Former detainee",
        "medium",
        True,
        2,
    )
    assert PersonName.objects.count() == 1
    assert NAME.encode() not in bytes(PersonName.objects.get().sealed)
    assert person.identities.count() == 1


def test_a_removed_row_of_names_is_not_kept(signed, collection):
    signed.post("/persons/new/", fields(collection, ("hangul", "legal", NAME)) | {"names-0-DELETE": "on"})
    assert not PersonName.objects.exists()


def test_a_refused_name_is_marked_in_its_row(signed, collection):
    answer = signed.post("/persons/new/", fields(collection, ("hangul", "legal", ""), ("hangul", "legal", "x" * 300)))
    assert answer.status_code == 400
    assert "at most 200" in answer.content.decode()
    assert answer.context["form"].names.forms[1].errors
    assert not Person.objects.exists()


def test_a_refused_identity_field_is_marked(signed, collection):
    answer = signed.post("/persons/new/", fields(collection, birth="x" * 6000))
    assert answer.status_code == 400
    assert "birth" in answer.context["form"].errors


@pytest.mark.parametrize("path", ["/persons/", "/persons/{}/", "/persons/{}/edit/", "/suggest/persons/?q=former"])
def test_no_page_holds_a_name(signed, protected, path):
    text = signed.get(path.format(protected.code)).content.decode()
    assert protected.code in text
    assert NAME not in text


def test_the_page_title_is_the_code_alone(signed, protected):
    assert f"<title>{protected.code} – " in signed.get(f"/persons/{protected.code}/").content.decode()


def test_opening_shows_the_name_once_and_is_on_record(signed, protected):
    answer = signed.post(f"/persons/{protected.code}/identity/", {"reason": "Second interview"})
    assert NAME in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    newest = history([protected.pk])[0]
    assert (newest.act, newest.note) == ("identity.opened", "Second interview")
    assert NAME not in signed.get(f"/persons/{protected.code}/").content.decode()


@pytest.mark.parametrize("reason", ["", "why"])
def test_opening_needs_a_reason(signed, protected, reason):
    answer = signed.post(f"/persons/{protected.code}/identity/", {"reason": reason})
    assert answer.status_code == 400
    assert NAME not in answer.content.decode()
    assert "identity.opened" not in [entry.act for entry in history([protected.pk])]


def test_opening_by_get_is_not_possible(signed, protected):
    assert signed.get(f"/persons/{protected.code}/identity/").status_code == 405


def test_an_analyst_may_not_open(client, analyst, protected):
    client.force_login(analyst, backend=SIGN_IN)
    assert client.get(f"/persons/{protected.code}/").status_code == 200
    assert client.post(f"/persons/{protected.code}/identity/", {"reason": "Curious"}).status_code == 403


def test_edit_adds_a_name_beside_the_former(signed, collection, protected):
    given = fields(collection, ("romanised_source", "alias", "Hong"), note="Former detainee", sex="unknown")
    answer = signed.post(f"/persons/{protected.code}/edit/", given | {"confidentiality": "2", "version": "1"})
    assert answer.status_code == 302
    assert PersonName.objects.filter(person=protected).count() == 2


def test_edit_does_not_lower_the_risk(signed, collection, protected):
    given = fields(collection, note="Former detainee", sex="unknown", risk="low", confidentiality="2", version="1")
    answer = signed.post(f"/persons/{protected.code}/edit/", given)
    protected.refresh_from_db()
    assert answer.status_code == 409
    assert protected.risk == "medium"


def test_the_record_shows_involvements_the_reader_may_see(signed, protected, log):
    involvement = {"role": "victim", "person": protected.code}
    incident = log(acts=[{"title_en": "Detention", "crimes": ["cah.torture"], "involvements": [involvement]}])
    text = signed.get(f"/persons/{protected.code}/").content.decode()
    assert incident.code in text


def test_a_stranger_finds_nobody(client, stranger, protected):
    client.force_login(stranger, backend=SIGN_IN)
    assert client.get(f"/persons/{protected.code}/").status_code == 404
    assert client.post(f"/persons/{protected.code}/identity/", {"reason": "Let me in"}).status_code == 404
    assert protected.code not in client.get("/persons/").content.decode()
