"""Files as people see them: state in words, the reading room, what failed and trying it again."""

import pytest
from conftest import TESTS, read_by_machine
from django.urls import reverse

from custody import ledger
from evidence import access, deriving
from evidence.models import File, FileText, Item, Link, Processing
from evidence.processing.results import Outcome


@pytest.fixture
def page(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")

    def get(name, *args, **query):
        return client.get(reverse(name, args=args), query)

    return get


def test_a_file_waits_in_quarantine_and_the_page_asks_again(page, item, file):
    content = page("item-detail", item.code).content.decode()
    assert "In quarantine" in content
    assert f'hx-get="{reverse("item-files-state", args=[item.code])}"' in content


def test_once_processed_the_page_asks_no_more_and_says_what_failed(page, item, file):
    read_by_machine(file)
    content = page("item-files-state", item.code).content.decode()
    assert "hx-get" not in content
    assert "All files have been processed." in content
    assert "1 step has no result" in content
    assert "The file is damaged" in content
    assert reverse("file-read", args=[file.pk]) in content


def test_a_page_is_read_and_that_is_in_the_ledger(page, item, file, investigator):
    read_by_machine(file)
    content = page("file-read", file.pk).content.decode()
    assert "구류장에서" in content
    assert "Extracted by a machine" in content
    event = ledger.history([item.pk])[0]
    assert (event.act, event.data["page"]) == ("file.read", 1)
    assert event.actor_id == investigator.pk


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "99999999999"])
def test_there_is_no_other_page(page, file, number):
    read_by_machine(file)
    assert page("file-read", file.pk, page=number).status_code == 404


@pytest.mark.parametrize("scan", ["pending", "infected"])
def test_nothing_is_shown_of_an_isolated_file(page, item, file, scan):
    read_by_machine(file, scan="infected", text="Zebrafink")
    File.objects.filter(pk=file.pk).update(scan=scan)
    response = page("file-read", file.pk)
    assert response.status_code == 409
    assert "Zebrafink" not in response.content.decode()
    assert reverse("file-read", args=[file.pk]) not in page("item-detail", item.code).content.decode()


def test_a_sensitive_item_shows_no_preview(page, item, file):
    Item.objects.filter(pk=item.pk).update(content_warnings=["torture"])
    read_by_machine(file)
    assert "Sensitive: preview off" in page("item-detail", item.code).content.decode()


def test_a_passage_is_cited(client, page, item, file, incident):
    read_by_machine(file)
    asked = {"incident": incident.code.lower(), "locator": "p. 1", "function": "linkage", "stance": "supports"}
    address = reverse("file-read", args=[file.pk])
    assert client.post(address, asked).status_code == 302
    link = Link.objects.get(item=item)
    assert (link.incident, link.locator, link.function) == (incident, "p. 1", "linkage")
    again = client.post(address, asked)
    assert again.status_code == 409
    assert "already linked" in again.content.decode()
    nowhere = client.post(address, {**asked, "incident": "INC-0000-0000"})
    assert nowhere.status_code == 400
    assert "no incident with this reference" in nowhere.content.decode()


def test_what_failed_is_listed_and_only_that_is_tried_again(client, page, item, file):
    read_by_machine(file)
    content = page("processing").content.decode()
    assert item.code in content
    assert "The file is damaged" in content
    assert client.post(reverse("processing"), {"file": [str(file.pk), "nonsense"]}).status_code == 302
    assert Processing.objects.get(file=file).state == "pending"
    assert not file.steps.filter(name="ocr", ended_at=None).exists()
    assert FileText.objects.filter(file=file, ended_at=None).count() == 1


def test_a_file_is_tried_again_once(client, page, file, item):
    read_by_machine(file)
    address = reverse("file-retry", args=[file.pk])
    assert client.post(address, follow=True).status_code == 200
    content = client.post(address, follow=True).content.decode()
    assert "is being processed" in content


def test_what_waits_is_counted_among_what_one_sees(page, file, item):
    assert "1 file is waiting" in page("processing").content.decode()
    Item.objects.filter(pk=item.pk).update(inherits_access=False)
    assert "No file is waiting." in page("processing").content.decode()


def test_the_step_at_work_is_named(page, item, file):
    row = deriving.claim(file.pk)
    deriving._hold(row, "ocr")
    assert "Text recognised in pictures" in page("item-files-state", item.code).content.decode()
    deriving.settle(
        by=TESTS, row=row, outcome=Outcome(step="scan", found={"verdict": "infected", "signature": "X.Y"}), out=None
    )
    deriving.finish(by=TESTS, row=row)
    content = page("item-files-state", item.code).content.decode()
    assert "Malware: isolated" in content
    assert "X.Y" in content


def test_whoever_may_not_record_links_cites_nothing(client, analyst, collection, item, file, incident):
    read_by_machine(file)
    access.grant(by=TESTS, record=collection, permission="contribute", reason="test", user=analyst)
    client.force_login(analyst, backend="accounts.backends.SignInBackend")
    asked = {"incident": incident.code, "locator": "p. 1", "function": "linkage", "stance": "supports"}
    assert client.post(reverse("file-read", args=[file.pk]), asked).status_code == 403
    assert not Link.objects.filter(item=item).exists()
