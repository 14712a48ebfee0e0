"""Forms of imports: the table with where it goes, and a mapping pasted as JSON. Columns are chosen in forms.mappings.

A table that cannot be imported at all is refused in the form, before anything of it is kept.
"""

import json
from pathlib import Path

from django import forms
from django.utils.text import slugify
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.grants import Permission
from evidence.importing import Mapping, MappingError, Table, TableError, open_table
from evidence.models import Collection, ImportMapping
from evidence.models.record import Level
from evidence.web.words import level

MAX_SPEC = 500_000  # characters


def named(row) -> str:
    """The name in the language of the page."""
    return row.name_ko if get_language() == "ko" and row.name_ko else row.name_en


def open_upload(upload) -> Table:
    """The uploaded file as a table, read where the upload handler put it; raises TableError."""
    return open_table(Path(upload.temporary_file_path()), upload.name)


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Table"),
        help_text=_("CSV or XLSX, at most 100 MB. Column names stand in the first row."),
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,.xlsx"}),
        error_messages={
            "empty": _("The file is empty."),
            "required": _("Choose the file. After an error it must be chosen again: browsers do not keep it."),
        },
    )
    mapping = forms.ChoiceField(
        label=_("Mapping"),
        help_text=_("Says which column becomes what."),
        error_messages={"required": _("Choose one.")},
    )
    collection = forms.ChoiceField(
        label=_("Collection"),
        help_text=_("Its members will see the incidents, as far as their clearance reaches."),
        error_messages={"required": _("Choose one.")},
    )
    confidentiality = forms.ChoiceField(label=_("Confidentiality"), required=False)
    dry_run = forms.BooleanField(
        label=_("Trial run first"),
        required=False,
        initial=True,
        help_text=_(
            "Tries every row and reports what would happen, but records nothing. You import for real afterwards."
        ),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        rows = Collection.objects.permitted(user, Permission.CONTRIBUTE).order_by("name_en")
        self.collections = {str(row.pk): row for row in rows}
        self.mappings = {row.slug: row for row in ImportMapping.objects.order_by("name_en")}
        self.fields["collection"].choices = [("", "—")] * (len(self.collections) != 1) + [
            (key, _collection_label(row)) for key, row in self.collections.items()
        ]
        self.fields["mapping"].choices = [("", "—"), *_grouped(self.mappings.values())]
        self.fields["confidentiality"].choices = [("", _("As the collection presets"))] + [
            (str(rank), label) for rank, label in Level.choices if rank <= user.clearance
        ]

    def clean(self):
        """The table must be readable and have the columns that the mapping reads."""
        data = super().clean()
        upload, mapping = data.get("file"), self.mappings.get(data.get("mapping"))
        if upload is None:
            return data
        try:
            table = open_upload(upload)
            for sheet in table.sheets if mapping else ():
                self._check_columns(table, sheet, Mapping.from_dict(mapping.spec))
        except TableError as error:
            self.add_error("file", str(error))
        except MappingError as error:
            self.add_error("mapping", str(error))
        return data

    def _check_columns(self, table: Table, sheet: str, mapping: Mapping) -> None:
        missing = mapping.missing_columns(table.columns(sheet))
        if not missing:
            return
        text = gettext(
            "The table lacks columns that this mapping reads: %(columns)s. "
            "Choose another mapping, or rename the columns."
        )
        if sheet:
            text = gettext(
                "Sheet “%(sheet)s” lacks columns that this mapping reads: %(columns)s. "
                "Choose another mapping, or rename the columns."
            )
        words = {"columns": ", ".join(missing[:12]), "sheet": sheet}
        self.add_error("mapping", text % words)


def _collection_label(row: Collection) -> str:
    preset = gettext("new records: %(level)s") % {"level": level(row.level_for_new)}
    return f"{named(row)} · {row.code} ({preset})"


def _grouped(mappings) -> list:
    groups = {True: [], False: []}
    for row in mappings:
        groups[row.is_shipped].append((row.slug, f"{named(row)} ({row.slug})"))
    labels = {False: gettext("Made here"), True: gettext("Shipped with the program")}
    return [(labels[shipped], groups[shipped]) for shipped in (False, True) if groups[shipped]]


class NamedForm(forms.Form):
    """What every mapping of one's own is called."""

    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    name_ko = forms.CharField(
        label=_("Name in Korean"), max_length=200, required=False, widget=forms.TextInput({"lang": "ko"})
    )
    slug = forms.CharField(
        label=_("Short name"),
        max_length=80,
        required=False,
        help_text=_("Small letters, digits and hyphens. Without one it is made from the English name."),
        widget=forms.TextInput({"spellcheck": "false", "autocapitalize": "none"}),
    )

    def clean(self):
        data = super().clean()
        data["slug"] = data.get("slug") or slugify(data.get("name_en") or "")[:80]
        if data.get("name_en") and not data["slug"]:
            self.add_error("slug", gettext("Give the mapping a short name in Latin letters."))
        return data


class SpecForm(NamedForm):
    """A specification as JSON, for those who know the format."""

    spec = forms.CharField(
        label=_("Specification"),
        max_length=MAX_SPEC,
        help_text=_("JSON, as documented for developers and as the API takes it."),
        widget=forms.Textarea({"rows": 14, "class": "area mono", "spellcheck": "false"}),
    )

    def clean_spec(self):
        try:
            return json.loads(self.cleaned_data["spec"])
        except json.JSONDecodeError as error:
            where = {"line": error.lineno, "column": error.colno, "reason": error.msg}
            raise forms.ValidationError(
                gettext("This is not JSON: line %(line)d, column %(column)d: %(reason)s.") % where
            )
        except (ValueError, RecursionError):
            raise forms.ValidationError(gettext("This JSON is nested too deeply, or holds a number that is too long."))
