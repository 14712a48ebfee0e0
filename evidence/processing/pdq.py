"""PDQ: 256 bits that stay nearly the same when a picture is scaled, recompressed or slightly changed.

After “The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm” (Facebook, 2019), so that hashes can be
compared with those of others: luminance, two passes of a box filter, 64 × 64 samples, the low frequencies of a cosine
transform against their median. Written here because the binding to the original has no wheels and needs a compiler;
the hash differs from the original's by rounding, a few bits of 256. Two pictures look alike up to 31 differing bits.
"""

import math
from functools import lru_cache

from PIL import Image, ImageFilter

SIDE, LOW = 64, 16
LONGEST = 512  # larger pictures are scaled first, as the original's command does
MIN_QUALITY = 50  # below it there is too little in the picture to tell it from others


def fingerprint(image: Image.Image) -> tuple[str, int]:
    """(hash as 64 hex digits, quality 0–100) of a decoded picture. Quality says how much there is to tell it by."""
    grey = image.convert("RGB").convert("L")
    if max(grey.size) > LONGEST:
        grey = grey.resize((LONGEST, LONGEST), Image.Resampling.BOX)
    samples = _samples(grey)
    return _hash(_cosine(samples)), _quality(samples)


def _samples(grey: Image.Image) -> list[list[float]]:
    """64 × 64 values, after two box filters whose window is half a sample wide."""
    width, height = grey.size
    window = tuple(max(0.0, ((size + 2 * SIDE - 1) // (2 * SIDE) - 1) / 2) for size in (width, height))
    blur = ImageFilter.BoxBlur(window)
    blurred = grey.filter(blur).filter(blur) if any(window) else grey
    pixels = blurred.tobytes()
    columns = [min(width - 1, int((i + 0.5) * width / SIDE)) for i in range(SIDE)]
    rows = [min(height - 1, int((i + 0.5) * height / SIDE)) for i in range(SIDE)]
    return [[float(pixels[y * width + x]) for x in columns] for y in rows]


def _quality(samples: list[list[float]]) -> int:
    """The sum of the gradients, the steps that one sees alone."""
    total = 0
    for y in range(SIDE):
        for x in range(SIDE):
            if y + 1 < SIDE:
                total += abs(int((samples[y][x] - samples[y + 1][x]) * 100 / 255))
            if x + 1 < SIDE:
                total += abs(int((samples[y][x] - samples[y][x + 1]) * 100 / 255))
    return min(100, total // 90)


@lru_cache
def _waves() -> list[list[float]]:
    scale = math.sqrt(2 / SIDE)
    return [[scale * math.cos(math.pi / (2 * SIDE) * (i + 1) * (2 * j + 1)) for j in range(SIDE)] for i in range(LOW)]


def _cosine(samples: list[list[float]]) -> list[float]:
    """The 16 × 16 lowest frequencies but the first of each direction, row by row."""
    waves = _waves()
    columns = list(zip(*samples, strict=True))
    half = [[sum(map(float.__mul__, wave, column)) for column in columns] for wave in waves]
    return [sum(map(float.__mul__, row, wave)) for row in half for wave in waves]


def _hash(values: list[float]) -> str:
    median = sorted(values)[len(values) // 2 - 1]
    bits = 0
    for place, value in enumerate(values):
        if value > median:
            bits |= 1 << place
    return f"{bits:064x}"


def distance(one: bytes, other: bytes) -> int:
    """How many bits differ, of 256."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()
