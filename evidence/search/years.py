"""What statistics group by, as filters: so that every number is a list. A year is that of an incident whose date lies
within it, whole; dates over several years are uncertain here, and are no year's.
"""

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Cast, ExtractYear
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from evidence.models import Act, Crime, Involvement, Person
from evidence.recording.content import UNDATED
from evidence.search.values import known

UNCERTAIN, NO_DATE = -1, 0  # what year_of says where there is none; dates have no such years
WORDS = {"uncertain": UNCERTAIN, "undated": NO_DATE}
SEXES = ("female", "male", "other", "unknown")
WITHOUT = ("crime", "place")
DEEPEST = 5  # of crimes and of places


def year_of(path: str = "") -> Case:
    """The year of an incident as an expression; `path` leads to the incident."""
    first, last = ExtractYear(f"{path}date_earliest"), ExtractYear(f"{path}date_latest")
    return Case(
        When(**{f"{path}date_sort": UNDATED}, then=Value(NO_DATE)),
        When(
            Exact(first, last),  # not true where one of them is open
            then=Cast(first, IntegerField()),
        ),
        default=Value(UNCERTAIN),
        output_field=IntegerField(),
    )


def by_year(queryset, values, params, user):
    """`year=2011`, `year=uncertain`, `year=undated`."""
    wanted = Q()
    for value in values:
        if value == "undated":
            wanted |= Q(date_sort=UNDATED)
        elif value == "uncertain":
            wanted |= ~Q(date_sort=UNDATED) & (
                Q(date_earliest__isnull=True)
                | Q(date_latest__isnull=True)
                | Q(date_latest__year__gt=ExtractYear(F("date_earliest")))
            )
        elif value.isascii() and value.isdigit() and 1 <= int(value[:5]) <= 9999:
            wanted |= Q(date_earliest__year=int(value), date_latest__year=int(value))
        else:
            raise Invalid(_("Write a year like 2011, “uncertain” or “undated”."), field="year")
    return queryset.filter(wanted)


def without(queryset, values, params, user):
    """`without=crime`: none is alleged; `without=place`: none is known; `without=place:2`: none as close as that."""
    for value in values:
        name, _colon, level = value.partition(":")
        known([name], WITHOUT, "without")
        if level or value != name:
            known([level], [str(number) for number in range(1, DEEPEST + 1)], "without")
        queryset = queryset.filter(_none_of(name, int(level or 1)))
    return queryset


def _none_of(name: str, level: int) -> Q:
    if name == "place":
        return Q(place_path__len__lt=level)
    return Q(crime_codes=[]) if level == 1 else ~Q(crime_codes__overlap=crimes_at(level))


def crimes_at(level: int) -> list[str]:
    """The codes of the crimes at a level of their tree, from 1."""
    return [code for code, path in Crime.objects.values_list("pk", "path") if len(path) == level]


def victims(user):
    """Victims of acts in force, as far as the person may see them: people, named or not, without organisations."""
    rows = Involvement.objects.filter(role="victim", ended_at=None, act__ended_at=None, organisation=None)
    return rows.filter(Q(person=None) | Q(person__in=Person.objects.permitted(user).values("pk")))


def by_victim_sex(queryset, values, params, user):
    """`victim_sex=female`: incidents with such a victim."""
    chosen = victims(user).filter(sex__in=known(values, SEXES, "victim_sex"))
    acts = Act.objects.filter(incident=OuterRef("pk"), involvements__in=chosen)
    return queryset.filter(Exists(acts))
