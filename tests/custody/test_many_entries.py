"""Many entries in one statement: each as `append` writes it, in the order given, or none of them."""

import base64

import pytest
from conftest import person
from django.db import DatabaseError, transaction

from custody import ledger
from custody.envelope import commitment, is_canonical
from custody.ledger import Fact
from custody.models import Entry, Payload

pytestmark = pytest.mark.usefixtures("own_verbs")


@pytest.fixture
def user(db):
    return person("analyst")


def note_all(by, *facts):
    return ledger.verb(lambda *, by: ledger.append_all(facts))(by=by)


def facts_about(user, count):
    return [Fact("test.noted", user, data={"n": n}, parts={"note": f"제 {n}", "b": [n]}) for n in range(count)]


def test_entries_are_written_in_the_order_given_and_their_commitments_open(user):
    ids = note_all(user, *facts_about(user, 50), Fact("test.bare", user))
    entries = list(Entry.objects.filter(entry_id__in=ids).order_by("eid"))
    assert [entry.entry_id for entry in entries] == ids
    assert [entry.content["data"] for entry in entries] == [*({"n": n} for n in range(50)), {}]
    for entry in entries:
        content, envelope = entry.content, bytes(entry.envelope)
        assert is_canonical(envelope)
        assert content["actor"] == {"id": str(user.pk), "kind": "user"}
        assert (content["id"], entry.entry_id.version) == (str(entry.entry_id), 7)
        assert content["at"] == entry.recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        assert len(base64.urlsafe_b64decode(content["nonce"])) == 18
        payloads = {payload.part: payload for payload in entry.payloads.all()}
        assert set(payloads) == set(content["commit"])
        for name, payload in payloads.items():
            made = commitment(name, bytes(payload.salt), bytes(payload.body))
            assert content["commit"][name] == base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def test_what_is_drawn_at_random_is_another_for_each(user):
    ids = [*note_all(user, *facts_about(user, 20)), *note_all(user, *facts_about(user, 20))]
    nonces = {entry.content["nonce"] for entry in Entry.objects.filter(entry_id__in=ids)}
    salts = {bytes(salt) for salt in Payload.objects.filter(entry_id__in=ids).values_list("salt", flat=True)}
    assert (len(set(ids)), len(nonces), len(salts)) == (40, 40, 80)


@pytest.mark.parametrize("act", ["row.inserted", "raw.updated", "ledger.redacted", "Noted", "noted"])
def test_one_act_that_is_reserved_or_malformed_refuses_all(user, act):
    before = Entry.objects.count()
    with pytest.raises(DatabaseError), transaction.atomic():
        note_all(user, Fact("test.noted", user), Fact(act, user))
    assert Entry.objects.count() == before


def test_none_are_none(user):
    assert note_all(user) == []


def test_nothing_is_appended_outside_a_verb(user):
    with pytest.raises(RuntimeError, match="by a verb only"):
        ledger.append_all(facts_about(user, 1))
