"""The pages of proposals and of pictures that look alike, and their actions in the API."""

import io

import pytest
from conftest import claiming
from django.test import Client
from rest_framework.test import APIClient

from accounts import grants, people
from evidence import intake
from evidence.models import File, Item, Step

PLACE = {"latitude": 43.77, "longitude": 11.26, "field": "Composite:GPSPosition"}


@pytest.fixture
def claimed(file):
    return claiming(file, places=[PLACE])


@pytest.fixture
def client(investigator):
    client = Client()
    client.force_login(investigator)
    return client


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_shows_claims_as_claims(client, claimed, language, investigator):
    people.prefer(by=investigator, language=language)
    Step.objects.create(file=claimed, name="provenance", state="done", result={"c2pa": {
        "state": "tampered", "claims": {"issuer": "Invented <b>Press</b>"},
        "problems": [{"code": "claimSignature.mismatch", "text": "claim signature is not valid"}]}})  # fmt: skip
    page = client.get(f"/files/{claimed.pk}/proposals/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "43.770000, 11.260000" in text and "2008-10-22" in text
    assert "Invented &lt;b&gt;Press" in text and "claim signature is not valid" in text
    assert ("Signature does not match" if language == "en" else "서명") in text
    assert "IFD0:Make" in text


def test_adopting_by_the_page(client, claimed):
    url = f"/files/{claimed.pk}/proposals/decide/"
    page = client.post(url, {"choice": "time:2008-10-22", "version": "1", "adopt": "1"}, follow=True)
    assert "The date is adopted" in page.content.decode()
    assert Item.objects.get(pk=claimed.item_id).date == "2008-10-22"
    page = client.post(url, {"choice": "time:2008-10-22", "version": "2", "adopt": "1"})
    assert page.status_code == 409
    page = client.post(url, {"choice": "place:43.770000,11.260000", "version": "2", "dismiss": "1"}, follow=True)
    assert "The proposal is dismissed" in page.content.decode()
    for wrong in ({}, {"choice": "time:1999", "version": "2"}, {"choice": "\0", "version": "x"}):
        assert client.post(url, wrong | {"adopt": "1"}).status_code == 400


def test_the_api_of_proposals(investigator, claimed):
    api = APIClient()
    api.force_authenticate(investigator)
    url = f"/api/v1/files/{claimed.pk}/proposals"
    assert [row["decision"] for row in api.get(url).json()] == ["", ""]
    assert api.post(f"{url}/adopt", {"value": "2008-10-22"}, format="json").status_code == 428
    answer = api.post(f"{url}/adopt", {"value": "2008-10-22"}, format="json", HTTP_IF_MATCH='"1"')
    assert answer.json()[0]["decision"] == "adopted"
    answer = api.post(f"{url}/dismiss", {"kind": "place", "value": "43.770000,11.260000"}, format="json")
    assert answer.json()[1]["decision"] == "dismissed"
    assert api.post(f"{url}/dismiss", {"value": ["x"]}, format="json").status_code == 400


@pytest.fixture
def alike(file, investigator, collection):
    """Two pictures that look alike, in two items."""
    given = {"kind": "photograph", "title_en": "MarkerAlike"}
    other = intake.receive_item(by=investigator, collection=collection, given=given)
    second = intake.receive_file(by=investigator, item=other, stream=io.BytesIO(b"second"), name="MarkerAlike.jpg")
    File.objects.filter(pk__in=[file.pk, second.pk]).update(fingerprint=b"\x5a" * 32, scan="clean")
    file.refresh_from_db()
    return file, second


def test_pictures_that_look_alike_are_listed(client, investigator, alike):
    file, second = alike
    page = client.get(f"/files/{file.pk}/similar/").content.decode()
    assert "MarkerAlike.jpg" in page and second.item.code in page
    api = APIClient()
    api.force_authenticate(investigator)
    (row,) = api.get(f"/api/v1/items/{file.item.code}/similar").json()
    assert (row["of"], row["distance"], row["item_code"]) == (str(file.pk), 0, second.item.code)
    assert row["file"]["id"] == str(second.pk)
    item = client.get(f"/evidence/{file.item.code}/").content.decode()
    assert f"/files/{file.pk}/similar/" in item


def test_a_hidden_picture_is_not_hinted_at(alike, reviewer, client):
    """The same page, the same picture: for whom the other item is hidden there is none."""
    file, second = alike
    grants.give(by=None, record=file.item, permission="view", reason="test", user=reviewer)
    Item.objects.filter(pk=second.item_id).update(inherits_access=False)
    client.force_login(reviewer)
    page = client.get(f"/files/{file.pk}/similar/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "MarkerAlike" not in text and second.item.code not in text and str(second.pk) not in text
    assert "No picture you can see looks like it" in text
    api = APIClient()
    api.force_authenticate(reviewer)
    assert api.get(f"/api/v1/items/{file.item.code}/similar").json() == []


def test_who_only_reads_decides_nothing(claimed, analyst, client):
    client.force_login(analyst)
    page = client.get(f"/files/{claimed.pk}/proposals/")
    assert page.status_code == 200 and b'name="adopt"' not in page.content
    assert client.post(f"/files/{claimed.pk}/proposals/decide/", {"adopt": "1"}).status_code == 403
