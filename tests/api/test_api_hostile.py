"""Whatever stands in any field of any body, the answer is a sentence for a person and never a 500."""

import json

import pytest
from conftest import simple
from rest_framework.test import APIClient

from accounts import tokens
from evidence import recording
from evidence.api import inputs
from evidence.models import ImportMapping

VALUES = ["\x00", "a\x00b", "\ud800", "", " ", "²", "٤", "x" * 300_000, "한글 🕊 \u202e", 0, -1, 1.5, 2**70, True, None,
          [], ["\x00"], [None], [[]], {}, {"a": "\x00"}, [{}], [{"id": "\x00"}]]  # fmt: skip
# Parts of other bodies, and multipart forms, which have tests of their own.
ELSEWHERE = {"ActInput", "InvolvementInput", "NameInput", "IdentityInput", "FileInput", "ImportInput"}
SHAPES = [name for name in vars(inputs) if name.endswith(("Input", "Patch")) and name not in ELSEWHERE]


@pytest.fixture
def ask(investigator, collection):
    """`ask(method, path, body, version)`: the status of the answer to an investigator who contributes."""
    client = APIClient(raise_request_exception=False)
    issued = tokens.issue(by=investigator, user=investigator, name="t", scopes=list(tokens.SCOPES), days=1)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")

    def send(method, path, body=None, version="") -> int:
        headers = {"If-Match": f'"{version}"'} if version else {}
        content = json.dumps(body).encode() if body is not None else b""
        answer = client.generic(method, f"/api/v1/{path}", content, content_type="application/json", headers=headers)
        if 400 <= answer.status_code < 500 and not path.startswith("ledger"):
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["detail"]
        return answer.status_code

    return send


@pytest.fixture
def doors(incident, item, protected, source, investigator, collection) -> dict:
    """Every door that takes JSON: the shape of its body → method, path, a body that would do, what has a version."""
    home, act = {"collection": str(collection.pk)}, incident.acts.get()
    link = recording.link(by=investigator, item=item, target=incident, locator="p. 1")
    row = act.classifications.get()
    grade = {"reliability": "A", "credibility": "1", "reason": "x"}
    return {
        "IncidentInput": ("POST", "incidents", simple() | home, None),
        "IncidentPatch": ("PATCH", f"incidents/{incident.pk}", {}, incident),
        "NoteInput": ("POST", f"incidents/{incident.pk}/withdraw", {"note": "x"}, None),
        "ClassifyInput": ("POST", f"incidents/{incident.pk}/classifications", {"act": str(act.pk), "crime": "x"}, None),
        "AssessInput": ("PATCH", f"classifications/{row.pk}", {"status": "supported", "rationale": "x"}, row),
        "PersonInput": ("POST", "persons", {"note": "x", "risk": "low"} | home, None),
        "PersonPatch": ("PATCH", f"persons/{protected.pk}", {}, protected),
        "ReasonInput": ("POST", f"links/{link.pk}/end", {}, None),
        "SourceInput": ("POST", "sources", {"title": "x"} | home, None),
        "SourcePatch": ("PATCH", f"sources/{source.pk}", {}, source),
        "GradeInput": ("POST", f"sources/{source.pk}/gradings", grade, None),
        "ItemInput": ("POST", "items", {"kind": "testimony", "title_en": "x"} | home, None),
        "ItemPatch": ("PATCH", f"items/{item.pk}", {}, item),
        "ProofInput": ("POST", f"items/{item.pk}/proof", {"purpose": "for the court"}, None),
        "LinkInput": ("POST", "links", {"item": str(item.pk), "incident": str(incident.pk), "locator": "p. 2"}, None),
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_no_value_of_any_field_is_an_error_of_ours(ask, doors, shape):
    method, path, good, versioned = doors[shape]
    failed = []
    for field in getattr(inputs, shape)().fields:
        for value in VALUES:
            if versioned is not None:
                versioned.refresh_from_db()
            version = versioned.version if versioned is not None else ""
            if ask(method, path, {**good, field: value}, version) >= 500:
                failed.append((field, repr(value)[:40]))
    assert failed == []


@pytest.mark.parametrize("name", ["\x00", "\ud800", "", "a/b", "a.b", "x" * 100_000, "__class__", "pk", "created_by"])
@pytest.mark.parametrize("path", ["incidents", "items", "persons", "sources"])
def test_no_name_of_a_field_is_an_error_of_ours(ask, collection, path, name):
    good = {"title_en": "x", "title": "x", "kind": "testimony", "collection": str(collection.pk)}
    assert ask("POST", path, good | {name: "x"}) == 400


def broken(ask, path, body_with, shape) -> list:
    fields = getattr(inputs, shape)().fields
    tried = [(field, value) for field in fields for value in VALUES]
    return [(field, repr(value)[:40]) for field, value in tried if ask("POST", path, body_with(field, value)) >= 500]


def test_no_value_inside_an_act_is_an_error_of_ours(ask, collection):
    home = {"collection": str(collection.pk)}
    involving = lambda field, value: simple(acts=[{"involvements": [{"role": "victim", field: value}]}]) | home  # noqa: E731
    assert broken(ask, "incidents", lambda field, value: simple(acts=[{field: value}]) | home, "ActInput") == []
    assert broken(ask, "incidents", involving, "InvolvementInput") == []


def test_no_value_inside_an_identity_is_an_error_of_ours(ask, collection):
    good = {"risk": "low", "collection": str(collection.pk)}
    naming = lambda field, value: good | {"names": [{"script": "hangul", "value": "x", field: value}]}  # noqa: E731
    assert broken(ask, "persons", lambda field, value: good | {"identity": {field: value}}, "IdentityInput") == []
    assert broken(ask, "persons", naming, "NameInput") == []


def test_no_value_inside_a_mapping_is_an_error_of_ours(ask):
    good = {"slug": "mine", "name_en": "Mine", "name_ko": "내 것", "spec": ImportMapping.objects.first().spec}
    bodies = [(name, good | {name: value}) for name in good for value in VALUES]
    bodies += [
        (name, good | {"spec": good["spec"] | {name: value}}) for name in (*good["spec"], "x") for value in VALUES
    ]
    assert [name for name, body in bodies if ask("POST", "import-mappings", body) >= 500] == []


NAMES = (
    "q", "crime", "place", "date_from", "date_to", "dates", "status", "verification", "confidentiality", "collection",
    "person", "organisation", "classification", "source_grade", "bbox", "updated_since", "mine", "id", "cursor", "size",
    "page_size", "ordering", "count", "fields", "format", "view", "kind", "risk", "parent", "nosuch",
)  # fmt: skip
TEXTS = ("%00", "a%00b", "%ff", "%ED%A0%80", "", "%20", "%C2%B2", "-1", "1.5", "9" * 30, "x" * 3000, "[]", "'", "0000",
         "9999-12-31", "0001-01-01", "9999-12-31T23:59:59%2B00:00", "0001-01-01T00:00:00%2B14:00")  # fmt: skip


@pytest.mark.parametrize("path", ["incidents", "items", "persons", "sources", "collections", "crimes", "places",
                                  "organisations", "vocabularies", "ledger/checkpoint"])  # fmt: skip
def test_no_query_string_is_an_error_of_ours(ask, incident, item, protected, source, path):
    tried = [f"{path}?{name}={text}" for name in NAMES for text in TEXTS]
    assert [query[:60] for query in tried if ask("GET", query) >= 500] == []
