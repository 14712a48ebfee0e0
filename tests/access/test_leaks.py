"""Nothing hidden shows anywhere: marker words, codes and ids of hidden records, every GET route, every persona.

The routes are read from the URL configuration: a new one is walked without being named here, and one whose records this
file does not know how to address fails.
"""

import csv
import io
import re
import uuid

import pytest
from conftest import person, simple
from django.test import Client
from django.urls import get_resolver
from scenes_of_leaks import World, personas

from accounts.roles import Act, may
from custody import proofs as ledger_proofs
from custody.models import Entry
from evidence import proofs
from evidence.models.codes import new_code

# Doors of the ledger: what they are addressed by is in ledger_routes.
LEDGER = ("ledger/", "audit/", "api/v1/ledger/")
GLASS = ("access/glass/", "api/v1/emergency-access")  # whoever oversees it is told which record, by id
OPEN = ("health/", "accounts/", "language/", "invitation/", "api/schema/", "api/docs/")
# What stands before the key in a route, and the model whose rows it addresses.
KINDS = {
    "incidents": "Incident", "evidence": "Item", "items": "Item", "persons": "Person", "sources": "Source",
    "files": "File", "links": "Link", "classifications": "Classification", "imports": "ImportBatch",
    "batches": "IntakeBatch", "uploads": "Upload",
    "collections": "Collection", "consents": "Consent", "conditions": "ProviderCondition", "decisions": "Decision",
    "holds": "Hold",
}  # fmt: skip
ACCESS = re.compile(r"(api/v1/)?(access/|access-requests|emergency-access)")
# Below access/: what a route addresses there; any other addresses a record of any kind.
OF_ACCESS = {
    "access/requests/": "AccessRequest", "access-requests/": "AccessRequest",
    "access/glass/": "BreakGlass", "emergency-access/": "BreakGlass",
}  # fmt: skip
SECURED = ("Incident", "Item", "Person", "Source", "Collection")
# Keys that are no record: reference data, one's own tokens, saved mappings.
PLAIN = {
    "crimes": ["cah.torture"], "vocabularies": ["sex"], "places": ["KP"], "organisations": [], "import-mappings": [],
    "tokens": [], "people": [], "teams": [], "settings": ["1"],
    "saved": [], "saved-searches": [],
}  # fmt: skip
# Below files/: what a route addresses there, where it is no file.
OF_FILES = {"files/opened/": "Opening", "files/renditions/": "Rendition"}
STEPS = ("submit", "pass", "return", "finalise", "withdraw", "restore", "seal", "unseal", "unfreeze", "hold",
         "retention", "destroy")  # fmt: skip


def routes(patterns=None, prefix="") -> list[str]:
    """Every route as a text with <key> placeholders."""
    found = []
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        text = str(entry.pattern)
        text = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", text.lstrip("^").removesuffix("$"))
        text = prefix + re.sub(r"<\w+:(\w+)>", r"<\1>", text).replace(r"\.", ".").replace(r"\Z", "")
        if hasattr(entry, "url_patterns"):
            found += routes(entry.url_patterns, text)
        else:
            found.append(text)
    return [route for route in found if not route.startswith(OPEN) and ".*" not in route and "<format>" not in route]


def filled(route: str, world, *, kind_only=False):
    """(path, record or None) of a route for every record it can address."""
    if "<" not in route:
        yield f"/{route}", None
        return
    if route.startswith(LEDGER):
        yield from ledger_routes(route, world)
        return
    if ACCESS.match(route):
        yield from access_routes(route, world)
        return
    word = route.removeprefix("api/v1/").split("/")[0]
    assert word in KINDS or word in PLAIN, f"say in KINDS what {route} addresses"
    kind = next((kind for start, kind in OF_FILES.items() if route.startswith(start)), KINDS.get(word))
    records = world.of(kind) if kind else []
    keys = [(str(record.pk), record) for record in records]
    keys += [(record.code, record) for record in records[-1:] if hasattr(record, "code")]
    keys += [(key, None) for key in PLAIN.get(word, [])]
    keys += [(str(row.pk), None) for row in world.administered(word)]
    for key, record in keys:
        path = re.sub(r"<(pk|slug)>", key, route)
        for step in STEPS if "<step>" in path else ("",):
            yield "/" + path.replace("<step>", step), record


def access_routes(route: str, world):
    """Doors of access address requests, broken glass, people, and records of any kind by id."""
    if "access/people/" in route:
        yield "/" + route.replace("<pk>", str(world.people["investigator"].pk)), None
        return
    kinds = next(([kind] for start, kind in OF_ACCESS.items() if start in route), SECURED)
    for record in (record for kind in kinds for record in world.of(kind)):
        yield "/" + route.replace("<pk>", str(record.pk)), record


def manages(user, route: str) -> bool:
    """Whether this is a door where an administrator addresses what she cannot read: by id and code, never by word."""
    return user is not None and may(user, Act.ACCESS) and bool(ACCESS.match(route))


def ledger_routes(route: str, world):
    """Entries are addressed by their own ids, tiles by their place, proofs by the record that they are about."""
    records = [record for kind in KINDS.values() for record in world.of(kind)]
    if "<place>" in route:
        yield "/" + route.replace("<place>", "0/000"), None
    for record in records if "<key>" in route else ():
        yield "/" + route.replace("<key>", str(record.pk)), record
    for record in records if "<pk>" in route else ():
        entries = Entry.objects.filter(object_id=record.pk).order_by("eid")
        for entry in {entries.first(), entries.exclude(act__startswith="row.").last()} - {None}:
            yield "/" + route.replace("<pk>", str(entry.entry_id)).replace("<step>", "propose"), None


def told_to(user, route: str, markers) -> set[str]:
    """Those of the markers that this route must not show: who audits reads ids in the ledger, never codes or words."""
    audits = user is not None and may(user, Act.AUDIT) and route.startswith((*LEDGER, *GLASS))
    if manages(user, route):
        return {marker for marker in markers if marker.startswith("Marker")}
    return {marker for marker in markers if not (audits and len(marker) == 36)}


def body(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    headers = " ".join(f"{name}: {value}" for name, value in response.headers.items())
    return content.decode("utf-8", "replace") + headers


def plain(response, *echoed: str) -> str:
    """The answer without what may differ between two requests, and without what was asked for itself."""
    text = body(response)
    for word in echoed:
        text = text.replace(word, "~")
    text = re.sub(r'(name="csrfmiddlewaretoken" value|X-CSRFToken"?:) ?"[^"]+"', "~", text)
    text = re.sub(r"Expires: [^G]{20,30}GMT", "~", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "~id~", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "~", text)  # the print mark of the page
    return re.sub(r"csrftoken=\w+|\b[A-Za-z0-9]{64}\b|Content-Length: \d+", "~", text)


def signed_in(user) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="accounts.backends.SignInBackend")
    return client


@pytest.fixture
def world(request):
    return World(request)


@pytest.mark.parametrize("name", personas)
def test_no_route_shows_what_is_hidden(world, name):
    user = world.persona(name)
    client, foreign = signed_in(user), world.markers_hidden_from(user)
    assert foreign
    leaks, answered = set(), 0
    for route in routes():
        for path, record in filled(route, world):
            response = client.get(path)
            assert response.status_code < 500, (name, path)
            text = body(response)
            # A key that was asked for may be repeated: it is known already.
            asked = {str(record.pk), getattr(record, "code", "")} if record is not None else set()
            markers = told_to(user, route, foreign.keys() - asked)
            leaks |= {(route, foreign[marker]) for marker in markers if marker in text}
            answered += response.status_code == 200
    assert leaks == set()
    assert answered > 3 or name == "anonymous"


@pytest.mark.parametrize("name", ["investigator", "reviewer", "administrator", "auditor", "mechanism"])
def test_a_hidden_record_answers_like_a_missing_one(world, name):
    user = world.persona(name)
    client, seen = signed_in(user), 0
    for route in routes():
        hidden_ones = [
            (path, record)
            for path, record in filled(route, world)
            if record is not None and str(record.pk) in path and not world.sees(user, record)
            if not (route.startswith(LEDGER) and may(user, Act.AUDIT))  # an auditor asks for any object of the ledger
            if not manages(user, route)
        ]
        for path, record in hidden_ones[:: max(1, len(hidden_ones) - 1)]:
            missing = str(uuid.uuid4())
            hidden, absent = client.get(path), client.get(path.replace(str(record.pk), missing))
            assert hidden.status_code == absent.status_code, path
            assert hidden.status_code in (403, 404, 405), path
            assert plain(hidden, str(record.pk)) == plain(absent, missing), path
            seen += 1
    assert seen > 20


@pytest.mark.parametrize("name", ["investigator", "reviewer", "analyst", "mechanism", "stranger"])
def test_an_entry_about_a_hidden_record_is_one_that_is_missing(world, name):
    user = world.persona(name)
    client, seen = signed_in(user), 0
    for kind in set(KINDS.values()):
        for record in world.of(kind):
            if world.sees(user, record):
                continue
            for entry in Entry.objects.filter(object_id=record.pk):
                missing = str(uuid.uuid4())
                found, absent = (client.get(f"/api/v1/ledger/entries/{key}") for key in (entry.entry_id, missing))
                assert (found.status_code, plain(found, str(entry.entry_id))) == (404, plain(absent, missing))
                seen += 1
    assert seen > 10


@pytest.mark.parametrize("name", ["reviewer", "analyst"])
def test_proof_verification_and_history_tell_nothing_of_hidden_ties(world, name, signing):
    """What a person learns of an item's custody is the same whether hidden records are tied to it or not."""
    user = world.persona(name)
    client, foreign = signed_in(user), world.markers_hidden_from(user)
    for item in (record for record in world.of("Item") if world.sees(user, record)):
        made = proofs.visible_entries(ledger_proofs.entries_of(item.pk), user=user)
        for entry in ledger_proofs.entries_of(item.pk):
            if entry.entry_id in made:
                assert not [marker for marker in foreign if marker in bytes(entry.envelope).decode()]
            answer = client.get(f"/api/v1/ledger/entries/{entry.entry_id}")
            assert answer.status_code == (200 if entry.entry_id in made else 404)
            assert not [marker for marker in foreign if marker in body(answer)]
        told = {event["entry_id"] for event in client.get(f"/api/v1/items/{item.pk}/history").json()}
        made = proofs.visible_entries(ledger_proofs.entries_of(item.pk), user=user)  # looking was an act too
        assert told == {str(pk) for pk in made if not Entry.objects.get(entry_id=pk).act.startswith("row.")}


def test_what_is_visible_is_shown(world):
    """The walk would pass on a site that answers 404 to everything."""
    client = signed_in(world.persona("investigator"))
    for record, marker in world.shown:
        route = {"Incident": "incidents", "Item": "items", "Person": "persons", "Source": "sources"}
        answer = client.get(f"/api/v1/{route[type(record).__name__]}/{record.pk}")
        assert answer.status_code == 200
        assert marker in body(answer)


LISTS = ("/api/v1/incidents", "/api/v1/items", "/api/v1/persons", "/api/v1/sources", "/incidents/", "/evidence/",
         "/persons/", "/sources/", "/suggest/persons/", "/suggest/sources/")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", ["investigator", "reviewer", "analyst"])
def test_a_search_for_a_hidden_word_finds_what_a_search_for_nonsense_finds(world, name):
    user = world.persona(name)
    client = signed_in(user)
    words = {marker for marker in world.markers_hidden_from(user) if len(marker) != 36}
    for marker in sorted(words):
        nonsense = new_code(marker.split("-")[0]) if "-" in marker else marker[:-4] + "wzqj"
        for path in LISTS:
            found, nothing = (client.get(path, {"q": word}) for word in (marker, nonsense))
            assert found.status_code == nothing.status_code, (path, marker)
            assert plain(found, marker) == plain(nothing, nonsense), (path, marker)


@pytest.mark.parametrize("parameter", ["person", "collection"])
@pytest.mark.parametrize("path", ["/api/v1/incidents", "/incidents/"])
def test_a_filter_by_a_hidden_record_is_one_by_a_missing_one(world, parameter, path):
    client = signed_in(world.persona("reviewer"))
    hidden = {"person": world.hidden["Person"], "collection": world.hidden["Collection"]}[parameter]
    missing = str(uuid.uuid4())
    found, nothing = (client.get(path, {parameter: key}) for key in (str(hidden.pk), missing))
    assert found.status_code == nothing.status_code
    assert plain(found, str(hidden.pk)) == plain(nothing, missing)


def test_counts_and_facets_count_what_is_visible(world):
    user = world.persona("reviewer")
    client = signed_in(user)
    visible = sum(world.sees(user, record) for record in world.of("Incident"))
    assert client.get("/api/v1/incidents?count=exact").json()["count"] == visible
    assert client.get("/api/v1/incidents?count=capped").json()["count"] == visible


def test_the_bytes_of_a_hidden_file_are_not_told_apart(world):
    """A file known elsewhere is taken in as if it were new: that it is held already is nobody's business."""
    from evidence import intake

    client = signed_in(world.persona("investigator"))
    item = next(record for record, _marker in world.shown if type(record).__name__ == "Item")
    with world.hidden_bytes() as stream:
        answer = client.post(f"/api/v1/items/{item.pk}/files", {"file": stream})
    assert answer.status_code == 201
    assert intake.Blob.objects.filter(sha256=bytes.fromhex(answer.json()["sha256"])).count() == 1


def test_an_import_into_a_hidden_collection_is_refused_like_into_a_missing_one(world):
    client = signed_in(world.persona("investigator"))
    answers = []
    for key in (str(world.hidden["Collection"].pk), str(uuid.uuid4())):
        table = io.StringIO()
        csv.writer(table).writerow(["a", "b"])
        upload = io.BytesIO(table.getvalue().encode())
        upload.name = "table.csv"
        data = {"file": upload, "collection": key, "mapping": "ucdp-ged"}
        answers.append(client.post("/api/v1/imports", data))
    assert [answer.status_code for answer in answers] == [400, 400]
    assert plain(answers[0]) == plain(answers[1])


def test_writing_with_a_hidden_record_answers_like_with_a_missing_one(world):
    user = world.persona("investigator")
    client = signed_in(user)
    home = str(world.collection.pk)
    cases = [
        (
            "/api/v1/incidents",
            lambda key: simple(acts=[{"involvements": [{"role": "victim", "person": key}]}]),
            "Person",
        ),
        ("/api/v1/items", lambda key: {"kind": "testimony", "title_en": "x", "source": key}, "Source"),
        ("/api/v1/sources", lambda key: {"title": "x", "person": key}, "Person"),
        ("/api/v1/links", lambda key: {"item": key, "incident": str(world.shown[0][0].pk)}, "Item"),
    ]
    for path, given, kind in cases:
        hidden, missing = str(world.hidden[kind].pk), str(uuid.uuid4())
        answers = [
            client.post(path, {"collection": home, **given(key)}, content_type="application/json")
            for key in (hidden, missing)
        ]
        assert [answer.status_code for answer in answers] == [400, 400], path
        assert plain(answers[0], hidden) == plain(answers[1], missing), path


def test_a_stranger_without_any_grant_sees_empty_lists(world):
    client = signed_in(person("analyst", clearance=4))
    for path in LISTS[:4]:
        assert client.get(path).json()["results"] == []
