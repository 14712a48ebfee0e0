"""A mapping for people who write no JSON: "this column becomes that" into a specification, with guesses from a sample.

What a specification means is in `mapping`; nothing here reads a file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from evidence.importing.dates import read_date
from evidence.importing.drafting import PLACE_PRECISIONS
from evidence.importing.errors import CellError
from evidence.importing.mapping import ERROR, FORMAT, NUMBER
from evidence.importing.sources import DOCUMENTED
from evidence.importing.tables import Table
from evidence.importing.text import as_text

# What a column can become; those in MANY may be chosen for several columns.
ONE = ("title_en", "title_ko", "date", "date_note", "place", "place_detail", "latitude", "longitude",
       "count_min", "count_max")  # fmt: skip
MANY = ("identifier", "narrative_en", "narrative_ko", "tag", "source")
REPEATS = (ERROR, NUMBER)
PRECISIONS = PLACE_PRECISIONS
MARKS = DOCUMENTED
SAMPLE_ROWS = 200
SHOWN_VALUES = 3
SHOWN_LENGTH = 80
# In this order: the first that fits the most values is suggested. 'year' is within 'iso', 'edtf' accepts nearly all.
SUGGESTED = ("iso", "iso-datetime", "month-year", "day-month-year", "month-day-year", "korean", "y/m/d", "d/m/y",
             "m/d/y", "edtf")  # fmt: skip
AMBIGUOUS = ("d/m/y", "m/d/y")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sample: its first values, the date formats that read them, whether every sheet has it."""

    name: str
    values: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    everywhere: bool = True


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen for a mapping. `columns` holds the column names of each target of ONE and MANY.

    `titles` are templates for tables without a title column, by language. `marks` are the texts that mean each of
    MARKS in the columns of sources. `source` names one source of all rows.
    """

    columns: dict[str, list[str]]
    formats: Sequence[str] = ()
    optional: Sequence[str] = ()
    repeats: str = ERROR
    precision: str = "unknown"
    titles: dict[str, str] = field(default_factory=dict)
    marks: dict[str, list[str]] = field(default_factory=dict)
    source: str = ""


def sample_of(table: Table) -> list[Column]:
    """Return the columns of all sheets, in order, with what their first rows hold.

    Raises:
        TableError: a sheet has no usable header, or the file cannot be read.
    """
    found: dict[str, list[str]] = {}
    sheets = [table.columns(sheet) for sheet in table.sheets]
    for sheet in table.sheets:
        for name in table.columns(sheet):
            found.setdefault(name, [])
        for row, _count in zip(table.rows(sheet), range(SAMPLE_ROWS), strict=False):
            for name, value in row.values.items():
                if text := as_text(value):
                    found[name].append(text)
    return [
        Column(
            name,
            tuple(dict.fromkeys(text[:SHOWN_LENGTH] for text in values)) [:SHOWN_VALUES],
            tuple(suggest_formats(values)),
            all(name in sheet for sheet in sheets),
        )
        for name, values in found.items()
    ]  # fmt: skip


def suggest_formats(values: Iterable[str]) -> list[str]:
    """Return the fewest date formats that read all `values`, [] if some stay unread.

    Day and month that could stand either way round are left to the person: neither format is suggested.
    """
    left, chosen = [value for value in values if value], []
    while left:
        read = {name: [value for value in left if _reads(value, name)] for name in SUGGESTED}
        best = max(SUGGESTED, key=lambda name: len(read[name]))
        if not read[best]:
            return []
        if best not in AMBIGUOUS or len(read[AMBIGUOUS[0]]) != len(read[AMBIGUOUS[1]]):
            chosen.append(best)
        left = [value for value in left if value not in read[best]]
    return chosen


def _reads(value: str, name: str) -> bool:
    try:
        return bool(read_date(value, [name], ""))
    except CellError:
        return False


def build_spec(name: str, label: dict[str, str], choices: Choices) -> dict:
    """Return a specification for `Mapping.from_dict`, which tells what of it cannot be used."""
    columns = choices.columns
    spec: dict = {
        "format": FORMAT,
        "name": name,
        "label": {"en": label["en"], "ko": label["ko"]},
        "identity": _identity(columns.get("identifier", []), choices.repeats),
        "fields": _fields(choices),
    }
    define = {f"{target}{i}": {"column": c} for target in _JOINED for i, c in enumerate(columns.get(target, []), 1)}
    entries = {
        "optional_columns": [column for column in choices.optional if any(column in used for used in columns.values())],
        "define": define,
        "acts": _acts(columns),
        "sources": _sources(choices),
        "tags": [{"column": column} for column in columns.get("tag", [])],
    }
    return spec | {key: entry for key, entry in entries.items() if entry}


_JOINED = ("narrative_en", "narrative_ko")


def _identity(columns: Sequence[str], repeats: str) -> dict:
    """By the identifiers; by a digest of them where a template could not name them; else by the whole row."""
    if not columns:
        return {"content": "all", "repeats": repeats}
    if any(set(column) & set("{}[]") or column[0] in "$@" for column in columns):
        return {"content": list(columns), "repeats": repeats}
    return {"template": " ".join(f"{{{column}}}" for column in columns), "repeats": repeats}


def _fields(choices: Choices) -> dict:
    columns = choices.columns
    plain = ("title_en", "title_ko", "date_note", "place", "place_detail", "latitude", "longitude")
    fields: dict = {target: {"column": columns[target][0]} for target in plain if columns.get(target)}
    for language, template in choices.titles.items():
        if template:
            fields.setdefault(f"title_{language}", template)
    for target in _JOINED:
        if count := len(columns.get(target, [])):
            # A paragraph a column; an empty one leaves no gap.
            fields[target] = "".join(f"[\n\n{{${target}{number}}}]" for number in range(1, count + 1))
    if columns.get("date"):
        fields["date"] = {"value": {"column": columns["date"][0]}, "formats": list(choices.formats)}
    located = columns.get("place") or columns.get("latitude")
    if located:
        # Only where the row names a place: an empty cell is not a place of some precision.
        constant = {"template": choices.precision}
        fields["place_precision"] = {"column": located[0], "lookup": {}, "else": constant}
    return fields


def _acts(columns: dict[str, list[str]]) -> list[dict]:
    counts = {target: {"column": columns[target][0]} for target in ("count_min", "count_max") if columns.get(target)}
    if not counts:
        return []
    return [{"involvements": [{"role": "victim", **counts}]}]


def _sources(choices: Choices) -> list[dict]:
    found: list[dict] = []
    if choices.source:
        found.append({"title": _literal(choices.source)})
    if matrix := choices.columns.get("source"):
        marks = {meaning: texts for meaning, texts in choices.marks.items() if texts}
        found.append({"matrix": {"columns": list(matrix), "values": marks}})
    return found


def _literal(text: str) -> str:
    """The text as a template of itself."""
    return "".join(character * 2 if character in "{}[]" else character for character in text)
