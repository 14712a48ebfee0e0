"""Pages of evidence items: forms that keep what was typed, files, what a reader sees and does not see."""

import hashlib
import re

import pytest
from conftest import TESTS, looked_at
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.roles import Permission
from custody.ledger import history
from evidence import access, intake, recording
from evidence.models import File, Item, Link

SIGN_IN = "accounts.backends.SignInBackend"


@pytest.fixture
def signed(client, investigator):
    client.force_login(investigator, backend=SIGN_IN)
    return client


def fields(collection, **changes) -> dict:
    return {
        "collection": str(collection.pk), "kind": "testimony", "title_en": "Interview record", "stance": "supports",
        "function": "crime_base", **changes,
    }  # fmt: skip


def upload(content: bytes = b"one two three", name: str = "note.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_new_takes_in_an_item_with_its_files(signed, collection):
    given = fields(collection, title_ko="면담 기록", date="2019-21~", has_original="yes", content_warnings=["torture"])
    answer = signed.post("/evidence/new/", given | {"files": [upload(), upload(b"four", "b.txt")]})
    item = Item.objects.get()
    assert answer.status_code == 302
    assert answer.url == f"/evidence/{item.pk}/"
    assert (item.title_ko, item.date, item.has_original, item.content_warnings) == (
        "면담 기록",
        "2019-21~",
        True,
        ["torture"],
    )
    assert set(File.objects.values_list("name", flat=True)) == {"note.txt", "b.txt"}
    assert [entry.act for entry in history([item.pk])].count("file.received") == 2


def test_new_takes_the_level_of_the_collection(signed, collection):
    signed.post("/evidence/new/", fields(collection))
    assert Item.objects.get().confidentiality == collection.preset_level


def test_new_puts_back_what_was_typed_and_says_that_files_must_be_chosen_again(signed, collection):
    answer = signed.post("/evidence/new/", fields(collection, title_en="", obtained_by="H.S.", files=[upload()]))
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "H.S." in text
    assert "choose the files again" in text
    assert not Item.objects.exists()


def test_new_refuses_a_level_above_ones_clearance(signed, collection, investigator):
    answer = signed.post("/evidence/new/", fields(collection, confidentiality="4"))
    assert answer.status_code == 400
    assert not Item.objects.exists()


@pytest.mark.parametrize("text", ["a\x00b", "a\x01b"])
def test_new_refuses_characters_that_cannot_be_stored(signed, collection, text):
    answer = signed.post("/evidence/new/", fields(collection, title_en=text))
    assert answer.status_code == 400
    assert not Item.objects.exists()


def test_new_refuses_a_collection_one_may_not_add_to(signed, collection, other_collection):
    answer = signed.post("/evidence/new/", fields(other_collection))
    assert answer.status_code == 400
    assert other_collection.name_en not in answer.content.decode()


def test_new_names_its_source_by_code_even_without_a_script(signed, collection, source):
    signed.post("/evidence/new/", fields(collection, source_text=f"{source.code} {source.title}"))
    assert Item.objects.get().source == source


def test_new_answers_a_hidden_source_like_a_missing_one(signed, collection, stranger, other_collection):
    hidden = recording.record_source(by=stranger, collection=other_collection, given={"title": "Hidden marker"})
    answers = [
        signed.post("/evidence/new/", fields(collection, source_text=code)).content.decode()
        for code in (hidden.code, "SRC-0000-0000")
    ]
    assert all("There is no source with this reference" in text for text in answers)
    assert "Hidden marker" not in answers[0]


def test_an_analyst_may_not_take_in(client, analyst, collection):
    client.force_login(analyst, backend=SIGN_IN)
    assert client.post("/evidence/new/", fields(collection)).status_code == 403


def test_evidence_of_an_incident_is_linked_in_the_same_act(signed, collection, incident):
    answer = signed.post(f"/incidents/{incident.code}/evidence/add/", fields(collection, locator="p. 7"))
    link = Link.objects.get()
    assert answer.status_code == 302
    assert (link.incident, link.item, link.locator, link.stance) == (incident, Item.objects.get(), "p. 7", "supports")


def test_evidence_of_an_incident_fails_whole(signed, collection, incident):
    answer = signed.post(f"/incidents/{incident.code}/evidence/add/", fields(collection, locator="x" * 500))
    assert answer.status_code == 400
    assert not Item.objects.exists()


def test_edit_changes_only_what_was_changed(signed, collection, item):
    answer = signed.post(
        f"/evidence/{item.code}/edit/",
        fields(collection, title_ko="면담", confidentiality="2", version="1", reason="Korean title"),
    )
    item.refresh_from_db()
    assert answer.status_code == 302
    assert (item.title_ko, item.version) == ("면담", 2)
    assert set(history([item.pk])[0].change) == {"title_ko"}


def test_edit_can_raise_the_level(signed, collection, item):
    signed.post(f"/evidence/{item.code}/edit/", fields(collection, confidentiality="3", version="1"))
    item.refresh_from_db()
    assert (item.confidentiality, item.effective_level) == (3, 3)


def test_edit_keeps_a_source_the_editor_cannot_see(signed, investigator, collection, stranger, other_collection, item):
    hidden = recording.record_source(by=stranger, collection=other_collection, given={"title": "Hidden"})
    Item.objects.filter(pk=item.pk).update(source=hidden)
    signed.post(f"/evidence/{item.code}/edit/", fields(collection, title_ko="면담", confidentiality="2", version="1"))
    item.refresh_from_db()
    assert (item.title_ko, item.source) == ("면담", hidden)


def test_edit_shows_what_somebody_else_saved_meanwhile(signed, collection, investigator2, item):
    intake.revise_item(by=investigator2, item=item, given={"title_en": "Their title"}, version=1)
    given = fields(collection, title_en="My title", confidentiality="2", version="1")
    answer = signed.post(f"/evidence/{item.code}/edit/", given)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Their title" in text
    assert "My title" in text
    assert 'name="version" value="2"' in text
    assert signed.post(f"/evidence/{item.code}/edit/", given | {"version": "2"}).status_code == 302


def test_adding_files_keeps_all_or_none(signed, item, file):
    same = b"bytes of evidence" * 1000
    answer = signed.post(f"/evidence/{item.code}/files/", {"files": [upload(b"new"), upload(same)]})
    assert answer.status_code == 409
    assert "already holds exactly this file" in answer.content.decode()
    assert File.objects.count() == 1


def test_adding_no_file_says_so(signed, item):
    assert signed.post(f"/evidence/{item.code}/files/", {}).status_code == 400


def test_download_gives_the_bytes_and_is_on_record(signed, item, file):
    said = {"purpose": "case", "detail": "Request 12"}
    page = signed.post(f"/files/{looked_at(file).pk}/open/", said, follow=True)
    answer = signed.get(re.search(r"/files/opened/[0-9a-f-]+/", page.content.decode()).group())
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == file.blob.digest
    assert "attachment" in answer["Content-Disposition"]
    event = history([item.pk])[0]
    assert (event.act, event.note) == ("file.opened", "Analysis for a case: Request 12")


@pytest.mark.parametrize("identifier", ["EV-0000-0000", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_download_of_nothing_is_404(signed, identifier):
    for path in (f"/files/{identifier}/open/", f"/files/opened/{identifier}/", f"/files/renditions/{identifier}/"):
        assert signed.get(path).status_code == 404


def test_a_stranger_finds_nothing(client, stranger, item, file):
    client.force_login(stranger, backend=SIGN_IN)
    paths = (f"/evidence/{item.code}/", f"/evidence/{item.pk}/edit/", f"/files/{file.pk}/open/")
    assert {client.get(path).status_code for path in paths} == {404}
    assert item.code not in client.get("/evidence/").content.decode()


def test_the_record_shows_only_links_the_reader_may_see(client, reviewer, investigator, item, log, other_collection):
    access.grant(by=TESTS, record=other_collection, permission=Permission.CONTRIBUTE, reason="t", user=investigator)
    seen, hidden = log(title_en="Seen marker"), log(title_en="Hidden marker", home=other_collection)
    for target in (seen, hidden):
        recording.link(by=investigator, item=item, target=target)
    client.force_login(reviewer, backend=SIGN_IN)
    text = client.get(f"/evidence/{item.code}/").content.decode()
    assert "Seen marker" in text
    assert "Hidden marker" not in text
    assert hidden.code not in text


def test_a_sensitive_item_warns(signed, investigator, collection):
    given = {"kind": "testimony", "title_en": "T", "content_warnings": ["torture"]}
    item = intake.receive_item(by=investigator, collection=collection, given=given)
    assert "Content warning" in signed.get(f"/evidence/{item.code}/").content.decode()


def test_opening_a_confidential_record_is_on_record(signed, item):
    signed.get(f"/evidence/{item.code}/")
    assert history([item.pk])[0].act == "item.opened"


def test_the_list_narrows_and_says_by_what(signed, investigator, collection, item):
    intake.receive_item(by=investigator, collection=collection, given={"kind": "document", "title_en": "A decree"})
    text = signed.get("/evidence/", {"kind": "document", "q": ""}).content.decode()
    assert "A decree" in text
    assert item.code not in text
    assert "Remove filter" in text


def test_an_unknown_filter_is_refused_by_name(signed):
    answer = signed.get("/evidence/", {"colour": "red"})
    assert answer.status_code == 400
    assert "colour" in answer.content.decode()
