"""The steps, in the order in which they run; later ones see what earlier ones found."""

from evidence.processing import (
    identify,
    language,
    media,
    members,
    metadata,
    ocr,
    pages,
    provenance,
    text,
    thumbnail,
)

STEPS = (identify, metadata, members, text, pages, ocr, thumbnail, media, language, provenance)
