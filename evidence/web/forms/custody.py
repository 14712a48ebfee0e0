"""Forms about custody: the export of a proof, filters of the audit trail, erasing part of an entry."""

from django import forms
from django.utils.translation import gettext_lazy as _

from evidence.web.forms import no_lone_surrogates

LARGEST_CHECKPOINT = 64 * 1024


class ProofForm(forms.Form):
    purpose = forms.CharField(
        label=_("What the proof is for"),
        max_length=300,
        validators=[no_lone_surrogates],
        help_text=_("For example “Request 12 of the prosecutor”. It is kept in the item’s history."),
    )
    with_parts = forms.BooleanField(
        label=_("Enclose reasons, file names and changed values"),
        required=False,
        help_text=_("The proof holds without them; they may name people."),
    )
    kept = forms.FileField(
        label=_("A checkpoint that the recipient kept"),
        required=False,
        allow_empty_file=True,
        help_text=_("The proof then shows that the log they saw then is part of the log now."),
    )

    def clean_kept(self):
        file = self.cleaned_data["kept"]
        if file and file.size > LARGEST_CHECKPOINT:
            raise forms.ValidationError(_("This is no checkpoint: it is too large."))
        return file


class TrailForm(forms.Form):
    """The filters of the audit trail; what they mean is evidence.audit.wanted."""

    act = forms.ChoiceField(label=_("What was done"), required=False)
    kind = forms.ChoiceField(label=_("What it was done to"), required=False)
    object = forms.CharField(label=_("Record"), max_length=60, required=False)
    actor = forms.ChoiceField(label=_("Who"), required=False)
    date_from = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    date_to = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))
    unattributed = forms.BooleanField(label=_("Only changes outside the application"), required=False)
    rows = forms.BooleanField(label=_("Row entries too"), required=False)


class ErasureForm(forms.Form):
    """Proposing, declining and carrying out share one field: on what ground."""

    part = forms.CharField(max_length=60, widget=forms.HiddenInput)
    ground = forms.CharField(
        label=_("On what ground"),
        max_length=1000,
        validators=[no_lone_surrogates],
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Name the decision or the law. Name no person: this stays in the ledger for ever."),
    )
