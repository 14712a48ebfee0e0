"""Pictures opened without trusting them: known formats alone, size checked before decoding, upright.

What is saved holds no metadata of the original.
"""

import io
import warnings
from contextlib import suppress
from pathlib import Path

import pi_heif
import PIL
from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

from evidence.processing.results import Failed, NotDone, Picture

# Decoders in C that read the whole format. EPS and WMF run programs or call the system; the rest nobody sends.
FORMATS = ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "DIB", "ICO", "PPM", "PCX", "JPEG2000", "HEIF", "AVIF",
           "PSD")  # fmt: skip
MAX_PIXELS = 250_000_000  # the largest camera of a telephone has 200 million
MAX_SIDE = 60_000
QUALITY = 82
TOOL = f"Pillow {PIL.__version__}, pi-heif {pi_heif.__version__}"

Image.init()
pi_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


def opened(source: Path | io.BytesIO) -> Image.Image:
    """The picture, not decoded yet. Raises Failed when it is none or would fill the memory."""
    try:
        image = Image.open(source, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Failed("too_large", f"more than {MAX_PIXELS:,} pixels")
    except UnidentifiedImageError:
        raise NotDone("unsupported", "no picture that can be decoded here")
    try:
        check_size(image)
    except Failed:
        image.close()
        raise
    return image


def check_size(image: Image.Image) -> None:
    width, height = image.size
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE) or width * height > MAX_PIXELS:
        raise Failed("too_large", f"{width} × {height} pixels; {MAX_PIXELS:,} at most are decoded")


def decoded(image: Image.Image, longest: int) -> tuple[Image.Image, bool]:
    """(picture, whether all of it could be read): upright, sRGB, its longer side at most so many pixels."""
    whole = True
    if image.format in ("JPEG", "MPO"):
        # Decodes at a half, quarter or eighth of the size where that is enough.
        image.draft(None, (longest * 2, longest * 2))
    try:
        image.load()
    except (OSError, SyntaxError) as error:
        if image.format not in ("JPEG", "MPO", "PNG", "BMP", "TIFF"):
            raise Failed("damaged", type(error).__name__)
        image, whole = _partly(image), False
    check_size(image)
    with suppress(Exception):  # an orientation that cannot be read is none
        image = ImageOps.exif_transpose(image)
    return shown(image, longest), whole


def _partly(image: Image.Image) -> Image.Image:
    """What can be read of a truncated picture; the rest is grey."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        image.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise Failed("damaged", type(error).__name__)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    return image


def shown(image: Image.Image, longest: int) -> Image.Image:
    """The picture as a screen shows it: eight bits a channel, transparency on white."""
    profile = image.info.get("icc_profile")
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        image = _eight_bits(image)
    if image.mode in ("P", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if image.mode in ("RGBA", "LA", "RGBa", "La"):
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    if profile and image.mode in ("RGB", "CMYK", "L"):
        image = _srgb(image, profile)
    return image if image.mode in ("RGB", "L") else image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """The range that is used, spread over the greys."""
    image = image.convert("F")
    low, high = image.getextrema()
    if not (isinstance(low, float) and isinstance(high, float)) or not high > low:
        return Image.new("L", image.size, 0)
    if low >= 0 and high <= 65535 and high > 255:
        low, high = 0.0, 65535.0
    return image.point(lambda value: value * (255 / (high - low)) - low * 255 / (high - low)).convert("L")


def _srgb(image: Image.Image, profile: bytes) -> Image.Image:
    with suppress(Exception):  # a profile that cannot be used is left out
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        return changed or image
    return image


def save(image: Image.Image, folder: Path, kind: str, number: int) -> Picture:
    """Keep the picture as WebP without anything but its pixels."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    name = f"{kind}-{number}.webp"
    bare.save(folder / name, "WEBP", quality=QUALITY, method=4)
    return Picture(kind, number, name, "image/webp", *bare.size)
