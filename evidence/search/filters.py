"""Filters: the query string of the web list is the query string of the API. Unknown names and values are refused."""

import datetime
import uuid
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from django.db.models import Exists, OuterRef, Q
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from accounts.models import Clearance
from evidence.models import (
    Classification,
    Collection,
    Crime,
    Documentation,
    Involvement,
    Organisation,
    Person,
    Place,
    Term,
)
from evidence.models.act import classified_with
from evidence.models.incident import ReviewStatus
from evidence.recording.acts import find
from evidence.recording.content import UNDATED
from evidence.reference import missing
from evidence.search.names import NamedText
from evidence.search.paged import PagedText
from evidence.search.text import Text
from evidence.search.values import known
from evidence.search.where import RANGE, Where
from evidence.search.years import by_victim_sex, by_year, without

UNDATED_WORD, NO_PLACE = "undated", "none"


def has_common_words(model, params, filters: dict[str, Callable]) -> bool:
    """Whether the rows that the query string's text finds are sooner found without the index."""
    text = filters.get("q")
    values = [value for value in params.getlist("q") if value.strip()]
    return isinstance(text, Text) and bool(values) and text.is_common(model, values)


def has_text(params, filters: dict[str, Callable]) -> bool:
    """Whether the query string looks for words, by `q` or within `where`."""
    where = filters.get("where")
    return bool(params.get("q")) or (isinstance(where, Where) and where.has_text(params.getlist("where")))


def _crime(queryset, values, params, user):
    _codes_exist(Crime, values, "crime")
    return queryset.filter(crime_codes__overlap=values)


def _place(queryset, values, params, user):
    _codes_exist(Place, values, "place")
    return queryset.filter(place_path__overlap=values)


def _place_only(queryset, values, params, user):
    """Where no narrower place is known: the place itself, without those within it; or no place at all."""
    codes = [value for value in values if value != NO_PLACE]
    _codes_exist(Place, codes, "place_only")
    return queryset.filter(Q(place__in=codes) | Q(place=None) if NO_PLACE in values else Q(place__in=codes))


def _codes_exist(model, values, name):
    if absent := missing(model, values):
        raise Invalid(_("There is no “%(code)s” in the reference data.") % {"code": absent[0][:80]}, field=name)


def _day(value: str, name: str, *, last: bool) -> datetime.date:
    """A year, a month or a day; the first or last day of it."""
    from evidence.edtf import EdtfError, parse

    try:
        read = parse(value)
    except EdtfError:
        read = None
    if read is None or read.precision not in ("day", "month", "year") or read.out_of_range:
        raise Invalid(_("Write a year, a month or a day: 2009, 2009-03 or 2009-03-14."), field=name)
    return read.latest if last else read.earliest


def _in_order(first: str | None, last: str, name: str) -> None:
    """Invalid where a time ends before it begins. What is no time is told of elsewhere."""
    try:
        is_reversed = first and last and _day(first, name, last=False) > _day(last, name, last=True)
    except Invalid:
        return
    if is_reversed:
        said = {"first": first, "last": last}
        raise Invalid(_("Write the earlier one first: %(last)s is before %(first)s.") % said, field=name)


def _date_from(queryset, values, params, user):
    """Overlap with the EDTF range: what may have happened on or after the day."""
    day = _day(values[-1], "date_from", last=False)
    return queryset.exclude(date_sort=UNDATED).filter(Q(date_latest__gte=day) | Q(date_latest__isnull=True))


def _date_to(queryset, values, params, user):
    day = _day(values[-1], "date_to", last=True)
    _in_order(params.get("date_from"), values[-1], "date_to")
    return queryset.exclude(date_sort=UNDATED).filter(Q(date_earliest__lte=day) | Q(date_earliest__isnull=True))


def _began(queryset, values, params, user):
    """The first day of the date lies in a year, month or day, or in a range of them; or there is no date."""
    wanted = Q()
    for value in values:
        if value == UNDATED_WORD:
            wanted |= Q(date_sort=UNDATED)
            continue
        first, dots, last = value.partition(RANGE)
        _in_order(first, last, "began")
        within = Q(date_sort__gte=_day(first, "began", last=False)) if first else ~Q(date_sort=UNDATED)
        if not dots or last:
            within &= Q(date_sort__lte=_day(last if dots else first, "began", last=True))
        wanted |= within
    return queryset.filter(wanted)


def _dates(queryset, values, params, user):
    (value,) = known(values[-1:], ("certain", "all"), "dates")
    return queryset.filter(date_is_certain=True) if value == "certain" else queryset


def _one_of(field, allowed, *, integer=False):
    def apply(queryset, values, params, user):
        known(values, [str(value) for value in allowed], field)
        return queryset.filter(**{f"{field}__in": [int(value) for value in values] if integer else values})

    return apply


def _term(field, vocabulary):
    def apply(queryset, values, params, user):
        terms = Term.objects.filter(vocabulary_id=vocabulary).values_list("code", flat=True)
        return queryset.filter(**{f"{field}__in": known(values, terms, field)})

    return apply


def _related(model, path, name):
    """A secured record the person may see, by id or code; a hidden one finds nothing, like a missing one."""

    def apply(queryset, values, params, user):
        seen = model.objects.permitted(user) if hasattr(model.objects, "permitted") else model.objects.all()
        rows = [row.pk for value in values if (row := find(seen, value))]
        return queryset.filter(**{f"{path}__in": rows}) if rows else queryset.none()

    return apply


def _incident_person(queryset, values, params, user):
    rows = [row.pk for value in values if (row := find(Person.objects.permitted(user), value))]
    involved = Involvement.objects.filter(act__incident=OuterRef("pk"), ended_at=None, act__ended_at=None)
    return queryset.filter(Exists(involved.filter(person__in=rows))) if rows else queryset.none()


def _incident_organisation(queryset, values, params, user):
    rows = [row.pk for value in values if (row := find(Organisation.objects.all(), value))]
    involved = Involvement.objects.filter(act__incident=OuterRef("pk"), organisation__in=rows)
    return queryset.filter(Exists(involved)) if rows else queryset.none()


def _classification(queryset, values, params, user):
    known(values, Classification.Status.values, "classification")
    return queryset.filter(classified_as__in=classified_with(values))


def _source_grade(queryset, values, params, user):
    from evidence.models import Grading

    seen = Grading.objects.permitted(user)
    wanted = Q()
    for value in values:
        if len(value) not in (1, 2) or value[0] not in "ABCDEF" or (value[1:] and value[1:] not in "123456"):
            raise Invalid(_("Write a grade like B2, or a reliability like B."), field="source_grade")
        wanted |= Q(reliability=value[0], **({"credibility": value[1]} if value[1:] else {}))
    graded = seen.filter(wanted).values("source")
    return queryset.filter(Exists(Documentation.objects.filter(incident=OuterRef("pk"), source__in=graded)))


def _bbox(queryset, values, params, user):
    try:
        west, south, east, north = (Decimal(part) for part in values[-1].split(","))
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError
    except (ValueError, InvalidOperation):
        raise Invalid(_("Write west,south,east,north in decimal degrees: 124,37.5,131,43.1."), field="bbox")
    within = queryset.filter(latitude__gte=south, latitude__lte=north)
    if west <= east:
        return within.filter(longitude__gte=west, longitude__lte=east)
    return within.filter(Q(longitude__gte=west) | Q(longitude__lte=east))


def _updated_since(queryset, values, params, user):
    try:
        moment = parse_datetime(values[-1])
        if moment is None and (day := parse_date(values[-1])):
            moment = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
        # In UTC, since the calendar may end between the one zone and the other.
        moment = moment and (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise Invalid(_("Write an instant like 2026-01-31T08:00:00Z."), field="updated_since")
    return queryset.filter(updated_at__gte=moment)


def _mine(queryset, values, params, user):
    known(values, ("yes",), "mine")
    return queryset.filter(created_by=user)


def _ids(queryset, values, params, user):
    try:
        return queryset.filter(pk__in=[uuid.UUID(value) for value in values])
    except ValueError:
        raise Invalid(_("Write record ids (UUIDs)."), field="id")


_LEVELS = _one_of("effective_level", Clearance.values, integer=True)
_COLLECTION = _related(Collection, "collection", "collection")

INCIDENT_FILTERS: dict[str, Callable] = {
    "q": Text(),
    "crime": _crime,
    "date_from": _date_from,
    "date_to": _date_to,
    "dates": _dates,
    "began": _began,
    "year": by_year,
    "place": _place,
    "place_only": _place_only,
    "status": _one_of("review_status", ReviewStatus.values),
    "verification": _term("verification_status", "verification_status"),
    "confidentiality": _LEVELS,
    "collection": _COLLECTION,
    "person": _incident_person,
    "organisation": _incident_organisation,
    "classification": _classification,
    "source_grade": _source_grade,
    "victim_sex": by_victim_sex,
    "without": without,
    "bbox": _bbox,
    "updated_since": _updated_since,
    "mine": _mine,
    "id": _ids,
}
INCIDENT_FILTERS["where"] = Where(INCIDENT_FILTERS)
ITEM_FILTERS: dict[str, Callable] = {
    "q": PagedText(),
    "kind": _term("kind", "evidence_item_type"),
    "confidentiality": _LEVELS,
    "collection": _COLLECTION,
    "updated_since": _updated_since,
    "mine": _mine,
}
PERSON_FILTERS: dict[str, Callable] = {
    "q": NamedText(),
    "risk": _term("risk", "risk_level"),
    "confidentiality": _LEVELS,
    "collection": _COLLECTION,
    "updated_since": _updated_since,
}
SOURCE_FILTERS: dict[str, Callable] = {
    "q": Text(),
    "kind": _term("kind", "source_type"),
    "confidentiality": _LEVELS,
    "collection": _COLLECTION,
    "updated_since": _updated_since,
}
