"""What a file is, by its content, whatever its name says; and what to be wary of."""

import gzip
import io
import struct
import sys
import tarfile
import zipfile

import made_files as made
import pytest
from made_files import ENGLISH, STORY

from evidence.processing import identify
from evidence.processing.results import Facts, Job

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\0" * 64 + b"\xff\xd9"
PNG = (
    b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 1, 1, 8, 0, 0, 0, 0) + b"\0" * 8 + b"IEND\xaeB`\x82"
)
MP4 = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 512, b"isom", b"mp42") + b"\0" * 64
HEIC = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"heic", 0, b"mif1", b"heic") + b"\0" * 64


def tar(name="a.txt", content=b"x") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.fixture
def see(tmp_path):
    def look(data: bytes, ending: str = ""):
        (tmp_path / "bytes").write_bytes(data)
        return identify.run(Job(tmp_path / "bytes", tmp_path, Facts("", len(data), ending)))

    return look


WARC = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
KINDS = {
    "docx": (made.docx(STORY), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pptx": (made.pptx(STORY), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    "odt": (made.odt(STORY), "application/vnd.oasis.opendocument.text"),
    "hwpx": (made.hwpx(STORY), "application/hwp+zip"),
    "hwp5": (made.hwp5(STORY), "application/x-hwp"),
    "hwp3": (made.hwp3(STORY), "application/x-hwp"),
    "msg": (made.msg(), "application/vnd.ms-outlook"),
    "pdf": (made.pdf(ENGLISH), "application/pdf"),
    "mail": (made.mail(), "message/rfc822"),
    "mbox": (b"From a@example.org Tue Mar  3 10:00:00 2026\n" + made.mail(), "application/mbox"),
    "html": (b"<!doctype html><html><p>x</p></html>", "text/html"),
    "xml": (b'<?xml version="1.0"?><a/>', "application/xml"),
    "svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
    "rtf": (b"{\\rtf1 x}", "application/rtf"),
    "csv": ("이름,날짜\n홍가상,2009\n김가상,2010\n박가상,2011\n".encode("cp949"), "text/csv"),
    "json": (b'{"a": 1}', "application/json"),
    "plain": (STORY.encode("johab"), "text/plain"),
    "zip": (made.packed({"a.txt": "x"}), "application/zip"),
    "tar": (tar(), "application/x-tar"),
    "warc": (gzip.compress(WARC), "application/warc"),
    "wacz": (made.packed({"datapackage.json": "{}", "archive/a.warc": WARC}), "application/wacz"),
    "heic": (HEIC, "image/heic"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + b"\0" * 64, "application/x-7z-compressed"),
    "rar": (b"Rar!\x1a\x07\x01\x00" + b"\0" * 64, "application/vnd.rar"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_whatever_the_name_says(see, kind):
    data, media_type = KINDS[kind]
    outcome = see(data)
    assert (outcome.found["kind"], outcome.media_type) == (kind, media_type)
    assert outcome.format
    assert outcome.tool


def test_a_packed_tar_says_both(see):
    outcome = see(gzip.compress(tar()))
    assert outcome.found["kind"] == "tar"
    assert (outcome.found["packed"], outcome.media_type) == ("gzip", "application/gzip")
    assert outcome.format == "tar archive, gzip"


def test_without_libmagic_the_other_tool_says_so(see, monkeypatch):
    monkeypatch.setitem(sys.modules, "magic", None)
    outcome = see(JPEG)
    assert outcome.media_type == "image/jpeg"
    assert outcome.tool.startswith("filetype ")


def test_the_encoding_is_told(see):
    assert see(STORY.encode("johab")).found["encoding"] == "johab"


def locked_zip() -> bytes:
    data = bytearray(made.packed({"a.txt": "x"}))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + place] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("flag", "data", "ending"),
    [
        ("mismatch", MP4, "jpg"),
        ("mismatch", made.pdf(ENGLISH), "docx"),
        ("polyglot", made.pdf(ENGLISH) + made.packed({"a.txt": "x"}), "pdf"),
        ("polyglot", b"GIF89a/*" + b"\0" * 64 + b"*/=1;alert(1)", "gif"),
        ("polyglot", JPEG + made.packed({"a.txt": "x"}), "jpg"),
        ("polyglot", PNG + made.pdf(ENGLISH), "png"),
        ("polyglot", PNG + b"<script>alert(1)</script>", "png"),
        ("polyglot", b"\xff\xd8\xff\xe0junk" + made.pdf(ENGLISH), "jpg"),
        ("encrypted", made.pdf(ENGLISH, encrypted="x"), "pdf"),
        ("encrypted", made.compound({"EncryptedPackage": b"x"}), "docx"),
        ("encrypted", locked_zip(), "zip"),
        ("encrypted", made.hwp5(STORY, bits=3), "hwp"),
        ("encrypted", made.hwp3(STORY, locked=True), "hwp"),
        ("macros", made.docx(STORY, extra={"word/vbaProject.bin": b"x"}), "docm"),
        (
            "macros",
            made.compound({"WordDocument": b"x", "Macros/VBA/_VBA_PROJECT": b"x"}),
            "doc",
        ),
        ("scripts", b"%PDF-1.4\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj", "pdf"),
        ("scripts", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "svg"),
        ("scripts", b"<html><script>1</script></html>", "html"),
        ("signed", b"%PDF-1.4\n1 0 obj<</Type/Sig/ByteRange [0 1 2 3]>>endobj", "pdf"),
        ("archive", made.packed({"a.txt": "x"}), "zip"),
        ("archive", tar(), "tar"),
    ],
)
def test_what_to_be_wary_of(see, flag, data, ending):
    assert flag in see(data, ending).flags


@pytest.mark.parametrize(
    ("data", "ending"),
    [(made.docx(STORY), "docx"), (made.pdf(ENGLISH), "pdf"), (JPEG, "jpg"), (PNG, "png"), (made.mail(), "eml"),
     (STORY.encode(), "txt"), (made.hwp5(STORY), "hwp"), (b"<html><p>x</p></html>", "html"),
     (STORY.encode(), "unheard")],
)  # fmt: skip
def test_ordinary_files_are_marked_with_nothing(see, data, ending):
    assert see(data, ending).flags == []


CUT = (b"", b"\0", b"PK\x03\x04", b"%PDF-", bytes.fromhex("d0cf11e0a1b11ae1"), b"\x1f\x8b\x08", made.docx(STORY)[:-30],
       made.hwp5(STORY)[:1200], bytes(range(256)) * 40)  # fmt: skip


@pytest.mark.parametrize("data", CUT)
def test_what_is_cut_off_or_nothing_is_told_as_far_as_it_goes(see, data):
    outcome = see(data)
    assert outcome.state == "done"
    assert outcome.media_type


def test_a_zip_with_many_members_is_told_quickly(see):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(20_000):
            archive.writestr(str(number), "")
    assert see(out.getvalue(), "zip").found["kind"] == "zip"
