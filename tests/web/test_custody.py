"""The pages of custody and of the ledger: verify, export, certificate, audit trail, entries, erasure by two people."""

import io
import json
import re
import uuid
import zipfile

import pytest
from conftest import PASSWORD, TESTS, as_sequencer, person, simple
from django.db import connection
from django.urls import reverse

from accounts import people, redactions
from custody import anchors, checkpoints, ledger, sequencer, trail, verification_runs, verify_custody
from custody.models import Entry
from custody.verification import Finding
from evidence import access, intake, proofs, recording, storage, verifications
from evidence.models import Blob


@pytest.fixture
def enter(client):
    """`enter(user)`: the client signed in as this person."""

    def sign_in(user):
        client.force_login(user, backend="accounts.backends.SignInBackend")
        return client

    return sign_in


def acts(pk) -> list[str]:
    return [
        entry.act for entry in Entry.objects.filter(object_id=pk).order_by("eid") if not entry.act.startswith("row.")
    ]


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_an_item_is_verified_and_what_was_checked_is_shown(enter, item, file, investigator):
    page = enter(investigator).post(reverse("item-verify", args=[item.code]))
    assert page.status_code == 200
    said = text_of(page)
    assert "unchanged, byte for byte" in said
    assert file.blob.digest in said
    assert "Nothing is signed yet" in said
    assert acts(item.pk)[-1] == "item.verified"


def test_a_changed_file_is_found_and_said(enter, item, file, investigator):
    path = storage.root() / storage.name_of(file.blob)
    content = path.read_bytes()
    path.write_bytes(content[:-20] + bytes(20))
    page = enter(investigator).post(reverse("item-verify", args=[item.code]))
    assert "is NOT what was received" in text_of(page)
    assert Entry.objects.filter(act="item.verified").get().content["data"]["failed"] == ["bytes"]
    path.unlink()
    assert "is NOT what was received" in text_of(enter(investigator).post(reverse("item-verify", args=[item.code])))


def test_a_file_that_no_entry_received_is_found(item, file, investigator):
    Blob.objects.filter(pk=file.blob_id).update(sha256=bytes(32))
    found = {check.code: check.holds for check in proofs.verify_item(by=investigator, item=item)}
    assert found["bytes"] is False


def test_what_is_too_large_to_wait_for_is_said(item, file, investigator, monkeypatch):
    monkeypatch.setattr(proofs, "READ_AT_ONCE", 10)
    found = {check.code: check.holds for check in proofs.verify_item(by=investigator, item=item)}
    assert found["bytes"] is None


@pytest.fixture
def signed(committed_database, signing):
    """(investigator, item) in a log that is signed and stamped."""
    by = person("investigator")
    home = access.open_collection(by=person("administrator"), name_en="Invented", preset_level=2)
    access.grant(by=TESTS, record=home, permission="contribute", reason="test", user=by)
    item = intake.receive_item(by=by, collection=home, given={"kind": "testimony", "title_en": "Zebrafink 張 speaks"})
    intake.receive_file(by=by, item=item, stream=io.BytesIO(b"invented"), name="Zebrafink <b>&.txt")
    with as_sequencer():
        sequencer.integrate()
        checkpoints.publish()
        anchors.stamp_newest(checkpoints.latest(), anchors.DEMO)
    return by, item


@pytest.mark.parametrize("language", ["en", "ko"])
def test_proof_and_certificate_go_out_and_are_recorded(client, signed, language, monkeypatch):
    by, item = signed
    people.prefer(by=by, language=language)
    client.force_login(by, backend="accounts.backends.SignInBackend")
    monkeypatch.setattr(proofs, "PATIENCE", 0.0)
    answer = client.post(reverse("item-proof", args=[item.code]), {"purpose": "Request 12"})
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="proof-{item.code}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        document = json.loads(archive.read("proof.json"))
        assert b"Zebrafink" not in archive.read("proof.json")
        assert verify_custody.Trust(json.loads(archive.read("trust.json"))).checkpoint(document["checkpoint"])
    pdf = client.post(reverse("item-certificate", args=[item.code]))
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    assert len(pdf.content) > 10_000
    assert acts(item.pk)[-2:] == ["proof.exported", "certificate.issued"]
    page = client.post(reverse("item-verify", args=[item.code]))
    assert page.status_code == 200
    assert 'class="fails"' not in page.content.decode()
    checks = proofs.verify_item(by=by, item=item)
    assert {check.code for check in checks if check.holds} == {"bytes", "signed", "entries", "files", "stamped"}


@pytest.mark.parametrize(("data", "words"), [({}, "required"), ({"purpose": "x"}, "Say what the proof is for"),
                                             ({"purpose": "\x00" * 9}, "")])  # fmt: skip
def test_a_proof_needs_a_purpose(enter, item, investigator, data, words):
    answer = enter(investigator).post(reverse("item-proof", args=[item.code]), data)
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert "proof.exported" not in acts(item.pk)


def test_a_kept_file_that_is_no_checkpoint_is_refused_at_its_field(client, signed, monkeypatch):
    by, item = signed
    client.force_login(by, backend="accounts.backends.SignInBackend")
    monkeypatch.setattr(proofs, "PATIENCE", 0.0)
    for content in (b"junk", b"\xff\xfe\n\n", b"", b"x" * 100_000):
        kept = io.BytesIO(content)
        kept.name = "kept.txt"
        answer = client.post(reverse("item-proof", args=[item.code]), {"purpose": "Request 12", "kept": kept})
        assert answer.status_code == 400, content[:10]
    assert "proof.exported" not in acts(item.pk)


def test_before_anything_is_signed_there_is_no_proof_and_no_certificate(enter, item, investigator):
    assert enter(investigator).post(reverse("item-proof", args=[item.code]), {"purpose": "a court"}).status_code == 409
    assert enter(investigator).post(reverse("item-certificate", args=[item.code])).status_code == 409


@pytest.mark.parametrize("name", ["item-custody", "item-verify", "item-proof", "item-certificate"])
def test_an_item_of_others_does_not_exist(enter, item, stranger, auditor, name):
    for user in (stranger, auditor):
        client = enter(user)
        method = client.get if name == "item-custody" else client.post
        answers = [
            method(reverse(name, args=[code]), {"purpose": "curious"}) for code in (item.code, "EV-0000-0000", "x")
        ]
        assert len({answer.status_code for answer in answers}) == 1
        assert answers[0].status_code == (404 if user is stranger else 403)
    assert not {"item.verified", "proof.exported", "certificate.issued"} & set(acts(item.pk))


# --- the ledger's own pages


@pytest.mark.parametrize("name", ["ledger", "audit"])
def test_oversight_is_for_auditors_and_administrators(enter, name, auditor, administrator, investigator, mechanism):
    for user, status in ((auditor, 200), (administrator, 200), (investigator, 403), (mechanism, 403)):
        assert enter(user).get(reverse(name)).status_code == status


def test_the_trail_names_acts_and_people_and_nothing_of_what_records_say(enter, auditor, log, protected, source):
    incident = log(title_en="Zebrafink was taken", narrative_en="Zebrafink said so")
    said = text_of(enter(auditor).get(reverse("audit")))
    assert "logged the incident" in said
    assert str(incident.pk)[:8] in said
    assert incident.code not in said
    assert "Zebrafink" not in said
    assert Entry.objects.filter(act="search.ran", actor_id=auditor.pk).exists()


def test_an_administrator_with_a_grant_sees_codes_and_words(enter, administrator, collection, investigator, log):
    incident = log(title_en="Zebrafink was taken")
    entry = Entry.objects.get(object_id=incident.pk, act="incident.logged")
    url = reverse("audit-entry", args=[entry.entry_id])
    assert "Zebrafink" not in enter(administrator).get(url).content.decode()
    access.grant(by=TESTS, record=collection, permission="view", reason="test", user=administrator)
    page = enter(administrator).get(url)
    assert "Zebrafink" in page.content.decode()
    assert incident.code in page.content.decode()


@pytest.mark.parametrize(("query", "found"), [
    ("act=incident.logged", 1), ("act=item.received", 1), ("act=item.", 1), ("kind=incident", 1), ("kind=person", 0),
    ("unattributed=yes", 0), ("date_from=2020-01-01", 1), ("date_to=2020-01-01", 0), ("act=", 1),
    ("actor={actor}", 1), ("object={code}", 1), ("object={pk}", 1), ("object=EV-0000-0000", 0), ("rows=on&act=row.", 1),
    ("actor=nobody@tests.example", 0), ("object=INC-2222-2222", 0),
])  # fmt: skip
def test_the_filters_of_the_trail(enter, auditor, incident, item, investigator, query, found):
    query = query.format(actor=investigator.pk, code=incident.code, pk=incident.pk)
    answer = enter(auditor).get(reverse("audit") + "?" + query)
    if "0000" in query or "2222" in query:
        assert answer.status_code in (200, 400)
        return
    assert answer.status_code == 200
    assert bool(answer.context["rows"]) == bool(found)


@pytest.mark.parametrize("query", ["date_from=yesterday", "date_to=2026-13-01", "object=x", "before=x", "before=-1",
                                   "colour=red", "date_from=9999-12-31", "before=" + "9" * 30])  # fmt: skip
def test_a_wrong_filter_is_named(enter, auditor, query):
    answer = enter(auditor).get(reverse("audit") + "?" + query)
    assert answer.status_code == 400
    assert answer.context["problem"]


def test_the_trail_pages_without_a_gap(enter, auditor, investigator):
    for number in range(60):
        people.sign_in_failed(by=TESTS, email=f"{number}@tests.example")
    client, url, seen = enter(auditor), reverse("audit") + "?act=account.sign_in_failed", []
    while url:
        page = client.get(url)
        seen += [row["entry"].pk for row in page.context["rows"]]
        url = page.context["next_url"] and reverse("audit") + page.context["next_url"]
    assert len(seen) == len(set(seen)) == 60


def test_an_entry_shows_its_place_and_what_the_same_request_wrote(enter, auditor, investigator, collection):
    with ledger.request(str(uuid.uuid4())):
        incident = recording.log_incident(by=investigator, collection=collection, given=simple())
    entry = Entry.objects.get(object_id=incident.pk, act="incident.logged")
    page = enter(auditor).get(reverse("audit-entry", args=[entry.entry_id]))
    said = text_of(page)
    assert "It waits to be numbered" in said
    assert page.context["same_request"]
    assert "Not open to you" in said


@pytest.mark.parametrize("pk", ["x", "00000000-0000-0000-0000-000000000000", "01a210d0-2f0b-7e54-877d-721ab797f72c"])
def test_an_entry_that_is_not_there(enter, auditor, pk):
    assert enter(auditor).get(reverse("audit-entry", args=[pk])).status_code == 404


def test_a_change_outside_the_application_stands_out(enter, auditor, incident):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('custody.actor', '', true)")
        cursor.execute("UPDATE evidence_incident SET title_en = 'Zebrafink' WHERE id = %s", [str(incident.pk)])
    client = enter(auditor)
    page = client.get(reverse("audit") + "?unattributed=yes")
    (row,) = page.context["rows"]
    said = text_of(client.get(reverse("audit-entry", args=[row["entry"].entry_id])))
    assert "No act accounts for this change" in said
    assert "Zebrafink" not in said
    state = client.get(reverse("ledger"))
    assert state.context["state"].unattributed == 1


def test_a_verification_is_asked_for_done_and_shown(enter, committed_database):
    auditor = person("auditor")
    client = enter(auditor)
    assert client.post(reverse("ledger-verify"), follow=True).status_code == 200
    assert client.post(reverse("ledger-verify")).status_code == 302
    assert "A verification is running" in text_of(client.get(reverse("ledger")))
    assert verifications.run_pending() == 1
    assert verifications.run_pending() == 0
    (run,) = verification_runs.recent()
    assert run.requested_by == auditor.pk
    said = text_of(client.get(reverse("ledger")))
    assert "does not verify" in said or "Everything holds" in said
    assert Entry.objects.get(act="verification.finished").content["data"]["size"] == run.size


def test_a_failed_check_is_shown_with_its_first_index(enter, auditor):
    run = verification_runs.ask(None)
    findings = [Finding("numbering", True, facts={"size": 9}), Finding("leaves", False, 7, {"wrong": 1})]
    verifications.finish(by=auditor, run=run, size=9, findings=findings)
    said = text_of(enter(auditor).get(reverse("ledger")))
    assert "The ledger does not verify" in said
    assert "First differing entry: 7" in said
    assert "Entries were changed or removed" in said


def test_verifier_and_trust_file_are_handed_out(enter, investigator, mechanism):
    for user in (investigator, mechanism):
        client = enter(user)
        assert b"def check_inclusion" in client.get(reverse("ledger-verifier")).content
        assert set(json.loads(client.get(reverse("ledger-trust")).content)) == {"origin", "log_keys", "authorities"}


# --- erasure


@pytest.fixture
def entry(db):
    people.sign_in_failed(by=TESTS, email="zebrafink@example.org")
    return trail.page(trail.Wanted(acts=("account.sign_in_failed",)))[0]


def step(client, entry, name, ground="Order 7 of an invented court"):
    url = reverse("audit-erase", args=[entry.entry_id, name])
    return client.post(url, {"part": "account", "ground": ground}, follow=True)


def test_two_administrators_erase_a_part(enter, administrator, entry):
    other = person("administrator")
    assert "Another administrator decides" in text_of(step(enter(administrator), entry, "propose"))
    assert step(enter(administrator), entry, "carry-out").status_code == 409
    assert "A proposal to erase it is open" in text_of(enter(other).get(reverse("audit-entry", args=[entry.entry_id])))
    assert str(entry.entry_id) in enter(other).get(reverse("ledger")).content.decode()
    assert "Lawfully erased" in text_of(step(enter(other), entry, "carry-out"))
    assert trail.proposals() == []


def test_a_proposal_is_put_aside(enter, administrator, entry):
    step(enter(administrator), entry, "propose")
    assert "put aside" in text_of(step(enter(administrator), entry, "decline"))
    with pytest.raises(redactions.Refused):
        redactions.carry_out_erasure(
            by=person("administrator"), entry_id=entry.entry_id, part="account", basis="Order 7"
        )


def test_erasing_is_not_for_auditors_and_needs_a_ground(enter, administrator, auditor, investigator, entry):
    for user in (auditor, investigator):
        assert step(enter(user), entry, "propose").status_code == 403
    assert step(enter(administrator), entry, "propose", ground="").status_code == 400
    assert step(enter(administrator), entry, "propose", ground="x").status_code == 400
    assert step(enter(administrator), entry, "burn").status_code == 404
    assert trail.proposals() == []


# --- signing in and out


def test_signing_in_failing_and_out_are_entries(client, investigator):
    url = reverse("account_login")
    agent = {"HTTP_USER_AGENT": "Zebrafink/1"}
    for login, password in (
        ("nobody@tests.example", "wrong"),
        (investigator.email, "wrong"),
        (investigator.email, PASSWORD),
    ):
        client.post(url, {"login": login, "password": password}, **agent)
    client.post(reverse("account_logout"))
    failed = Entry.objects.filter(act="account.sign_in_failed").order_by("eid")
    assert failed.count() == 2
    assert {entry.object_type for entry in failed} == {"account", "user"}
    for entry in failed:
        assert b"tests.example" not in bytes(entry.envelope)
        assert b"Zebrafink" not in bytes(entry.envelope)
        parts = {payload.part: payload.value() for payload in entry.payloads.all()}
        assert parts["client"]["agent"] == "Zebrafink/1"
    assert {"account.signed_in", "account.signed_out"} <= set(acts(investigator.pk))


def test_a_new_password_by_its_owner_is_an_act(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    new = "another quiet river at dawn 77"
    answer = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert answer.status_code == 302
    assert "account.password_set" in acts(investigator.pk)
    assert not Entry.objects.filter(act__startswith="raw.").exists()


def test_repeated_openings_are_one_line_of_the_timeline(enter, item, investigator):
    client = enter(investigator)
    for _ in range(4):
        page = client.get(reverse("item-detail", args=[item.code]))
    said = text_of(page)
    assert "times, the last shown" in said
    assert said.count("opened the record") == 1
