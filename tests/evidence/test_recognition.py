"""Text in pictures, and the language of a text. Tesseract is called for real where it is installed."""

import os
import shutil

import made_files as made
import pytest
from made_files import ENGLISH, STORY
from PIL import Image, ImageDraw, ImageFont

from evidence.processing import identify, language, ocr, pictures, programs
from evidence.processing.results import Facts, Failed, Job, NotDone

TABLE = "level\tblock_num\tpar_num\tline_num\tconf\ttext\n"


@pytest.fixture
def tesseract():
    if shutil.which("tesseract") is None:
        assert not os.environ.get("CI"), "apt-get install tesseract-ocr tesseract-ocr-kor"
        pytest.skip("Tesseract is not installed: apt-get install tesseract-ocr tesseract-ocr-kor")


@pytest.fixture
def job(tmp_path):
    def make(path, texts=None, **options) -> Job:
        seen = identify.run(Job(path, tmp_path, Facts("", 1)))
        known = {"identify": seen.found, **({"text": texts} if texts else {})}
        out = tmp_path / "out" / "step"
        out.mkdir(parents=True, exist_ok=True)
        return Job(path, out, Facts(seen.media_type, 1, "", known), options)

    return make


def written(words: str) -> Image.Image:
    picture = Image.new("L", (1400, 260), "white")
    ImageDraw.Draw(picture).text((60, 60), words, fill="black", font=ImageFont.load_default(44))
    return picture


def test_words_in_a_picture_are_recognised_with_their_confidence(tesseract, job, tmp_path):
    written("The guard closed the door at night").save(tmp_path / "a.png")
    outcome = ocr.run(job(tmp_path / "a.png"))
    page = outcome.texts[0]
    assert page.text == "The guard closed the door at night"
    assert page.recognised
    assert page.confidence > 70
    assert outcome.tool.startswith("tesseract ")


def test_pages_of_a_pdf_that_are_pictures(tesseract, job, tmp_path):
    pages = [written("First page of the statement"), written("Second page of the statement")]
    pages[0].save(tmp_path / "a.pdf", save_all=True, append_images=pages[1:], resolution=150)
    outcome = ocr.run(job(tmp_path / "a.pdf", ocr_pages=1))
    assert [(page.number, page.text) for page in outcome.texts] == [(1, "First page of the statement")]
    assert outcome.found["cut"] == "pages"


def test_a_picture_without_words_has_no_text(tesseract, job, tmp_path):
    Image.effect_noise((600, 400), 60).save(tmp_path / "a.png")
    assert ocr.run(job(tmp_path / "a.png")).texts == []


def test_where_there_is_text_nothing_is_recognised(job, tmp_path):
    (tmp_path / "a.pdf").write_bytes(made.pdf(ENGLISH))
    facts = job(tmp_path / "a.pdf", {"characters": 70, "without_text": 0}).facts
    assert not ocr.applies(facts)
    assert ocr.applies(job(tmp_path / "a.pdf", {"characters": 70, "without_text": 1}).facts)


@pytest.mark.parametrize(("missing", "names"), [("tesseract", ocr.PACKAGES), ("kor", "tesseract-ocr-kor")])
def test_what_is_missing_is_named(job, tmp_path, monkeypatch, missing, names):
    written("x").save(tmp_path / "a.png")
    if missing == "tesseract":
        monkeypatch.setattr(programs.shutil, "which", lambda name: None)
    else:
        monkeypatch.setattr(programs, "call", lambda *args, **kwargs: (0, b"eng\nosd\n", b""))
    with pytest.raises(NotDone) as error:
        ocr.run(job(tmp_path / "a.png"))
    assert (type(error.value), error.value.reason, error.value.detail) == (NotDone, "missing_program", names)


def test_words_below_the_threshold_are_left_out():
    rows = "5\t1\t1\t1\t96\t나는\n5\t1\t1\t1\t12\t???\n5\t1\t1\t2\t91\t보았다\n5\t1\t1\t2\t-1\t\n5\t1\t1\t3\tx\tq\n"
    reading = ocr.read_table(TABLE + rows)
    assert (reading.text, reading.words) == ("나는\n보았다", 2)


def test_a_picture_of_too_many_pixels_is_not_decoded(job, tmp_path):
    import struct
    import zlib

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    (tmp_path / "a.png").write_bytes(bomb + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT")))
    with pytest.raises(Failed) as error:
        pictures.opened(tmp_path / "a.png", "image/png")
    assert error.value.reason == "too_large"


def test_a_picture_is_read_upright(tmp_path):
    picture = Image.new("L", (40, 20), "white")
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(tmp_path / "a.jpg", exif=exif)
    with pictures.opened(tmp_path / "a.jpg", "image/jpeg") as opened:
        assert next(pictures.pages_of_picture(opened, [1])).size == (40, 80)


LANGUAGES = [
    ("ko", STORY),
    ("ko", f"{STORY} {STORY} The guard said nothing."),
    ("ko", "大韓民國憲法은 悠久한 歷史와 傳統에 빛나는 우리 大韓國民은"),
    ("en", ENGLISH),
    ("de", "Der Zeuge hörte in der Nacht einen Schuss und lief zum Fluss hinunter."),
    ("ru", "Свидетель слышал выстрел ночью и побежал к реке."),
    ("ja", "証人は夜に銃声を聞いて川へ走った。"),
    ("zh", "證人夜裡聽到槍聲後跑到河邊，他看見了兩個人。"),
    ("", "가나"),
]


@pytest.mark.parametrize(("code", "words"), LANGUAGES)
def test_the_language_of_a_text(code, words):
    assert language.one(words, set()) == code


def test_a_language_is_proposed_for_the_file_and_for_its_pages(job, tmp_path):
    (tmp_path / "a.txt").write_text(STORY * 3 + ENGLISH * 3)
    work = job(tmp_path / "a.txt", {"characters": 300})
    assert language.applies(work.facts)
    outcome = language.run(work)
    assert (outcome.found["language"], outcome.found["languages"]) == ("ko", ["ko", "en"])
    assert (outcome.found["pages"], outcome.found["machine"]) == ({"1": "ko"}, True)
    assert "py3langid" in outcome.tool


def test_without_text_there_is_no_language(job, tmp_path):
    (tmp_path / "a.txt").write_text("")
    assert not language.applies(job(tmp_path / "a.txt").facts)
