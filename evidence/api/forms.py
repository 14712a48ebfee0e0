"""The forms in which a whole list is written: NDJSON, CSV and GeoJSON, piece by piece, each with an end of its own.

The end says how many records there are and that these are all. What has no end is not complete.
"""

import csv
import io
import json
from collections.abc import Iterable

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer

from evidence.api import flat, geojson
from evidence.search.values import known as chosen_from


class _Negotiated(JSONRenderer):
    """Stands for a form in the choice by Accept. What it writes itself are problems, which are JSON."""

    charset = None


class NdjsonRenderer(_Negotiated):
    media_type, format = "application/x-ndjson", "ndjson"


class CsvRenderer(_Negotiated):
    media_type, format = "text/csv", "csv"


class GeoJsonRenderer(_Negotiated):
    media_type, format = "application/geo+json", "geojson"


class OnlyNdjsonRenderer(_Negotiated):
    """For who takes JSON alone, as many clients say they do: the lines all the same, and problems."""

    media_type, format = "application/json", "ndjson"


class Negotiation(DefaultContentNegotiation):
    """A form that there is not is said by name; `format` is a parameter where there is a choice."""

    def filter_renderers(self, renderers, format):
        known = list(dict.fromkeys(renderer.format for renderer in renderers))
        if len(known) < 2:
            return renderers  # there is no such parameter: evidence.api.declared says so
        chosen_from([format], known, "format")
        return super().filter_renderers(renderers, format)

    def select_renderer(self, request, renderers, format_suffix=None):
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable as error:
            known = ", ".join(dict.fromkeys(renderer.media_type for renderer in error.available_renderers))
            raise NotAcceptable(_("This is given as: %(known)s.") % {"known": known})


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


class Ndjson:
    """One record a line; the last line is {"end": true, "count": N}."""

    media_type, suffix = "application/x-ndjson", "ndjson"

    def head(self) -> str:
        return ""

    def rows(self, records: list, shaped: Iterable[dict]) -> str:
        """The lines of these records."""
        return "".join(f"{_json(row)}\n" for row in shaped)

    def end(self, count: int, *, problem: str = "") -> str:
        """The last line; with `problem`, why there is no more."""
        said = {"end": not problem, "count": count} | ({"detail": problem} if problem else {})
        return f"{_json(said)}\n"


class Csv:
    """A header, one row a record, and the row `#end,N`."""

    media_type, suffix = "text/csv; charset=utf-8; header=present", "csv"

    def __init__(self, shape, names, *, bom: bool):
        self._columns, self._bom = flat.columns(shape, names), bom

    def head(self) -> str:
        return ("\ufeff" if self._bom else "") + self._written([[column.name for column in self._columns]])

    def rows(self, records: list, shaped: Iterable[dict]) -> str:
        """The rows of these records."""
        return self._written([column.cell(row) for column in self._columns] for row in shaped)

    def end(self, count: int, *, problem: str = "") -> str:
        """The last row; with `problem`, it begins with #incomplete and says why there is no more."""
        return self._written([["#incomplete", count, problem] if problem else ["#end", count]])

    def _written(self, rows) -> str:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return text.getvalue()


class GeoJson:
    """A FeatureCollection; after the features: how many, how many records had no point, and that these are all."""

    media_type, suffix = "application/geo+json", "geojson"

    def __init__(self):
        self._points = self._without = 0

    def head(self) -> str:
        return '{"type":"FeatureCollection","features":['

    def rows(self, records: list, shaped: Iterable[dict]) -> str:
        """The features of these records."""
        made = []
        for record, row in zip(records, shaped, strict=True):
            found = geojson.feature(record, row)
            if found is None:
                self._without += 1
            else:
                made.append(("," if self._points else "") + _json(found))
                self._points += 1
        return "\n".join(made)

    def end(self, count: int, *, problem: str = "") -> str:
        """The foreign members; with `problem`, `end` is false and `detail` says why there is no more."""
        said = {"count": self._points, "without_place": self._without, "end": not problem}
        said |= {"detail": problem} if problem else {}
        return f"],{_json(said)[1:]}\n"
