"""Forms of protection: lower levels, second people, consent, conditions of providers."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evidence.models.person import RISK_FLOOR
from evidence.models.record import Level
from evidence.protection.consents import ANYBODY, FLAGS
from evidence.reference import choices
from evidence.web.forms import Dated, Text, optional
from evidence.web.forms.access import end_of
from evidence.web.forms.acting import ActForm

WHY = gettext_lazy("The second person reads it; it is kept in the history. Name nobody who has to be protected.")


class LowerForm(ActForm):
    """A lower level for a record."""

    confidentiality = forms.TypedChoiceField(
        label=gettext_lazy("Level from then on"), coerce=int, widget=forms.RadioSelect
    )
    reason = Text(label=gettext_lazy("Why it can be lower"), required=True, rows=2, help_text=WHY)

    def __init__(self, *args, record, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["confidentiality"].choices = [
            (rank, label) for rank, label in Level.choices if rank <= record.confidentiality
        ]


class ReassessForm(ActForm):
    """A lower protection for a person."""

    is_protected = forms.BooleanField(label=gettext_lazy("Protected person"), required=False)
    risk = forms.ChoiceField(label=gettext_lazy("Protection risk"), widget=forms.RadioSelect)
    reason = Text(label=gettext_lazy("Why it can be lower"), required=True, rows=2, help_text=WHY)

    def __init__(self, *args, person, **kwargs):
        kwargs.setdefault("initial", {"is_protected": True})
        super().__init__(*args, **kwargs)
        self.fields["risk"].choices = [row for row in choices("risk_level") if row[0] in RISK_FLOOR]


class UnmaskForm(ActForm):
    """Why the identity of a person at high risk has to be opened."""

    reason = Text(label=gettext_lazy("Why you need to know who this is"), required=True, rows=2, help_text=WHY)


def recipients() -> list[tuple[str, str]]:
    return [("", "—"), (ANYBODY, _("Any recipient")), *choices("recipient_type")]


class ConsentForm(ActForm):
    """What a person said about one use by one recipient."""

    renamed = {"expires_at": "until"}
    item = forms.CharField(
        label=gettext_lazy("Material"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("The reference code of an evidence item. Empty: everything of hers."),
    )
    use = forms.ChoiceField(label=gettext_lazy("Use"))
    recipient = forms.ChoiceField(label=gettext_lazy("Recipient"))
    status = forms.ChoiceField(label=gettext_lazy("What she said"))
    identity_level = forms.ChoiceField(label=gettext_lazy("How much of her identity"))
    given_on = Dated(label=gettext_lazy("Given on"), output="given-on-reading")
    form = forms.ChoiceField(label=gettext_lazy("In which form"), required=False)
    until = forms.DateField(label=gettext_lazy("Until"), required=False, widget=forms.DateInput({"type": "date"}))
    conditions = Text(label=gettext_lazy("Conditions, in her words"), rows=2)
    includes_sexual_violence_details = forms.BooleanField(
        label=gettext_lazy("Also details of sexual violence"),
        required=False,
        help_text=gettext_lazy("A consent of its own: without it they stay out."),
    )
    is_child = forms.BooleanField(label=gettext_lazy("She is a child"), required=False)
    guardian_consented = forms.BooleanField(label=gettext_lazy("The guardian consented"), required=False)
    child_assented = forms.BooleanField(label=gettext_lazy("The child agreed herself"), required=False)
    document = forms.CharField(
        label=gettext_lazy("Consent document"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("The reference code of the evidence item that holds it."),
    )

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("initial", {"identity_level": "none"})
        super().__init__(*args, **kwargs)
        self.fields["use"].choices = [("", "—"), *choices("consent_scope")]
        self.fields["recipient"].choices = recipients()
        self.fields["status"].choices = [("", "—"), *choices("consent_status")]
        self.fields["identity_level"].choices = choices("identity_disclosure")
        self.fields["form"].choices = optional("consent_form")

    def given(self) -> dict:
        """What the verb takes."""
        names = ("item", "use", "recipient", "status", "identity_level", "given_on", "form", "conditions", "document")
        data = self.cleaned_data
        return {name: data[name] for name in (*names, *FLAGS)} | {"expires_at": end_of(data["until"])}


class ConditionForm(ActForm):
    """What the provider allows for one use."""

    renamed = {"expires_at": "until"}
    use = forms.ChoiceField(label=gettext_lazy("Use"))
    recipient = forms.ChoiceField(label=gettext_lazy("Recipient"))
    is_allowed = forms.TypedChoiceField(
        label=gettext_lazy("What the provider says"),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("Allows it")), ("no", gettext_lazy("Forbids it"))],
    )
    terms = Text(label=gettext_lazy("Terms, in the provider’s words"), rows=2)
    until = forms.DateField(label=gettext_lazy("Until"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["use"].choices = [("", "—"), *choices("consent_scope")]
        self.fields["recipient"].choices = recipients()

    def given(self) -> dict:
        data = self.cleaned_data
        names = ("use", "recipient", "is_allowed", "terms")
        return {name: data[name] for name in names} | {"expires_at": end_of(data["until"])}


class UseForm(forms.Form):
    """A question: may this be put to this use for this recipient?"""

    use = forms.ChoiceField(label=gettext_lazy("Use"))
    recipient = forms.ChoiceField(label=gettext_lazy("Recipient"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["use"].choices = [("", "—"), *choices("consent_scope")]
        self.fields["recipient"].choices = [("", "—"), *choices("recipient_type")]
