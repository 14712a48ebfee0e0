"""Role × page × kind of record × status, over every route of the pages. Complete by construction: a route without a row
fails.

Each page is asked with GET, each that answers POST alone with an empty POST: the statuses are those of the person. On a
record that she may not see, of whatever kind, each of its pages answers 404 to whoever may use the page at all.
"""

import io
import re

import pytest
from conftest import TESTS, drawn, person, read_by_machine
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from test_table import ROLES, row

from accounts import grants, tokens
from accounts.teams import form_team
from custody.models import Entry
from evidence import access, batches, handling, protection, searches, uploading
from evidence.models import Denial, Incident, Item, Person, Source

OPEN = re.compile(r"^(health/|language/|accounts/|api/|invitation/)")
SIGN_IN = 302  # whoever is not signed in is led to the sign-in page

# investigator, reviewer, analyst, administrator, auditor, mechanism, stranger (no grant), not signed in
READ = row(200, 200, 200, 200, 403, 403, 404, SIGN_IN)
READ_LIST = row(200, 200, 200, 200, 403, 403, 200, SIGN_IN)
CHANGE = row(200, 200, 403, 403, 403, 403, 404, SIGN_IN)
POSTED = row(400, 400, 403, 403, 403, 403, 404, SIGN_IN)
NEW = row(200, 200, 403, 403, 403, 403, 200, SIGN_IN)
ASSESS = row(200, 200, 200, 403, 403, 403, 404, SIGN_IN)
REVIEW = row(200, 200, 403, 403, 403, 403, 404, SIGN_IN)
IMPORT = row(200, 403, 403, 403, 403, 403, 404, SIGN_IN)
IMPORT_LIST = row(200, 403, 403, 403, 403, 403, 200, SIGN_IN)
REFERENCE = row(200, 200, 200, 200, 200, 403, 200, SIGN_IN)
OWN = row(200, 200, 200, 200, 200, 200, 200, SIGN_IN)
AUDIT = row(403, 403, 403, 200, 200, 403, 403, SIGN_IN)
MANAGED = row(200, 200, 403, 200, 403, 403, 404, SIGN_IN)
BRINGER = row(200, 404, 403, 403, 403, 403, 404, SIGN_IN)
ADMIN = row(403, 403, 403, 200, 403, 403, 403, SIGN_IN)

TABLE: dict[str, dict] = {
    "home": OWN,
    **dict.fromkeys(
        ("incident-list", "item-list", "processing", "person-list", "source-list", "decision-list"), READ_LIST
    ),
    **dict.fromkeys(
        (
            "search",
            "search-counts",
            "incident-facets",
            "incident-query",
            "saved-list",
            "saved-new",
            "saved-tabs",
            "statistics",
        ),
        READ_LIST,
    ),
    "saved-open": row(302, 404, 404, 404, 403, 403, 404, SIGN_IN),  # the investigator's own; it leads to a list
    "saved-end": row(302, 404, 404, 404, 403, 403, 404, SIGN_IN),
    **dict.fromkeys(("suggest-persons", "suggest-sources"), READ_LIST),
    **dict.fromkeys(("incident-detail", "item-detail", "person-detail", "source-detail", "item-custody"), READ),
    **dict.fromkeys(("file-open", "file-rendition", "item-use", "decision-detail", "item-verify"), READ),
    **dict.fromkeys(("item-files-state",), READ),
    "file-read": READ,
    "file-proposals": READ,
    "file-similar": READ,
    "file-proposals-decide": POSTED,
    "file-members": READ,
    "file-retry": row(302, 302, 403, 403, 403, 403, 404, SIGN_IN),
    "file-opened": row(200, 404, 404, 404, 403, 403, 404, SIGN_IN),  # it is the investigator's
    **dict.fromkeys(("item-custody-event", "item-holding", "file-holding", "hold-end", "collection-holding"), CHANGE),
    "retention": NEW,
    "storage": AUDIT,
    "item-proof": row(400, 400, 400, 400, 403, 403, 404, SIGN_IN),  # it wants a purpose
    "item-certificate": row(409, 409, 409, 409, 403, 403, 404, SIGN_IN),  # nothing is signed yet
    **dict.fromkeys(("incident-new", "person-new", "source-new", "item-new"), NEW),
    **dict.fromkeys(("incident-edit", "person-edit", "source-edit", "item-edit", "incident-item-new"), CHANGE),
    **dict.fromkeys(("incident-lower", "item-lower", "person-lower", "source-lower"), CHANGE),
    **dict.fromkeys(("person-reassess", "person-unmask", "consent-new", "consent-withdraw", "condition-end"), CHANGE),
    **dict.fromkeys(("item-condition-new", "source-condition-new", "incident-step"), CHANGE),
    **dict.fromkeys(("item-add-file", "person-identity"), POSTED),
    **dict.fromkeys(("source-grade", "classification-assess"), ASSESS),
    "access-list": row(200, 200, 403, 200, 403, 403, 200, SIGN_IN),
    "access-find": row(302, 302, 403, 302, 403, 403, 302, SIGN_IN),
    "access-new": ADMIN,
    "access-person": ADMIN,
    # Investigator and reviewer by their grant to manage; an administrator manages everything and reads nothing by it.
    **dict.fromkeys(("access-record", "access-give", "access-keep-away", "access-restrict"), MANAGED),
    **dict.fromkeys(("access-take-back", "access-lift"), MANAGED),
    "request-list": row(200, 200, 200, 200, 403, 403, 200, SIGN_IN),
    "request-new": row(200, 200, 200, 200, 403, 403, 200, SIGN_IN),
    "request-detail": row(200, 200, 404, 200, 403, 403, 404, SIGN_IN),
    "glass-list": row(200, 200, 403, 200, 200, 403, 200, SIGN_IN),
    "glass-new": row(200, 200, 200, 403, 403, 403, 200, SIGN_IN),
    "glass-detail": row(200, 200, 404, 200, 200, 404, 404, SIGN_IN),
    "notice-list": OWN,
    **dict.fromkeys(("import-list", "import-new", "mapping-new"), IMPORT_LIST),
    **dict.fromkeys(("import-detail", "import-errors"), IMPORT),
    # Both lead on to the import's own page, once it is done.
    **dict.fromkeys(("import-progress", "import-run"), row(302, 403, 403, 403, 403, 403, 404, SIGN_IN)),
    **dict.fromkeys(("upload-list", "upload-new"), NEW),
    **dict.fromkeys(("upload-detail", "upload-receipt", "upload-receipt-pdf", "upload-receipt-csv"), CHANGE),
    # Whoever brings the files: for others who see the batch there is nothing to do about it.
    "upload-describe": BRINGER,
    "upload-files": row(400, 404, 403, 403, 403, 403, 404, SIGN_IN),
    "upload-cancel": row(404, 404, 403, 403, 403, 403, 404, SIGN_IN),  # it names no upload
    "upload-link": row(404, 404, 403, 403, 403, 403, 404, SIGN_IN),
    "upload-close": row(302, 404, 403, 403, 403, 403, 404, SIGN_IN),
    **dict.fromkeys(("crime-list", "vocabulary-list", "suggest-places", "suggest-organisations"), REFERENCE),
    "suggest-date": REFERENCE,
    "ledger": AUDIT,
    "ledger-verify": row(403, 403, 403, 302, 302, 403, 403, SIGN_IN),
    "ledger-trust": OWN,
    "ledger-verifier": OWN,
    "audit": AUDIT,
    "audit-entry": AUDIT,
    "audit-erase": row(403, 403, 403, 400, 403, 403, 403, SIGN_IN),  # it wants a part and a ground
    **dict.fromkeys(("people-list", "people-invite", "people-detail", "people-edit", "people-role"), ADMIN),
    **dict.fromkeys(("people-suspend", "people-reactivate", "people-link", "people-factors"), ADMIN),
    "people-link-withdraw": row(403, 403, 403, 409, 403, 403, 403, SIGN_IN),  # there is none
    **dict.fromkeys(("team-list", "team-new", "team-detail", "team-rename", "team-join", "team-leave"), ADMIN),
    "team-dissolve": ADMIN,
    "session-list": OWN,
    "session-end": row(404, 404, 404, 404, 404, 404, 404, SIGN_IN),  # of somebody else
    "session-state": OWN,
    "session-unlock": OWN,
    "profile": OWN,
    "set-theme": row(400, 400, 400, 400, 400, 400, 400, SIGN_IN),
    "token-list": OWN,
    "token-revoke": OWN,
}
POST_ONLY = {
    "audit-erase", "file-proposals-decide", "file-retry", "import-run", "item-add-file", "item-certificate",
    "item-proof", "item-verify", "ledger-verify", "people-link-withdraw", "person-identity", "saved-end", "set-theme",
    "upload-cancel", "upload-close", "upload-files", "upload-link",
}  # fmt: skip


def routes() -> dict[str, str]:
    """Name → pattern of every page."""
    found = {}
    for entry in get_resolver().url_patterns:
        for inner in getattr(entry, "url_patterns", ()) if str(entry.pattern) == "" else ():
            found[inner.name] = str(inner.pattern)
    return {name: pattern for name, pattern in found.items() if not OPEN.match(pattern)}


def test_every_page_has_a_row():
    assert set(routes()) == set(TABLE)


@pytest.fixture
def everybody(request, collection):
    people = {name: request.getfixturevalue(name) for name in ROLES[:-1]}
    for name in ROLES[:-2]:
        grants.give(by=None, record=collection, permission="manage", reason="test", user=people[name])
    return people


class Paths:
    """The address of each page, of records that everybody but the stranger may see."""

    def __init__(self, request, author):
        self.get, self.author = request.getfixturevalue, author

    def of(self, name: str, user) -> str:
        pattern = routes()[name]
        if "<" not in pattern:
            return "/" + pattern + ("?list=incident" if name == "saved-tabs" else "")
        below_files = {"file-opened": self.opening, "file-rendition": self.picture}
        if name in below_files:
            return "/" + re.sub(r"<\w+:pk>", str(below_files[name]().pk), pattern)
        kind = pattern.split("/")[0] if "access/" not in pattern else "/".join(pattern.split("/")[:2])
        key = getattr(self, "of_" + re.sub(r"\W+", "_", kind).strip("_"), self.of_incidents)(user)
        steps = {"audit-erase": "propose", "item-holding": "seal", "file-holding": "withdraw"}
        step = steps.get(name, "hold" if name == "collection-holding" else "submit")
        path = "/" + re.sub(r"<\w+:pk>", key, pattern).replace("<slug:step>", step)
        query = {"access-take-back": f"?to=user:{self.get('investigator2').pk}&permission=view",
                 "access-lift": f"?to=user:{self.get('investigator2').pk}"}  # fmt: skip
        return path + query.get(name, "")

    def of_incidents(self, user):
        return self.get("incident").code

    def of_saved(self, user):
        return str(searches.save_search(by=self.author, name="Mine", kind="incident", query="q=held").pk)

    def of_evidence(self, user):
        return self.get("item").code

    def of_persons(self, user):
        return self.get("protected").code

    def of_sources(self, user):
        return self.get("source").code

    def of_files(self, user):
        read_by_machine(self.get("file"), members=({"index": 0, "path": "a.txt", "size": 5},))
        return str(self.get("file").pk)

    def opening(self):
        file = read_by_machine(self.get("file"))
        return handling.open_for(by=self.author, file=file, purpose="for the test")

    def picture(self):
        return drawn(read_by_machine(self.get("file")))

    def of_holds(self, user):
        return str(handling.hold(by=self.author, record=self.get("item"), reason="for the test").pk)

    def of_collections(self, user):
        return self.get("collection").code

    def of_batches(self, user):
        given = {"kind": "testimony"}
        batch = uploading.open_batch(by=self.author, collection=self.get("collection"), given=given)
        uploading.bring(by=self.author, batch=batch, stream=io.BytesIO(b"bytes"), name="a.txt")
        return str(batch.pk)

    def of_classifications(self, user):
        return str(self.get("incident").acts.first().classifications.first().pk)

    def of_consents(self, user):
        given = {"use": "share_icc", "recipient": "*", "status": "unclear"}
        return str(protection.record_consent(by=self.author, person=self.get("protected"), given=given).pk)

    def of_conditions(self, user):
        return str(
            protection.set_condition(
                by=self.author, record=self.get("source"), use="share_icc", recipient="*", is_allowed=True
            ).pk
        )

    def of_decisions(self, user):
        incident = self.get("incident")
        Incident.objects.filter(pk=incident.pk).update(confidentiality=3, effective_level=3)
        incident.refresh_from_db()
        row = protection.propose_downgrade(by=self.author, record=incident, confidentiality=2, reason="It is public.")
        return str(row.pk)

    def of_access_str_pk(self, user):
        incident, other = self.get("incident"), self.get("investigator2")
        grants.give(by=None, record=incident, permission="view", reason="test", user=other)
        grants.deny(record=incident, by=self.author, reason="test", user=other)
        return incident.code

    def of_access_people(self, user):
        return str(self.author.pk)

    def of_access_requests(self, user):
        by = person("analyst")
        return str(access.ask(by=by, code=self.get("incident").code, permission="view", reason="I analyse it.").pk)

    def of_access_glass(self, user):
        reason = "Somebody was seen in danger this morning."
        return str(access.break_glass(by=person("analyst"), code=self.get("incident").code, reason=reason).pk)

    def of_imports(self, user):
        mapping = batches.ImportMapping.objects.get(slug="ucdp-ged")
        batch = batches.receive_batch(
            by=self.author, collection=self.get("collection"), mapping=mapping, stream=io.BytesIO(b"id\n1\n"),
            filename="t.csv", dry_run=True,
        )  # fmt: skip
        batches.start(by=self.author, batch_id=batch.pk)
        batches.finish(by=self.author, batch=batch, state="done")
        return str(batch.pk)

    def of_audit(self, user):
        return str(Entry.objects.filter(object_id=self.get("item").pk).first().entry_id)

    def of_people(self, user):
        return str(self.author.pk)

    def of_teams(self, user):
        return str(form_team(by=TESTS, name_en="Readers", name_ko="", members=[self.author]).pk)

    def of_tokens(self, user):
        own = user or self.author
        return str(tokens.issue(by=own, user=own, name="t", scopes=["items:read"], days=1).token.pk)


def ask(path: str, user, *, post: bool) -> int:
    client = Client()
    if user is not None:
        client.force_login(user, backend="accounts.backends.SignInBackend")
    return (client.post if post else client.get)(path).status_code


@pytest.mark.parametrize("name", sorted(TABLE))
def test_the_table_holds(request, everybody, investigator, name):
    for fixture in ("incident", "item", "file", "protected", "source"):
        request.getfixturevalue(fixture)  # made before the first question, which is undone
    found = {}
    for role in ROLES:
        with transaction.atomic():
            user = everybody.get(role)
            found[role] = ask(Paths(request, investigator).of(name, user), user, post=name in POST_ONLY)
            transaction.set_rollback(True)
    assert found == TABLE[name]


KINDS = {Incident: "incident", Item: "item", Person: "protected", Source: "source"}
STARTS = {"incidents/": Incident, "evidence/": Item, "persons/": Person, "sources/": Source}


def hide(record, how: str, users) -> None:
    if how == "restricted":
        type(record).objects.filter(pk=record.pk).update(inherits_access=False)
    elif how == "above the clearance":
        type(record).objects.filter(pk=record.pk).update(effective_level=4)
    else:
        for user in users:
            Denial.objects.create(user=user, denied_by=user, reason="test", **{record._meta.model_name: record})


@pytest.mark.parametrize("how", ["restricted", "above the clearance", "denied"])
def test_a_record_of_any_hidden_kind_has_no_page(request, everybody, investigator, file, how):
    users = [user for name, user in everybody.items() if name != "stranger"]
    for model, fixture in KINDS.items():
        hide(request.getfixturevalue(fixture), how, users)
        assert model.objects.exists()
    asked = 0
    for name, pattern in routes().items():
        if not any(pattern.startswith(start + "<") for start in STARTS):
            continue
        path = Paths(request, investigator).of(name, None)
        for role in ROLES[:-1]:
            expected = 404 if TABLE[name][role] != 403 else 403
            assert ask(path, everybody[role], post=name in POST_ONLY) == expected, (name, role)
            asked += 1
    assert asked > 100
