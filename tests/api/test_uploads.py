"""The tus door: what the protocol says, strictly; who may; what a hostile client can send; exactly once."""

import base64
import hashlib

import pytest
from conftest import TESTS, person
from described import DescribedClient
from tus_client import CONTENT, PIECE, Tus, digest_header, encoded, parts, upload_of

from accounts import tokens
from accounts.grants import Permission
from custody.models import Entry
from evidence import access, storage
from evidence.models import Blob, File, Processing, Upload
from evidence.uploading import pieces


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.STORAGE_DIR = tmp_path / "storage"


@pytest.fixture
def tus(investigator):
    return Tus(investigator)


@pytest.fixture
def path(tus, item):
    return tus.begun(len(CONTENT), item=item.code, filename="note.txt")


def test_it_says_what_it_can_do(tus):
    answer = tus.send("OPTIONS", "/api/v1/uploads", Tus_Resumable=None)
    assert answer.status_code == 204
    assert answer["Tus-Version"] == answer["Tus-Resumable"] == "1.0.0"
    assert set(answer["Tus-Extension"].split(",")) == {
        "creation", "creation-with-upload", "checksum", "termination", "expiration",
    }  # fmt: skip
    assert int(answer["Tus-Max-Size"]) > 10 * 1024**3
    assert {"sha256", "sha1"} <= set(answer["Tus-Checksum-Algorithm"].split(","))


def test_a_file_in_pieces_is_kept_whole(tus, path, item, django_capture_on_commit_callbacks):
    assert tus.offset(path) == 0
    half = 1_500_001
    answer = tus.patch(path, CONTENT[:half], 0, Upload_Checksum=digest_header(CONTENT[:half]))
    assert (answer.status_code, answer["Upload-Offset"]) == (204, str(half))
    assert answer["Upload-Expires"].endswith("GMT")
    before = Entry.objects.count()
    assert tus.offset(path) == half
    assert Entry.objects.count() == before  # asking for the offset writes nothing at all
    with django_capture_on_commit_callbacks(execute=True):
        answer = tus.patch(path, CONTENT[half:], half)
    assert (answer.status_code, answer["Upload-Offset"]) == (204, str(len(CONTENT)))
    assert tus.offset(path) == len(CONTENT)
    file = item.files.get()
    assert file.blob.digest == hashlib.sha256(CONTENT).hexdigest()
    assert file.media_type == "text/plain"
    assert (file.scan, Processing.objects.get(file=file).state) == ("pending", "pending")
    assert b"".join(storage.read(file.blob)) == CONTENT
    shown = tus.shown(path)
    assert shown["file"] == str(file.pk)
    assert (shown["state"], shown["sha256"], shown["item"]) == ("kept", file.blob.digest, item.code)
    assert parts() == []


def test_no_row_is_written_for_a_piece(tus, path):
    rows, entries = Upload.objects.values().get(pk=upload_of(path).pk), Entry.objects.count()
    tus.patch(path, CONTENT[:1000], 0)
    assert Upload.objects.values().get(pk=upload_of(path).pk) == rows
    assert Entry.objects.count() == entries


def test_creation_may_bring_the_first_piece_or_all(tus, item):
    answer = tus.begin(10, b"01234", item=item.pk)
    assert (answer.status_code, answer["Upload-Offset"]) == (201, "5")
    assert tus.patch(answer["Location"].replace("http://testserver", ""), b"56789", 5).status_code == 204
    assert tus.begin(3, b"abc", item=item.pk)["Upload-Offset"] == "3"
    assert tus.begin(0, item=item.pk, filename="empty").status_code == 201
    assert {bytes(blob.sha256) for blob in Blob.objects.all()} == {
        hashlib.sha256(data).digest() for data in (b"0123456789", b"abc", b"")
    }


@pytest.mark.parametrize("name", pieces.ALGORITHMS)
def test_a_piece_with_another_digest_is_not_taken(tus, path, name):
    tus.patch(path, CONTENT[:100], 0)
    answer = tus.patch(path, CONTENT[100:200], 100, Upload_Checksum=digest_header(b"other bytes", name))
    assert answer.status_code == 460
    assert tus.offset(path) == 100
    answer = tus.patch(path, CONTENT[100:200], 100, Upload_Checksum=digest_header(CONTENT[100:200], name))
    assert answer.status_code == 204


def test_what_does_not_fit_the_protocol_is_refused_and_changes_nothing(tus, path, item):
    tus.patch(path, CONTENT[:100], 0)
    tries = {
        "409 elsewhere": tus.patch(path, b"x", 50),
        "409 behind": tus.patch(path, b"x", 101),
        "412 no version": tus.patch(path, b"x", 100, Tus_Resumable=None),
        "412 other version": tus.patch(path, b"x", 100, Tus_Resumable="0.2.2"),
        "415 another type": tus.send("PATCH", path, b"x", content_type="application/json", Upload_Offset=100),
        "415 no type": tus.send("PATCH", path, b"x", content_type="", Upload_Offset=100),
        "400 no offset": tus.send("PATCH", path, b"x"),
        "400 negative": tus.patch(path, b"x", -1),
        "400 no number": tus.patch(path, b"x", "1e2"),
        "413 too many": tus.patch(path, CONTENT, 100),
        "400 unknown digest": tus.patch(path, b"x", 100, Upload_Checksum="crc32 AAAA"),
        "400 bad digest": tus.patch(path, b"x", 100, Upload_Checksum="sha256 %%%"),
        "411 no length": tus.patch(path, b"x", 100, Transfer_Encoding="chunked"),
        "404 nobody's": tus.patch("/api/v1/uploads/" + str(item.pk), b"x", 0),
        "404 no id": tus.patch("/api/v1/uploads/abc", b"x", 0),
    }
    assert {name: answer.status_code for name, answer in tries.items()} == {name: int(name[:3]) for name in tries}
    assert tries["412 no version"]["Tus-Version"] == "1.0.0"
    assert tus.offset(path) == 100


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (400, {}),
        (400, {"Upload_Length": "-5"}),
        (400, {"Upload_Length": "12,5"}),
        (400, {"Upload_Length": "9" * 30}),
        (413, {"Upload_Length": 900 * 1024**4}),
        (400, {"Upload_Defer_Length": 1}),
        (400, {"Upload_Length": 5, "Upload_Metadata": "filename"}),
        (400, {"Upload_Length": 5, "Upload_Metadata": "item %%%%"}),
        (400, {"Upload_Length": 5, "Upload_Metadata": "item " + base64.b64encode(b"\xff\xfe").decode()}),
        (400, {"Upload_Length": 5, "Upload_Metadata": encoded(item="EV-0000-0000")}),
        (400, {"Upload_Length": 5, "Upload_Metadata": encoded(item="../../etc", batch="x")}),
        (400, {"Upload_Length": 5, "Upload_Metadata": encoded(item="\x00")}),
        (400, {"Upload_Length": 5, "Upload_Metadata": encoded(item="x") + "," + encoded(item="y")}),
        (400, {"Upload_Length": 5, "Upload_Metadata": "a " * 20_000}),
        (412, {"Upload_Length": 5, "Tus_Resumable": None}),
    ],
)
def test_a_creation_that_makes_no_sense_is_refused(tus, item, status, headers):
    answer = tus.send("POST", "/api/v1/uploads", **({"Upload_Metadata": encoded(item=item.code)} | headers))
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert (Upload.objects.count(), parts()) == (0, [])


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\her\\사진.jpg", "사진.jpg"),
        ("a\x00b\r\nSet-Cookie: x.txt", "abSet-Cookie: x.txt"),
        ("‮gpj.exe", "gpj.exe"),
        ("", "unnamed"),
        ("x" * 4000 + ".jpg", "x" * 250 + ".jpg"),
    ],
)
def test_names_are_words_and_never_paths(tus, item, name, kept):
    upload = upload_of(tus.begun(5, item=item.code, filename=name, folder="../..//a\\.\x00/b /"))
    assert len(upload.name) <= 255
    assert upload.name[-30:] == kept[-30:]
    assert upload.folder == "a/b"


def test_a_folder_that_is_too_long_is_refused(tus, item):
    assert tus.begin(5, item=item.code, folder="x/" * 900).status_code == 400


def test_the_type_is_told_by_the_content(tus, item):
    png = b"\x89PNG\r\n\x1a\n" + b"\x00" * 50
    tus.begin(len(png), png, item=item.code, filename="a.txt", filetype="text/html")
    assert item.files.get().media_type == "image/png"


def test_an_upload_is_its_makers_alone(path, reviewer, investigator2, stranger, administrator):
    for user, status in ((reviewer, 404), (investigator2, 404), (stranger, 404), (administrator, 403), (None, 401)):
        other = Tus(user)
        assert other.send("HEAD", path).status_code == status
        assert other.http.get(path).status_code == status
        assert other.patch(path, b"x", 0).status_code == status
        assert other.send("DELETE", path).status_code == status
    assert Tus(reviewer).shown("/api/v1/uploads")["results"] == []
    assert upload_of(path).state == "arriving"


def test_hidden_and_missing_targets_are_answered_alike(tus, other_collection, stranger):
    hidden = access  # only to say where it comes from
    from evidence import intake

    theirs = intake.receive_item(by=stranger, collection=other_collection, given={"kind": "testimony", "title_en": "x"})
    answers = []
    for target in (theirs.code, str(theirs.pk), "EV-AAAA-AAAA", "5b0c1d0e-3f0b-4d3a-9a61-0d7e2c0d9a11"):
        body = tus.begin(5, item=target).json()
        answers.append({name: body[name] for name in ("status", "detail", "errors", "code")})
    assert answers[0] == answers[1] == answers[2] == answers[3]
    assert hidden


def test_who_may_read_but_not_add_begins_nothing(collection, item):
    reader = person("investigator")
    access.grant(by=TESTS, record=collection, permission=Permission.VIEW, reason="test", user=reader)
    assert Tus(reader).begin(5, item=item.code).status_code == 403
    assert Upload.objects.count() == 0


def test_giving_up_leaves_nothing(tus, path, django_capture_on_commit_callbacks):
    tus.patch(path, CONTENT[:5000], 0)
    with django_capture_on_commit_callbacks(execute=True):
        assert tus.send("DELETE", path).status_code == 204
    assert (upload_of(path).state, parts()) == ("cancelled", [])
    assert tus.send("HEAD", path).status_code == 410
    assert tus.patch(path, b"x", 5000).status_code == 410
    assert tus.send("DELETE", path).status_code == 410
    assert tus.shown(path)["offset"] is None


def test_what_is_kept_is_not_given_up(tus, item):
    path = tus.begin(3, b"abc", item=item.code)["Location"].replace("http://testserver", "")
    assert tus.send("DELETE", path).status_code == 409
    assert item.files.count() == 1


def test_another_request_that_writes_is_waited_for(tus, path):
    with pieces.arrival_of(upload_of(path))._locked():
        assert tus.patch(path, b"x", 0).status_code == 423


def test_a_client_without_patch_says_what_it_means(tus, path):
    answer = tus.send("POST", path, b"abc", Upload_Offset=0, X_HTTP_Method_Override="PATCH")
    assert (answer.status_code, tus.offset(path)) == (204, 3)
    assert tus.send("POST", path, X_HTTP_Method_Override="DELETE").status_code == 204


def test_the_same_file_again_in_one_item_is_refused(tus, item, file):
    body = b"bytes of evidence" * 1000
    answer = tus.begin(len(body), body, item=item.code)
    assert (answer.status_code, answer.json()["code"]) == (409, "same_file")
    assert Upload.objects.get().state == "refused"


def test_a_session_needs_the_csrf_token_and_a_token_its_scope(investigator, item):
    client = DescribedClient(enforce_csrf_checks=True)
    client.force_login(investigator, backend="accounts.backends.SignInBackend")
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "3", "Upload-Metadata": encoded(item=item.code)}
    assert client.generic("POST", "/api/v1/uploads", headers=headers).status_code == 403
    path = Tus(investigator).begun(3, item=item.code)
    for method in ("PATCH", "DELETE"):
        answer = client.generic(method, path, b"abc", content_type=PIECE, headers={**headers, "Upload-Offset": "0"})
        assert answer.status_code == 403
    for scopes, status in ((["items:read"], 403), (["items:write"], 201)):
        issued = tokens.issue(by=investigator, user=investigator, name="t", scopes=scopes, days=1)
        bearer = DescribedClient()
        bearer.credentials(HTTP_AUTHORIZATION=f"Bearer {issued.text}")
        assert bearer.generic("POST", "/api/v1/uploads", headers=headers).status_code == status


def test_names_are_neither_in_addresses_nor_in_entries_nor_in_logs(tus, item, caplog):
    answer = tus.begin(3, b"abc", item=item.code, filename="Zebrafink.txt", folder="Zebrafink")
    assert "Zebrafink" not in str(answer.headers)
    assert "Zebrafink" not in caplog.text
    assert not any(b"Zebrafink" in bytes(entry.envelope) for entry in Entry.objects.all())
    assert File.objects.get(item=item).name == "Zebrafink.txt"
