"""Statistics: how many incidents, or victims, of those one may see, by up to three of crime, place, year, sex, status.

One statement counts: groups within the gate's parts first, then the codes of the level that is asked, then the totals.
"""

from dataclasses import dataclass, field

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from evidence.models import Incident
from evidence.search.counting import Budget, Counted, counted
from evidence.search.filters import INCIDENT_FILTERS
from evidence.search.suppression import TOTAL, left_out
from evidence.search.values import Unknown, known
from evidence.search.years import DEEPEST, WORDS, crimes_at, victims, year_of

DIMENSIONS = ("crime", "place", "year", "sex", "status")
MEASURES = ("incidents", "victims")
OWN = ("group_by", "measure", "crime_level", "place_level", "suppress")
NONE = "none"  # the code of what is not known, or not at the level that is asked
MOST_CELLS = 20_000
SECONDS = 15.0
Key = tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What is counted, by what. Levels count from the top: 1 is the first. `suppress`: numbers below it, 0 for none."""

    group_by: tuple[str, ...]
    measure: str
    crime_level: int = 1
    place_level: int = 2
    suppress: int = 0


@dataclass(frozen=True)
class Number:
    """A count; None where it was left out."""

    count: int | None

    @property
    def is_suppressed(self) -> bool:
        return self.count is None


@dataclass(frozen=True)
class Statistics:
    """Cells by the codes of all dimensions; totals of rows (all dimensions but the last) and columns (the last), where
    there are two dimensions or more; the total of what was counted, an incident once. A cell that is absent is zero."""

    question: Question
    total: Number
    cells: dict[Key, Number] = field(default_factory=dict)
    rows: dict[Key, Number] = field(default_factory=dict)
    columns: dict[Key, Number] = field(default_factory=dict)


def question_of(params) -> Question:
    """What a query string asks; raises Invalid naming the parameter. Filters are read by `narrow`."""
    if unknown := [name for name in params if name not in OWN and name not in INCIDENT_FILTERS]:
        sentence = _("There is no such parameter. Known: %(known)s.")
        raise Invalid(Unknown(sentence, [*OWN, *INCIDENT_FILTERS]), field=unknown[0])
    named = [name for text in params.getlist("group_by") for name in text.split(",") if name]
    known(named, DIMENSIONS, "group_by")
    if not 1 <= len(named) <= 3 or len(set(named)) < len(named):
        names = ", ".join(DIMENSIONS)
        raise Invalid(_("Group by one to three of: %(known)s.") % {"known": names}, field="group_by")
    asked = params.get("measure") or ("victims" if "sex" in named else "incidents")
    (measure,) = known([asked], MEASURES, "measure")
    if "sex" in named and measure != "victims":
        raise Invalid(_("Incidents have no sex: with it, count victims."), field="measure")
    levels = [_number(params, name, 1, DEEPEST, usual) for name, usual in (("crime_level", 1), ("place_level", 2))]
    return Question(tuple(named), measure, *levels, _number(params, "suppress", 2, 1000, 0))


def _number(params, name: str, least: int, most: int, usual: int) -> int:
    text = params.get(name)
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
        raise Invalid(_("Write a number from %(least)d to %(most)d.") % {"least": least, "most": most}, field=name)
    return int(text)


def statistics(params, *, user) -> Statistics:
    """Count what this person may see, by the query string. Raises Invalid, also where it takes too long."""
    question = question_of(params)
    filters = params.copy()
    for name in OWN:
        filters.pop(name, None)
    found = counted(Incident, filters, INCIDENT_FILTERS, user=user)
    with Budget(SECONDS, memory="64MB") as budget:
        rows = budget.spend(lambda: _counts(question, found, user))
    if rows is None:
        raise Invalid(_("Counting this takes too long. Group by less, or add a filter."), field="group_by")
    if len(rows) > MOST_CELLS:
        most = f"{MOST_CELLS:,}"
        raise Invalid(
            _("This has more than %(most)s numbers. Group by less, or narrow it.") % {"most": most}, field="group_by"
        )
    return _arranged(question, rows)


def _arranged(question: Question, rows: list[tuple]) -> Statistics:
    last = len(question.group_by) - 1
    parts: dict[str, dict[Key, int]] = {"cell": {}, "row": {}, "column": {}, "total": {}}
    for part, *codes, number in rows:
        if number:
            wanted = {"cell": codes, "row": codes[:last], "column": codes[last:], "total": ()}[part]
            parts[part][tuple(_code(code) for code in wanted)] = int(number)
    table = {(key[:-1], key[-1]): number for key, number in parts["cell"].items()}
    table |= {(key, TOTAL): number for key, number in parts["row"].items()}
    table |= {(TOTAL, key[0]): number for key, number in parts["column"].items()}
    # The total of a table of one dimension is that of its only row.
    total = ((TOTAL, TOTAL) if last else ((), TOTAL)), parts["total"].get((), 0)
    table |= dict([total])
    # Crimes overlap: a row of crimes does not add up to its total, nor does a column of them.
    sums = question.group_by[last] != "crime", "crime" not in question.group_by[:last]
    out = left_out(table, question.suppress, sums=sums) if question.suppress else set()

    def shown(place, number) -> Number:
        return Number(None if place in out else number)

    return Statistics(
        question,
        shown(*total),
        {key: shown((key[:-1], key[-1]), number) for key, number in parts["cell"].items()},
        {key: shown((key, TOTAL), number) for key, number in parts["row"].items()},
        {key: shown((TOTAL, key[0]), number) for key, number in parts["column"].items()},
    )


def _code(value) -> str:
    if isinstance(value, str):
        years = {str(number): word for word, number in WORDS.items()}
        return years.get(value, value)
    return NONE


def _counts(question: Question, found: Counted, user) -> list[tuple]:
    """[(cell, row, column or total; a code or None for each dimension; how many)]."""
    names = [f"d{number}" for number in range(len(question.group_by))]
    grouped, params = [], []
    for part in found.parts:
        try:
            sql, given = _groups(question, part.rows, user).query.sql_with_params()
        except EmptyResultSet:
            continue
        grouped.append(f"SELECT {', '.join(names)}, {part.sign:d} * n AS n FROM ({sql}) AS part")
        params += given
    if not grouped:
        return []
    listed, codes = _listed(question, names)
    sql = f"""
      WITH g AS MATERIALIZED (
        SELECT {", ".join(names)}, sum(n) AS n FROM ({" UNION ALL ".join(grouped)}) AS parts GROUP BY {", ".join(names)}
      ), e AS ({listed})
      {" UNION ALL ".join(_selects(question, names))} LIMIT {MOST_CELLS + 1}"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *codes])
        return cursor.fetchall()


def _listed(question: Question, names: list[str]) -> tuple[str, list]:
    """The groups with each crime of the level on a line of its own, instead of the list of all of them."""
    if "crime" not in question.group_by:
        return "SELECT * FROM g", []
    crime = names[question.group_by.index("crime")]
    columns = ", ".join(f"code AS {name}" if name == crime else name for name in names)
    codes = f"SELECT code FROM unnest(g.{crime}) AS code WHERE code = ANY(%s)"
    return f"SELECT {columns}, n FROM g LEFT JOIN LATERAL ({codes}) AS codes ON true", [crimes_at(question.crime_level)]


def _selects(question: Question, names: list[str]):
    """The cells, and the totals. Where crimes are added over, an incident is to count once: before they were listed."""
    rows, column = names[:-1], names[-1:]
    wanted = [("cell", names), *([("row", rows), ("column", column)] if rows else []), ("total", [])]
    for part, kept in wanted:
        crimes = [name for name, dimension in zip(names, question.group_by, strict=True) if dimension == "crime"]
        source = "e" if set(crimes) & set(kept) else "g"
        columns = ", ".join(f"{name}::text" if name in kept else "NULL::text" for name in names)
        grouping = f" GROUP BY {', '.join(kept)}" if kept else ""
        yield f"SELECT '{part}', {columns}, sum(n) FROM {source}{grouping}"


def _groups(question: Question, incidents: QuerySet, user) -> QuerySet:
    """How many of these incidents, or of their victims, by each dimension: columns d0, d1, … and n."""
    if question.measure == "victims":
        rows, path = victims(user).filter(act__incident__in=incidents.values("pk")), "act__incident__"
        number = Sum(Coalesce("count_min", Value(1)))  # of a group, the least that are known of
    else:
        rows, path, number = incidents, "", Count("*")
    of = {
        "crime": lambda: F(f"{path}crime_codes"),
        "place": lambda: F(f"{path}place_path__{question.place_level - 1}"),
        "year": lambda: year_of(path),
        "sex": lambda: F("sex"),
        "status": lambda: F(f"{path}review_status"),
    }
    dimensions = {f"d{place}": of[name]() for place, name in enumerate(question.group_by)}
    return rows.annotate(**dimensions).order_by().values(*dimensions).annotate(n=number)
