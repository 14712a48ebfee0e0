"""A revocation that was committed before a request starts is honoured by it: page, API, token, task, download link."""

import io

import pytest
from conftest import TESTS, looked_at, person
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts import grants, tokens
from custody.models import Entry
from evidence import access, batches, handling
from evidence.models import ImportMapping, Incident


@pytest.fixture
def file(file):
    return looked_at(file)


@pytest.fixture
def reader(collection):
    user = person("investigator")
    access.grant(by=TESTS, record=collection, permission="contribute", reason="test", user=user)
    return user


@pytest.fixture
def signed(reader):
    client = Client()
    client.force_login(reader, backend="accounts.backends.SignInBackend")
    return client


def revoke(collection, reader):
    access.revoke(by=TESTS, record=collection, permission="contribute", reason="left the team", user=reader)


def deny(collection, reader):
    access.deny(by=person("administrator"), record=collection, reason="conflict of interest", user=reader)


def expire(collection, reader):
    grants.tables_of(type(collection)).by_user.objects.filter(user=reader).update(expires_at="2020-01-01T00:00:00Z")


def restrict(collection, reader):
    Incident.objects.update(inherits_access=False)


@pytest.mark.parametrize("how", [revoke, deny, expire, restrict])
def test_pages_and_api_forget_a_record_at_once(how, signed, reader, incident, collection):
    token = tokens.issue(by=reader, user=reader, name="t", scopes=["incidents:read"], days=1).text
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    places = [(signed, f"/incidents/{incident.code}/"), (signed, f"/api/v1/incidents/{incident.pk}"),
              (api, f"/api/v1/incidents/{incident.pk}")]  # fmt: skip
    assert [client.get(path).status_code for client, path in places] == [200, 200, 200]
    how(collection, reader)
    assert [client.get(path).status_code for client, path in places] == [404, 404, 404]
    assert api.get("/api/v1/incidents?count=exact").json()["count"] == 0


@pytest.mark.parametrize("how", [revoke, deny, expire])
def test_a_download_link_that_was_open_is_dead(how, signed, reader, file, collection):
    opening = handling.open_for(by=reader, file=file, purpose="for the test")
    path, content = f"/files/opened/{opening.pk}/", f"/api/v1/files/{file.pk}/content?opening={opening.pk}"
    assert b"".join(signed.get(path).streaming_content)
    part = signed.get(content, headers={"Range": "bytes=0-4"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"bytes")
    how(collection, reader)
    assert signed.get(path).status_code == 404
    assert signed.get(content, headers={"Range": "bytes=5-9"}).status_code == 404


@pytest.mark.parametrize("how", [revoke, deny, expire])
def test_a_task_that_waited_does_nothing_more(how, reader, collection):
    mapping = ImportMapping.objects.get(slug="ucdp-ged")
    batch = batches.receive_batch(
        by=reader, collection=collection, mapping=mapping, stream=io.BytesIO(b"id,date_start\n1,2010-01-01\n"),
        filename="t.csv", dry_run=False,
    )  # fmt: skip
    how(collection, reader)
    batches.run(batch.pk)
    batch.refresh_from_db()
    assert batch.state == "failed"
    assert not Incident.objects.exists()


def test_a_lower_clearance_counts_at_once(signed, reader, incident):
    assert signed.get(f"/incidents/{incident.code}/").status_code == 200
    type(reader).objects.filter(pk=reader.pk).update(clearance=0)
    assert signed.get(f"/incidents/{incident.code}/").status_code == 404


def test_grants_made_in_bulk_past_the_verbs_are_in_the_ledger(collection, investigator):
    """guardian's bulk calls send no signals; the database notices each row."""
    tables = grants.tables_of(type(collection))
    outsider = person("analyst")
    own = grants.give(record=collection, permission="view", by=None, reason="test", user=investigator)
    rows = [
        tables.by_user(
            user=user, permission=own.permission, content_object=collection, reason="", begins_at=own.begins_at
        )
        for user in (outsider, person("analyst"))
    ]
    since = Entry.objects.order_by("-eid").first().eid
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('custody.actor', '', true)")  # as outside of any verb
    tables.by_user.objects.bulk_create(rows)
    tables.by_user.objects.filter(user=outsider).delete()
    acts = Entry.objects.filter(eid__gt=since).values_list("act", flat=True)
    assert sorted(acts) == ["raw.deleted", "raw.inserted", "raw.inserted"]
