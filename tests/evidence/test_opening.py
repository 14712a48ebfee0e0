"""Opening originals: a purpose, one person, some minutes; what is in quarantine, infected, gone; pictures."""

import io
from datetime import timedelta

import pytest
from conftest import drawn, looked_at
from django.test import Client
from django.utils import timezone

from accounts import grants
from accounts.errors import Invalid, Refused
from custody.ledger import history
from custody.models import Entry
from evidence import handling, search, storage
from evidence.models import File, Opening, Rendition

WHY = "to compare the signature"


@pytest.fixture
def file(file):
    return looked_at(file)


def signed(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.SignInBackend")
    return client


def opening(user, file, **more):
    return handling.open_for(by=user, file=file, purpose=WHY, **more)


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_an_opening_reads_the_bytes_and_each_reading_is_an_entry(file, investigator):
    row = opening(investigator, file)
    client = signed(investigator)
    whole = body(client.get(f"/files/opened/{row.pk}/"))
    part = client.get(f"/files/opened/{row.pk}/", headers={"Range": "bytes=6-7"})
    assert (part.status_code, body(part)) == (206, whole[6:8])
    told = [event for event in history([file.item_id]) if event.act.startswith("file.open")]
    assert [event.act for event in told] == ["file.opened", "file.opened", "file.opening_made"]
    assert {event.note for event in told} == {WHY}
    assert (told[0].data["from"], told[0].data["to"], told[0].data["opening"]) == (6, 8, str(row.pk))


@pytest.mark.parametrize("purpose", ["", "  ", None, 7, "x" * 301])
def test_an_opening_needs_a_purpose(file, investigator, purpose):
    with pytest.raises(Invalid) as refusal:
        handling.open_for(by=investigator, file=file, purpose=purpose)
    assert refusal.value.field == "purpose"
    assert not Opening.objects.exists()


def test_an_opening_is_of_one_person_and_ends(file, investigator, reviewer):
    row = opening(investigator, file)
    assert signed(reviewer).get(f"/files/opened/{row.pk}/").status_code == 404
    with pytest.raises(Refused):
        handling.read_opened(by=reviewer, opening=row)
    content = f"/api/v1/files/{file.pk}/content?opening="
    answers = [signed(reviewer).get(content + key).json() for key in (str(row.pk), "nonsense", "")]
    assert {answer["code"] for answer in answers} == {"opening_needed"}
    assert "/openings" in answers[0]["detail"]
    Opening.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert signed(investigator).get(f"/files/opened/{row.pk}/").status_code == 404
    assert signed(investigator).get(content + str(row.pk)).status_code == 409
    with pytest.raises(Refused):
        handling.read_opened(by=investigator, opening=Opening.objects.get(pk=row.pk))


def test_an_opening_of_one_file_opens_no_other(file, investigator, item):
    from evidence import intake

    other = looked_at(intake.receive_file(by=investigator, item=item, stream=io.BytesIO(b"other"), name="b.txt"))
    row = opening(investigator, file)
    assert signed(investigator).get(f"/api/v1/files/{other.pk}/content?opening={row.pk}").status_code == 409
    kept = signed(investigator).get(f"/api/v1/files/{file.pk}/content", headers={"Opening": str(row.pk)})
    assert kept.status_code == 200


def test_a_grant_taken_back_in_between_ends_it(file, investigator, collection):
    row, client = opening(investigator, file), signed(investigator)
    assert client.get(f"/files/opened/{row.pk}/").status_code == 200
    grants.take(record=collection, permission="contribute", user=investigator)
    assert client.get(f"/files/opened/{row.pk}/").status_code == 404


def test_a_file_in_quarantine_is_not_opened(file, investigator):
    looked_at(file, "pending")
    with pytest.raises(Refused) as refusal:
        opening(investigator, file)
    assert refusal.value.code == "quarantine"
    url = f"/api/v1/files/{file.pk}/openings"
    answer = signed(investigator).post(url, {"purpose": WHY}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "quarantine")
    page = signed(investigator).get(f"/files/{file.pk}/open/").content.decode()
    assert "still being checked" in page
    assert "<textarea" not in page
    assert 'name="purpose"' not in page


def test_malware_is_opened_by_whoever_confirms_it_alone(file, investigator):
    looked_at(file, "infected")
    client, url = signed(investigator), f"/api/v1/files/{file.pk}/openings"
    refused = client.post(url, {"purpose": WHY}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "malware")
    wrong = client.post(url, {"purpose": WHY, "knowing": ["yes"]}, content_type="application/json")
    assert wrong.status_code == 400
    made = client.post(url, {"purpose": WHY, "knowing": ["malware"]}, content_type="application/json").json()
    answer = client.get(made["url"])
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    page = client.post(f"/files/{file.pk}/open/", {"purpose": "verify", "detail": ""})
    assert page.status_code == 400
    assert client.post(f"/files/{file.pk}/open/", {"purpose": "verify", "malware": "on"}).status_code == 302


def test_what_was_found_since_the_opening_counts(file, investigator):
    row = opening(investigator, file)
    looked_at(file, "infected")
    assert signed(investigator).get(f"/files/opened/{row.pk}/").status_code == 409
    looked_at(file)
    handling.withdraw_file(by=investigator, file=file, reason="a double")
    assert signed(investigator).get(f"/files/opened/{row.pk}/").status_code == 409


def test_missing_bytes_are_told_before_anything_is_answered(file, investigator):
    row = opening(investigator, file)
    (storage.root() / storage.name_of(file.blob)).unlink()
    answer = signed(investigator).get(f"/api/v1/files/{file.pk}/content?opening={row.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "damaged")
    assert not Entry.objects.filter(act="file.opened").exists()


def test_something_else_has_to_be_said(file, investigator):
    page = signed(investigator).post(f"/files/{file.pk}/open/", {"purpose": "other", "detail": " "})
    assert page.status_code == 400
    assert not Opening.objects.exists()


def viewed() -> int:
    return Entry.objects.filter(act="file.viewed").count()


def test_pictures_are_shown_as_pictures_with_one_entry_a_while(file, investigator):
    picture, client = drawn(file), signed(investigator)
    answer = client.get(f"/files/renditions/{picture.pk}/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.content == b"".join(storage.read(picture.blob))
    assert viewed() == 1
    client.get(f"/files/renditions/{picture.pk}/")
    assert viewed() == 1


def test_the_record_covers_its_pictures_and_a_list_the_thumbnails(file, investigator, reviewer):
    picture = drawn(file)
    search.note_opened(by=investigator, record=file.item)
    assert signed(investigator).get(f"/files/renditions/{picture.pk}/").status_code == 200
    assert viewed() == 0
    # Somebody else's looking covers nothing, nor does a list a whole page.
    client = signed(reviewer)
    client.get("/evidence/")
    Rendition.objects.filter(pk=picture.pk).update(kind="thumbnail")
    assert client.get(f"/files/renditions/{picture.pk}/").status_code == 200
    assert viewed() == 0
    Rendition.objects.filter(pk=picture.pk).update(kind="page")
    client.get(f"/files/renditions/{picture.pk}/")
    assert viewed() == 1


@pytest.mark.parametrize("how", ["infected", "pending", "withdrawn file", "withdrawn item", "ended", "stranger"])
def test_nothing_is_shown_of_what_is_isolated_or_gone(file, investigator, stranger, how):
    picture, user = drawn(file), investigator
    if how in ("infected", "pending"):
        File.objects.filter(pk=file.pk).update(scan=how)
    elif how == "withdrawn file":
        handling.withdraw_file(by=investigator, file=file, reason="a double")
    elif how == "withdrawn item":
        handling.withdraw_item(by=investigator, item=file.item, reason="a double")
    elif how == "ended":
        Rendition.objects.filter(pk=picture.pk).update(ended_at=timezone.now())
    else:
        user = stranger
    assert signed(user).get(f"/files/renditions/{picture.pk}/").status_code == 404
    assert viewed() == 0


def test_a_picture_of_an_unheard_of_type_is_no_picture(file, investigator):
    picture = drawn(file)
    Rendition.objects.filter(pk=picture.pk).update(media_type="image/svg+xml")
    answer = signed(investigator).get(f"/files/renditions/{picture.pk}/")
    assert answer["Content-Type"] == "application/octet-stream"
