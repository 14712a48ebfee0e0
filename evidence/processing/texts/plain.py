"""Plain text, CSV and JSON: decoded, otherwise as it is."""

from evidence.processing import encodings
from evidence.processing.results import Job
from evidence.processing.texts import Pages, whole


def read(job: Job, pages: Pages) -> str:
    text, encoding = encodings.decode(whole(job))
    pages.found["encoding"] = encoding
    if broken := text.count("\ufffd"):
        pages.found["undecoded"] = broken
    pages.add_long(text)
    return f"codec {encoding}"
