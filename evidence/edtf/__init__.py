"""EDTF dates (ISO 8601-2, level 1): read, bounded, put into words. No Django, no other format."""

from evidence.edtf.errors import EdtfError
from evidence.edtf.parsing import MAX_LENGTH, Edtf, parse
from evidence.edtf.parts import from_parts
from evidence.edtf.points import Point
from evidence.edtf.wording import wording

__all__ = ["MAX_LENGTH", "Edtf", "EdtfError", "Point", "from_parts", "parse", "wording"]
