"""Lawful erasure takes two people, leaves the log provable, and is itself recorded for ever."""

import pytest
from conftest import TESTS, person
from django.db import DatabaseError, connection, transaction

from accounts import people, redactions
from accounts.errors import Invalid, Refused
from custody import ledger, trail
from custody.models import Entry, Payload

BASIS = "Order 7 of an invented court"


@pytest.fixture
def admins(db):
    return person("administrator"), person("administrator")


@pytest.fixture
def entry(db):
    people.sign_in_failed(by=TESTS, email="zebrafink@example.org", client={"address": "192.0.2.1"})
    return trail.page(trail.Wanted(acts=("account.sign_in_failed",)))[0]


def propose(by, entry, part="account"):
    redactions.propose_erasure(by=by, entry_id=entry.entry_id, part=part, reason="names an outsider")


def carry_out(by, entry, part="account"):
    return redactions.carry_out_erasure(by=by, entry_id=entry.entry_id, part=part, basis=BASIS)


def test_the_second_erases_what_the_first_proposed(admins, entry):
    before = bytes(entry.envelope)
    propose(admins[0], entry)
    assert [(one.entry_id, one.part) for one in trail.proposals()] == [(entry.entry_id, "account")]
    erased = carry_out(admins[1], entry)
    payload = Payload.objects.get(entry_id=entry.entry_id, part="account")
    assert (payload.salt, payload.body, payload.redacted_by) == (None, None, erased)
    assert Payload.objects.get(entry_id=entry.entry_id, part="client").body is not None
    assert bytes(trail.entry(entry.entry_id).envelope) == before
    said = Entry.objects.get(entry_id=erased)
    assert (said.act, said.actor_id, said.object_id) == ("ledger.redacted", admins[1].pk, entry.object_id)
    assert said.content["data"]["basis"] == BASIS
    assert trail.proposals() == []
    assert ledger.history([entry.object_id])[-1].redacted


def test_nobody_erases_alone(admins, entry):
    with pytest.raises(Refused, match="no open proposal"):
        carry_out(admins[0], entry)
    propose(admins[0], entry)
    with pytest.raises(Refused, match="another person"):
        carry_out(admins[0], entry)
    assert Payload.objects.get(entry_id=entry.entry_id, part="account").body is not None


@pytest.mark.parametrize("actor", ["", '{"kind":"service","name":"x"}', "first"])
def test_the_database_itself_refuses_one_person_or_nobody(admins, entry, actor):
    propose(admins[0], entry)
    actor = ledger._actor_json(admins[0]) if actor == "first" else actor
    with pytest.raises(DatabaseError, match="second person"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT custody.redact(%s, 'account', 'x') FROM set_config('custody.actor', %s, true)",
                       [str(entry.entry_id), actor])  # fmt: skip


def test_the_database_refuses_what_was_declined_or_never_proposed(admins, entry):
    other = ledger._actor_json(admins[1])
    for number in range(2):
        with pytest.raises(DatabaseError, match="nobody has proposed"), transaction.atomic(), connection.cursor() as c:
            c.execute("SELECT custody.redact(%s, 'account', 'x') FROM set_config('custody.actor', %s, true)",
                      [str(entry.entry_id), other])  # fmt: skip
        if number == 0:
            propose(admins[0], entry)
            redactions.decline_erasure(by=admins[1], entry_id=entry.entry_id, part="account", reason="not needed")
    propose(admins[0], entry)
    carry_out(admins[1], entry)


def test_a_proposal_for_one_part_is_none_for_another(admins, entry):
    propose(admins[0], entry, "client")
    with pytest.raises(Refused):
        carry_out(admins[1], entry, "account")


@pytest.mark.parametrize("part", ["note", "", "ACCOUNT"])
def test_only_what_is_there_is_proposed(admins, entry, part):
    with pytest.raises(Invalid, match="no such part"):
        propose(admins[0], entry, part)


def test_nothing_is_proposed_or_erased_twice(admins, entry):
    propose(admins[0], entry)
    with pytest.raises(Refused, match="already"):
        propose(admins[1], entry)
    carry_out(admins[1], entry)
    with pytest.raises(Invalid, match="erased already"):
        propose(admins[0], entry)
    with pytest.raises(Refused, match="no open proposal"):
        carry_out(admins[1], entry)


@pytest.mark.parametrize("text", ["", "    ", "a", "\x00" * 9, "x" * 1001])
def test_a_ground_is_needed(admins, entry, text):
    with pytest.raises(Invalid):
        redactions.propose_erasure(by=admins[0], entry_id=entry.entry_id, part="account", reason=text)
    propose(admins[0], entry)
    with pytest.raises(Invalid):
        redactions.carry_out_erasure(by=admins[1], entry_id=entry.entry_id, part="account", basis=text)


def test_the_key_of_row_digests_can_be_destroyed_and_later_changes_reconcile(admins, incident):
    entry = Entry.objects.filter(object_id=incident.pk, act="row.inserted").get()
    propose(admins[0], entry, redactions.STATE)
    carry_out(admins[1], entry, redactions.STATE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM custody.reconcile('evidence_incident')")
        assert cursor.fetchall() == []
        cursor.execute("UPDATE evidence_incident SET title_en = 'later' WHERE id = %s", [str(incident.pk)])
        cursor.execute("SELECT * FROM custody.reconcile('evidence_incident')")
        assert cursor.fetchall() == []
    assert Entry.objects.filter(object_id=incident.pk).order_by("-eid").first().content["data"]["state"]
