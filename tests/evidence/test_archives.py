"""What lies inside archives, mail and documents: the list, under limits, and what is told of hostile ones."""

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile

import made_files as made
import pytest
from made_files import ENGLISH, STORY
from test_identify import locked_zip, tar

from evidence.processing import archives, identify, members, taking
from evidence.processing.archives import others
from evidence.processing.results import Facts, Failed, Job, NotDone

BIG = {"each": 1024**3, "total": 1024**3}


@pytest.fixture
def job(tmp_path):
    def make(data: bytes, **options) -> Job:
        path = tmp_path / "bytes"
        path.write_bytes(data)
        seen = identify.run(Job(path, tmp_path, Facts("", len(data))))
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        return Job(path, out, Facts(seen.media_type, len(data), "", {"identify": seen.found}), options)

    return make


def rows(job, data) -> list[dict]:
    return members.run(job(data)).found["members"]


def taken(job, data, *indexes, **limits):
    work = job(data, indexes=list(indexes), **{**BIG, **limits})
    found = taking.run(work).found
    return {row["index"]: (work.out / str(row["index"])).read_bytes() for row in found["taken"]}, found["refused"]


def zipped(*names: str, flag: int | None = None, encoding: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            archive.writestr(info, name)
    return out.getvalue()


WAYS = {
    "zip": made.packed({"a.txt": STORY}),
    "tar": tar("a.txt", STORY.encode()),
    "tar.gz": gzip.compress(tar("a.txt", STORY.encode())),
    "tar.bz2": bz2.compress(tar("a.txt", STORY.encode())),
    "tar.xz": lzma.compress(tar("a.txt", STORY.encode())),
    "mail": made.mail(attachments=(("a.txt", STORY.encode()),)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_member_is_listed_and_taken_out_bit_for_bit(job, way):
    assert [row["path"] for row in rows(job, WAYS[way])] == ["a.txt"]
    out, refused = taken(job, WAYS[way], 0)
    assert (out, refused) == ({0: STORY.encode()}, [])


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_one_packed_file(job, pack):
    data = pack(STORY.encode())
    assert len(rows(job, data)) == 1
    assert taken(job, data, 0)[0] == {0: STORY.encode()}


def test_attachments_of_outlook(job):
    data = made.msg(attachment=("명단.txt", b"x" * 5_000))
    assert rows(job, data) == [{"index": 0, "path": "명단.txt", "size": 5_000}]
    assert taken(job, data, 0)[0] == {0: b"x" * 5_000}


def test_messages_of_a_mailbox(job):
    data = b"".join(b"From a@example.org Tue Mar  3 10:00:00 2026\n" + made.mail(body=str(n)) + b"\n" for n in range(2))
    assert [row["path"] for row in rows(job, data)] == [f"00001 {STORY}.eml", f"00002 {STORY}.eml"]
    assert taken(job, data, 1)[0][1].startswith(b"From: witness@example.org")


def test_names_in_the_code_page_of_whoever_made_the_archive(job):
    names = ("진술서 사본.txt", "구류장 약도.txt", "명단.txt")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, _ in enumerate(names):
            archive.writestr(f"{number}" * len(names[number].encode("cp949")), "x")
    data = out.getvalue()
    for number, name in enumerate(names):
        raw = name.encode("cp949")
        data = data.replace(f"{number}".encode() * len(raw), raw)
    assert [row["path"] for row in rows(job, data)] == list(names)


def test_files_embedded_in_a_pdf(job):
    import pypdfium2 as pdfium

    document = pdfium.PdfDocument(made.pdf(ENGLISH))
    document.new_attachment("note.txt").set_data(STORY.encode())
    out = io.BytesIO()
    document.save(out)
    assert [row["path"] for row in rows(job, out.getvalue())] == ["note.txt"]
    assert taken(job, out.getvalue(), 0)[0] == {0: STORY.encode()}


def test_links_and_devices_are_told_and_never_made(job, tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("device", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    found = rows(job, out.getvalue())
    assert [(row["kind"], row["refused"]) for row in found] == [
        ("link", "unsupported"), ("link", "unsupported"), ("other", "unsupported"),
    ]  # fmt: skip
    out_, refused = taken(job, out.getvalue(), 0, 1, 2)
    assert out_ == {}
    assert [row["reason"] for row in refused] == ["unsupported"] * 3


def test_names_that_climb_are_text(job):
    found = rows(job, zipped("../../up.txt", "/etc/passwd", "C:\\x", "fine.txt"))
    assert [row.get("notes") for row in found] == [["climbs"], ["absolute"], ["absolute"], None]
    assert all("refused" not in row for row in found)


def test_locked_members_are_told(job):
    outcome = members.run(job(locked_zip()))
    assert outcome.found["members"][0]["refused"] == "password"
    assert outcome.flags == ["encrypted"]
    assert taken(job, locked_zip(), 0)[1] == [{"index": 0, "path": "a.txt", "reason": "password"}]


def test_a_bomb_is_told_by_its_directory(job):
    data = made.packed({"bomb": b"\0" * 30_000_000})
    assert rows(job, data)[0]["refused"] == "hostile"


def test_a_bomb_that_lies_about_its_size_is_stopped_while_it_grows(job):
    data = made.packed({"bomb": b"\0" * 30_000_000})
    lying = data.replace(struct.pack("<I", 30_000_000), struct.pack("<I", 1_000))
    assert "refused" not in rows(job, lying)[0]
    out, refused = taken(job, lying, 0)
    assert out == {}
    assert refused[0]["reason"] in ("hostile", "damaged")


def test_members_that_share_their_bytes_are_a_trap(job):
    data = bytearray(zipped("aaaa.txt", "bbbb.txt"))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    assert [row["refused"] for row in rows(job, bytes(data))] == ["hostile", "hostile"]


def test_a_packed_tar_that_grows_without_end_is_refused(job):
    data = gzip.compress(tar("bomb", b"\0" * 60_000_000))
    with pytest.raises(Failed) as error:
        members.run(job(data))
    assert error.value.reason == "hostile"


def test_too_many_members_are_told_as_cut(job, monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    found = members.run(job(zipped(*"abcde"))).found
    assert (found["count"], found["cut"]) == (3, "too_many")


def test_an_archive_that_is_cut_off_is_listed_as_far_as_it_goes(job):
    data = tar("a.txt", b"x" * 5_000)
    found = members.run(job(gzip.compress(tar("a.txt", os.urandom(200_000)))[:50_000]))
    assert found.found["cut"] == "damaged" or found.found["count"] <= 1
    assert members.run(job(data[:-4_000])).found["count"] == 1


def test_limits_of_each_and_of_all(job):
    data = made.packed({"a": os.urandom(900), "b": os.urandom(900), "c": b"short"})
    assert [row["reason"] for row in taken(job, data, 0, each=100)[1]] == ["too_large"]
    out, refused = taken(job, data, 0, 1, 2, total=1_000)
    assert sorted(out) == [0]
    assert {row["reason"] for row in refused} == {"too_large"}


def test_a_member_that_is_not_there_is_told(job):
    assert taken(job, WAYS["zip"], 7)[1] == [{"index": 7, "path": "", "reason": "damaged"}]


def _with_libarchive():
    try:
        return others.library()
    except NotDone:
        assert not os.environ.get("CI"), "apt-get install libarchive13"
        pytest.skip("libarchive is not installed: apt-get install libarchive13")


@pytest.mark.parametrize("form", ["7zip", "iso9660"])
def test_archives_that_the_library_knows(job, tmp_path, form):
    libarchive = _with_libarchive()
    with libarchive.file_writer(str(tmp_path / "made"), form) as archive:
        archive.add_file_from_memory("a.txt", len(STORY.encode()), STORY.encode())
    data = (tmp_path / "made").read_bytes()
    found = [row for row in rows(job, data) if row.get("kind") != "folder"]
    assert [row["path"].upper() for row in found] == ["A.TXT"]
    assert taken(job, data, found[0]["index"])[0][found[0]["index"]] == STORY.encode()


def test_without_the_library_it_says_what_to_install(job, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "libarchive", None)
    with pytest.raises(NotDone) as error:
        members.run(job(b"7z\xbc\xaf\x27\x1c" + b"\0" * 64))
    assert (error.value.reason, error.value.detail) == ("missing_program", "libarchive13")
