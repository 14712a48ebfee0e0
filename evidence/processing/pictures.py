"""Pictures as recognition wants them: upright, grey, neither too large nor too small."""

import math
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from evidence.processing.results import Failed, NotDone

MAX_PIXELS = 200_000_000  # of a picture that is opened
GOOD_PIXELS = 25_000_000  # of one that is handed on
DPI = 300
SMALL = 1_000  # pixels of the longer side below which a picture is enlarged
HEIF = ("image/heic", "image/heif")


def opened(path: Path, media_type: str) -> Image.Image:
    """The picture, not yet decoded. Its size is checked first."""
    if media_type in HEIF:
        _with_heif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.MAX_IMAGE_PIXELS = None
            picture = Image.open(path)
    except UnidentifiedImageError:
        raise Failed("unsupported", "no picture that Pillow knows")
    except (OSError, ValueError, SyntaxError) as error:
        raise Failed("damaged", type(error).__name__)
    if picture.width * picture.height > MAX_PIXELS:
        picture.close()
        raise Failed("too_large", f"{picture.width} × {picture.height} pixels")
    return picture


def _with_heif() -> None:
    try:
        import pi_heif
    except ImportError:
        raise NotDone("missing_program", "pi-heif")
    pi_heif.register_heif_opener()


def frames(picture: Image.Image) -> int:
    """How many pages the picture has: those of a TIFF; of an animation, one."""
    return getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1


def pages_of_picture(picture: Image.Image, numbers: list[int]) -> Iterator[Image.Image]:
    """The pages asked for, from 1 on, each upright."""
    for number in numbers:
        try:
            if number > 1:
                picture.seek(number - 1)
            one = ImageOps.exif_transpose(picture) or picture
            yield fit(_on_white(one))
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
            raise Failed("damaged", type(error).__name__)


def _on_white(picture: Image.Image) -> Image.Image:
    """Grey, and what is transparent is paper."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture)
        picture = paper
    return picture.convert("L")


def fit(picture: Image.Image) -> Image.Image:
    """Of a size that recognition handles."""
    pixels, longer = picture.width * picture.height, max(picture.size)
    factor = math.sqrt(GOOD_PIXELS / pixels) if pixels > GOOD_PIXELS else 2.0 if longer < SMALL else 1.0
    if factor == 1.0:
        return picture
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def page_of_pdf(document, index: int) -> Image.Image:
    """A page of a PDF, rendered in grey at 300 dots an inch, or fewer when it is huge."""
    page = document[index]
    try:
        width, height = page.get_size()
        scale = min(DPI / 72, math.sqrt(GOOD_PIXELS / max(1.0, width * height)))
        return page.render(scale=scale, grayscale=True).to_pil().convert("L")
    finally:
        page.close()
