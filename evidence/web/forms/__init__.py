"""The forms of the pages: shape only. What a value may be is checked by the verbs; `acting` shows their refusals.

Here: fields that several forms share. Text that cannot be stored (NUL, lone surrogates) is refused before any verb.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import Refused, Stale
from accounts.grants import Permission
from evidence.models import Collection
from evidence.models.codes import read_code
from evidence.models.record import Level
from evidence.reference import choices
from evidence.web.forms.acting import ActForm
from evidence.web.forms.incidents import named

EDTF_HELP = gettext_lazy("As exact as the source is: 2009-03-14, 2009-03, 2009, 2009-21 (spring), 199X, 2009~ (about).")


def no_lone_surrogates(value: str) -> None:
    """Such text has no UTF-8 form: it could be neither stored nor sent back."""
    if any(0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise ValidationError(_("This text holds characters that cannot be stored. Paste it as plain text."))


class Text(forms.CharField):
    """Text of any length; the verbs say how much is kept. `rows` 1 is a line that grows, more is a text area."""

    def __init__(self, *, label, rows: int = 1, lang: str = "", sealed: bool = False, attrs=None, **kwargs):
        own = {"class": "area one" if rows == 1 else "area", "rows": rows} | ({"lang": lang} if lang else {})
        # What is sealed here must not end up in a browser's memory of filled forms, nor at its spelling service.
        own |= {"autocomplete": "off", "spellcheck": "false"} if sealed else {}
        kwargs.setdefault("required", False)
        super().__init__(label=label, widget=forms.Textarea(own | (attrs or {})), **kwargs)
        self.validators.append(no_lone_surrogates)


class Reason(Text):
    """Why something is done."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", gettext_lazy("Reason"))
        kwargs.setdefault("help_text", gettext_lazy("Kept in the ledger. Name nobody who has to be protected."))
        super().__init__(required=True, rows=2, **kwargs)


class ReasonForm(ActForm):
    """An act that needs nothing but a reason."""

    reason = Reason()


class Dated(forms.CharField):
    """An EDTF date that is read back while it is typed, by edtf.js and `partials/_edtf_reading.html`."""

    def __init__(self, *, label, output: str, **kwargs):
        attrs = {
            "data-edtf": "", "data-src": reverse_lazy("suggest-date"), "data-output": output,
            "autocomplete": "off", "spellcheck": "false",
        }  # fmt: skip
        kwargs.setdefault("help_text", EDTF_HELP)
        super().__init__(label=label, required=False, max_length=64, widget=forms.TextInput(attrs), **kwargs)


class Files(forms.FileField):
    """One or several uploaded files as a list; each non-empty."""

    class Input(forms.ClearableFileInput):
        allow_multiple_selected = True

    def __init__(self, **kwargs):
        super().__init__(widget=self.Input({"multiple": True}), **kwargs)

    def clean(self, data, initial=None):
        given = data if isinstance(data, (list, tuple)) else [data]
        files = [super(Files, self).clean(one, initial) for one in given if one]
        if not files and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return files


def collection_choices(user) -> list[tuple[str, str]]:
    """Collections the person may add to: (id, name with code and the level of new records)."""
    rows = Collection.objects.permitted(user, Permission.CONTRIBUTE).order_by("name_en", "pk")
    return [
        (
            str(row.pk),
            _("%(name)s – new records: %(level)s") % {"name": named(row), "level": Level(row.level_for_new).label},
        )
        for row in rows
    ]


def level_choices(user, *, least: int = 0, preset: bool = False) -> list[tuple]:
    """Levels the person could still open herself, from `least` up; with `preset`, first that of the collection."""
    levels = [(str(rank), label) for rank, label in Level.choices if least <= rank <= user.clearance]
    return ([("", _("As the collection presets it"))] if preset else []) + levels


def grouped(vocabulary: str, *, empty: str | None = None) -> list:
    """Choices of a vocabulary of two levels, as <optgroup>s: the heading itself first, then what is below it."""
    groups: dict[str, list] = {}
    for code, label in choices(vocabulary):
        groups.setdefault(code.split(".")[0], []).append((code, label))
    first = [("", empty)] if empty is not None else []
    return first + [(rows[0][1], rows) if len(rows) > 1 else rows[0] for rows in groups.values()]


def optional(vocabulary: str) -> list[tuple[str, str]]:
    """Choices of a vocabulary with an empty one first."""
    return [("", "—"), *choices(vocabulary)]


def chosen_code(typed: str, hidden: str) -> str:
    """What a combobox says: the code its text begins with, else the choice kept beside it, else the text itself."""
    return typed and (read_code(typed.split(" ")[0]) or hidden or typed)


class RecordForm(ActForm):
    """A form of a record: new (with `collection`), or of an existing one (with `version` and a reason)."""

    unlike: tuple[str, ...] = ("reason", "version")  # fields that a conflict does not compare
    conflict: list[dict] | None = None
    reason = Text(label=gettext_lazy("Reason for the change"), help_text=gettext_lazy("Kept in the history."))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, user, record=None, **kwargs):
        if record is not None:
            kwargs["initial"] = self.initial_of(record, user) | {"version": record.version}
        super().__init__(*args, **kwargs)
        self.user, self.record, self.fresh = user, record, record is None
        if self.fresh:
            del self.fields["reason"], self.fields["version"]
            self.fields["collection"].choices = collection_choices(user)
            self.fields["confidentiality"].choices = level_choices(user, preset=True)
        else:
            del self.fields["collection"]
            self.fields["confidentiality"].choices = level_choices(user, least=record.confidentiality)

    def initial_of(self, record, user) -> dict:
        raise NotImplementedError

    def chosen_collection(self):
        """The chosen collection, through the gate again."""
        rows = Collection.objects.permitted(self.user, Permission.CONTRIBUTE)
        return rows.get(pk=self.cleaned_data["collection"])

    def refuse(self, error: Refused) -> int:
        """Show a verb's refusal at its fields; returns the HTTP status of the page."""
        if isinstance(error, Stale):
            self._face(error)
            return 409
        return super().refuse(error)

    def _face(self, error: Stale) -> None:
        """Somebody saved meanwhile: `conflict` says where the two differ, and the next save goes on top knowingly."""
        record = type(self.record).objects.permitted(self.user).get(pk=self.record.pk)
        now = type(self)(user=self.user, record=record)
        self.conflict = [
            {"label": field.label, "now": _shown(now[field.name]), "yours": _shown(field)}
            for field in self
            if field.name not in self.unlike and _shown(now[field.name]) != _shown(field)
        ]
        self.add_error(None, str(error))
        self.data = self.data.copy()
        self.data["version"] = str(record.version)


def _shown(field: forms.BoundField) -> str:
    """The value of a field in words."""
    value = field.value()
    options: dict[str, str] = {}
    for code, label in getattr(field.field, "choices", ()):
        options |= {str(c): str(w) for c, w in label} if isinstance(label, (list, tuple)) else {str(code): str(label)}
    values = value if isinstance(value, (list, tuple)) else [value]
    return ", ".join(options.get(str(one), str(one)) for one in values if one not in (None, ""))
