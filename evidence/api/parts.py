"""What shapes are made of: how labels, dates and references to records look in an answer, and their schemas."""

from django.urls import reverse

from evidence.edtf import wording

LABEL = {
    "type": "object",
    "required": ["code", "label"],
    "properties": {
        "code": {"type": "string"},
        "label": {
            "type": "object",
            "required": ["en", "ko"],
            "properties": {"en": {"type": "string"}, "ko": {"type": "string"}},
        },
        "rank": {"type": "integer"},
    },
}
LABEL_OR_NULL = {**LABEL, "nullable": True}
DATE = {
    "type": "object",
    "nullable": True,
    "required": ["edtf", "earliest", "latest", "wording"],
    "properties": {
        "edtf": {"type": "string"},
        "earliest": {"type": "string", "format": "date", "nullable": True},
        "latest": {"type": "string", "format": "date", "nullable": True},
        "wording": LABEL["properties"]["label"],
    },
}
REFERENCE = {
    "type": "object",
    "nullable": True,
    "required": ["id", "code", "url"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "code": {"type": "string"},
        "url": {"type": "string"},
    },
}


def dated(row, prefix: str = "date"):
    text = getattr(row, prefix)
    if not text:
        return None
    return {
        "edtf": text,
        "earliest": getattr(row, f"{prefix}_earliest"),
        "latest": getattr(row, f"{prefix}_latest"),
        "wording": {"en": wording(text, "en"), "ko": wording(text, "ko")},
    }


def reference(record, route: str):
    if record is None:
        return None
    return {"id": str(record.pk), "code": record.code, "url": reverse(f"api:{route}-detail", args=[record.pk])}
