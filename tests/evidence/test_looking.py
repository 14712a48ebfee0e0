"""Steps that look at pictures, documents and recordings: thumbnails upright and bare, pages, frames, fingerprints."""

import io
import shutil

import invented
import pytest
from PIL import Image

from evidence.processing import documents, imaging, media, pages, pdq, thumbnail
from evidence.processing.results import Facts, Failed, Job, NotDone

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def job(tmp_path):
    """`job(data, media_type)`: what a step is given."""

    def make(data: bytes, media_type: str, ending: str = "", **options) -> Job:
        path, out = tmp_path / "bytes", tmp_path / "out"
        shutil.rmtree(out, ignore_errors=True)
        path.write_bytes(data)
        out.mkdir()
        return Job(path, out, Facts(media_type, len(data), ending), options)

    return make


def made(job, picture) -> Image.Image:
    image = Image.open(job.out / picture.name)
    image.load()
    assert image.size == (picture.width, picture.height)
    assert picture.media_type == "image/webp" and image.format == "WEBP"
    return image


def in_corners(image: Image.Image) -> list[tuple]:
    """The colours top left, top right, bottom left, bottom right."""
    image = image.convert("RGB")
    right, below = image.width - 4, image.height - 4
    return [image.getpixel(at) for at in ((3, 3), (right, 3), (3, below), (right, below))]


def is_upright(image: Image.Image) -> bool:
    wanted = (invented.RED, invented.GREEN, invented.BLUE, invented.PALE)
    near = lambda one, other: all(abs(a - b) < 40 for a, b in zip(one, other, strict=True))  # noqa: E731
    return all(near(one, other) for one, other in zip(in_corners(image), wanted, strict=True))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_thumbnail_is_upright_whatever_way_the_camera_was_held(job, orientation):
    work = job(invented.jpeg(orientation), "image/jpeg")
    outcome = thumbnail.run(work)
    image = made(work, outcome.pictures[0])
    assert image.size == (512, 384)
    assert is_upright(image)
    (page,) = pages.run(work).pictures
    assert is_upright(made(work, page))


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("image/png", invented.encoded(invented.corners(), "PNG")),
        ("image/gif", invented.encoded(invented.corners(), "GIF")),
        ("image/tiff", invented.encoded(invented.corners(), "TIFF", compression="tiff_lzw")),
        ("image/webp", invented.encoded(invented.corners(), "WEBP")),
        ("image/bmp", invented.encoded(invented.corners(), "BMP")),
        ("image/avif", invented.encoded(invented.corners(), "AVIF")),
        ("image/heic", invented.HEIC),
        ("image/tiff", invented.encoded(invented.corners().convert("CMYK"), "TIFF")),
        ("image/png", invented.encoded(invented.corners().convert("P"), "PNG")),
        ("image/png", invented.encoded(invented.corners().convert("RGBA"), "PNG")),
    ],
)
def test_every_kind_of_picture_has_a_thumbnail(job, media_type, data):
    work = job(data, media_type)
    outcome = thumbnail.run(work)
    assert is_upright(made(work, outcome.pictures[0]))
    assert outcome.tool.startswith("Pillow ")


def test_sixteen_bits_transparency_and_an_animation(job):
    deep = Image.new("I;16", (64, 64))
    deep.putdata([value * 16 for value in range(4096)])
    image = made(work := job(invented.encoded(deep, "PNG"), "image/png"), thumbnail.run(work).pictures[0])
    assert image.convert("L").getpixel((60, 60)) > image.convert("L").getpixel((3, 3)) + 100
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image = made(work := job(invented.encoded(clear, "PNG"), "image/png"), thumbnail.run(work).pictures[0])
    assert image.convert("RGB").getpixel((5, 5)) == (255, 255, 255)
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    data = invented.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    outcome = pages.run(job(data, "image/gif"))
    assert (len(outcome.pictures), outcome.found["frames"], outcome.found["pages"]) == (1, 2, 1)


def test_nothing_of_the_metadata_is_in_what_is_shown(job):
    work = job(invented.jpeg(6), "image/jpeg")
    for outcome in (thumbnail.run(work), pages.run(work)):
        data = (work.out / outcome.pictures[0].name).read_bytes()
        assert b"Invented" not in data and b"EXIF" not in data and b"XMP" not in data and b"ICCP" not in data


def test_a_picture_cut_off_is_shown_as_far_as_it_goes(job):
    data = invented.jpeg()
    outcome = thumbnail.run(work := job(data[: len(data) * 2 // 3], "image/jpeg"))
    assert outcome.found["whole"] is False
    assert in_corners(made(work, outcome.pictures[0]))[0][0] > 150
    assert pages.run(work).found["damaged"] == [1]


def test_svg_is_not_drawn(job):
    with pytest.raises(NotDone) as refused:
        thumbnail.run(job(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"))
    assert refused.value.reason == "unsupported"
    assert not isinstance(refused.value, Failed)
    assert not pages.applies(Facts("image/svg+xml", 1))


def test_pages_of_a_pdf_are_drawn_up_to_a_limit_and_the_rest_counted(job):
    work = job(invented.pdf(5), PDF, max_pages=2)
    outcome = pages.run(work)
    assert outcome.found == {"pages": 5, "shown": 2, "damaged": []}
    assert [(one.kind, one.number) for one in outcome.pictures] == [("page", 1), ("page", 2)]
    image = made(work, outcome.pictures[0])
    assert max(image.size) == pages.LONGEST
    assert image.convert("L").getextrema()[0] < 60, "something is written on it"
    assert outcome.tool.startswith("PDFium ")
    assert max(made(work, thumbnail.run(work).pictures[0]).size) == 512


@pytest.mark.parametrize("size", [(3, 14_000), (14_000, 3), (14_000, 14_000)])
def test_a_page_of_odd_proportions_is_drawn_within_limits(job, size):
    work = job(invented.pdf(1, size=size), PDF)
    image = made(work, pages.run(work).pictures[0])
    assert max(image.size) <= pages.LONGEST + 1


def test_a_locked_and_a_broken_pdf_say_so(job):
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("secret", strength=128))
    canvas.drawString(10, 10, "x")
    canvas.save()
    for data, reason in ((out.getvalue(), "password"), (b"%PDF-1.7\nnothing", "damaged")):
        for step in (pages, thumbnail):
            with pytest.raises(Failed) as failed:
                step.run(job(data, PDF))
            assert failed.value.reason == reason


def test_every_page_of_a_tiff_is_shown(job):
    sheets = [invented.corners(300, 200) for _ in range(3)]
    data = invented.encoded(sheets[0], "TIFF", save_all=True, append_images=sheets[1:])
    work = job(data, "image/tiff")
    outcome = pages.run(work)
    assert outcome.found["pages"] == 3
    assert [one.number for one in outcome.pictures] == [1, 2, 3]
    assert all(is_upright(made(work, one)) for one in outcome.pictures)


def test_a_large_photograph_is_one_page_of_bounded_size(job):
    work = job(invented.encoded(invented.corners(4000, 3000), "JPEG"), "image/jpeg")
    assert made(work, pages.run(work).pictures[0]).size == (2400, 1800)


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed: libreoffice-writer-nogui")
def test_an_office_file_is_drawn_by_libreoffice(job):
    work = job(invented.docx(), DOCX, "docx")
    outcome = pages.run(work)
    assert [(one.kind, one.number) for one in outcome.pictures] == [("page", 1), ("thumbnail", 1)]
    assert made(work, outcome.pictures[0]).convert("L").getextrema()[0] < 100
    assert "LibreOffice" in outcome.tool
    assert sorted(path.name for path in work.out.iterdir() if not path.is_symlink()) == [
        "page-1.webp",
        "thumbnail-1.webp",
    ]


def test_without_libreoffice_an_office_file_has_no_pages_and_says_which_package(job, monkeypatch):
    monkeypatch.setattr(documents.programs, "has", lambda name: False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NotDone) as refused:
        pages.run(job(invented.docx(), DOCX, "docx"))
    assert (refused.value.reason, refused.value.detail) == ("missing_program", documents.PACKAGE)


def test_too_many_pixels_are_refused_before_they_are_decoded(job, monkeypatch):
    monkeypatch.setattr(imaging, "MAX_PIXELS", 100_000)
    with pytest.raises(Failed) as failed:
        thumbnail.run(job(invented.encoded(invented.corners(), "PNG"), "image/png"))
    assert failed.value.reason == "too_large"


def test_fingerprints_of_like_pictures_are_near_and_others_far():
    one = invented.scene(1)
    mark, quality = pdq.fingerprint(one)
    assert quality >= pdq.MIN_QUALITY
    small = Image.open(io.BytesIO(invented.encoded(one.resize((300, 225)), "JPEG", quality=40)))
    near = pdq.fingerprint(small)[0]
    assert pdq.distance(bytes.fromhex(mark), bytes.fromhex(near)) <= 31
    for seed in range(2, 12):
        far = pdq.fingerprint(invented.scene(seed))[0]
        assert pdq.distance(bytes.fromhex(mark), bytes.fromhex(far)) > 60


def test_a_picture_with_nothing_in_it_has_no_fingerprint(job):
    outcome = thumbnail.run(job(invented.encoded(Image.new("RGB", (300, 300), "grey"), "PNG"), "image/png"))
    assert outcome.fingerprint == ""
    assert outcome.found["quality"] < pdq.MIN_QUALITY
    assert len(thumbnail.run(job(invented.encoded(invented.scene(), "JPEG"), "image/jpeg")).fingerprint) == 64


needs_ffmpeg = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")


@needs_ffmpeg
def test_a_video_has_frames_spread_over_its_length(job, tmp_path):
    work = job(invented.video(tmp_path), "video/mp4", "mp4")
    outcome = media.run(work)
    assert outcome.state == "done", outcome
    found = outcome.found
    assert found["duration"] == pytest.approx(4, abs=0.2)
    assert found["posters"] == pytest.approx([0.4, 1.2, 2.0, 2.8, 3.6], abs=0.1)
    assert {one["kind"]: one["codec"] for one in found["streams"]} == {"video": "mpeg4", "audio": "aac"}
    assert found["created"].startswith("2019-05-04T03:02:01")
    kinds = [(one.kind, one.number) for one in outcome.pictures]
    assert kinds == [*(("poster", number) for number in range(1, 6)), ("thumbnail", 1)]
    assert all(made(work, one).size == (320, 240) for one in outcome.pictures)
    assert len(outcome.fingerprint) == 64
    assert outcome.tool.startswith("ffmpeg version ")


@needs_ffmpeg
def test_a_turned_video_is_shown_upright(job, tmp_path):
    plain = invented.video(tmp_path, seconds=1)
    (tmp_path / "plain.mp4").write_bytes(plain)
    import subprocess

    turned = tmp_path / "turned.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", str(tmp_path / "plain.mp4"), "-c", "copy", "-metadata:s:v:0",
                    "rotate=90", str(turned)], check=True)  # fmt: skip
    work = job(turned.read_bytes(), "video/mp4", "mp4")
    outcome = media.run(work)
    assert outcome.found["streams"][0]["rotation"] == 270  # clockwise; the other way round than that option counts
    assert made(work, outcome.pictures[0]).size == (240, 320)


@needs_ffmpeg
@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi"])
def test_a_video_cut_off_is_a_failure_with_what_could_be_read(job, tmp_path, ending):
    options = ("-movflags", "+faststart") if ending == "mp4" else ()
    data = invented.video(tmp_path, seconds=8, ending=ending, options=options)
    work = job(data[: len(data) // 2], "video/mp4", ending)
    outcome = media.run(work)
    assert (outcome.state, outcome.reason) == ("failed", "damaged")
    assert outcome.found["streams"] and outcome.found["problems"]
    assert str(work.path) not in outcome.to_json()
    assert any(one.kind == "poster" for one in outcome.pictures)


@needs_ffmpeg
def test_a_video_without_its_index_fails_with_the_reason(job, tmp_path):
    data = invented.video(tmp_path, seconds=1)
    with pytest.raises(Failed) as failed:
        media.run(job(data[: len(data) // 2], "video/mp4", "mp4"))
    assert failed.value.reason == "damaged"
    assert "moov" in failed.value.detail


@needs_ffmpeg
def test_a_recording_of_sound_has_no_pictures(job, tmp_path):
    import subprocess

    path = tmp_path / "tone.ogg"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=1", str(path)], check=True)
    outcome = media.run(job(path.read_bytes(), "audio/ogg", "ogg"))
    assert outcome.state == "done"
    assert (outcome.found["has_video"], outcome.found["has_audio"], outcome.pictures) == (False, True, [])


@needs_ffmpeg
def test_a_playlist_leads_nowhere(job, tmp_path):
    """A list of further files, named as a video: nothing of them is opened."""
    secret = tmp_path / "secret.ts"
    secret.write_bytes(invented.video(tmp_path, seconds=1, ending="ts", options=("-f", "mpegts")))
    lists = (
        f"#EXTM3U\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{secret}'\n",
    )
    for text in lists:
        with pytest.raises(NotDone):
            media.run(job(text.encode(), "video/mp4", "mp4"))


def test_without_ffmpeg_the_step_says_which_package(job, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NotDone) as refused:
        media.run(job(b"x", "video/mp4", "mp4"))
    assert (refused.value.reason, refused.value.detail) == ("missing_program", "ffmpeg")
