"""PPTX: a slide a page, with its speaker's notes."""

from evidence.processing.bounded import Parts, read_xml
from evidence.processing.results import Job
from evidence.processing.texts import Pages
from evidence.processing.texts.relations import listed, targets
from evidence.processing.texts.words import Body

TOOL = "own reader of PresentationML"


def read(job: Job, pages: Pages) -> str:
    with Parts(job.path) as parts:
        slides = listed(parts, "ppt/presentation.xml", "sldId")
        for _, slide in slides:
            if pages.is_full:
                pages.cut("pages")
                break
            text = _text(parts, slide)
            for kind, part in targets(parts, slide).values():
                if kind in ("notesSlide", "comments", "diagramData") and part in parts:
                    text += "\n" + _text(parts, part)
            pages.add(text)
        pages.found["pages"] = len(slides)
    return TOOL


def _text(parts: Parts, name: str) -> str:
    body = Body()
    read_xml(parts.chunks(name), start=body.start, end=body.end, text=body.text)
    return "".join(body.out)
