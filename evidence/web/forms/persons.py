"""Forms of persons. Names and identity are sealed by the verb; a form shown again never holds what is sealed."""

from django import forms
from django.forms.formsets import formset_factory
from django.utils.translation import gettext_lazy as _

from accounts.errors import Refused
from evidence.reference import choices
from evidence.web.forms import RecordForm, Text

SEALED = ("birth", "contacts", "relatives", "documents", "other")


class NameForm(forms.Form):
    """One name in one script."""

    script = forms.ChoiceField(label=_("Script"), required=False)
    kind = forms.ChoiceField(label=_("Kind of name"), required=False)
    value = Text(label=_("Name"), sealed=True)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["script"].choices = choices("name_form")
        self.fields["kind"].choices = choices("name_kind")

    @property
    def is_blank(self) -> bool:
        return bool(self.cleaned_data.get("DELETE")) or not self.cleaned_data.get("value")


NameFormSet = formset_factory(NameForm, can_delete=True, extra=1, max_num=40, absolute_max=60)


class PersonForm(RecordForm):
    """A person under a pseudonym, with rows of names and the fields of the identity, both sealed."""

    renamed = {f"identity.{name}": name for name in SEALED}
    unlike = (*RecordForm.unlike, *SEALED)
    collection = forms.ChoiceField(label=_("Collection"))
    note = Text(
        label=_("Description without identifying details"),
        help_text=_(
            "Enough for colleagues to tell persons apart: “Former detainee, interviewed 2019”. No name, no village."
        ),
    )
    sex = forms.ChoiceField(label=_("Sex"), widget=forms.RadioSelect)
    is_protected = forms.BooleanField(
        label=_("Protected person"),
        required=False,
        help_text=_("Whatever is linked to a protected person is at least as confidential as her risk demands."),
    )
    risk = forms.ChoiceField(
        label=_("Protection risk"),
        widget=forms.RadioSelect,
        help_text=_("Not assessed counts as high. Once it has risen, lowering it takes two people."),
    )
    confidentiality = forms.ChoiceField(label=_("Confidentiality"), required=False)
    birth = Text(label=_("Birth: date and place"), sealed=True)
    contacts = Text(label=_("Contacts"), sealed=True)
    relatives = Text(label=_("Relatives"), sealed=True)
    documents = Text(label=_("Identity documents"), sealed=True)
    other = Text(label=_("Anything else that identifies"), sealed=True)

    def __init__(self, data=None, *args, **kwargs):
        kwargs.setdefault("initial", {"sex": "unknown", "risk": "not_assessed", "is_protected": True})
        super().__init__(data, *args, **kwargs)
        self.names = NameFormSet(data, prefix="names")
        self.fields["sex"].choices = choices("sex")
        self.fields["risk"].choices = choices("risk_level")
        if not self.fresh:
            self.fields["confidentiality"].required = True

    def initial_of(self, person, user) -> dict:
        names = ("note", "sex", "risk", "is_protected")
        return {name: getattr(person, name) for name in names} | {"confidentiality": str(person.confidentiality)}

    def is_valid(self) -> bool:
        return self.names.is_valid() & super().is_valid()

    def given(self) -> dict:
        """What the verb takes: everything of a new person; of an existing one what was changed, and what is added."""
        data = self.cleaned_data
        plain = ("note", "sex", "risk", "is_protected", "confidentiality")
        given = {name: data[name] for name in plain if self.fresh or name in self.changed_data}
        self._rows = [row for row in self.names.forms if not row.is_blank]
        names = [{name: row.cleaned_data[name] for name in ("script", "kind", "value")} for row in self._rows]
        identity = {name: data[name] for name in SEALED if data[name]}
        return given | ({"names": names} if names else {}) | ({"identity": identity} if identity else {})

    def refuse(self, error: Refused) -> int:
        """A refusal of `names.0.value` belongs to the row that became the first name."""
        fields = getattr(error, "errors", None) or {}
        for name in [name for name in fields if name.startswith("names.")]:
            _prefix, position, field = name.split(".", 2)
            row = self._rows[int(position)]
            row.add_error(field if field in row.fields else None, str(fields.pop(name)))
        if getattr(error, "errors", None) == {}:
            return 400
        return super().refuse(error)


class IdentityForm(forms.Form):
    """Why somebody needs to know who this is."""

    reason = Text(
        label=_("Why you need to know who this is"),
        required=True,
        help_text=_("Kept on the person’s record, with your name and the time."),
    )
