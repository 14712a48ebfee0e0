"""What shapes are made of: how labels, dates and references to records look in an answer, and their schemas."""

import datetime
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Collection as Names
from functools import cached_property, lru_cache
from operator import attrgetter
from types import SimpleNamespace

from django.urls import get_script_prefix, reverse
from rest_framework import serializers

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


NOBODY = "00000000-0000-0000-0000-000000000000"


def reading(field: serializers.Field) -> Callable:
    """How this field is read from a row: what the field itself would answer, without asking it the same for each."""
    source = field.source_attrs
    if isinstance(field, serializers.SerializerMethodField):
        return getattr(field.parent, field.method_name)
    if len(source) == 1 and type(field) is serializers.ListField and type(field.child) is serializers.CharField:
        codes = attrgetter(source[0])
        return lambda row: list(codes(row))
    if len(source) != 1:
        return lambda row: _said(field, field.get_attribute(row))
    read, plain = attrgetter(source[0]), _PLAIN.get(type(field), field.to_representation)

    def plainly(row):
        value = read(row)
        value = value() if callable(value) else value
        return None if value is None else plain(value)

    return plainly


def _instant(value) -> str:
    """An instant as the API writes it: ISO 8601 in UTC."""
    return value if isinstance(value, str) else value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


_PLAIN = {
    serializers.UUIDField: str, serializers.CharField: str, serializers.IntegerField: int,
    serializers.BooleanField: bool,
    serializers.DateTimeField: _instant,
}  # fmt: skip


def _said(field: serializers.Field, value):
    return None if value is None else field.to_representation(value)


@lru_cache(maxsize=64)
def _detail(route: str, prefix: str) -> str:
    return reverse(f"api:{route}-detail", args=[NOBODY])


def address(route: str, pk) -> str:
    """The path of a record; `reverse` is asked once a route."""
    return _detail(route, get_script_prefix()).replace(NOBODY, str(pk))


@lru_cache(maxsize=16384)  # about as many as there are days in accounts of forty years
def _words(text: str) -> dict:
    return {"en": wording(text, "en"), "ko": wording(text, "ko")}


def dated(row, prefix: str = "date"):
    text = getattr(row, prefix)
    if not text:
        return None
    return {
        "edtf": text,
        "earliest": getattr(row, f"{prefix}_earliest"),
        "latest": getattr(row, f"{prefix}_latest"),
        "wording": _words(text),
    }


def reference(record, route: str):
    if record is None:
        return None
    return {"id": str(record.pk), "code": record.code, "url": address(route, record.pk)}


def gathered(rows, field: str) -> defaultdict:
    """Rows gathered by a field; those without any have an empty list."""
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, field)].append(row)
    return found


class Shape(serializers.Serializer):
    """A serializer that only reads; `seen` is the person asking. With `fields`, only these are read (and `id`)."""

    def __init__(self, *args, fields: Names[str] | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self._wanted = fields

    @cached_property
    def labels(self):
        return self.context["labels"]

    @cached_property
    def seen(self):
        return self.context.get("user") or self.context["request"].user

    @cached_property
    def _reads(self) -> list[tuple[str, Callable]]:
        return [
            (field.field_name, reading(field))
            for field in self._readable_fields
            if self._wanted is None or field.field_name == "id" or field.field_name in self._wanted
        ]

    @property
    def names(self) -> list[str]:
        """The fields that are read, in their order."""
        return [name for name, _read in self._reads]

    def to_representation(self, instance):
        row = SimpleNamespace(**instance) if isinstance(instance, dict) else instance
        return {name: read(row) for name, read in self._reads}
