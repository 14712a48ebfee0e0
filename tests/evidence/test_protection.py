"""The identity vault is a second gate behind the first: a reason, an entry on the person's record, sealed rows."""

import pytest

from accounts.errors import Invalid
from accounts.grants import Permission
from custody.ledger import history
from evidence import access, protection, recording
from evidence.models import Identity, Person, PersonName

REASON = "To arrange her protection"


def opened(by, someone, reason=REASON):
    return protection.open_identity(by=by, person=someone, reason=reason)


def test_names_and_identity_open_with_a_reason(investigator, protected):
    assert opened(investigator, protected).names == [{"script": "hangul", "kind": "legal", "value": "홍가상"}]
    event = history([protected.pk])[0]
    assert (event.act, event.note, event.actor_id) == ("identity.opened", REASON, investigator.pk)


@pytest.mark.parametrize("reason", ["", "   ", "why", None, 7, "a\x00bcdef", "x" * 1001])
def test_without_a_real_reason_nothing_opens(investigator, protected, reason):
    before = len(history([protected.pk]))
    with pytest.raises(Invalid) as refusal:
        opened(investigator, protected, reason)
    assert refusal.value.field == "reason"
    assert len(history([protected.pk])) == before


def test_seeing_a_person_is_not_enough(collection, protected, investigator):
    from conftest import TESTS, person

    viewer = person("investigator")
    access.grant(by=TESTS, record=collection, permission=Permission.VIEW, reason="test", user=viewer)
    assert Person.objects.filter(pk=protected.pk).permitted(viewer).exists()
    with pytest.raises(Invalid):
        opened(viewer, protected)


def test_nothing_of_it_is_readable_in_the_database(protected, database_administrator):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM evidence_personname t")
        assert "홍가상" not in cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(encode(body, 'escape'), '') FROM custody.payload")
        assert "홍가상" not in cursor.fetchone()[0]
    assert "홍가상".encode() not in bytes(PersonName.objects.get(person=protected).sealed)


def test_a_name_moved_to_another_row_does_not_open(investigator, collection, protected):
    from evidence.vault import VaultError

    given = {"risk": "low", "names": [{"script": "hangul", "value": "다른 이름"}]}
    other = recording.record_person(by=investigator, collection=collection, given=given)
    PersonName.objects.filter(person=other).update(sealed=PersonName.objects.get(person=protected).sealed)
    with pytest.raises(VaultError):
        opened(investigator, other)


def test_added_names_stand_beside_the_old_ones(investigator, protected):
    given = {"names": [{"script": "romanised_source", "value": "Hong Gasang"}]}
    recording.revise_person(by=investigator, person=protected, given=given, version=1)
    assert {name["value"] for name in opened(investigator, protected).names} == {"홍가상", "Hong Gasang"}


def test_a_new_identity_document_replaces_the_current_one_and_the_old_stays(investigator, protected):
    for version, birth in ((1, "1960"), (2, "1961")):
        given = {"identity": {"birth": birth}}
        recording.revise_person(by=investigator, person=protected, given=given, version=version)
    assert opened(investigator, protected).identity == {"birth": "1961"}
    assert Identity.objects.filter(person=protected).count() == 2


@pytest.mark.parametrize("identity", [{"nosuch": "x"}, ["x"], "x", {"birth": ["x"]}, {"birth": "\x00"}])
def test_an_identity_of_another_shape_is_refused(investigator, collection, identity):
    with pytest.raises(Invalid):
        recording.record_person(by=investigator, collection=collection, given={"identity": identity})


@pytest.mark.parametrize("names", ["x", [7], [{}], [{"script": "hangul"}], [{"script": "runes", "value": "x"}],
                                   [{"script": [], "value": "x"}], [{"script": "hangul", "value": ""}]])  # fmt: skip
def test_names_of_another_shape_are_refused(investigator, collection, names):
    with pytest.raises(Invalid):
        recording.record_person(by=investigator, collection=collection, given={"names": names or [{}]})
    assert not Person.objects.exists()
