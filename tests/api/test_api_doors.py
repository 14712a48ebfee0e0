"""Who gets in and how the API says no: tokens and their scopes, sessions, shapes of errors, the schema."""

import io
from datetime import timedelta

import pytest
from conftest import PASSWORD, person, simple
from described import DescribedClient
from django.core.management import call_command
from django.utils import timezone
from openapi_spec_validator import validate
from test_api_incidents import PROBLEM, client_of

from accounts import tokens
from accounts.roles import SCOPES
from evidence.models import Incident


def test_without_sign_in_the_answer_is_401_and_says_how(client):
    answer = client.get("/api/v1/incidents")
    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
    assert answer["WWW-Authenticate"].startswith("Bearer")
    body = answer.json()
    assert (body["status"], body["title"]) == (401, "Sign-in needed")
    assert body["request"] == answer["X-Request-ID"]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "Bearer art_x_y", "Bearer nonsense",
                                    "Bearer \xff\xfe", "bearer art_", "Bearer art_" + "a" * 10_000])  # fmt: skip
def test_a_wrong_token_is_401(db, header):
    answer = DescribedClient().get("/api/v1/incidents", headers={"Authorization": header})
    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)


def test_a_token_in_the_query_string_does_not_sign_in(investigator):
    issued = tokens.issue(by=investigator, user=investigator, name="t", scopes=["incidents:read"], days=1)
    assert DescribedClient().get(f"/api/v1/incidents?token={issued.text}").status_code == 401


def test_expired_revoked_and_suspended_tokens_are_401(investigator):
    issued = tokens.issue(by=investigator, user=investigator, name="t", scopes=["incidents:read"], days=1)
    client = DescribedClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    assert client.get("/api/v1/incidents").status_code == 200
    investigator.is_active = False
    investigator.save()
    assert client.get("/api/v1/incidents").status_code == 401
    investigator.is_active = True
    investigator.save()
    type(issued.token).objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get("/api/v1/incidents").status_code == 401
    type(issued.token).objects.update(expires_at=timezone.now() + timedelta(days=1))
    tokens.revoke(by=investigator, token=issued.token)
    assert client.get("/api/v1/incidents").status_code == 401


READS = {"incidents": "/api/v1/incidents", "persons": "/api/v1/persons", "items": "/api/v1/items",
         "sources": "/api/v1/sources", "imports": "/api/v1/imports", "decisions": "/api/v1/decisions"}  # fmt: skip


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_scope_opens_what_it_names_and_nothing_else(investigator, collection, scope):
    client = client_of(investigator, scopes=[scope])
    opened = {name for name, path in READS.items() if client.get(path).status_code == 200}
    expected = {"imports"} if scope == "imports:write" else {scope.split(":")[0]} if scope.endswith(":read") else set()
    assert opened == expected - {"ledger"}


def test_a_reading_token_cannot_write(investigator, collection):
    client = client_of(investigator, scopes=["incidents:read"])
    answer = client.post("/api/v1/incidents", {**simple(), "collection": str(collection.pk)})
    assert (answer.status_code, answer["Content-Type"]) == (403, PROBLEM)
    assert not Incident.objects.exists()


def test_a_token_can_do_no_more_than_its_person(analyst, collection):
    client = client_of(analyst, scopes=list(SCOPES))
    assert client.post("/api/v1/incidents", {**simple(), "collection": str(collection.pk)}).status_code == 403


def test_a_session_works_and_needs_the_csrf_token_to_write(investigator, collection):
    client = DescribedClient(enforce_csrf_checks=True)
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    assert client.get("/api/v1/incidents").status_code == 200
    answer = client.post("/api/v1/incidents", {**simple(), "collection": str(collection.pk)})
    assert answer.status_code == 403
    client.get("/incidents/new/")
    token = client.cookies["csrftoken"].value
    body = {**simple(), "collection": str(collection.pk)}
    assert client.post("/api/v1/incidents", body, headers={"X-CSRFToken": token}).status_code == 201


def test_signing_in_with_the_password_and_asking_the_api(client, investigator):
    form = {"login": investigator.email, "password": PASSWORD}
    assert client.post("/accounts/login/", form).status_code == 302
    assert client.get("/api/v1/me").json()["email"] == investigator.email


def test_missing_and_hidden_are_404_alike(investigator, other_collection, stranger):
    hidden = client_of(stranger).post("/api/v1/incidents", {**simple(), "collection": str(other_collection.pk)}).json()
    client, bodies = client_of(investigator), []
    for key in (hidden["id"], hidden["code"], "00000000-0000-4000-8000-000000000000", "INC-0000-0000", "nonsense"):
        answer = client.get(f"/api/v1/incidents/{key}")
        assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
        bodies.append({name: value for name, value in answer.json().items() if name != "request"})
    assert all(body == bodies[0] for body in bodies)


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/v1/", "/api/", "/api/v2/incidents"])
def test_an_unknown_path_is_a_404_problem(investigator, path):
    answer = client_of(investigator).get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


@pytest.mark.parametrize("method", ["delete", "put"])
def test_nothing_is_deleted_or_replaced(investigator, collection, incident, method):
    answer = getattr(client_of(investigator), method)(f"/api/v1/incidents/{incident.pk}")
    assert (answer.status_code, answer["Content-Type"]) == (405, PROBLEM)
    assert Incident.objects.filter(pk=incident.pk).exists()


def test_another_content_type_is_415(investigator, collection):
    answer = client_of(investigator).post("/api/v1/incidents", b"<xml/>", content_type="application/xml")
    assert (answer.status_code, answer["Content-Type"]) == (415, PROBLEM)


def test_a_trailing_slash_does_no_harm(investigator, incident):
    assert client_of(investigator).get(f"/api/v1/incidents/{incident.pk}/").status_code == 200


def test_errors_speak_the_language_that_was_asked_for(investigator, collection):
    client = client_of(investigator)
    body = {"collection": str(collection.pk)}
    english = client.post("/api/v1/incidents", body).json()["errors"][0]["detail"]
    korean = client.post("/api/v1/incidents", body, headers={"Accept-Language": "ko"}).json()["errors"][0]["detail"]
    assert english.isascii()
    assert any("가" <= character <= "힣" for character in korean)


def test_a_get_leaves_one_reading_entry_and_changes_nothing_else(investigator, incident):
    from custody.ledger import history

    client = client_of(investigator)
    before = len(history([investigator.pk]))
    client.get("/api/v1/incidents?q=detention")
    event = history([investigator.pk])[0]
    assert len(history([investigator.pk])) == before + 1
    assert (event.act, event.data["shown"]) == ("search.ran", 1)
    client.get(f"/api/v1/incidents/{incident.pk}")
    assert history([incident.pk])[0].act == "incident.opened"


def test_the_schema_is_valid(investigator):
    import yaml

    client = DescribedClient()
    assert client.get("/api/schema/").status_code in (401, 403, 302)
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    schema = yaml.safe_load(client.get("/api/schema/").content)
    validate(schema)
    assert {"/api/v1/incidents", "/api/v1/files/{id}/content"} <= set(schema["paths"])
    assert schema["paths"]["/api/v1/incidents/{id}"]["patch"]["parameters"][0]["name"] == "If-Match"


def test_the_schema_is_made_without_a_warning():
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=io.StringIO(), file=None)


def test_mechanisms_reach_nothing_but_themselves(mechanism):
    client = client_of(mechanism)
    assert client.get("/api/v1/me").status_code == 200
    for path in (*READS.values(), "/api/v1/crimes", "/api/v1/places", "/api/v1/organisations", "/api/v1/collections"):
        assert client.get(path).status_code == 403, path


def test_somebody_elses_token_cannot_be_revoked(investigator, stranger):
    issued = tokens.issue(by=stranger, user=stranger, name="t", scopes=["items:read"], days=1)
    assert client_of(investigator).post(f"/api/v1/tokens/{issued.token.pk}/revoke").status_code == 404
    issued.token.refresh_from_db()
    assert issued.token.revoked_at is None


def test_a_token_ends_itself_and_no_other(investigator):
    one, other = (
        tokens.issue(by=investigator, user=investigator, name="t", scopes=["items:read"], days=1) for _token in range(2)
    )
    client = DescribedClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {one.text}")
    assert client.post(f"/api/v1/tokens/{other.token.pk}/revoke").status_code == 403
    other.token.refresh_from_db()
    assert other.token.revoked_at is None
    assert client.post(f"/api/v1/tokens/{one.token.pk}/revoke").status_code == 204
    assert client.get("/api/v1/me").status_code == 401
    client = DescribedClient()
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    assert client.post(f"/api/v1/tokens/{other.token.pk}/revoke").status_code == 204


@pytest.mark.parametrize("method", ["get", "post", "patch", "put", "delete"])
@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/incidents/x/nothing", "/api/v2/incidents", "/api/"])
def test_a_path_that_is_none_is_the_same_404_whatever_is_asked(investigator, method, path):
    issued = tokens.issue(by=investigator, user=investigator, name="t", scopes=["items:read"], days=1)
    client = DescribedClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("key", ["nonsense", "%00", "a" * 500, "1"])
@pytest.mark.parametrize("path", ["incidents", "items", "persons", "sources", "files", "links", "classifications",
                                  "imports", "collections", "crimes", "vocabularies", "places", "organisations",
                                  "import-mappings"])  # fmt: skip
def test_a_key_that_is_none_is_404(db, path, key):
    client = DescribedClient(raise_request_exception=False)
    client.force_login(person("investigator"), backend="accounts.backends.SignInBackend")
    assert client.get(f"/api/v1/{path}/{key}").status_code == 404
