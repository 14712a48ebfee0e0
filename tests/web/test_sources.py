"""Pages of sources: recording, grading, what the reader sees of persons and incidents behind them."""

import pytest

from evidence import assessment, recording
from evidence.models import Grading, Source

SIGN_IN = "accounts.backends.SignInBackend"


@pytest.fixture
def signed(client, investigator):
    client.force_login(investigator, backend=SIGN_IN)
    return client


def fields(collection, **changes) -> dict:
    return {"collection": str(collection.pk), "title": "W-014 series", "kind": "witness", **changes}


def test_new_records_a_source_under_the_protection_of_its_person(signed, collection, protected):
    given = fields(collection, confidentiality="1", person_text=f"{protected.code} {protected.note}")
    answer = signed.post("/sources/new/", given)
    source = Source.objects.get()
    assert answer.url == f"/sources/{source.pk}/"
    assert (source.person, source.confidentiality, source.effective_level) == (protected, 1, 2)


def test_new_without_a_title_keeps_the_rest(signed, collection):
    answer = signed.post("/sources/new/", fields(collection, title="", description="Kept words"))
    assert answer.status_code == 400
    assert "Kept words" in answer.content.decode()


def test_edit_changes_and_counts_the_version(signed, collection, source):
    given = fields(collection, title="Report R-2", kind="cso", confidentiality="2", version="1", reason="Renamed")
    assert signed.post(f"/sources/{source.code}/edit/", given).status_code == 302
    source.refresh_from_db()
    assert (source.title, source.version) == ("Report R-2", 2)


def test_edit_shows_a_conflict(signed, collection, investigator2, source):
    recording.revise_source(by=investigator2, source=source, given={"title": "Theirs"}, version=1)
    answer = signed.post(
        f"/sources/{source.code}/edit/", fields(collection, title="Mine", kind="cso", confidentiality="2", version="1")
    )
    assert answer.status_code == 409
    assert [line["now"] for line in answer.context["form"].conflict] == ["Theirs"]


def test_grading_is_kept_with_its_reason(signed, source):
    answer = signed.post(
        f"/sources/{source.code}/grade/", {"reliability": "B", "credibility": "2", "reason": "Two witnesses"}
    )
    assert answer.status_code == 302
    assert str(Grading.objects.get()) == "B2"
    assert "Two witnesses" in signed.get(f"/sources/{source.code}/").content.decode()


def test_grading_needs_a_reason(signed, source):
    answer = signed.post(f"/sources/{source.code}/grade/", {"reliability": "B", "credibility": "2", "reason": ""})
    assert answer.status_code == 400
    assert not Grading.objects.exists()


def test_grading_of_an_item_belongs_to_the_item(signed, source, item):
    given = {"reliability": "A", "credibility": "1", "reason": "Seen by two"}
    answer = signed.post(f"/sources/{source.code}/grade/?item={item.code}", given)
    assert answer.url == f"/evidence/{item.pk}/"
    assert Grading.objects.get().item == item


def test_grading_of_a_hidden_item_is_404(signed, source):
    assert signed.get(f"/sources/{source.code}/grade/", {"item": "EV-0000-0000"}).status_code == 404


def test_a_reviewer_of_another_file_finds_nothing(client, stranger, source):
    client.force_login(stranger, backend=SIGN_IN)
    assert client.get(f"/sources/{source.code}/").status_code == 404
    assert source.title not in client.get("/sources/").content.decode()


def test_the_list_shows_the_grading_in_force(signed, investigator, source):
    for credibility in ("3", "2"):
        assessment.grade(by=investigator, source=source, reliability="B", credibility=credibility, reason="r")
    text = signed.get("/sources/").content.decode()
    assert ">B2<" in text
    assert ">B3<" not in text


def test_a_person_behind_a_source_is_shown_only_to_who_may_see_her(
    client, analyst, investigator, stranger, other_collection, source
):
    hidden = recording.record_person(
        by=stranger, collection=other_collection, given={"note": "Hidden marker", "is_protected": False}
    )
    Source.objects.filter(pk=source.pk).update(person=hidden)
    client.force_login(analyst, backend=SIGN_IN)
    text = client.get(f"/sources/{source.code}/").content.decode()
    assert hidden.code not in text
