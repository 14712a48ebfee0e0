"""Role × action × status, over every action of the API. Complete by construction: an action without a row fails.

Each row is asked with a body that would do: the statuses are those of the person, not of her mistakes. Everybody here
holds the widest grant on the collection, so that what is refused is refused by the role; `stranger` holds none.
"""

import json
from functools import cache

import pytest
from bodies import Bodies
from django.db import transaction
from django.urls import reverse
from rest_framework.test import APIClient

from accounts import grants
from evidence.api.urls import router

ROLES = ("investigator", "reviewer", "analyst", "administrator", "auditor", "mechanism", "stranger", "anonymous")


def row(*statuses):
    return dict(zip(ROLES, statuses, strict=True))


# investigator, reviewer, analyst, administrator, auditor, mechanism, stranger (no grant), not signed in
READ_ONE = row(200, 200, 200, 200, 403, 403, 404, 401)
READ_LIST = row(200, 200, 200, 200, 403, 403, 200, 401)
MINE = row(200, 404, 404, 404, 403, 403, 404, 401)  # the investigator's own
EXPORT = row(200, 200, 200, 403, 403, 403, 200, 401)
RECORD = row(201, 201, 403, 403, 403, 403, 400, 401)  # the stranger names a collection that does not exist for her
CHANGE = row(200, 200, 403, 403, 403, 403, 404, 401)
REVIEW = row(403, 200, 403, 403, 403, 403, 403, 401)
ASSESS = row(201, 201, 201, 403, 403, 403, 404, 401)
REFERENCE = row(200, 200, 200, 200, 200, 403, 200, 401)
OWN = row(200, 200, 200, 200, 200, 200, 200, 401)
IMPORT = row(200, 403, 403, 403, 403, 403, 404, 401)
AUDIT = row(403, 403, 403, 200, 200, 403, 403, 401)
MANAGED = row(200, 200, 403, 200, 403, 403, 404, 401)
MANAGE = row(204, 204, 403, 204, 403, 403, 404, 401)
ADMINISTER = row(403, 403, 403, 200, 403, 403, 403, 401)
ADD = row(403, 403, 403, 201, 403, 403, 403, 401)
IMPORT_LIST = row(200, 403, 403, 403, 403, 403, 200, 401)

TABLE = {
    "me.list": OWN,
    "token.list": OWN,
    "token.revoke": row(204, 204, 204, 204, 204, 204, 404, 401),
    "collection.list": READ_LIST,
    "collection.retrieve": READ_ONE,
    **dict.fromkeys(("incident.list", "incident.map", "incident.timeline"), READ_LIST),
    "search.list": READ_LIST,
    **dict.fromkeys(("statistics.list", "changes.list"), READ_LIST),
    "incident.retrieve": READ_ONE,
    "incident.history": READ_ONE,
    **{f"{kind}.export": EXPORT for kind in ("incident", "item", "person", "source")},
    "incident.create": RECORD,
    "incident.bulk": row(200, 200, 403, 403, 403, 403, 200, 401),  # what becomes of each line is in the answer
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
    **{f"item.{name}": CHANGE for name in ("seal", "unseal", "withdraw", "restore", "unfreeze", "retention")},
    **dict.fromkeys(("item.hold", "item.record_custody"), row(201, 201, 403, 403, 403, 403, 404, 401)),
    **dict.fromkeys(("item.holds", "item.custody_events"), READ_ONE),
    "item.due": READ_LIST,
    "file.openings": row(201, 201, 201, 201, 403, 403, 404, 401),
    **dict.fromkeys(("file.withdraw", "file.restore", "hold.end"), CHANGE),
    "hold.create": RECORD,
    "hold.years": row(204, 204, 403, 403, 403, 403, 400, 401),
    "fixity.list": AUDIT,
    "item.files": row(201, 201, 403, 403, 403, 403, 404, 401),
    **{f"{kind}.conditions": READ_ONE for kind in ("source", "item")},
    **{f"{kind}.set_condition": row(201, 201, 403, 403, 403, 403, 404, 401) for kind in ("source", "item")},
    **{f"{kind}.end_condition": row(204, 204, 403, 403, 403, 403, 404, 401) for kind in ("source", "item")},
    "item.use": READ_ONE,
    "file.retrieve": READ_ONE,
    "file.content": row(200, 409, 409, 409, 403, 403, 404, 401),  # the opening is the investigator's
    "file.steps": READ_ONE,
    "file.page": READ_ONE,
    "file.proposals": READ_ONE,
    "file.adopt": row(200, 200, 403, 403, 403, 403, 404, 401),
    "file.dismiss": row(200, 200, 403, 403, 403, 403, 404, 401),
    "item.similar": READ_ONE,
    "file.members": READ_ONE,
    "file.take_members": row(201, 201, 403, 403, 403, 403, 404, 401),
    "file.retry": row(202, 202, 403, 403, 403, 403, 404, 401),
    # An upload is its maker's alone. Who may upload is told first that no version of tus was sent.
    "upload.list": row(200, 200, 403, 403, 403, 403, 200, 401),
    "upload.create": row(412, 412, 403, 403, 403, 403, 412, 401),
    "upload.retrieve": row(200, 404, 403, 403, 403, 403, 404, 401),
    "upload.partial_update": row(412, 404, 403, 403, 403, 403, 404, 401),
    "upload.destroy": row(412, 404, 403, 403, 403, 403, 404, 401),
    "consent.list": row(200, 200, 200, 200, 403, 403, 400, 401),
    "consent.create": RECORD,
    "consent.withdraw": row(201, 201, 403, 403, 403, 403, 404, 401),
    # Investigator, reviewer: by their grant to manage; the administrator manages everything without reading it.
    "access.retrieve": MANAGED,
    **{f"access.{name}": MANAGE for name in ("grant", "revoke", "deny", "lift", "restrict", "open_up")},
    "access-request.list": row(200, 200, 200, 200, 403, 403, 200, 401),
    "access-request.create": row(201, 201, 201, 201, 403, 403, 201, 401),
    "access-request.retrieve": row(200, 200, 404, 200, 403, 403, 404, 401),
    "access-request.decide": row(200, 200, 403, 200, 403, 403, 404, 401),
    "access-request.withdraw": row(409, 409, 404, 409, 403, 403, 404, 401),  # it is another person's
    "glass.list": row(200, 200, 403, 200, 200, 403, 200, 401),
    "glass.review": row(204, 204, 403, 204, 204, 403, 404, 401),
    "decision.list": READ_LIST,
    "decision.create": RECORD,
    "decision.retrieve": READ_ONE,
    "decision.answer": row(403, 200, 403, 403, 403, 403, 403, 401),
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
    "saved-search.list": row(200, 200, 200, 200, 403, 403, 200, 401),
    "saved-search.create": row(201, 201, 201, 201, 403, 403, 201, 401),
    **dict.fromkeys(("saved-search.retrieve", "saved-search.new", "saved-search.open"), MINE),
    "saved-search.end": MINE | {"investigator": 204},
    "ledger.verifications": AUDIT,
    "ledger.verify": row(403, 403, 403, 202, 202, 403, 403, 401),
    "ledger.proof": row(403, 403, 403, 409, 409, 403, 403, 401),
    **{f"people.{action}": ADMINISTER for action in ("list", "retrieve", "partial_update", "suspend", "reactivate")},
    **{f"team.{action}": ADMINISTER for action in ("list", "retrieve", "partial_update", "join", "leave", "dissolve")},
    **dict.fromkeys(("people.create", "people.link", "team.create"), ADD),
    "people.withdraw_link": row(403, 403, 403, 204, 403, 403, 403, 401),
    "ledger-entry.list": AUDIT,
    "ledger-entry.retrieve": row(200, 200, 200, 200, 200, 404, 404, 401),
}


# Pages of one's own sign-in: the same for every role; nobody else has any.
PAGES = ("/settings/sessions/", "/session/", "/session/unlock/", "/accounts/2fa/")


@pytest.mark.parametrize("path", PAGES)
def test_everybody_keeps_her_own_sign_in(request, client, path):
    found = {}
    for role in ROLES:
        client.logout()
        if role != "anonymous":
            client.force_login(request.getfixturevalue(role), backend="accounts.backends.SignInBackend")
        found[role] = client.get(path).status_code
    assert found == row(200, 200, 200, 200, 200, 200, 200, 302)


@cache
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
    found = {name: request.getfixturevalue(name) for name in ROLES[:-1]}
    for name in ROLES[:-2]:
        grants.give(by=None, record=collection, permission="manage", reason="test", user=found[name])
    return found


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


READS_WITH_QUERY = ("api:ledger", "api:consent", "api:item-use", "api:file-content", "api:search", "api:statistics")


def ask(bodies: Bodies, name: str, user, *, before=lambda: None) -> int:
    """The status that this person gets for the action; `before` runs when all is there that it is about."""
    method, route = actions()[name]
    key, body, version = bodies.prepared(name, user)
    before()
    client = APIClient()
    if user is not None:
        client.force_login(user, backend="accounts.backends.SignInBackend")
    if isinstance(key, dict):
        path = reverse(route, kwargs=key)
    else:
        of_none = route.endswith(("-list", "-export")) or key is None
        is_detail = (not of_none and not route.startswith("api:ledger-")) or route.endswith("-detail")
        path = reverse(route, args=[key] if is_detail else [])
    has_file = any(hasattr(value, "read") for value in body.values())
    headers = {"If-Match": f'"{version}"'} if name.endswith(("partial_update", ".adopt")) else {}
    sends = method != "get" or route.startswith(READS_WITH_QUERY)
    data = body if sends else None
    if name.endswith(".bulk"):
        return client.post(path, json.dumps(body), content_type="application/x-ndjson").status_code
    answer = getattr(client, method)(path, data, format="multipart" if has_file else None, headers=headers)
    if answer.status_code == 200 and (seal := getattr(answer, "data", None) or {}) and "confirmation" in seal:
        # The effect was shown; the same again is done.
        answer = getattr(client, method)(path, data | {"confirmation": seal["confirmation"]}, headers=headers)
    return answer.status_code
