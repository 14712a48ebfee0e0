"""Small forms of the review and of assessments."""

from django import forms
from django.utils.translation import gettext_lazy as _

from evidence.models import Classification
from evidence.reference import choices


class StepForm(forms.Form):
    note = forms.CharField(required=False, max_length=5000, widget=forms.Textarea({"class": "area", "rows": 4}))

    def __init__(self, *args, hint: str, needed: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["note"].label = hint
        self.fields["note"].required = needed


class AssessForm(forms.Form):
    status = forms.ChoiceField(label=_("Status"), choices=Classification.Status.choices, widget=forms.RadioSelect)
    standard = forms.ChoiceField(label=_("Standard of proof"))
    rationale = forms.CharField(
        label=_("Reason"),
        max_length=10_000,
        help_text=_("What the evidence shows, and what it does not. It stays in the history."),
        widget=forms.Textarea({"class": "area", "rows": 6}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["standard"].choices = choices("standard_of_proof")
