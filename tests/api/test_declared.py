"""Nothing that was sent is dropped in silence: what an action does not take is refused by name."""

import re

import pytest
from conftest import person
from described import DescribedClient
from drf_spectacular.generators import SchemaGenerator
from test_api_incidents import client_of, logged, patch

from evidence import search
from evidence.api.declared import Declared
from evidence.api.urls import router
from evidence.history import history_of
from evidence.models import Incident, Link

NO_SUCH = re.compile("no such (parameter|filter)")
NOWHERE = "00000000-0000-4000-8000-000000000000"
# Their verbs refuse unknown fields beside all other mistakes; bytes have no fields.
OTHERWISE = re.compile(r"/(incidents|persons|sources|items)(/bulk|/\{id\})?$|/uploads|/files$|/imports$")


@pytest.fixture
def api(investigator, collection):
    return client_of(investigator)


def operations(*methods):
    found = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return [(path, method, one) for path, whole in found.items() for method, one in whole.items() if method in methods]


@pytest.fixture
def everybody(db):
    clients = []
    for role in ("investigator", "reviewer", "administrator", "auditor"):
        client = DescribedClient()
        client.force_login(person(role), backend="accounts.backends.SignInBackend")
        clients.append(client)
    return clients


def pointers(answer) -> list[str]:
    return [error["pointer"] for error in answer.json().get("errors", [])]


def at(path: str) -> str:
    """An address of the operation, of no record."""
    return re.sub(r"\{\w+\}", NOWHERE, path.replace("{place}", "0/000"))


def named_by(clients, method, path, *sent) -> bool:
    """Whether one of them, whose role allows the action, is told of the unknown name."""
    path = at(path)
    answers = [getattr(client, method)(path + "".join(sent[:1]), *sent[1:]) for client in clients]
    return any(answer.status_code == 400 and "/bogus" in pointers(answer) for answer in answers)


def test_every_viewset_refuses_what_it_does_not_declare():
    assert [viewset for _prefix, viewset, _name in router.registry if not issubclass(viewset, Declared)] == []


def test_every_reading_refuses_a_parameter_that_it_does_not_declare(everybody):
    assert [path for path, _method, _one in operations("get") if not named_by(everybody, "get", path, "?bogus=1")] == []


def test_every_write_refuses_a_field_that_it_does_not_declare(everybody):
    asked = [(path, method) for path, method, _one in operations("post", "patch") if not OTHERWISE.search(path)]
    assert len(asked) > 50
    assert [path for path, method in asked if not named_by(everybody, method, path, "", {"bogus": 1})] == []


@pytest.mark.parametrize("method", ["post", "patch"])
@pytest.mark.parametrize("name", ["incident", "protected", "source", "item"])
def test_records_refuse_a_field_that_they_do_not_have(api, request, collection, name, method):
    record = request.getfixturevalue(name)
    path = {"protected": "persons"}.get(name, f"{name}s")
    body = {"bogus": 1, "title_en": "x", "collection": collection.code}
    if method == "post":
        answer = api.post(f"/api/v1/{path}", body | {"reason": "why"})
        assert {"/bogus", "/reason"} <= set(pointers(answer))
    else:
        answer = api.patch(f"/api/v1/{path}/{record.pk}", body, headers={"If-Match": '"1"'})
        assert {"/bogus", "/collection"} <= set(pointers(answer))
    assert answer.status_code == 400


def test_unknown_fields_within_acts_and_names_are_refused(api, collection):
    acts = [{"crimes": ["cah.torture"], "bogus": 1, "involvements": [{"role": "victim", "bogus": 1}]}]
    answer = api.post("/api/v1/incidents", {"collection": collection.code, "title_en": "x", "acts": acts})
    assert pointers(answer) == ["/acts/0/bogus", "/acts/0/involvements/0/bogus"]
    names = [{"script": "hangul", "value": "x", "bogus": 1}]
    answer = api.post("/api/v1/persons", {"collection": collection.code, "risk": "low", "names": names})
    assert pointers(answer) == ["/names/0/bogus"]
    assert not Incident.objects.exists()


def test_links_and_their_ends_refuse_unknown_fields(api, incident, item):
    body = {"item": item.code, "incident": incident.code}
    assert pointers(api.post("/api/v1/links", body | {"bogus": 1})) == ["/bogus"]
    link = api.post("/api/v1/links", body).json()["id"]
    answer = api.post(f"/api/v1/links/{link}/end", {"reason": "Linked by mistake", "bogus": 1})
    assert pointers(answer) == ["/bogus"]
    assert Link.objects.get(pk=link).ended_at is None


def test_an_unknown_part_of_a_form_is_refused(api, item):
    form = {"data": '{"note": "x"}', "bogus": "1"}
    assert pointers(api.post("/api/v1/persons", form, format="multipart")) == ["/bogus"]
    answer = api.post(f"/api/v1/items/{item.pk}/files", {"bogus": "1"}, format="multipart")
    assert pointers(answer) == ["/bogus"]


@pytest.mark.parametrize("query", [
    "incidents/map?ordering=zzz", "incidents/map?cursor=zzz", "incidents/map?page_size=zzz", "incidents/map?count=zzz",
    "incidents/map?view=zz", "incidents/timeline?ordering=updated", "incidents/timeline?level=county",
    "incidents/timeline?view=zz", "search?q=a&fields=zzz", "search?q=a&view=zz", "search?q=a&bom=yes",
    "incidents?view=map", "items?view=zz", "me?bogus=1", "tokens?bogus=1", "saved-searches?bogus=1",
    f"incidents/{NOWHERE}?bogus=1", f"incidents/{NOWHERE}/history?bogus=1", "crimes?kind=x", "vocabularies?parent=x",
    "organisations?parent=x", "statistics?group_by=crime&cursor=x", f"incidents/{NOWHERE}/history?fields=act",
])  # fmt: skip
def test_a_parameter_that_does_not_apply_is_named(api, query):
    answer = api.get(f"/api/v1/{query}")
    assert answer.status_code == 400
    name = re.split("[?&]", query)[-1].split("=")[0]
    assert pointers(answer) == [f"/{name}"]


def test_parameters_of_writes_are_looked_at_too(api, incident):
    assert pointers(api.post(f"/api/v1/incidents/{incident.pk}/submit?bogus=1")) == ["/bogus"]
    answer = api.post(f"/api/v1/incidents/{incident.pk}/submit?fields=code")
    assert (answer.status_code, set(answer.json())) == (200, {"id", "code"})


def test_every_declared_parameter_is_known_to_the_code(everybody):
    refused = []
    for path, _method, one in operations("get"):
        names = [given["name"] for given in one.get("parameters", ()) if given["in"] == "query"]
        asked = dict.fromkeys(names, "x")
        asked.pop("format", None)  # tried below
        for client in everybody if names and "/search" not in path else ():
            answer = client.get(at(path), asked)
            told = answer.json().get("errors", []) if answer.status_code == 400 else []
            refused += [(path, error["pointer"]) for error in told if NO_SUCH.search(error["detail"])]
    assert refused == []


@pytest.mark.parametrize("form", ["json", "csv"])
def test_statistics_take_the_format_that_they_declare(api, form):
    answer = api.get(f"/api/v1/statistics?group_by=crime&format={form}")
    assert (answer.status_code, form in answer["Content-Type"]) == (200, True)


def test_the_search_takes_the_filters_that_it_declares(api):
    (one,) = [one for path, _method, one in operations("get") if path == "/api/v1/search"]
    declared = {given["name"] for given in one["parameters"]}
    for kind, what in search.KINDS.items():
        assert set(what.filters) <= declared
        found = [name for name in declared - {"q"} if name in what.filters]
        answer = api.get("/api/v1/search", {"q": "a", "type": kind, **dict.fromkeys(found, "x")})
        assert not [error for error in answer.json().get("errors", ()) if NO_SUCH.search(error["detail"])]


@pytest.mark.parametrize("reason", [5, [1], {"a": 1}, None, True])
def test_a_reason_that_is_no_text_is_refused(api, collection, reason):
    made = logged(api, str(collection.pk))
    answer = patch(api, made, {"title_en": "x", "reason": reason})
    assert (answer.status_code, pointers(answer)) == (400, ["/reason"])
    row = Incident.objects.get()
    assert (row.version, row.title_en) == (made["version"], made["title_en"])
    assert len(history_of(row, user=row.created_by)) == 1
    assert pointers(api.post("/api/v1/incidents", {"collection": collection.code, "reason": reason})) != []


@pytest.mark.parametrize("note", [5, [1], {"a": 1}])
def test_a_note_that_is_no_text_is_refused(api, incident, note):
    for name in ("submit", "withdraw"):
        assert pointers(api.post(f"/api/v1/incidents/{incident.pk}/{name}", {"note": note})) == ["/note"]
    incident.refresh_from_db()
    assert incident.review_status == "draft"
