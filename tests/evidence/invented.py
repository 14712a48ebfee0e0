"""Invented files for the tests of processing: pictures whose corners tell which way up they are, papers, videos."""

import base64
import io
import random
import shutil
import subprocess
import zipfile
from pathlib import Path

from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

RED, GREEN, BLUE, PALE = (220, 20, 20), (20, 200, 20), (20, 20, 220), (240, 240, 240)
TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # how the picture lies in the file for each orientation of EXIF
# The corners as HEIC, made by libheif's encoder: nothing here can write the format.
HEIC = base64.b64decode("""
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAa1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAAC
AAAAEGlkYXQAAAAAAEAAMAAAADhpbG9jAQAAAERAAAIAAQAAAAAAAAHRAAEAAAAAAAAAYAACAAEAAAAAAAAAAQAAAAAAAAAIAAAAOGlpbmYAAAAAAAIA
AAAVaW5mZQIAAAEAAQAAaHZjMQAAAAAVaW5mZQIAAAAAAgAAZ3JpZAAAAADYaXBycAAAALZpcGNvAAAAdmh2Y0MBA3AAAAAAAAAAAAAe8AD8/fj4AAAP
AyAAAQAYQAEMAf//A3AAAAMAkAAAAwAAAwAeugJAIQABACpCAQEDcAAAAwCQAAADAAADAB6gIIEFlurkprm4EBAwIAAAAwAgAAADACEiAAEABkQBwXPA
iQAAABRpc3BlAAAAAAAAAEAAAABAAAAAFGlzcGUAAAAAAAAAQAAAADAAAAAQcGl4aQAAAAADCAgIAAAAGmlwbWEAAAAAAAAAAgABAoECAAICA4QAAAAa
aXJlZgAAAAAAAAAOZGltZwACAAEAAQAAAGhtZGF0AAAAXCgBr1j5Et3/0nP/gPIavtLxzDU/y+wuh2fetramVBNxxhE6Rd+fC0I2ok2UOaTvNiDAmgcU
5wUwt4RSxo54CsL+N04BMiBqRIMr0+xRggCt7XZdz2XS0XgetHKN
""")


def corners(width: int = 640, height: int = 480) -> Image.Image:
    """Red, green, blue, pale: top left, top right, bottom left, bottom right."""
    image = Image.new("RGB", (width, height), PALE)
    draw = ImageDraw.Draw(image)
    half = (width // 2, height // 2)
    draw.rectangle((0, 0, half[0] - 1, half[1] - 1), fill=RED)
    draw.rectangle((half[0], 0, width, half[1] - 1), fill=GREEN)
    draw.rectangle((0, half[1], half[0] - 1, height), fill=BLUE)
    return image


def scene(seed: int = 1, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A picture with enough in it to be told from others."""
    chance = random.Random(seed)
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        colour = tuple(chance.randrange(256) for _ in range(3))
        draw.ellipse((x, y, x + chance.randrange(20, 200), y + chance.randrange(20, 160)), fill=colour)
    return image


def encoded(image: Image.Image, form: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def exif(orientation: int = 1, *, taken: str = "2008:10:22 16:28:39", at: bool = True) -> Image.Exif:
    """EXIF with device, moment and, in Florence, place."""
    tags = Image.Exif()
    tags[0x0112], tags[0x010F], tags[0x0110], tags[0x013B] = orientation, "Invented", "Camera 1", "A. Nobody"
    tags.get_ifd(0x8769).update({0x9003: taken, 0x9011: "+09:00"})
    if at:
        gps = {1: "N", 2: (43.0, 46.0, 12.0), 3: "E", 4: (11.0, 15.0, 36.0)}
        tags.get_ifd(0x8825).update(gps)
    return tags


def jpeg(orientation: int = 1, **options) -> bytes:
    """The corners, lying in the file as the orientation says."""
    turn = TURNS[orientation]
    image = corners() if turn is None else corners().transpose(turn)
    return encoded(image, "JPEG", exif=exif(orientation, **options), quality=92)


def pdf(pages: int = 3, *, size=(595, 842), text: str = "Invented page") -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size)
    canvas.setAuthor("A. Nobody")
    for number in range(1, pages + 1):
        canvas.setFont("Helvetica", 40)
        canvas.drawString(60, size[1] / 2, f"{text} {number}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def docx(text: str = "Invented letter") -> bytes:
    """A Word document of one paragraph, with its properties."""
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{relation}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{main}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>'
        "</w:document>",
        "docProps/core.xml": '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
        'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        "<dc:creator>A. Nobody</dc:creator><dcterms:created>2011-09-05T11:00:00Z</dcterms:created>"
        "</cp:coreProperties>",
    }
    return packed({name: text.encode() for name, text in parts.items()})


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def video(folder: Path, *, seconds: float = 4, ending: str = "mp4", options: tuple = ()) -> bytes:
    """A test card that changes, with a tone, made by ffmpeg."""
    path = folder / f"made.{ending}"
    program = shutil.which("ffmpeg")
    assert program, "ffmpeg"
    subprocess.run(
        [program, "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size=320x240:rate=10:duration={seconds}",
         "-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-metadata",
         "creation_time=2019-05-04T03:02:01Z", "-c:v", "mpeg4", "-c:a", "aac", *options, str(path)],
        check=True,
    )  # fmt: skip
    return path.read_bytes()
