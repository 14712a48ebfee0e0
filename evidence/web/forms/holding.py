"""Forms about what is held: opening a file, custody events, sealing, withdrawal, holds, retention, destruction."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evidence.handling import STATED
from evidence.reference import choices
from evidence.web.forms import EDTF_HELP, Dated, Reason, Text
from evidence.web.forms.acting import ActForm

KEPT = gettext_lazy("It is kept in the history. Name nobody who has to be protected.")
OTHER = "other"
PURPOSES = (
    ("case", gettext_lazy("Analysis for a case")),
    ("verify", gettext_lazy("Verifying that it is authentic")),
    ("language", gettext_lazy("Translation or transcription")),
    ("disclosure", gettext_lazy("Preparing a disclosure")),
    ("protection", gettext_lazy("Protecting a person")),
    (OTHER, gettext_lazy("Something else")),
)
TOLD = {
    "malware": gettext_lazy("I know that malware was found in it, and open it on a machine made for that alone."),
    "altered": gettext_lazy("I know that the stored bytes are not what was received."),
}


class OpenForm(ActForm):
    """What a file is opened for; with a box for each danger that one has to know of."""

    purpose = forms.ChoiceField(label=gettext_lazy("What you open it for"), choices=PURPOSES, widget=forms.RadioSelect)
    detail = forms.CharField(
        label=gettext_lazy("In your words"),
        required=False,
        max_length=200,
        help_text=KEPT,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, *args, dangers: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.dangers = dangers
        for danger in dangers:
            self.fields[danger] = forms.BooleanField(label=TOLD[danger])

    def clean(self):
        data = super().clean()
        if data.get("purpose") == OTHER and not data.get("detail", "").strip():
            self.add_error("detail", _("Say what you open it for."))
        return data

    def given(self) -> dict:
        """What the verb takes."""
        chosen, detail = self.cleaned_data["purpose"], self.cleaned_data["detail"].strip()
        said = "" if chosen == OTHER else str(dict(PURPOSES)[chosen])
        purpose = ": ".join(part for part in (said, detail) if part)
        return {"purpose": purpose, "knowing": [one for one in self.dangers if self.cleaned_data.get(one)]}


class CustodyForm(ActForm):
    """A custody event as somebody states it."""

    event = forms.ChoiceField(label=gettext_lazy("What happened"))
    happened_on = Dated(label=gettext_lazy("When"), output="happened-reading", help_text=EDTF_HELP)
    from_custodian = forms.CharField(label=gettext_lazy("From which custodian"), required=False, max_length=200)
    to_custodian = forms.CharField(
        label=gettext_lazy("To which custodian"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("An office, a role or a code. Never the name of a source."),
    )
    place = forms.CharField(label=gettext_lazy("Where"), required=False, max_length=300)
    seal_number = forms.CharField(label=gettext_lazy("Number of the seal"), required=False, max_length=60)
    purpose = forms.CharField(label=gettext_lazy("What for"), required=False, max_length=300)
    note = Text(label=gettext_lazy("Note"), rows=2)
    corrects = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["happened_on"].required = True
        self.fields["event"].choices = [("", "—"), *(row for row in choices("custody_event_type") if row[0] in STATED)]


class ReasonForm(ActForm):
    """Why something is done to an item or a file."""

    reason = Reason(help_text=KEPT)


class UntilForm(ReasonForm):
    """Until when an item is kept at least."""

    until = Dated(
        label=gettext_lazy("Keep until at least"),
        output="until-reading",
        help_text=gettext_lazy("2040, 2040-06-30; 2026/.. is without an end. Empty: as the collection says."),
    )
    field_order = ("until", "reason")


class YearsForm(ReasonForm):
    """For how many years the items of a collection are kept at least."""

    years = forms.IntegerField(
        label=gettext_lazy("Years that each item is kept at least"),
        required=False,
        min_value=1,
        max_value=200,
        help_text=gettext_lazy("From the day it was taken in. Empty: no term. An item can say a date of its own."),
    )
    field_order = ("years", "reason")


class DestroyForm(ReasonForm):
    """Why the content of an item is to be destroyed, and by what right."""

    basis = Text(
        label=gettext_lazy("Basis in law"),
        required=True,
        rows=2,
        help_text=gettext_lazy("The decision, law or rule that demands or allows it."),
    )
