"""Role × action × status, over every action of the API. Complete by construction: an action without a row fails.

Each row is asked with a body that would do: the statuses are those of the person, not of her mistakes. Everybody here
holds the widest grant on the collection, so that what is refused is refused by the role; `stranger` holds none.
"""

import io
import uuid

import pytest
from conftest import simple
from django.db import transaction
from django.urls import reverse
from rest_framework.test import APIClient

from accounts import tokens
from custody import trail
from evidence import access, assessment, batches, recording
from evidence.api.urls import router
from evidence.models import Incident, Organisation, Person, Source

ROLES = ("investigator", "reviewer", "analyst", "administrator", "auditor", "mechanism", "stranger", "anonymous")


def row(*statuses):
    return dict(zip(ROLES, statuses, strict=True))


# investigator, reviewer, analyst, administrator, auditor, mechanism, stranger (no grant), not signed in
READ_ONE = row(200, 200, 200, 200, 403, 403, 404, 401)
READ_LIST = row(200, 200, 200, 200, 403, 403, 200, 401)
RECORD = row(201, 201, 403, 403, 403, 403, 400, 401)  # the stranger names a collection that does not exist for her
CHANGE = row(200, 200, 403, 403, 403, 403, 404, 401)
REVIEW = row(403, 200, 403, 403, 403, 403, 403, 401)
ASSESS = row(201, 201, 201, 403, 403, 403, 404, 401)
REFERENCE = row(200, 200, 200, 200, 200, 403, 200, 401)
OWN = row(200, 200, 200, 200, 200, 200, 200, 401)
IMPORT = row(200, 403, 403, 403, 403, 403, 404, 401)
AUDIT = row(403, 403, 403, 200, 200, 403, 403, 401)
IMPORT_LIST = row(200, 403, 403, 403, 403, 403, 200, 401)

TABLE = {
    "me.list": OWN,
    "token.list": OWN,
    "token.revoke": row(204, 204, 204, 204, 204, 204, 404, 401),
    "collection.list": READ_LIST,
    "collection.retrieve": READ_ONE,
    "incident.list": READ_LIST,
    "incident.retrieve": READ_ONE,
    "incident.history": READ_ONE,
    "incident.create": RECORD,
    "incident.partial_update": CHANGE,
    "incident.submit": CHANGE,
    "incident.pass_on": REVIEW,
    "incident.return_to_author": REVIEW,
    "incident.finalise": REVIEW,
    "incident.withdraw": CHANGE,
    "incident.restore": CHANGE,
    "incident.classify": ASSESS,
    "classification.retrieve": READ_ONE,
    "classification.partial_update": row(200, 200, 200, 403, 403, 403, 404, 401),
    "link.create": RECORD,
    "link.retrieve": READ_ONE,
    "link.end": row(204, 204, 403, 403, 403, 403, 404, 401),
    "person.list": READ_LIST,
    "person.retrieve": READ_ONE,
    "person.history": READ_ONE,
    "person.create": RECORD,
    "person.partial_update": CHANGE,
    "person.identity": CHANGE,
    "source.list": READ_LIST,
    "source.retrieve": READ_ONE,
    "source.history": READ_ONE,
    "source.create": RECORD,
    "source.partial_update": CHANGE,
    "source.grade": ASSESS,
    "item.list": READ_LIST,
    "item.retrieve": READ_ONE,
    "item.history": READ_ONE,
    "item.create": RECORD,
    "item.partial_update": CHANGE,
    "item.files": row(201, 201, 403, 403, 403, 403, 404, 401),
    "file.retrieve": READ_ONE,
    "file.content": READ_ONE,
    "import.list": IMPORT_LIST,
    "import.retrieve": IMPORT,
    "import.rows": IMPORT,
    "import.create": row(201, 403, 403, 403, 403, 403, 400, 401),
    "import.run": row(201, 403, 403, 403, 403, 403, 404, 401),
    "import-mapping.list": IMPORT_LIST,
    "import-mapping.retrieve": row(200, 403, 403, 403, 403, 403, 200, 401),
    "import-mapping.create": row(201, 403, 403, 403, 403, 403, 201, 401),
    **{
        f"{name}.{action}": REFERENCE
        for name in ("crime", "vocabulary", "place", "organisation")
        for action in ("list", "retrieve")
    },
    "item.proof": row(409, 409, 409, 409, 403, 403, 404, 401),  # nothing is signed yet: nothing can be proved
    "item.verify": READ_ONE,
    "ledger.checkpoint": row(404, 404, 404, 404, 404, 404, 404, 401),
    "ledger.checkpoints": OWN,
    "ledger.consistency": row(404, 404, 404, 404, 404, 404, 404, 401),
    "ledger.inclusion": row(404, 404, 404, 404, 404, 404, 404, 401),
    "ledger.keys": OWN,
    "ledger.tile": row(403, 403, 403, 404, 404, 403, 403, 401),
    "ledger.verifications": AUDIT,
    "ledger.verify": row(403, 403, 403, 202, 202, 403, 403, 401),
    "ledger.proof": row(403, 403, 403, 409, 409, 403, 403, 401),
    "ledger-entry.list": AUDIT,
    "ledger-entry.retrieve": row(200, 200, 200, 200, 200, 404, 404, 401),
}


def actions() -> dict[str, tuple[str, str]]:
    """Every action of the router: its name in the table → (method, name of its route)."""
    found = {}
    for _prefix, viewset, basename in router.registry:
        for route in router.get_routes(viewset):
            for method, action in router.get_method_map(viewset, route.mapping).items():
                found[f"{basename}.{action}"] = (method, "api:" + route.name.format(basename=basename))
    return found


def test_every_action_has_a_row():
    assert set(actions()) == set(TABLE)


@pytest.fixture
def everybody(request, collection, investigator):
    people = {name: request.getfixturevalue(name) for name in ROLES[:-1]}
    for name in ROLES[:-2]:
        access.grant(by=investigator, record=collection, permission="manage", reason="test", user=people[name])
    return people


class Bodies:
    """What is sent to each action: the key of its record, and a body that would do."""

    def __init__(self, request, collection, author):
        self.get, self.home, self.author = request.getfixturevalue, str(collection.pk), author
        self.collection = collection

    def prepared(self, name: str, user) -> tuple[str | None, dict, str]:
        """(key, body, ETag) for an action."""
        kind, action = name.split(".")
        return getattr(self, f"of_{kind}".replace("-", "_"))(action, user)

    def of_me(self, action, user):
        return None, {}, ""

    def of_ledger(self, action, user):
        query = {"consistency": {"from": "1"}, "inclusion": {"hash": "0" * 64, "entry": str(uuid.uuid4())}}
        path = {"tile": {"place": "0/000"}, "proof": {"key": str(self.get("item").pk)}}
        return path.get(action), query.get(action, {}), ""

    def of_ledger_entry(self, action, user):
        entry = trail.page(trail.Wanted(subject=self.get("item").pk))[0]
        return str(entry.entry_id), {}, ""

    def of_token(self, action, user):
        owner = user if user is not None else self.author
        own = owner if owner.role != "investigator" or owner == self.author else self.author
        issued = tokens.issue(by=own, user=own, name="t", scopes=["items:read"], days=1)
        return str(issued.token.pk), {}, ""

    def of_collection(self, action, user):
        return self.home, {}, ""

    def of_incident(self, action, user):
        incident = self.get("incident")
        if action in ("pass_on", "return_to_author", "finalise"):
            assessment.submit(by=self.author, incident=incident)
        if action == "finalise":
            assessment.pass_on(by=self.get("reviewer"), incident=incident)
        if action == "restore":
            assessment.withdraw(by=self.author, incident=incident, note="x")
        body = {
            "create": {**simple(), "collection": self.home},
            "partial_update": {"title_en": "Another title"},
            "classify": {"act": str(incident.acts.first().pk), "crime": "cah.torture"},
        }.get(action, {"note": "Reasons given"})
        return str(incident.pk), body, str(Incident.objects.get(pk=incident.pk).version)

    def of_classification(self, action, user):
        row = self.get("incident").acts.first().classifications.first()
        return str(row.pk), {"status": "supported", "rationale": "Reasons given"}, str(row.version)

    def of_link(self, action, user):
        item, incident = self.get("item"), self.get("incident")
        if action == "create":
            return None, {"item": str(item.pk), "incident": str(incident.pk)}, ""
        return str(recording.link(by=self.author, item=item, target=incident).pk), {"reason": "wrong file"}, ""

    def of_person(self, action, user):
        row: Person = self.get("protected")
        body = {"create": {"note": "x", "risk": "low", "collection": self.home}, "partial_update": {"note": "y"}}
        return str(row.pk), body.get(action, {"reason": "needed for protection"}), str(row.version)

    def of_source(self, action, user):
        row: Source = self.get("source")
        body = {
            "create": {"title": "x", "collection": self.home},
            "partial_update": {"title": "y"},
            "grade": {"reliability": "B", "credibility": "2", "reason": "seen"},
        }
        return str(row.pk), body.get(action, {}), str(row.version)

    def of_item(self, action, user):
        row = self.get("item")
        body = {
            "create": {"title_en": "x", "kind": "testimony", "collection": self.home},
            "partial_update": {"title_en": "y"},
            "files": {"file": upload("a.txt", b"bytes")},
            "proof": {"purpose": "for the court"},
        }
        return str(row.pk), body.get(action, {}), str(row.version)

    def of_file(self, action, user):
        return str(self.get("file").pk), {}, ""

    def of_import(self, action, user):
        mapping = batches.ImportMapping.objects.get(slug="ucdp-ged")
        body = {"file": upload("t.csv", b"id\n1\n"), "collection": self.home, "mapping": mapping.slug}
        batch = batches.receive_batch(
            by=self.author, collection=self.collection, mapping=mapping, stream=io.BytesIO(b"id\n1\n"),
            filename="t.csv", dry_run=True,
        )  # fmt: skip
        batches.start(by=self.author, batch_id=batch.pk)
        batches.finish(by=self.author, batch=batch, state="done")
        return str(batch.pk), body if action == "create" else {}, ""

    def of_import_mapping(self, action, user):
        spec = batches.ImportMapping.objects.get(slug="ucdp-ged").spec
        return "ucdp-ged", {"slug": "mine", "name_en": "Mine", "spec": spec}, ""

    of_crime = lambda self, action, user: ("cah.torture", {}, "")  # noqa: E731
    of_vocabulary = lambda self, action, user: ("sex", {}, "")  # noqa: E731
    of_place = lambda self, action, user: ("KP", {}, "")  # noqa: E731

    def of_organisation(self, action, user):
        return str(Organisation.objects.first().pk), {}, ""


def upload(name: str, content: bytes):
    stream = io.BytesIO(content)
    stream.name = name
    return stream


@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_table_holds(request, everybody, collection, investigator, name):
    for fixture in ("incident", "item", "file", "protected", "source"):
        request.getfixturevalue(fixture)  # made before the first question, which is undone
    found = {}
    for role in ROLES:
        with transaction.atomic():
            found[role] = ask(Bodies(request, collection, investigator), name, everybody.get(role))
            transaction.set_rollback(True)
    assert found == TABLE[name]


def ask(bodies: Bodies, name: str, user) -> int:
    """The status that this person gets for the action."""
    method, route = actions()[name]
    key, body, version = bodies.prepared(name, user)
    client = APIClient()
    if user is not None:
        client.force_login(user, backend="accounts.backends.SignInBackend")
    if isinstance(key, dict):
        path = reverse(route, kwargs=key)
    else:
        is_detail = (not route.endswith("-list") and not route.startswith("api:ledger-")) or route.endswith("-detail")
        path = reverse(route, args=[key] if is_detail else [])
    has_file = any(hasattr(value, "read") for value in body.values())
    headers = {"If-Match": f'"{version}"'} if name.endswith("partial_update") else {}
    data = body if method != "get" or route.startswith("api:ledger") else None
    answer = getattr(client, method)(path, data, format="multipart" if has_file else None, headers=headers)
    return answer.status_code
