"""Text that is only pictured: scanned pages, photographs of papers, screenshots. By Tesseract, as a program.

What comes out is marked as recognised and carries the program's confidence. Guesses below a threshold are left out: a
photograph of a street is no text.
"""

import csv
import time
from dataclasses import dataclass
from io import BytesIO, StringIO

from PIL import Image

from evidence.processing import pictures, programs
from evidence.processing.results import MAX_PAGES, Facts, Failed, Job, NotDone, Outcome, PageText

NAME = "ocr"
SECONDS = 1_800
PACKAGES = "tesseract-ocr tesseract-ocr-kor"
IMAGES = ("image/jpeg", "image/png", "image/tiff", "image/webp", "image/bmp", "image/x-ms-bmp", "image/gif",
          "image/heic",           "image/heif", "image/avif")  # fmt: skip
FEW = 20  # characters of a page that is mostly a picture: a stamp or a page number, not its text
CERTAIN, GOOD, LEAST = 80, 65, 45  # per cent: needs no second look; a page's text counts; a word counts


@dataclass
class Reading:
    """What one attempt made of a page."""

    text: str = ""
    confidence: float = 0.0
    words: int = 0

    @property
    def worth(self) -> float:
        return self.confidence * min(self.words, 200)


def applies(facts: Facts) -> bool:
    if facts.of("identify").get("kind") == "pdf":
        return facts.of("text").get("without_text", 1) > 0
    return facts.media_type in IMAGES


def run(job: Job) -> Outcome:
    """Options: `ocr_pages` at most, `ocr_seconds` for each, `ocr_languages` as Tesseract names them."""
    tool = check(languages(job))
    until = time.monotonic() + SECONDS * 0.8
    texts: list[PageText] = []
    found: dict = {"pages": 0, "languages": languages(job)}
    failed, why = 0, ""
    for number, picture in _pages(job, found):
        if time.monotonic() > until:
            found["cut"] = "time"
            break
        found["pages"] += 1
        try:
            reading = recognise(picture, job)
        except Failed as error:
            failed, why = failed + 1, error.reason
            continue
        if reading.text:
            texts.append(PageText(number, reading.text, recognised=True, confidence=round(reading.confidence)))
    if failed:
        found["failed_pages"] = failed
        if failed == found["pages"]:
            raise Failed(why, "Tesseract could read no page")
    found["recognised"] = len(texts)
    if texts:
        found["confidence"] = round(sum(page.confidence or 0 for page in texts) / len(texts))
    return Outcome(tool=tool, texts=texts, found=found)


def languages(job: Job) -> str:
    return str(job.options.get("ocr_languages", "kor+eng"))


def check(wanted: str) -> str:
    """The program's name and version, when it knows the languages that are wanted."""
    tool = programs.version(["tesseract", "--version"], package=PACKAGES)
    _, output, errors = programs.call(["tesseract", "--list-langs"], package=PACKAGES, seconds=10)
    known = (output + errors).decode("utf-8", "replace").split()
    missing = [name for name in wanted.split("+") if name not in known]
    if missing:
        raise NotDone("missing_program", " ".join(f"tesseract-ocr-{name.replace('_', '-')}" for name in missing))
    return tool


def _pages(job: Job, found: dict):
    """Number and picture of each page to read."""
    most = min(int(job.options.get("ocr_pages", 200)), MAX_PAGES)
    if job.facts.of("identify").get("kind") == "pdf":
        yield from _pages_of_pdf(job, found, most)
        return
    with pictures.opened(job.path, job.facts.media_type) as picture:
        count = pictures.frames(picture)
        if count > most:
            found["cut"] = "pages"
        numbers = list(range(1, min(count, most) + 1))
        yield from zip(numbers, pictures.pages_of_picture(picture, numbers), strict=False)


def _pages_of_pdf(job: Job, found: dict, most: int):
    import pypdfium2 as pdfium

    from evidence.processing.texts import pdf

    document = pdf.opened(job.path)
    wanted = 0
    for index in range(min(len(document), MAX_PAGES)):
        try:
            if not lacks_text(document, index):
                continue
            wanted += 1
            if wanted > most:
                found["cut"] = "pages"
                return
            yield index + 1, pictures.page_of_pdf(document, index)
        except pdfium.PdfiumError:
            found["unreadable_pages"] = found.get("unreadable_pages", 0) + 1


def lacks_text(document, index: int) -> bool:
    """Whether a page has no text, or next to none beside a picture."""
    from pypdfium2 import raw

    from evidence.processing.texts import pdf

    length = len("".join(pdf.text_of(document, index).split()))
    if length == 0 or length >= FEW:
        return length == 0
    page = document[index]
    try:
        return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=2))
    finally:
        page.close()


def recognise(picture: Image.Image, job: Job) -> Reading:
    """One page, upright: as a block of text first, by columns when that goes badly."""
    seconds = float(job.options.get("ocr_seconds", 60))
    if turn := turned(picture, seconds):
        picture = picture.rotate(-turn, expand=True, fillcolor=255)
    best = attempt(picture, languages(job), "6", seconds)
    if best.confidence < CERTAIN and best.words:
        best = max(best, attempt(picture, languages(job), "4", seconds), key=lambda one: one.worth)
    return best if best.confidence >= GOOD and best.words else Reading()


def attempt(picture: Image.Image, names: str, layout: str, seconds: float) -> Reading:
    data = BytesIO()
    picture.save(data, "PNG", compress_level=1)
    arguments = ["tesseract", "stdin", "stdout", "-l", names, "--psm", layout, "--dpi", str(pictures.DPI),
                 "-c", "tessedit_do_invert=0", "tsv"]  # fmt: skip
    code, output, _ = programs.call(arguments, package=PACKAGES, seconds=seconds, data=data.getvalue())
    if code:
        raise Failed("failed", f"Tesseract ended with {code}")
    return read_table(output.decode("utf-8", "replace"))


def read_table(table: str) -> Reading:
    """The words that the program is sure of, in their lines; confidence weighed by length."""
    lines: dict[tuple, list[str]] = {}
    weight = total = 0.0
    words = 0
    for row in csv.DictReader(StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        word = (row.get("text") or "").strip()
        try:
            confidence = float(row.get("conf") or -1)
        except ValueError:
            continue
        if not word or confidence < 0:
            continue
        weight += len(word)
        total += confidence * len(word)
        if confidence >= LEAST:
            words += 1
            lines.setdefault((row["block_num"], row["par_num"], row["line_num"]), []).append(word)
    text = "\n".join(" ".join(line) for line in lines.values())
    return Reading(text, total / weight if weight else 0.0, words)


def turned(picture: Image.Image, seconds: float) -> int:
    """By how many degrees, clockwise, the page has to be turned to stand upright; 0 when that is not known."""
    data = BytesIO()
    # Half the size tells as well, in a quarter of the time.
    small = picture.reduce(2) if min(picture.size) > 1_600 else picture
    small.save(data, "PNG", compress_level=1)
    arguments = ["tesseract", "stdin", "stdout", "--psm", "0", "--dpi", str(pictures.DPI)]
    code, output, _ = programs.call(arguments, package=PACKAGES, seconds=seconds, data=data.getvalue())
    told = dict(line.split(":", 1) for line in output.decode("utf-8", "replace").splitlines() if ":" in line)
    try:
        angle, confidence = int(told.get("Rotate", "0")), float(told.get("Orientation confidence", "0"))
    except ValueError:
        return 0
    return angle if not code and confidence >= 1 and angle in (90, 180, 270) else 0
