"""Forms of the reading room."""

from django import forms
from django.utils.translation import gettext_lazy as _

from evidence.reference import choices
from evidence.web.forms import Text


class CiteForm(forms.Form):
    """A passage of a file as evidence of an incident."""

    incident = forms.CharField(
        label=_("Incident"),
        max_length=40,
        help_text=_("Its reference, like INC-7Q4K-M3DX."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
    )
    function = forms.ChoiceField(label=_("What it is evidence of"))
    stance = forms.ChoiceField(label=_("What it says of the incident"), initial="supports")
    locator = Text(label=_("Where in it"), help_text=_("Page, time code or region."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["function"].choices = choices("evidence_function")
        self.fields["stance"].choices = choices("evidence_stance")
