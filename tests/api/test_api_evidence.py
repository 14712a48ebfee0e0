"""The API by use: items with their bytes, persons and the vault, sources and grades, links, imports."""

import io
from hashlib import sha256

import pytest
from conftest import TESTS, looked_at, person
from test_api_incidents import PROBLEM, client_of

from custody.ledger import history
from evidence import batches
from evidence.models import File, Person

BYTES = bytes(range(256)) * 5000  # more than one chunk of the storage


@pytest.fixture
def api(investigator, collection):
    return client_of(investigator)


@pytest.fixture
def home(collection):
    return str(collection.pk)


def upload(api, item, content=BYTES, name="evidence.bin"):
    stream = io.BytesIO(content)
    stream.name = name
    return api.post(f"/api/v1/items/{item}/files", {"file": stream}, format="multipart")


def body_of(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.fixture
def made(api, home):
    answer = api.post("/api/v1/items", {"kind": "testimony", "title_en": "Interview", "collection": home})
    assert answer.status_code == 201, answer.content
    return answer.json()


@pytest.fixture
def held(api, made):
    answer = upload(api, made["id"])
    assert answer.status_code == 201, answer.content
    return opened(api, answer.json())


def opened(api, kept: dict) -> dict:
    """The file as the API tells of it, its content_url good for reading."""
    looked_at(File.objects.get(pk=kept["id"]))
    answer = api.post(kept["openings_url"], {"purpose": "for the test"})
    assert answer.status_code == 201, answer.content
    return kept | {"content_url": answer.json()["url"]}


def test_bytes_come_back_identical(api, held):
    assert held["sha256"] == sha256(BYTES).hexdigest()
    assert held["size"] == len(BYTES)
    answer = api.get(held["content_url"])
    assert body_of(answer) == BYTES
    assert answer["Content-Length"] == str(len(BYTES))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=1048570-1048580", 1048570, 1048581), ("bytes=-5", len(BYTES) - 5, len(BYTES)),
     ("bytes=1279990-", 1279990, len(BYTES)), ("bytes=0-99999999", 0, len(BYTES)), ("bytes=5-5", 5, 6)],
)  # fmt: skip
def test_ranges(api, held, header, start, end):
    answer = api.get(held["content_url"], headers={"Range": header})
    assert answer.status_code == 206
    assert body_of(answer) == BYTES[start:end]
    assert answer["Content-Range"] == f"bytes {start}-{end - 1}/{len(BYTES)}"


@pytest.mark.parametrize("header", ["bytes=1280000-", "bytes=9-5", "bytes=99999999-", "bytes=-0"])
def test_a_range_outside_is_416(api, held, header):
    answer = api.get(held["content_url"], headers={"Range": header})
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{len(BYTES)}"


@pytest.mark.parametrize("header", ["bytes=-", "items=1-2", "bytes=a-b", "bytes=0-1,3-4"])
def test_a_range_that_is_none_gives_the_whole(api, held, header):
    answer = api.get(held["content_url"], headers={"Range": header})
    assert (answer.status_code, len(body_of(answer))) == (200, len(BYTES))


def test_an_empty_file_is_kept_and_given_back(api, made):
    held = opened(api, upload(api, made["id"], b"").json())
    assert held["size"] == 0
    assert body_of(api.get(held["content_url"])) == b""


def test_opening_bytes_is_in_the_ledger_before_they_leave(api, held, investigator):
    api.get(held["content_url"])  # not one byte is read
    event = history([held["item"]])[0]
    assert (event.act, event.actor_id, event.data["sha256"]) == ("file.opened", investigator.pk, held["sha256"])


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\\\evil\\\\보고서.pdf", "a\r\nSet-Cookie: x=1.txt", "x" * 300 + ".pdf"]
)
def test_a_file_name_is_kept_as_a_name_only(api, made, name):
    held = opened(api, upload(api, made["id"], b"x", name).json())
    kept = held["name"]
    assert "/" not in kept and "\\" not in kept and "\n" not in kept
    assert len(kept) <= 255
    answer = api.get(held["content_url"])
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_the_same_file_twice_is_refused(api, made, held):
    answer = upload(api, made["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "same_file")


def test_a_request_without_a_file_says_so(api, made):
    for answer in (
        api.post(f"/api/v1/items/{made['id']}/files", {}, format="multipart"),
        api.post(f"/api/v1/items/{made['id']}/files", {}),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
        assert answer.json()["errors"][0]["pointer"] == "/file"


def test_an_item_is_changed_by_version(api, made):
    url = f"/api/v1/items/{made['id']}"
    change = lambda version, **body: api.patch(url, body, headers={"If-Match": f'"{version}"'})  # noqa: E731
    assert change(1, title_en="Better").json()["version"] == 2
    assert change(1, title_en="Late").status_code == 412
    assert change(2, confidentiality=0).json()["code"] == "downgrade"
    assert change(2, nosuch=1).status_code == 400


def test_the_vault_opens_for_a_reason_and_nobody_sees_names_otherwise(api, home, analyst):
    names = [{"script": "hangul", "kind": "legal", "value": "홍가상"}]
    given = {"note": "Witness", "risk": "medium", "names": names, "identity": {"birth": "1960"}, "collection": home}
    answer = api.post("/api/v1/persons", given)
    assert answer.status_code == 201
    assert "홍가상" not in answer.content.decode()
    url = f"/api/v1/persons/{answer.json()['id']}"
    assert "홍가상" not in api.get(url).content.decode() + api.get(f"{url}/history").content.decode()
    assert api.post(f"{url}/identity", {"reason": ""}).status_code == 400
    opened = api.post(f"{url}/identity", {"reason": "To plan her protection"}).json()
    assert opened == {"names": names, "identity": {"birth": "1960"}}
    event = history([answer.json()["id"]])[0]
    assert (event.act, event.note) == ("identity.opened", "To plan her protection")
    assert client_of(analyst).post(f"{url}/identity", {"reason": "To plan her protection"}).status_code == 403


def test_a_closed_vault_is_503_and_no_trace(api, protected, settings, tmp_path):
    settings.KEYRING_FILE = tmp_path / "missing.json"
    answer = api.post(f"/api/v1/persons/{protected.pk}/identity", {"reason": "To plan her protection"})
    assert (answer.status_code, answer["Content-Type"]) == (503, PROBLEM)
    assert "missing.json" not in answer.content.decode()


def test_grading_a_source(api, source):
    url = f"/api/v1/sources/{source.pk}"
    graded = api.post(f"{url}/gradings", {"reliability": "B", "credibility": "2", "reason": "Was there"})
    assert graded.status_code == 201
    again = api.post(f"{url}/gradings", {"reliability": "C", "credibility": "3", "reason": "Contradicted"})
    assert again.status_code == 201
    grades = [(row["reliability"], row["credibility"]) for row in api.get(url).json()["gradings"]]
    assert grades == [("C", "3"), ("B", "2")]
    for wrong in ({"reliability": "G", "credibility": "1", "reason": "x"}, {"reliability": "A", "credibility": "1"},
                  {"reliability": [], "credibility": {}, "reason": 7}):  # fmt: skip
        assert api.post(f"{url}/gradings", wrong).status_code == 400


def test_linking_and_ending_a_link(api, made, incident):
    body = {"item": made["code"], "incident": incident.code, "locator": "p. 3", "stance": "contradicts"}
    answer = api.post("/api/v1/links", body)
    assert answer.status_code == 201
    assert api.post("/api/v1/links", body).json()["code"] == "already_linked"
    url = f"/api/v1/links/{answer.json()['id']}"
    assert api.post(f"{url}/end", {"reason": ""}).status_code == 400
    assert api.post(f"{url}/end", {"reason": "Wrong page"}).status_code == 204
    assert api.post(f"{url}/end", {"reason": "Wrong page"}).status_code == 409
    assert api.get(f"/api/v1/incidents/{incident.pk}").json()["links"] == []


@pytest.mark.parametrize(
    "body", [{}, {"item": "x"}, {"item": "x", "incident": "y"}, {"item": ["x"], "incident": {}}, {"item": "\x00"}]
)
def test_a_link_to_nothing_is_400(api, body):
    assert api.post("/api/v1/links", body).status_code == 400


MAPPING = {
    "format": 1, "name": "mine", "label": {"en": "Mine", "ko": "내 것"}, "identity": {"template": "{id}"},
    "fields": {"title_en": "{title}", "date": {"value": "{date}", "formats": ["edtf"]}},
}  # fmt: skip


def bring(api, home, text, *, dry_run="true"):
    stream = io.BytesIO(text.encode())
    stream.name = "table.csv"
    body = {"file": stream, "collection": home, "mapping": "mine", "dry_run": dry_run}
    answer = api.post("/api/v1/imports", body, format="multipart")
    assert answer.status_code == 201, answer.content
    batches.run(answer.json()["id"])
    return answer.json()["id"]


def test_importing_a_table(api, home):
    spec = {"slug": "mine", "name_en": "Mine", "spec": MAPPING}
    assert api.post("/api/v1/import-mappings", spec).status_code == 201
    table = "id,title,date\n1,A raid,2010\n2,,2011\n3,Another,soon\n"
    trial = bring(api, home, table)
    report = api.get(f"/api/v1/imports/{trial}").json()
    assert (report["state"], report["created"], report["refused"], report["per_cent"]) == ("done", 1, 2, 100)
    assert api.get("/api/v1/incidents").json()["results"] == []
    refused = api.get(f"/api/v1/imports/{trial}/rows?outcome=refused").json()["results"]
    assert [(row["number"], row["original"]["id"]) for row in refused] == [(3, "2"), (4, "3")]
    assert refused[1]["problems"][0]["column"] == "date"
    real = api.post(f"/api/v1/imports/{trial}/run").json()
    batches.run(real["id"])
    assert [row["title_en"] for row in api.get("/api/v1/incidents").json()["results"]] == ["A raid"]
    assert api.post(f"/api/v1/imports/{real['id']}/run").status_code == 409


def test_rows_of_an_import_that_became_hidden_are_hidden(api, home, investigator):
    from evidence.models import Incident

    api.post("/api/v1/import-mappings", {"slug": "mine", "name_en": "Mine", "spec": MAPPING})
    batch = bring(api, home, "id,title,date\n1,Secret raid,2010\n2,Open raid,2010\n", dry_run="false")
    Incident.objects.filter(title_en="Secret raid").update(inherits_access=False)
    rows = api.get(f"/api/v1/imports/{batch}/rows").json()["results"]
    assert [row["original"]["title"] for row in rows] == ["Open raid"]


def test_a_batch_above_the_clearance_is_hidden(api, home, collection, investigator):
    from evidence import access

    api.post("/api/v1/import-mappings", {"slug": "mine", "name_en": "Mine", "spec": MAPPING})
    batch = bring(api, home, "id,title,date\n1,Raid,2010\n")
    low = person("investigator", clearance=1)
    access.grant(by=TESTS, record=collection, permission="manage", reason="test", user=low)
    assert client_of(low).get(f"/api/v1/imports/{batch}").status_code == 404
    assert client_of(low).get("/api/v1/imports").json() == []


@pytest.mark.parametrize("query", ["outcome=none", "after=x", "after=-1", "after=99999999999999999999"])
def test_a_wrong_query_for_rows_is_400(api, home, query):
    api.post("/api/v1/import-mappings", {"slug": "mine", "name_en": "Mine", "spec": MAPPING})
    batch = bring(api, home, "id,title,date\n1,Raid,2010\n")
    assert api.get(f"/api/v1/imports/{batch}/rows?{query}").status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"slug": "a b", "spec": MAPPING},
        {"slug": "x", "spec": {}},
        {"slug": "ucdp-ged"},
        {"slug": [], "spec": []},
        {"slug": "x", "spec": "text", "name_en": "x"},
        [],
    ],
)
def test_a_wrong_mapping_is_refused(api, body):
    assert api.post("/api/v1/import-mappings", body).status_code in (400, 409)


def test_no_person_is_stored_when_a_name_is_refused(api, home):
    given = {"names": [{"script": "hangul", "value": "a\x00"}], "collection": home}
    assert api.post("/api/v1/persons", given).status_code == 400
    assert not Person.objects.exists()
