"""Facet counts over what the person may see: a count of hidden rows would give them away."""

from dataclasses import dataclass

from django.db.models import Count, Func

from evidence.models import Classification, Crime, Place, ReviewStatus
from evidence.models.record import Level


@dataclass(frozen=True)
class Value:
    """One value of a facet: what the query string says, what a person reads, how many, how deep it is indented."""

    code: str
    label: str
    count: int
    share: int  # per cent of the largest
    depth: int = 0


def facets(queryset, *, language: str) -> dict[str, list[Value]]:
    """Facets of a permitted, narrowed incident queryset: status, crime, place (two levels), level."""
    queryset = queryset.order_by()
    label = "label_ko" if language == "ko" else "label_en"
    name = "name_ko" if language == "ko" else "name_en"
    crimes = _unnested(queryset, "crime_codes")
    crime_rows = Crime.objects.filter(pk__in=crimes).only("code", label, "path", "position")
    places = _unnested(queryset, "place_path")
    place_rows = [row for row in Place.objects.filter(pk__in=places) if len(row.path) <= 2]
    return {
        "status": _plain(queryset, "review_status", ReviewStatus.choices),
        "crime": _values(
            (row.code, getattr(row, label), crimes[row.code], len(row.path) - 1)
            for row in sorted(crime_rows, key=lambda row: row.position)
        ),
        "place": _values(
            (row.code, getattr(row, name), places[row.code], len(row.path) - 1)
            for row in sorted(
                place_rows, key=lambda row: (-places[row.path[0]], row.path[0], len(row.path), -places[row.code])
            )
        ),
        "confidentiality": _plain(queryset, "effective_level", Level.choices),
        "classification": _values(
            (code, str(text), count, 0)
            for code, text in Classification.Status.choices
            if (count := queryset.filter(acts__classifications__status=code).distinct().count())
        ),
    }


def _unnested(queryset, field: str) -> dict[str, int]:
    rows = queryset.annotate(value=Func(field, function="unnest")).values_list("value").annotate(n=Count("pk"))
    return dict(rows.order_by())


def _plain(queryset, field: str, choices) -> list[Value]:
    counts = dict(queryset.values_list(field).annotate(n=Count("pk")).order_by())
    return _values((str(code), str(label), counts[code], 0) for code, label in choices if code in counts)


def _values(rows) -> list[Value]:
    rows = list(rows)
    largest = max((row[2] for row in rows), default=1) or 1
    return [Value(code, label, count, round(100 * count / largest), depth) for code, label, count, depth in rows]
