"""Statistics: counts by crime, place, year, sex and status, as JSON or CSV."""

import csv
import io

from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response

from accounts.roles import Act as Does
from evidence import search
from evidence.api.base import RecordViewSet, filter_parameters
from evidence.search.naming import names_of
from evidence.search.statistics import DIMENSIONS, MEASURES, Number, Statistics, statistics
from evidence.spreadsheets import plain

SEVERAL = "An incident with several alleged crimes is counted in each: rows of crimes add up to more than their total."
ALLEGED = "Crimes are analytical allegations, not findings of guilt."
AT_LEAST = (
    "Of groups of victims, the least number that is recorded is counted; a person, once for each act done to her."
)
LEFT_OUT = (
    "Numbers from 1 to %d are left out, and others with them, so that none can be computed from rows, columns"
    " and totals."
)


@extend_schema_serializer(many=False)
class StatisticsShape(serializers.Serializer):
    """Cells that are absent are zero. `total` counts each incident (or victim) once. What was left out is null."""

    group_by = serializers.ListField(child=serializers.ChoiceField(choices=DIMENSIONS))
    measure = serializers.ChoiceField(choices=MEASURES)
    crime_level = serializers.IntegerField()
    place_level = serializers.IntegerField()
    suppress = serializers.IntegerField(allow_null=True)
    total = serializers.DictField()
    dimensions = serializers.ListField(child=serializers.DictField(), help_text="Codes with labels, in order.")
    cells = serializers.ListField(child=serializers.DictField())
    totals = serializers.ListField(
        child=serializers.DictField(), help_text="Of rows (without the last dimension) and columns (the last alone)."
    )
    notes = serializers.ListField(child=serializers.CharField())


class TableRenderer(BaseRenderer):
    """The cells and totals as CSV: code and labels of each dimension, the number, whether it was left out."""

    media_type, format, charset = "text/csv", "csv", "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        names = {one["name"]: {value["code"]: value["label"] for value in one["values"]} for one in data["dimensions"]}
        out = io.StringIO()
        writer = csv.writer(out)
        heads = [head for name in names for head in (name, f"{name}_en", f"{name}_ko")]
        writer.writerow([*heads, data["measure"], "is_suppressed"])
        for line in [*data["cells"], *data["totals"], data["total"]]:
            said = []
            for name, labels in names.items():
                code = line.get(name)
                label = labels[code] if code is not None else {"en": "Total", "ko": "합계"}
                said += ["" if code is None else code, label["en"], label["ko"]]
            writer.writerow([plain(cell) for cell in [*said, line["count"], "yes" if line["is_suppressed"] else ""]])
        return out.getvalue().encode()


def as_data(found: Statistics) -> dict:
    """The answer of the API."""
    question, names = found.question, names_of(found)
    order = {name: {value.code: place for place, value in enumerate(values)} for name, values in names.items()}

    def line(dimensions, key, number: Number) -> dict:
        return dict(zip(dimensions, key, strict=True)) | said(number)

    def said(number: Number) -> dict:
        return {"count": number.count, "is_suppressed": number.is_suppressed}

    def lines(dimensions, numbers) -> list[dict]:
        def place(key):
            return [order[name].get(code, 0) for name, code in zip(dimensions, key, strict=True)]

        return [line(dimensions, key, numbers[key]) for key in sorted(numbers, key=place)]

    return {
        "group_by": list(question.group_by),
        "measure": question.measure,
        "crime_level": question.crime_level,
        "place_level": question.place_level,
        "suppress": question.suppress or None,
        "total": said(found.total),
        "dimensions": [
            {"name": name, "values": [{"code": one.code, "label": {"en": one.en, "ko": one.ko}} for one in values]}
            for name, values in names.items()
        ],
        "cells": lines(question.group_by, found.cells),
        "totals": lines(question.group_by[:-1], found.rows) + lines(question.group_by[-1:], found.columns),
        "notes": [
            *([SEVERAL, ALLEGED] if "crime" in question.group_by else []),
            *([AT_LEAST] if question.measure == "victims" else []),
            *([LEFT_OUT % (question.suppress - 1)] if question.suppress else []),
        ],
    }


class StatisticsViewSet(RecordViewSet):
    """How many incidents, or victims, of those you may see."""

    kind = "statistics"
    serializer_class = StatisticsShape
    pagination_class = None
    renderer_classes = [JSONRenderer, TableRenderer]
    acts = {"list": Does.READ}
    scopes = {"list": "incidents:read"}

    @extend_schema(
        responses={(200, "application/json"): StatisticsShape, (200, "text/csv"): OpenApiTypes.STR},
        parameters=[
            OpenApiParameter(
                "group_by", OpenApiTypes.STR, required=True, description="One to three of crime,place,year,sex,status."
            ),
            OpenApiParameter("measure", OpenApiTypes.STR, enum=list(MEASURES)),
            OpenApiParameter("crime_level", OpenApiTypes.INT, description="1: the top, unless told."),
            OpenApiParameter("place_level", OpenApiTypes.INT, description="1: countries; 2, unless told: provinces."),
            OpenApiParameter("suppress", OpenApiTypes.INT, description="Leave out numbers below this, safely."),
            *filter_parameters(search.INCIDENT_FILTERS),
        ],
    )
    def list(self, request):
        params = request.query_params.copy()
        params.pop("format", None)
        found = statistics(params, user=request.user)
        self.note(list(found.cells))
        return Response(as_data(found))
