"""The text of each kind of file, made here; what is locked, damaged or hostile ends with a reason."""

import os
import shutil
import struct

import made_files as made
import pytest
from made_files import ENGLISH, STORY

from evidence.processing import encodings, identify, text
from evidence.processing.results import Facts, Failed, Job, NotDone


@pytest.fixture
def read(tmp_path):
    """`read(data)`: what `identify` and then `text` make of a file with this content."""

    def run(data: bytes, ending: str = ""):
        path = tmp_path / "bytes"
        path.write_bytes(data)
        seen = identify.run(Job(path, tmp_path, Facts("", len(data), ending)))
        facts = Facts(seen.media_type, len(data), ending, {"identify": seen.found})
        assert text.applies(facts), seen
        return text.run(Job(path, tmp_path, facts))

    return run


def all_of(outcome) -> str:
    return "\n".join(page.text for page in outcome.texts)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp949", "euc_kr", "johab", "iso2022_kr"]
)
def test_text_in_every_korean_encoding(read, encoding):
    outcome = read(f"{STORY}\r\n{ENGLISH}\r\n".encode(encoding))
    assert all_of(outcome) == f"{STORY}\n{ENGLISH}"
    assert outcome.found["encoding"] == {"euc_kr": "cp949"}.get(encoding, encoding)


def test_a_declared_encoding_counts_only_where_the_bytes_bear_it_out():
    assert encodings.decode(STORY.encode("cp949"), "iso-8859-1") == (STORY, "cp949")
    assert encodings.decode(STORY.encode("cp949"), "ks_c_5601-1987") == (STORY, "cp949")
    assert encodings.decode("größer".encode("cp1252"), "windows-1252")[0] == "größer"
    assert encodings.decode(STORY.encode(), "no-such-thing") == (STORY, "utf-8")


def test_a_long_text_is_parted_at_line_ends(read):
    outcome = read("".join(f"{number} {STORY}\n" for number in range(6_000)).encode())
    assert [page.number for page in outcome.texts] == [1, 2, 3]
    assert all(page.text.endswith("들었습니다.") for page in outcome.texts)


OFFICE = {
    "docx": made.docx(STORY, ENGLISH),
    "odt": made.odt(STORY, ENGLISH),
    "hwpx": made.hwpx(STORY, ENGLISH),
    "hwp5": made.hwp5(STORY, ENGLISH),
    "hwp5 unpacked": made.hwp5(STORY, ENGLISH, bits=1),
    "html": f"<html><script>alert('no')</script><p>{STORY}</p><p>{ENGLISH}</p></html>".encode("cp949"),
    "xml": f'<?xml version="1.0" encoding="euc-kr"?><a><b>{STORY}</b><c>{ENGLISH}</c></a>'.encode("cp949"),
    "rtf": (r"{\rtf1\ansi\ansicpg949{\fonttbl{\f0\fcharset129 Batang;}}\f0 "
            + "".join(f"\\'{byte:02x}" if byte > 127 else chr(byte) for byte in STORY.encode("cp949"))
            + r"\par " + ENGLISH + "}").encode(),
}  # fmt: skip


@pytest.mark.parametrize("kind", OFFICE)
def test_documents(read, kind):
    outcome = read(OFFICE[kind])
    assert [line for line in all_of(outcome).split("\n") if line] == [STORY, ENGLISH]
    assert outcome.tool


def test_rtf_in_unicode(read):
    words = "".join(f"\\u{ord(c) - 65536 if ord(c) > 32767 else ord(c)}?" for c in STORY)
    assert all_of(read(f"{{\\rtf1\\uc1 {words}}}".encode())) == STORY


def test_the_text_of_a_distribution_document_is_its_own_never_the_notice(read):
    notice = "이 문서는 상위 버전의 배포용 문서입니다."
    outcome = read(made.hwp5(STORY, bits=5, notice=notice))
    assert all_of(outcome) == STORY
    assert outcome.found["distribution"] is True


def test_a_distribution_document_of_another_form_has_no_text_at_all(read):
    data = made.hwp5(STORY, bits=5, notice="공지")
    at = data.index(made.hwp5_record(28, b"")[:1], 512)
    broken = data.replace(data[at : at + 4], b"\0\0\0\0", 1)
    with pytest.raises(Failed) as error:
        read(broken)
    assert error.value.reason in ("unsupported", "damaged")


@pytest.mark.parametrize("is_packed", [True, False])
def test_hwp_3_with_a_table(read, is_packed):
    outcome = read(made.hwp3(STORY, cells=("성명", "홍가상"), is_packed=is_packed))
    assert [line for line in all_of(outcome).split("\n") if line] == [STORY, "성명", "홍가상"]
    assert "cut" not in outcome.found


@pytest.mark.parametrize(
    "data",
    [made.hwp3(STORY, locked=True), made.hwp5(STORY, bits=3), made.pdf(ENGLISH, encrypted="secret"),
     made.compound({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}),
     made.odt(STORY, extra={"META-INF/manifest.xml": "<m><encryption-data/></m>"}),
     made.hwpx(STORY, extra={"META-INF/manifest.xml": "<m><encryption-data/></m>"})],
    ids=["hwp3", "hwp5", "pdf", "ooxml", "odt", "hwpx"],
)  # fmt: skip
def test_a_password_is_asked_of_nobody(read, data):
    with pytest.raises(Failed) as error:
        read(data)
    assert error.value.reason == "password"


def test_slides_in_the_order_in_which_they_are_shown(read):
    outcome = read(made.pptx(STORY, ENGLISH, note="Speak slowly"))
    assert [(page.number, page.text) for page in outcome.texts] == [(1, f"{STORY}\n\nSpeak slowly"), (2, ENGLISH)]


def test_sheets_with_dates_as_they_are_shown(read, tmp_path):
    import datetime

    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "명단"
    book.active.append(["이름", "날짜", 3, True])
    book.active.append(["홍가상", datetime.datetime(2009, 3, 4)])
    book.create_sheet("Second").append([ENGLISH])
    book.save(tmp_path / "made.xlsx")
    outcome = read((tmp_path / "made.xlsx").read_bytes())
    assert outcome.texts[0].text == "명단\n이름\t날짜\t3\tTRUE\n홍가상\t2009-03-04 00:00:00"
    assert outcome.texts[1].text == f"Second\n{ENGLISH}"


def test_pages_of_a_pdf(read):
    outcome = read(made.pdf(ENGLISH, "", "Third"))
    assert [(page.number, page.text) for page in outcome.texts] == [(1, ENGLISH), (3, "Third")]
    assert (outcome.found["pages"], outcome.found["without_text"]) == (3, 2)


def test_mail_with_its_headers_and_the_names_of_what_hangs_on_it(read):
    outcome = read(made.mail(attachments=(("명단.hwp", b"x"),)))
    words = all_of(outcome)
    assert f"Subject: {STORY}" in words
    assert "Attachments: 명단.hwp" in words
    assert words.endswith(STORY)


def test_mail_whose_header_does_not_say_its_encoding(read):
    raw = f"From: a@example.org\nMessage-ID: <1@x>\nSubject: {STORY}\nContent-Type: text/plain\n\n{STORY}".encode(
        "cp949"
    )
    assert all_of(read(raw)).count(STORY) == 2


def test_a_mailbox_is_a_message_a_page(read):
    box = b"".join(
        b"From a@example.org Tue Mar  3 10:00:00 2026\n" + made.mail(body=f"{n} {STORY}") + b"\n" for n in range(3)
    )
    assert [page.text[-len(STORY) - 2 :] for page in read(box).texts] == [f"{n} {STORY}" for n in range(3)]


def test_a_message_of_outlook(read):
    words = all_of(read(made.msg(attachment=("명단.txt", b"x"))))
    assert "From: Witness" in words
    assert f"Subject: {STORY}" in words
    assert "Attachments: 명단.txt" in words


def test_old_word_by_a_program_or_what_to_install(read, monkeypatch):
    from evidence.processing import programs

    data = made.compound({"WordDocument": struct.pack("<HHHHHH", 0xA5EC, 193, 0, 0x412, 0, 0).ljust(600, b"\0")})
    monkeypatch.setattr(programs.shutil, "which", lambda name: None)
    with pytest.raises(NotDone) as error:
        read(data)
    assert (type(error.value), error.value.reason, error.value.detail) == (
        NotDone,
        "missing_program",
        "antiword catdoc",
    )


@pytest.mark.parametrize("program", ["antiword", "catdoc"])
def test_programs_for_old_documents_are_installed(program):
    if shutil.which(program) is None:
        assert not os.environ.get("CI"), f"apt-get install {program}"
        pytest.skip(f"{program} is not installed: apt-get install {program}")


def test_a_damaged_old_document_is_told(read):
    if shutil.which("catdoc") is None:
        pytest.skip("catdoc is not installed: apt-get install catdoc")
    with pytest.raises(Failed) as error:
        read(made.compound({"Workbook": b"\0" * 5000}))
    assert error.value.reason == "damaged"


LAUGHS = ('<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "&{chr(97 + n)};&{chr(97 + n)};">' for n in range(20)) + "]><l>&u;</l>")  # fmt: skip


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (LAUGHS.encode(), "hostile"),
        (LAUGHS.replace("<l>", "<svg>").replace("</l>", "</svg>").replace("E l", "E svg").encode(), "hostile"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "hostile"),
        (b'<?xml version="1.0"?>' + b"<a>" * 200_000, "too_deep"),
        (made.docx(body="<w:p>" * 5_000), "too_deep"),
        (made.docx(STORY, extra={"word/comments.xml": b"<x>" + b" " * 60_000_000 + b"</x>"}), "hostile"),
        (b"{\\rtf1" + b"{" * 200_000, "too_deep"),
        (made.pdf(ENGLISH)[:300], "damaged"),
        (made.hwp3(STORY)[:60], "damaged"),
    ],
    ids=["laughs", "laughs in svg", "external entity", "deep xml", "deep docx", "bomb in docx", "deep rtf", "cut pdf",
         "cut hwp3"],
)  # fmt: skip
def test_what_is_hostile_or_damaged_ends_with_a_reason(read, data, reason):
    with pytest.raises(Failed) as error:
        read(data)
    assert error.value.reason == reason


def test_a_pdf_that_claims_a_million_pages(read):
    outcome_or = made.pdf(ENGLISH).replace(b"/Count 1 ", b"/Count 1000000 ")
    try:
        found = read(outcome_or).found
    except Failed as error:
        assert error.reason == "damaged"
    else:
        assert found["pages"] == 1 or found["cut"] == "pages"


def test_mail_with_ten_thousand_parts(read):
    parts = b"".join(b'--b\nContent-Type: text/plain; name="a.txt"\n\nx\n' for _ in range(10_000))
    outcome = read(
        b'From: a@example.org\nTo: b@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n'
        + parts
    )
    assert outcome.found["attachments"] == 5_000


def test_rtf_that_claims_more_than_there_is(read):
    assert all_of(read(b"{\\rtf1 before {\\pict\\bin2000000000 x} after}")) == "before"


def test_text_that_is_more_than_can_be_handed_over_is_told_as_cut(read):
    outcome = read(("가" * 99 + "\n").encode() * 100_000)
    assert outcome.found["cut"] == "characters"
    assert len(outcome.to_json()) < 64 * 1024**2
