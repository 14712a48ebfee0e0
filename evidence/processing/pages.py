"""Pictures of the pages, for the reading room: what is read and looked at there is never the original."""

import time

from evidence.processing import documents, imaging
from evidence.processing.results import Facts, Failed, Job, Outcome, Picture

NAME = "pages"
SECONDS = 600
LONGEST = 1600  # pixels of a page of a document
LONGEST_PICTURE = 2400  # of a photograph, which is one page
LONGEST_THUMBNAIL = 512
MAX_PAGES = 300  # unless the option max_pages says otherwise; the rest is counted
SHARE = 0.7  # of the time a step may take: what is not drawn by then is counted


def applies(facts: Facts) -> bool:
    kind = facts.media_type
    is_picture = kind.startswith("image/") and kind != "image/svg+xml"
    return is_picture or kind == "application/pdf" or bool(documents.office_ending(kind, facts.ending))


def run(job: Job) -> Outcome:
    kind = job.facts.media_type
    if kind.startswith("image/"):
        return _of_picture(job)
    if kind == "application/pdf":
        return _of_pdf(job, job.path, documents.TOOL)
    made, tool = documents.as_pdf(job.path, documents.office_ending(kind, job.facts.ending), job.out)
    outcome = _of_pdf(job, made, f"{tool}, {documents.TOOL}", with_thumbnail=True)
    made.unlink()
    return outcome


def _limit(job: Job) -> tuple[int, float]:
    """(pages, moment) at which drawing stops."""
    return max(1, int(job.options.get("max_pages", MAX_PAGES))), time.monotonic() + SECONDS * SHARE


def _of_pdf(job: Job, path, tool: str, *, with_thumbnail: bool = False) -> Outcome:
    most, until = _limit(job)
    drawn: list[Picture] = []
    damaged: list[int] = []
    with documents.pdf(path) as document:
        total = len(document)
        for index in range(min(total, most)):
            if time.monotonic() > until:
                break
            try:
                image = documents.page(document, index, LONGEST)
            except Failed:
                damaged.append(index + 1)
                continue
            drawn.append(imaging.save(image, job.out, "page", index + 1))
            if with_thumbnail and index == 0:
                image.thumbnail((LONGEST_THUMBNAIL, LONGEST_THUMBNAIL))
                drawn.append(imaging.save(image, job.out, "thumbnail", 1))
    shown = sum(picture.kind == "page" for picture in drawn)
    if not shown:
        raise Failed("damaged", "no page could be drawn" if total else "no pages")
    return Outcome(tool=tool, found={"pages": total, "shown": shown, "damaged": damaged[:100]}, pictures=drawn)


def _of_picture(job: Job) -> Outcome:
    """A photograph is one page; a TIFF has as many as it holds, an animation shows its first frame."""
    most, until = _limit(job)
    drawn: list[Picture] = []
    damaged: list[int] = []
    with imaging.opened(job.path) as image:
        frames = _frames(image)
        several = image.format == "TIFF"
        for index in range(min(frames, most) if several else 1):
            if time.monotonic() > until:
                break
            try:
                if several:
                    image.seek(index)
                    imaging.check_size(image)
                one, whole = imaging.decoded(image.copy() if several and frames > 1 else image, LONGEST_PICTURE)
            except (Failed, EOFError, OSError, ValueError) as error:
                if index == 0:
                    raise error if isinstance(error, Failed) else Failed("damaged", type(error).__name__)
                damaged.append(index + 1)
                continue
            damaged += [] if whole else [index + 1]
            drawn.append(imaging.save(one, job.out, "page", index + 1))
    total = frames if several else 1
    found = {"pages": total, "shown": len(drawn), "frames": frames, "damaged": damaged[:100]}
    return Outcome(tool=imaging.TOOL, found=found, pictures=drawn)


def _frames(image) -> int:
    try:
        return max(1, int(getattr(image, "n_frames", 1)))
    except Exception:
        return 1  # a chain of frames that leads nowhere: the first is there
