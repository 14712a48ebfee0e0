"""Shapes as flat rows for spreadsheets: which columns a field becomes, and cells that no spreadsheet runs."""

from collections.abc import Callable
from dataclasses import dataclass

from rest_framework import serializers

from evidence.api.parts import DATE, LABEL, LABEL_OR_NULL
from evidence.spreadsheets import plain


@dataclass(frozen=True)
class Column:
    """One column: its name, the field it is read from, and how; numbers are written as they are."""

    name: str
    field: str
    pick: Callable
    is_number: bool = False

    def cell(self, row: dict) -> str:
        """The cell of this row: text that begins like a formula has an apostrophe before it."""
        value = row[self.field]
        text = "" if value is None else str(self.pick(value))
        return text if self.is_number else plain(text)


def columns(shape: serializers.Serializer, names) -> list[Column]:
    """The columns of these fields of a shape, the same for every row."""
    return [column for name in names for column in _of(name, shape.fields[name])]


def _of(name: str, field: serializers.Field) -> list[Column]:
    said = _schema(field)
    if said in (LABEL, LABEL_OR_NULL):
        labels = [Column(f"{name}_{one}", name, lambda value, one=one: value["label"][one]) for one in ("en", "ko")]
        return [Column(name, name, lambda value: value["code"]), *labels]
    if said == DATE:
        ends = [
            Column(f"{name}_{end}", name, lambda value, end=end: value[end] or "") for end in ("earliest", "latest")
        ]
        return [Column(name, name, lambda value: value["edtf"]), *ends]
    if isinstance(field, serializers.ListField):
        return [Column(name, name, lambda value: "; ".join(value))]
    if name == "gradings":
        return [
            Column(name, name, lambda value: "; ".join(f"{one['reliability']}{one['credibility']}" for one in value))
        ]
    is_number = isinstance(field, (serializers.DecimalField, serializers.IntegerField))
    if isinstance(field, serializers.BooleanField):
        return [Column(name, name, lambda value: "yes" if value else "no")]
    return [Column(name, name, lambda value: value, is_number)]


def _schema(field: serializers.Field):
    """What `extend_schema_field` says of a method's field."""
    method = getattr(field.parent, field.method_name) if isinstance(field, serializers.SerializerMethodField) else None
    return getattr(method, "_spectacular_annotation", {}).get("field")
