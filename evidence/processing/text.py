"""The text of a file, page by page, as it is written in it. What is only pictured is `ocr`'s."""

from evidence.processing.results import Facts, Job, Outcome
from evidence.processing.texts import READERS, Pages, reader_of

NAME = "text"
SECONDS = 300


def applies(facts: Facts) -> bool:
    return facts.of("identify").get("kind") in READERS


def run(job: Job) -> Outcome:
    pages = Pages()
    reader = reader_of(job.facts.of("identify")["kind"])
    tool = reader(job, pages)
    found = {"characters": sum(len(page.text) for page in pages.texts), **pages.found}
    return Outcome(tool=tool, texts=pages.texts, found=found, flags=sorted(pages.flags))
