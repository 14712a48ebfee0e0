"""The form of a decision about what metadata proposes."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evidence.web.forms import Text


class ProposalForm(forms.Form):
    """One of the proposals of a file, to be adopted or dismissed; the button says which."""

    choice = forms.CharField(
        label=gettext_lazy("Proposal"), max_length=120, error_messages={"required": gettext_lazy("Choose a proposal.")}
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason = Text(label=gettext_lazy("Reason"), help_text=gettext_lazy("It is kept with the decision."))

    def __init__(self, *args, proposals, **kwargs):
        super().__init__(*args, **kwargs)
        self._known = {f"{one.kind}:{one.value}": (one.kind, one.value) for one in proposals}

    def clean_choice(self) -> tuple[str, str]:
        known = self._known.get(self.cleaned_data["choice"])
        if known is None:
            raise ValidationError(_("The metadata of this file does not propose that."))
        return known
