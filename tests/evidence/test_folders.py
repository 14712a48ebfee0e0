"""Folders that are taken in: by a manifest, as a bag, as they are; hostile ones; and runs that were killed."""

import csv
import errno
import hashlib
import io
import os
import shutil
import socket
import sys
import unicodedata

import pytest
from django.core.management import CommandError, call_command

from evidence import storage
from evidence.folders import bags, manifests, taking, walking
from evidence.folders.manifests import ManifestError
from evidence.folders.walking import NotTaken
from evidence.models import Blob, File, IntakeBatch, Item, Upload


@pytest.fixture
def left_over():
    """`left_over()`: what lies among the incoming and did not before this test; other tests' crashes leave some."""
    before = set(storage.folder("incoming").iterdir())
    return lambda: set(storage.folder("incoming").iterdir()) - before


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "brought"
    (root / "2011" / "사진").mkdir(parents=True)
    (root / "letter.txt").write_bytes(b"a letter")
    (root / "2011" / "사진" / "수용소.jpg").write_bytes(b"\xff\xd8\xff a picture")
    (root / "2011" / "copy of letter.txt").write_bytes(b"a letter")
    return root


@pytest.fixture
def run(investigator, collection, tmp_path):
    """`run(folder)`: (exit status, standard output, standard error, rows of the receipt)."""

    def run(folder, *arguments, by=None):
        out, err, code = io.StringIO(), io.StringIO(), 0
        receipt = tmp_path / "receipt.csv"
        receipt.unlink(missing_ok=True)
        try:
            call_command(
                "import_folder", str(folder), "--collection", collection.code, "--as", (by or investigator).email,
                "--receipt", str(receipt), *arguments, stdout=out, stderr=err,
            )  # fmt: skip
        except SystemExit as stop:
            code = stop.code
        text = receipt.read_bytes().decode("utf-8-sig") if receipt.exists() else ""
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        return code, out.getvalue(), err.getvalue(), rows

    return run


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_folder_comes_in_as_it_is(folder, run, left_over):
    code, out, err, rows = run(folder)
    assert code == 0 and err == "" and "3 taken in" in out
    assert {(row["path"], row["sha256"], row["outcome"]) for row in rows} == {
        ("letter.txt", sha(b"a letter"), "kept"),
        ("2011/copy of letter.txt", sha(b"a letter"), "kept"),
        ("2011/사진/수용소.jpg", sha(b"\xff\xd8\xff a picture"), "kept"),
    }
    assert Item.objects.filter(code__in=[row["item"] for row in rows]).count() == 3
    assert Blob.objects.filter(area="original").count() == 2  # the same bytes are stored once
    picture = File.objects.get(name="수용소.jpg")
    assert (picture.item.title_ko, picture.item.kind, picture.media_type) == ("수용소.jpg", "other", "image/jpeg")
    assert b"".join(storage.read(picture.blob)) == b"\xff\xd8\xff a picture"
    assert picture.processing.state == "pending"
    batch = IntakeBatch.objects.get()
    assert batch.closed_at and "brought" in batch.label
    assert not left_over()


def test_a_manifest_describes_checks_and_refuses(folder, run, left_over, tmp_path):
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(
        "path,title_en,title_ko,kind,date,sha256\n"
        f"letter.txt,A letter,편지,document,2011-03,{sha(b'a letter')}\n"
        f"2011/사진/수용소.jpg,,수용소 사진,photograph,,{sha(b'another picture')}\n"
        "2011/missing.txt,Missing,,document,,\n"
        "../etc/passwd,Outside,,document,,\n"
        "2011/copy of letter.txt,Copy,,no_such_kind,,\n",
        encoding="utf-8",
    )
    (folder / "unnamed.txt").write_bytes(b"not in the manifest")
    code, out, _err, rows = run(folder, "--manifest", str(manifest))
    assert code == 2 and "1 taken in" in out and "5 refused" in out
    refused = {row["path"]: row["reason"] for row in rows if row["outcome"] == "refused"}
    assert f"its sha256 is {sha(bytes([255, 216, 255]) + b' a picture')}" in refused["2011/사진/수용소.jpg"]
    assert "no such file" in refused["2011/missing.txt"]
    assert "leads out" in refused["../etc/passwd"]
    assert refused["2011/copy of letter.txt"].startswith("kind: ")
    assert "does not name it" in refused["unnamed.txt"]
    item = Item.objects.get(title_en="A letter")
    assert (item.title_ko, item.kind, item.date) == ("편지", "document", "2011-03")
    assert Blob.objects.filter(area="original").count() == 1
    assert not left_over()


@pytest.mark.parametrize(
    "text, said",
    [
        ("file,title_en\na,b\n", "no column `path`"),
        ("path,colour\na,b\n", "mean nothing here: colour"),
        ("path,path\na,b\n", "names a column twice"),
        ('path,title_en\na,"b\n', "line 3|unexpected end"),
        ("", "no column"),
    ],
)
def test_a_manifest_that_cannot_be_read_takes_nothing_in(folder, run, tmp_path, text, said):
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(text)
    with pytest.raises(CommandError, match=said):
        run(folder, "--manifest", str(manifest))
    manifest.write_bytes("path\n편지.txt\n".encode("cp949"))
    with pytest.raises(CommandError, match="not text in UTF-8"):
        run(folder, "--manifest", str(manifest))
    assert not IntakeBatch.objects.exists()


def test_rows_of_a_manifest_that_make_no_sense_are_refused_singly(folder, run, tmp_path):
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("path;sha256\nletter.txt;xyz\n2011/copy of letter.txt;\n2011/copy of letter.txt;\n;\nshort\n")
    code, _out, _err, rows = run(folder, "--manifest", str(manifest))
    reasons = " ".join(row["reason"] for row in rows)
    assert code == 2 and not Item.objects.filter(kind="other").exists()
    assert "its sha256 is not 64 hexadecimal digits" in reasons
    assert "names this file twice" in reasons and "more or fewer cells" in reasons


def test_links_pipes_sockets_and_names_of_all_kinds(folder, run, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_bytes(b"not ours")
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "linked").symlink_to(outside)
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(folder / "socket"))
        (folder / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"latin name")
        (folder / "a\nb.txt").write_bytes(b"line break")
        (folder / "=1+1.txt").write_bytes(b"formula")
        code, _out, _err, rows = run(folder)
    outcome = {row["path"]: row["reason"] or row["outcome"] for row in rows}
    assert code == 2
    assert "symbolic link" in outcome["link.txt"] and "symbolic link" in outcome["linked"]
    assert "pipe" in outcome["pipe"] and "socket" in outcome["socket"]
    assert outcome["caf\\xe9.txt"] == outcome["a\nb.txt"] == outcome["'=1+1.txt"] == "kept"
    assert not Blob.objects.filter(sha256=hashlib.sha256(b"not ours").digest()).exists()


def test_what_becomes_a_link_after_it_was_listed_is_not_followed(folder, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "letter.txt").write_bytes(b"not ours")
    listing = manifests.of_folder(folder)
    shutil.rmtree(folder / "2011")
    (folder / "2011").symlink_to(tmp_path / "outside")
    (folder / "letter.txt").unlink()
    (folder / "letter.txt").symlink_to(tmp_path / "outside" / "letter.txt")
    for entry in listing.entries:
        with pytest.raises(NotTaken, match="link"):
            walking.open_below(folder, entry.path)
    with pytest.raises(NotTaken, match="leads out"):
        walking.open_below(folder, "../outside/letter.txt")


def test_a_file_that_grows_while_it_is_read_is_refused(folder, run, monkeypatch):
    usual = storage.receive

    def growing(stream, **more):
        received = usual(stream, **more)
        with (folder / "letter.txt").open("ab") as file:
            file.write(b"more")
        return received

    monkeypatch.setattr(storage, "receive", growing)
    code, _out, err, _rows = run(folder)
    assert code == 2 and "letter.txt: it changed while it was read" in err


def test_a_file_that_a_bad_disk_does_not_give_is_refused_and_a_full_one_of_ours_stops_the_run(folder, run, monkeypatch):
    usual = taking.open_below

    class Bad:
        def __init__(self, file):
            self.file = file

        def __getattr__(self, name):
            return getattr(self.file, name)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def read(self, count):
            raise OSError(errno.EIO, "Input/output error")

    def opened(root, path):
        file = usual(root, path)
        return Bad(file) if path == "letter.txt" else file

    monkeypatch.setattr(taking, "open_below", opened)
    code, _out, err, _rows = run(folder)
    assert code == 2 and "letter.txt: it cannot be read whole: Input/output error" in err
    monkeypatch.undo()

    def full(stream, **more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "receive", full)
    with pytest.raises(CommandError, match="No space left"):
        run(folder)


def test_who_may_not_is_refused_before_anything_is_read(folder, run, stranger, analyst, collection):
    with pytest.raises(CommandError, match="may contribute to no collection"):
        run(folder, by=stranger)
    with pytest.raises(CommandError, match="is not a folder"):
        run(folder / "letter.txt")
    with pytest.raises(CommandError, match="nonsense"):
        run(folder, "--kind", "nonsense")
    assert not IntakeBatch.objects.exists()


def test_a_run_that_was_cut_off_goes_on(folder, run, monkeypatch):
    usual, calls = taking.keep_file, []

    def once(**given):
        calls.append(given["place"])
        if len(calls) == 2:
            raise storage.Unavailable("object storage: it does not answer")
        return usual(**given)

    monkeypatch.setattr(taking, "keep_file", once)
    with pytest.raises(CommandError, match="run the command again to go on"):
        run(folder)
    assert Upload.objects.count() == File.objects.count() == 1
    monkeypatch.setattr(taking, "keep_file", usual)
    code, out, _err, rows = run(folder)
    assert code == 0 and "Going on with the batch" in out and "2 taken in, 1 by an earlier run" in out
    assert len(rows) == 3 and File.objects.count() == 3 and IntakeBatch.objects.count() == 1


def test_a_refused_file_is_mended_and_comes_in_with_the_next_run(folder, run, monkeypatch):
    monkeypatch.setattr(taking, "close_folder", lambda **given: sys.exit(9))
    (folder / "letter.txt").unlink()
    (folder / "letter.txt").symlink_to("/etc/hostname")
    assert run(folder)[0] == 9
    assert run(folder)[0] == 9
    assert Upload.objects.filter(state="refused").count() == 1
    monkeypatch.undo()
    (folder / "letter.txt").unlink()
    (folder / "letter.txt").write_bytes(b"a letter")
    code, _out, _err, rows = run(folder)
    assert code == 0 and len(rows) == 3 and {row["outcome"] for row in rows} == {"kept"}


def test_a_receipt_that_cannot_be_written_leaves_the_batch_open(folder, run, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        run(folder, "--receipt", str(tmp_path / "no" / "receipt.csv"))
    assert IntakeBatch.objects.get().closed_at is None
    assert "3 by an earlier run" in run(folder)[1]


# Bags.


def bag(root, files, *, version="1.0", algorithm="sha256", info=""):
    for name, data in files.items():
        (root / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "data" / name).write_bytes(data)
    (root / "bagit.txt").write_text(f"BagIt-Version: {version}\nTag-File-Character-Encoding: UTF-8\n")
    lines = [f"{hashlib.new(algorithm, data).hexdigest()}  data/{name}\n" for name, data in files.items()]
    (root / f"manifest-{algorithm}.txt").write_text("".join(lines))
    if info:
        (root / "bag-info.txt").write_text(info)
    return root


FILES = {"a.txt": b"one", "b/사진.jpg": b"two"}


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "md5"])
def test_a_bag_comes_in_verified(tmp_path, run, algorithm):
    root = bag(tmp_path / "bag", FILES, algorithm=algorithm, info="Payload-Oxum: 6.2\n")
    code, _out, _err, rows = run(root)
    assert code == 0
    assert {(row["path"], row["sha256"]) for row in rows} == {
        (f"data/{name}", sha(data)) for name, data in FILES.items()
    }


def test_a_payload_that_differs_is_refused_and_the_rest_comes_in(tmp_path, run):
    root = bag(tmp_path / "bag", FILES, algorithm="sha512")
    (root / "data" / "a.txt").write_bytes(b"ONE")
    code, _out, _err, rows = run(root)
    assert code == 2
    assert {row["path"]: row["outcome"] for row in rows} == {"data/a.txt": "refused", "data/b/사진.jpg": "kept"}
    assert not File.objects.filter(name="a.txt").exists()


def _append(name, text):
    return lambda root: (root / name).write_text((root / name).read_text() + text)


BROKEN = {
    "lacking": (lambda root: (root / "data" / "a.txt").unlink(), "the bag lacks data/a.txt"),
    "fetched": (
        lambda root: (
            (root / "data" / "a.txt").unlink(),
            (root / "fetch.txt").write_text("https://example.org/a - data/a.txt\n"),
        ),
        "nothing is fetched",
    ),
    "fetch_outside": (lambda root: (root / "fetch.txt").write_text("https://x.example/a - ../a\n"), "leads out"),
    "extra": (lambda root: (root / "data" / "c").write_bytes(b"x"), "no manifest names data/c"),
    "outside": (_append("manifest-sha256.txt", f"{sha(b'x')}  data/../../x\n"), "leads out"),
    "absolute": (_append("manifest-sha256.txt", f"{sha(b'x')}  /etc/passwd\n"), "leads out"),
    "home": (_append("manifest-sha256.txt", f"{sha(b'x')}  ~/x\n"), "leads out"),
    "not_data": (_append("manifest-sha256.txt", f"{sha(b'x')}  bagit.txt\n"), "not below data"),
    "twice": (_append("manifest-sha256.txt", f"{sha(b'one')}  data/a.txt\n"), "named twice"),
    "no_digest": (_append("manifest-sha256.txt", "nonsense\n"), "not a digest and a path"),
    "other_manifest": (
        lambda root: (root / "manifest-md5.txt").write_text(f"{hashlib.md5(b'one').hexdigest()}  data/a.txt\n"),
        "do not all name the same files",
    ),
    "tag": (
        lambda root: (root / "tagmanifest-sha256.txt").write_text(f"{sha(b'other')}  bagit.txt\n"),
        "bagit.txt is not what tagmanifest-sha256.txt says",
    ),
    "tag_missing": (
        lambda root: (root / "tagmanifest-sha256.txt").write_text(f"{sha(b'other')}  bag-info.txt\n"),
        "lacks bag-info.txt",
    ),
    "count": (lambda root: (root / "bag-info.txt").write_text("Payload-Oxum: 7.2\n"), "the bag holds 6.2"),
    "version": (
        lambda root: (root / "bagit.txt").write_text("BagIt-Version: 2.0\nTag-File-Character-Encoding: UTF-8\n"),
        "version 2.0",
    ),
    "declaration": (lambda root: (root / "bagit.txt").write_text("BagIt-Version : 1.0\n"), "not the two lines"),
    "byte_order_mark": (
        lambda root: (root / "bagit.txt").write_bytes(b"\xef\xbb\xbf" + (root / "bagit.txt").read_bytes()),
        "not the two lines",
    ),
    "link": (lambda root: (root / "data" / "c").symlink_to("/etc/passwd"), "symbolic link"),
    "no_manifest": (lambda root: (root / "manifest-sha256.txt").unlink(), "no manifest of a known algorithm"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_bag_that_does_not_hold_is_refused_whole(tmp_path, name):
    change, said = BROKEN[name]
    root = bag(tmp_path / "bag", FILES)
    assert len(bags.of_bag(root).entries) == 2
    change(root)
    with pytest.raises(ManifestError, match=said):
        bags.of_bag(root)


def test_what_older_bags_may_do(tmp_path):
    root = bag(tmp_path / "bag", {"a%\nb.txt": b"one"}, version="0.97", algorithm="md5")
    line = f"{hashlib.md5(b'one').hexdigest().upper()} *./data/a%25%0Ab.txt\r\n"
    (root / "manifest-md5.txt").write_bytes(line.encode() * 2)
    listing = bags.of_bag(root)
    assert [entry.path for entry in listing.entries] == ["data/a%\nb.txt"]
    assert "twice, with the same digest" in listing.notes[0]


def test_names_written_composed_and_stored_decomposed_are_the_same(tmp_path):
    root = bag(tmp_path / "bag", {unicodedata.normalize("NFD", "사진.jpg"): b"x"})
    (root / "manifest-sha256.txt").write_text(f"{sha(b'x')}  data/{unicodedata.normalize('NFC', '사진.jpg')}\n")
    assert len(bags.of_bag(root).entries) == 1
