"""Pages about what is held: steps with an item, files, custody events, retention, storage, destruction by two."""

import re

import pytest
from conftest import TESTS, looked_at
from django.test import Client

from custody.ledger import history
from evidence import handling, protection
from evidence.models import Custody, Decision, File, Hold, Item

WHY = {"reason": "Request 12 of the court"}


@pytest.fixture
def file(file):
    return looked_at(file)


def signed(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.SignInBackend")
    return client


def page(answer) -> str:
    return answer.content.decode()


def test_an_item_is_sealed_and_unsealed_by_who_may(item, investigator, keeper):
    client = signed(investigator)
    assert "/holding/seal/" in page(client.get(f"/evidence/{item.code}/"))
    assert client.post(f"/evidence/{item.code}/holding/seal/", {"reason": ""}).status_code == 400
    assert client.post(f"/evidence/{item.code}/holding/seal/", WHY).status_code == 302
    shown = page(client.get(f"/evidence/{item.code}/"))
    assert "/holding/seal/" not in shown
    assert "/holding/unseal/" not in shown
    assert client.post(f"/evidence/{item.code}/holding/unseal/", WHY).status_code == 403
    assert "/holding/unseal/" in page(signed(keeper).get(f"/evidence/{item.code}/"))
    assert signed(keeper).post(f"/evidence/{item.code}/holding/unseal/", WHY).status_code == 302
    assert Item.objects.get(pk=item.pk).sealed_at is None


def test_a_withdrawn_item_stays_listed_and_shows_no_bytes(item, file, investigator):
    client = signed(investigator)
    client.post(f"/evidence/{item.code}/holding/withdraw/", WHY)
    assert "Withdrawn" in page(client.get("/evidence/"))
    assert "This item was withdrawn." in page(client.get(f"/evidence/{item.code}/"))
    assert "This file was withdrawn." in page(client.get(f"/files/{file.pk}/open/"))
    assert client.post(f"/files/{file.pk}/open/", {"purpose": "case"}).status_code == 409
    client.post(f"/evidence/{item.code}/holding/restore/", WHY)
    assert Item.objects.get(pk=item.pk).withdrawn_at is None


def test_a_file_is_withdrawn_and_restored(item, file, investigator):
    client = signed(investigator)
    assert client.post(f"/files/{file.pk}/holding/withdraw/", WHY).status_code == 302
    shown = page(client.get(f"/evidence/{item.code}/"))
    assert f"/files/{file.pk}/holding/restore/" in shown
    assert f"/files/{file.pk}/open/" not in shown
    assert client.post(f"/files/{file.pk}/holding/restore/", WHY).status_code == 302
    assert File.objects.get(pk=file.pk).withdrawn_at is None


@pytest.mark.parametrize("path", ["/evidence/{}/holding/burn/", "/evidence/{}/holding/seals/"])
def test_an_unheard_of_step_is_404(item, investigator, path):
    assert signed(investigator).get(path.format(item.code)).status_code == 404


def test_a_custody_event_is_recorded_corrected_and_on_the_certificate_page(item, investigator):
    client = signed(investigator)
    given = {"event": "transferred_out", "happened_on": "2019-04", "to_custodian": "Archive <b>", "seal_number": "S-17"}
    assert client.post(f"/evidence/{item.code}/custody/event/", given | {"happened_on": ""}).status_code == 400
    assert client.post(f"/evidence/{item.code}/custody/event/", given).status_code == 302
    row = Custody.objects.get()
    shown = page(client.get(f"/evidence/{item.code}/custody/"))
    assert "Archive &lt;b&gt;" in shown
    assert f"?corrects={row.pk}" in shown
    form = page(client.get(f"/evidence/{item.code}/custody/event/?corrects={row.pk}"))
    assert "What was stated" in form
    client.post(f"/evidence/{item.code}/custody/event/", given | {"seal_number": "S-71", "corrects": str(row.pk)})
    assert Custody.objects.get(corrects=row).seal_number == "S-71"
    assert "S-71" in page(client.get(f"/evidence/{item.code}/"))


def test_holds_and_terms_of_a_collection(item, collection, investigator, keeper):
    client = signed(keeper)
    client.post(f"/collections/{collection.code}/holding/hold/", WHY)
    client.post(f"/collections/{collection.code}/holding/retention/", {"years": 20, **WHY})
    shown = page(client.get("/retention/"))
    assert "20 years" in shown
    hold = Hold.objects.get(collection=collection)
    assert f"/holds/{hold.pk}/end/" in shown
    seen = page(signed(investigator).get(f"/evidence/{item.code}/"))
    assert "On its whole collection" in seen
    assert f"/holds/{hold.pk}/end/" not in seen
    assert signed(investigator).post(f"/evidence/{item.code}/holding/withdraw/", WHY).status_code == 409
    assert signed(investigator).get(f"/collections/{collection.code}/holding/hold/").status_code == 403
    assert client.post(f"/holds/{hold.pk}/end/", WHY).status_code == 302
    assert Hold.objects.get().ended_at


def test_what_is_past_its_term_is_listed(item, keeper, investigator):
    signed(keeper).post(f"/evidence/{item.code}/holding/retention/", {"until": "2020", **WHY})
    assert item.code in page(signed(keeper).get("/retention/"))
    assert item.code not in page(signed(investigator).get("/retention/"))


def test_a_frozen_item_says_so_and_names_the_file(item, file, investigator, auditor, administrator, keeper):
    handling.report_altered(by=TESTS, blob=file.blob)
    shown = page(signed(investigator).get(f"/evidence/{item.code}/"))
    assert 'id="frozen"' in shown
    assert file.name in shown
    for user in (auditor, administrator):
        storage = page(signed(user).get("/storage/"))
        assert "1 stored file is not what was received." in storage
        assert item.code not in storage
        assert file.name not in storage
        told = page(signed(user).get("/notices/"))
        assert "stored bytes are not what was received" in told
        assert str(item.pk) not in told
    assert str(item.pk) in page(signed(keeper).get("/notices/"))
    assert signed(keeper).post(f"/evidence/{item.code}/holding/unfreeze/", WHY).status_code == 302
    assert Item.objects.get(pk=item.pk).frozen_at is None


def test_a_destruction_is_proposed_and_decided_on_pages(item, file, investigator, reviewer, keeper):
    client = signed(investigator)
    handling.withdraw_item(by=investigator, item=item, reason=WHY["reason"])
    assert "Pages of text" in page(client.get(f"/evidence/{item.code}/holding/destroy/"))
    asked = client.post(f"/evidence/{item.code}/holding/destroy/", {**WHY, "basis": "Order 12 of the authority"})
    decision = Decision.objects.get()
    assert asked["Location"] == f"/decisions/{decision.pk}/"
    shown = page(signed(reviewer).get(f"/decisions/{decision.pk}/"))
    assert "Order 12 of the authority" in shown
    assert 'name="agree"' not in shown
    shown = page(signed(keeper).get(f"/decisions/{decision.pk}/"))
    assert 'name="agree"' in shown
    assert re.search(r"Files 1\b", shown)
    assert (
        signed(keeper).post(f"/decisions/{decision.pk}/", {"agree": "1", "answer": "It is in force."}).status_code
        == 302
    )
    assert File.objects.get(pk=file.pk).destroyed_at
    shown = page(client.get(f"/evidence/{item.code}/"))
    assert "The content was destroyed." in shown
    assert file.name in shown
    assert history([item.pk])[0].act in ("destroy.carried_out", "item.opened")
    assert protection.effect_of_decision(decision, user=keeper) == []
