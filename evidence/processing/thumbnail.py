"""A small picture of a picture or of the first page, and the fingerprint by which pictures that look alike are found.

Thumbnails of Office files come from their pages, those of videos from their frames: from those steps.
"""

from evidence.processing import documents, imaging, pdq
from evidence.processing.results import Facts, Job, NotDone, Outcome

NAME = "thumbnail"
SECONDS = 90
LONGEST = 512


def applies(facts: Facts) -> bool:
    return facts.media_type.startswith("image/") or facts.media_type == "application/pdf"


def run(job: Job) -> Outcome:
    if job.facts.media_type == "image/svg+xml":
        # Drawing it means running what it says: scripts, references to other files and addresses, entities.
        raise NotDone("unsupported", "SVG is a program as much as a picture: it is not drawn")
    if job.facts.media_type == "application/pdf":
        with documents.pdf(job.path) as document:
            image = documents.page(document, 0, LONGEST) if len(document) else None
        if image is None:
            raise NotDone("unsupported", "no pages")
        return Outcome(tool=documents.TOOL, pictures=[imaging.save(image, job.out, "thumbnail", 1)])
    with imaging.opened(job.path) as opened:
        found: dict = {"width": opened.width, "height": opened.height}
        image, whole = imaging.decoded(opened, LONGEST)
    mark, quality = pdq.fingerprint(image)
    found |= {"whole": whole, "fingerprint": mark, "quality": quality}
    return Outcome(
        tool=f"{imaging.TOOL}, PDQ",
        found=found,
        pictures=[imaging.save(image, job.out, "thumbnail", 1)],
        fingerprint=mark if quality >= pdq.MIN_QUALITY else "",
    )
