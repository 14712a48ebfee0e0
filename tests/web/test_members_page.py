"""The page of a file's members: what it tells of each, and taking chosen ones in."""

import pytest
from conftest import with_members
from django.urls import reverse

from evidence.models import File, Item


@pytest.fixture
def signed_in(client, investigator):
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    return client


def test_members_are_listed_and_the_chosen_one_becomes_an_item(signed_in, item, investigator):
    file = with_members(item, by=investigator, names=("진술서.txt", "../up.txt"))
    path = reverse("file-members", args=[file.pk])
    content = signed_in.get(path).content.decode()
    assert "진술서.txt" in content
    assert "tries to leave the folder" in content
    assert path in signed_in.get(reverse("item-detail", args=[item.code])).content.decode()
    answer = signed_in.post(path, {"member": ["0"], "kind": "document"}, follow=True)
    child = Item.objects.get(files__taken_from=file)
    assert child.kind == "document"
    assert "1 member is taken in as an item." in answer.content.decode()
    assert child.code in answer.content.decode()


def test_what_cannot_be_taken_in_is_told_on_the_page(signed_in, item, investigator):
    file = with_members(item, by=investigator)
    path = reverse("file-members", args=[file.pk])
    assert signed_in.post(path, {}).status_code == 400
    signed_in.post(path, {"member": ["0"]})
    content = signed_in.post(path, {"member": ["0", "1"]}).content.decode()
    assert "It was taken in before." in content
    assert Item.objects.filter(files__taken_from=file).count() == 2


def test_an_isolated_file_has_no_such_page(signed_in, item, investigator):
    file = with_members(item, by=investigator)
    File.objects.filter(pk=file.pk).update(scan="infected")
    assert signed_in.get(reverse("file-members", args=[file.pk])).status_code == 404
