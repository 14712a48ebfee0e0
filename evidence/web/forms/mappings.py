"""Forms that make a mapping without JSON: a sample of the table, then what each of its columns becomes.

The sample is not kept on the server: its column names and first values travel in a hidden field, bounded.
"""

import csv
import json
import re

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from evidence.importing import TableError
from evidence.importing.columns import (
    MARKS,
    ONE,
    PRECISIONS,
    REPEATS,
    SHOWN_LENGTH,
    SHOWN_VALUES,
    SUGGESTED,
    Choices,
    Column,
    build_spec,
    sample_of,
)
from evidence.importing.dates import FORMATS
from evidence.importing.rows import Header
from evidence.reference import choices as terms
from evidence.web.forms.imports import NamedForm, open_upload

WHAT = (
    ("identifier", _("identifier")),
    ("title_en", _("title in English")),
    ("title_ko", _("title in Korean")),
    ("narrative_en", _("account in English")),
    ("narrative_ko", _("account in Korean")),
)
WHEN = (("date", _("date")), ("date_note", _("date in the source’s own words")))
WHERE = (
    ("place", _("place code")),
    ("place_detail", _("place as reported")),
    ("latitude", _("latitude")),
    ("longitude", _("longitude")),
)
WHO = (("count_min", _("victims, at least")), ("count_max", _("victims, at most")))
REST = (("tag", _("tag")), ("source", _("source: yes, no, does not apply")))
TARGETS = (
    ("", _("ignore (kept in the original row only)")),
    (_("What"), WHAT),
    (_("When"), WHEN),
    (_("Where"), WHERE),
    (_("Who"), WHO),
    (_("Sources and tags"), REST),
)
DATE_FORMATS = {
    "iso": _("2016-12-05, 2016-12 or 2016"),
    "iso-datetime": _("2016-12-05 14:30 (the day of it)"),
    "year": _("2016"),
    "month-year": _("Dec-2016, December 2016"),
    "day-month-year": _("5 Dec 2016"),
    "month-day-year": _("Dec 5, 2016"),
    "korean": _("2016년 12월 5일"),
    "y/m/d": _("2016/12/5, 2016. 12. 5."),
    "d/m/y": _("5/12/2016: day first"),
    "m/d/y": _("12/5/2016: month first"),
    "edtf": _("EDTF, such as 2009-21 or 2012~"),
}
MARK_WORDS = {"yes": "True, Yes, Y, 1", "no": "False, No, N, 0", "not_applicable": "N/A, -"}
# Names of columns that say plainly what they hold; the first column of a target wins.
GUESSES = (
    ("identifier", r"(event |case |incident |record )?(id|no\.?|number|code)|번호|식별자|사건번호"),
    ("title_en", r"(event |incident )?(title|headline|name|event)|제목|사건명|사건"),
    ("narrative_en", r"(event )?(description|narrative|account|summary|details|notes?)|내용|설명|개요|요약"),
    ("date", r"(event |incident |start )?date|date[ _]start|날짜|일자|일시|발생일"),
    ("latitude", r"lat(itude)?|위도"),
    ("longitude", r"(lon|lng|long)(gitude)?|경도"),
    ("place_detail", r"place|location|address|city|town|village|where[ _]description|장소|지역|주소|위치"),
    ("count_min", r"low|victims?|killed|deaths?|fatalities|피해자 ?수|사망자 ?수"),
    ("count_max", r"high"),
    ("tag", r"tags?|type|category|kind|분류|유형|종류"),
)
HANGUL = re.compile("[가-힣]")


class SampleForm(forms.Form):
    """The first step: a file whose columns are read, or their names."""

    file = forms.FileField(
        label=_("A table like those you will import"),
        required=False,
        help_text=_("CSV or XLSX. Its column names and a few values are shown in the next step; the file is not kept."),
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,.xlsx"}),
        error_messages={"empty": _("The file is empty.")},
    )
    names = forms.CharField(
        label=_("Or the column names"),
        required=False,
        max_length=200_000,
        help_text=_("One a line, or the first row copied out of a spreadsheet."),
        widget=forms.Textarea({"rows": 5}),
    )

    def clean(self):
        """`columns` becomes the list of Column."""
        data = super().clean()
        source = "file" if data.get("file") else "names"
        if self.errors:
            return data
        if not data.get(source):
            self.add_error("file", gettext("Choose a file, or write the column names below."))
            return data
        try:
            data["columns"] = sample_of(open_upload(data["file"])) if data["file"] else _read_names(data["names"])
        except TableError as error:
            self.add_error(source, str(error))
        return data


def _read_names(text: str) -> list[Column]:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) == 1:
        delimiter = next((mark for mark in "\t;" if mark in lines[0]), ",")
        lines = next(csv.reader(lines, delimiter=delimiter), [])
    return [Column(name) for name in Header.read(line.strip() for line in lines).names]


class ColumnsForm(NamedForm):
    """The second step: what each column becomes."""

    sample = forms.CharField(widget=forms.HiddenInput, max_length=1_000_000)
    formats = forms.MultipleChoiceField(
        label=_("How dates are written"),
        required=False,
        choices=list(DATE_FORMATS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what is ticked is tried. A date written otherwise makes an error of its row, never a guess."),
    )
    title_en_made = forms.CharField(
        label=_("English title made of columns"),
        required=False,
        max_length=1000,
        help_text=_("For tables without a title. Column names stand in braces: Shelling in {city}, {@date}"),
    )
    title_ko_made = forms.CharField(
        label=_("Korean title made of columns"), required=False, max_length=1000, widget=forms.TextInput({"lang": "ko"})
    )
    precision = forms.ChoiceField(label=_("How precise are the places?"), required=False)
    by_content = forms.BooleanField(
        label=_("No column identifies a row: know it by all that it holds"),
        required=False,
        help_text=_("A row that is changed in the source then counts as a new incident. An identifier is better."),
    )
    repeats = forms.ChoiceField(
        label=_("Two rows with the same identifier"),
        initial=REPEATS[0],
        choices=[
            (REPEATS[0], _("refuse the second")),
            (REPEATS[1], _("are two incidents, counted in the table’s order")),
        ],
        widget=forms.RadioSelect,
    )
    source = forms.CharField(
        label=_("Source of the whole table"),
        required=False,
        max_length=300,
        help_text=_("Every incident then says that this source documented it."),
    )
    yes = forms.CharField(label=_("Texts that mean yes"), required=False, max_length=300)
    no = forms.CharField(label=_("Texts that mean no"), required=False, max_length=300)
    not_applicable = forms.CharField(label=_("Texts that mean “does not apply”"), required=False, max_length=300)

    def __init__(self, *args, columns: list[Column], **kwargs):
        super().__init__(*args, **kwargs)
        self.columns = columns
        words = dict(terms("location_precision"))
        self.fields["precision"].choices = [(code, words.get(code, code)) for code in PRECISIONS[::-1]]
        taken: set[str] = set()
        for number, column in enumerate(columns):
            guess = _guess(column, taken)
            self.fields[f"becomes_{number}"] = forms.ChoiceField(
                label=column.name, choices=TARGETS, required=False, initial=guess
            )
            if guess == "date":
                self.initial.setdefault("formats", list(column.formats))
        self.initial |= {"sample": write_sample(columns), **MARK_WORDS}

    @property
    def rows(self) -> list[tuple]:
        """(column, its bound select) for the template."""
        return [(column, self[f"becomes_{number}"]) for number, column in enumerate(self.columns)]

    def clean(self):
        """`spec` becomes what was chosen, as a specification."""
        data = super().clean()
        chosen: dict[str, list[str]] = {}
        for number, column in enumerate(self.columns):
            target = data.get(f"becomes_{number}")
            if target in ONE and target in chosen:
                self.add_error(f"becomes_{number}", gettext("“%(other)s” becomes this already; only one column can.")
                               % {"other": chosen[target][0]})  # fmt: skip
            elif target:
                chosen.setdefault(target, []).append(column.name)
        self._check(data, chosen)
        if not self.errors:
            data["spec"] = self._spec(data, chosen)
        return data

    def _check(self, data: dict, chosen: dict) -> None:
        titles = [data.get(name) for name in ("title_en_made", "title_ko_made")]
        if not (chosen.get("title_en") or chosen.get("title_ko") or any(titles)):
            self.add_error("title_en_made", gettext("Choose a column for the title, or say what a title is made of."))
        if not chosen.get("identifier") and not data.get("by_content"):
            self.add_error("by_content", gettext("Choose the column that identifies a row, or tick this."))
        if chosen.get("date") and not data.get("formats"):
            self.add_error("formats", gettext("Tick how the dates are written."))
        if {"d/m/y", "m/d/y"} <= set(data.get("formats") or ()):
            self.add_error("formats", gettext("Day first or month first: tick one. Most dates fit both."))
        if ("latitude" in chosen) != ("longitude" in chosen):
            self.add_error(None, gettext("A latitude and a longitude need each other: choose a column for both."))
        if chosen.get("place") and data.get("precision") == "unknown":
            self.add_error("precision", gettext("Say how precise the place codes are."))
        if chosen.get("source") and not data.get("yes"):
            self.add_error("yes", gettext("Write what stands in the columns of sources."))

    def _spec(self, data: dict, chosen: dict) -> dict:
        order = [name for name in SUGGESTED if name in data["formats"]]
        choices = Choices(
            columns=chosen,
            formats=[*order, *(name for name in FORMATS if name in data["formats"] and name not in order)],
            optional=[column.name for column in self.columns if not column.everywhere],
            repeats=data["repeats"],
            precision=data.get("precision") or "unknown",
            titles={"en": data["title_en_made"], "ko": data["title_ko_made"]},
            marks={name: [text for part in data[name].split(",") if (text := part.strip())] for name in MARKS},
            source=data["source"],
        )
        return build_spec(data["slug"], {"en": data["name_en"], "ko": data["name_ko"]}, choices)


def _guess(column: Column, taken: set[str]) -> str:
    """What a column becomes by its name; Hangul in its values makes titles and accounts Korean."""
    for target, pattern in GUESSES:
        if re.fullmatch(pattern, column.name.strip().casefold()):
            if target.endswith("_en") and any(HANGUL.search(value) for value in column.values):
                target = target.removesuffix("en") + "ko"
            if target not in taken:
                taken.add(target)
                return target
    return ""


def write_sample(columns: list[Column]) -> str:
    rows = [[column.name, list(column.values), list(column.formats), column.everywhere] for column in columns]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def read_sample(text: str) -> list[Column]:
    """The columns out of the hidden field; raises ValueError when somebody else wrote it."""
    try:
        columns = [
            Column(name, tuple(values), tuple(formats), everywhere is True)
            for name, values, formats, everywhere in json.loads(text)
        ]
        names = [column.name for column in columns]
        sound = list(Header.read(names).names) == names and all(map(_sound, columns))
    except (TypeError, RecursionError, TableError) as error:
        raise ValueError("not a sample") from error
    if not sound:
        raise ValueError("not a sample")
    return columns


def _sound(column: Column) -> bool:
    texts = (column.name, *column.values)
    return (
        len(column.values) <= SHOWN_VALUES
        and all(isinstance(text, str) and _storable(text) for text in texts)
        and all(len(text) <= SHOWN_LENGTH for text in column.values)
        and set(column.formats) <= set(FORMATS)
    )


def _storable(text: str) -> bool:
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)
