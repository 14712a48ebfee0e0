"""Verbs and their entries: one transaction, the actor named, canonical bytes, parts that open and can be redacted."""

import base64
import json
import uuid

import pytest
from conftest import TESTS, person
from django.db import connection, transaction

from accounts.models import User
from custody import ledger
from custody.envelope import NotCanonical, commitment, is_canonical
from custody.ledger import Service, UnrecordedWrite
from custody.models import Entry, Payload

pytestmark = pytest.mark.usefixtures("own_verbs")

AWKWARD = '한글 "quoted" \\back\\slash/ \t\n\r\x01\x1f\x7f \u2028 emoji 🕊 עברית </script>'


@pytest.fixture
def user(db):
    return person("analyst")


@ledger.verb
def note(*, by, about, act="test.noted", data=None, parts=None):
    return ledger.append(act, about, data=data, parts=parts)


ledger.VERBS.pop(f"{__name__}.note")


def rename(*, by, about, entry=True):
    User.objects.filter(pk=about.pk).update(name="changed")
    if entry:
        ledger.append("test.renamed", about)


def entry_of(entry_id) -> Entry:
    return Entry.objects.get(entry_id=entry_id)


def test_a_verb_that_writes_without_an_entry_is_undone(user):
    with pytest.raises(UnrecordedWrite, match="rename"):
        ledger.verb(rename)(by=TESTS, about=user, entry=False)
    user.refresh_from_db()
    assert user.name != "changed"


def test_a_verb_that_only_reads_needs_no_entry(user):
    assert ledger.verb(lambda *, by: User.objects.count())(by=TESTS) >= 1


def test_a_write_of_an_inner_verb_is_recorded_by_its_own_entry(user):
    inner = ledger.verb(rename)
    ledger.verb(lambda *, by: inner(by=by, about=user))(by=TESTS)
    assert ledger.history([user.pk])[0].act == "test.renamed"


def test_an_inner_verb_without_entry_fails_the_outer_one(user):
    inner = ledger.verb(rename)

    def outer(*, by):
        ledger.append("test.began", user)
        inner(by=by, about=user, entry=False)

    with pytest.raises(UnrecordedWrite):
        ledger.verb(outer)(by=TESTS)
    assert "test.began" not in {event.act for event in ledger.history([user.pk])}


def test_after_an_inner_verb_the_outer_actor_is_named_again(user):
    def outer(*, by):
        note(by=Service("inner"), about=user)
        return ledger.append("test.went_on", user)

    entry = entry_of(ledger.verb(outer)(by=user))
    assert entry.content["actor"] == {"id": str(user.pk), "kind": "user"}


def test_after_a_failed_inner_verb_the_outer_actor_is_named_again(user):
    def failing(*, by):
        raise KeyError

    def outer(*, by):
        with pytest.raises(KeyError), transaction.atomic():
            ledger.verb(failing)(by=Service("inner"))
        return ledger.append("test.went_on", user)

    assert entry_of(ledger.verb(outer)(by=user)).actor_id == user.pk


def test_nothing_is_appended_outside_a_verb(user):
    with pytest.raises(RuntimeError, match="by a verb only"):
        ledger.append("test.noted", user)


def test_an_actor_does_not_outlive_the_act(user):
    note(by=user, about=user)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT custody.append('test.raw', 'user', %s::uuid)", [str(user.pk)])
        (entry_id,) = cursor.fetchone()
    # The test's own transaction surrounds both; in production the setting ends with the act's transaction.
    assert entry_of(entry_id).content["db"]["role"] == "repository_app"


@pytest.mark.parametrize("name", [AWKWARD, "a", "ü", '"', "\\"])
def test_the_envelope_is_canonical_whatever_actor_and_request_are_called(user, name):
    with ledger.request(name):
        entry = entry_of(note(by=Service(name), about=user, data={"text": name, "list": [1, None, True, {"a": name}]}))
    envelope = bytes(entry.envelope)
    assert is_canonical(envelope)
    assert entry.content["actor"]["name"] == name
    assert entry.content["req"] == name
    assert entry.content["data"]["text"] == name


def test_the_columns_say_what_the_envelope_says(user):
    entry = entry_of(note(by=user, about=user))
    content = entry.content
    assert content["id"] == str(entry.entry_id)
    assert content["type"] == entry.act == "test.noted"
    assert content["object"] == {"id": str(entry.object_id), "type": entry.object_type}
    assert content["actor"]["id"] == str(entry.actor_id)
    assert content["at"] == entry.recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert content["log"] == "ledger.example/tests"
    assert len(base64.urlsafe_b64decode(content["nonce"])) == 18


def test_two_entries_about_the_same_have_different_bytes(user):
    first, second = (entry_of(note(by=user, about=user)).content["nonce"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("data", [{"n": 1.5}, {"n": 2**53}, {"a b": 1}, {"t": "\x00"}, {"t": "\ud800"}], ids=repr)
def test_data_outside_the_profile_is_refused(user, data):
    with pytest.raises(NotCanonical):
        note(by=user, about=user, data=data)


def test_the_commitments_open(user):
    parts = {"note": AWKWARD.replace("\x00", ""), "change": {"title": [None, "제목"]}}
    entry = entry_of(note(by=user, about=user, parts=parts))
    payloads = {payload.part: payload for payload in entry.payloads.all()}
    assert set(payloads) == set(parts) == set(entry.content["commit"])
    for name, payload in payloads.items():
        made = commitment(name, bytes(payload.salt), bytes(payload.body))
        assert entry.content["commit"][name] == base64.urlsafe_b64encode(made).rstrip(b"=").decode()
        assert payload.value() == parts[name]
        assert name == "note" or "제목".encode() not in bytes(entry.envelope)


def test_equal_parts_have_unequal_commitments(user):
    entries = [entry_of(note(by=user, about=user, parts={"note": "yes"})) for _ in range(2)]
    assert len({entry.content["commit"]["note"] for entry in entries}) == 2


def test_history_is_newest_first_and_pages(user):
    ids = [note(by=user, about=user, data={"n": number}) for number in range(5)]
    events = ledger.history([user.pk], limit=3)
    assert [event.entry_id for event in events] == ids[:1:-1]
    older = ledger.history([user.pk], before=entry_of(ids[2]).eid)
    assert [event.entry_id for event in older[:2]] == [ids[1], ids[0]]


def test_history_is_of_the_given_records_only(user):
    other = person("analyst")
    note(by=user, about=other)
    assert {event.object_id for event in ledger.history([user.pk])} == {user.pk}


def test_versions_replay_to_what_is(user):
    for before, after in ((None, "one"), ("one", "two"), ("two", "three")):
        note(by=user, about=user, parts={"change": {"title": [before, after]}})
    value = None
    for event in ledger.versions(user.pk):
        if "title" in event.change:
            assert event.change["title"][0] == value
            value = event.change["title"][1]
    assert value == "three"


def test_an_entry_survives_json_round_trips(user):
    """What the payload holds is JSON as given: no float, no reordering that would change a digest."""
    parts = {"change": {"n": [1, 2], "nested": {"b": 1, "a": [None, "x"]}}}
    entry_id = note(by=user, about=user, parts=parts)
    assert json.loads(bytes(Payload.objects.get(entry_id=entry_id).body)) == parts["change"]


def test_a_verb_fails_with_its_transaction(user):
    marker = uuid.uuid4()
    with pytest.raises(KeyError), transaction.atomic():
        note(by=user, about=user, data={"marker": str(marker)})
        raise KeyError
    assert not any(event.data.get("marker") == str(marker) for event in ledger.history([user.pk]))
