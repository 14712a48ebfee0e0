"""Forms of sources and of their gradings."""

from django import forms
from django.utils.translation import gettext_lazy as _

from evidence.models import Person
from evidence.reference import choices
from evidence.web.forms import RecordForm, Text, chosen_code, optional
from evidence.web.forms.incidents import Combobox


class SourceForm(RecordForm):
    """A source under a protected reference or a public title."""

    renamed = {"person": "person_text"}
    unlike = (*RecordForm.unlike, "person")
    collection = forms.ChoiceField(label=_("Collection"))
    title = Text(
        label=_("Protected reference or public title"),
        required=True,
        help_text=_("A public title for a publication; a reference that tells nothing for a person."),
    )
    kind = forms.ChoiceField(label=_("Type of source"))
    proximity = forms.ChoiceField(label=_("How close to the events"), required=False)
    description = Text(label=_("Description"), rows=4)
    person = forms.CharField(required=False, widget=forms.HiddenInput)
    person_text = forms.CharField(
        label=_("Person behind the source"),
        required=False,
        max_length=400,
        help_text=_("By reference code. Her protection then covers the source as well."),
        widget=Combobox("suggest-persons", "person"),
    )
    confidentiality = forms.ChoiceField(label=_("Confidentiality"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = choices("source_type")
        # The verb keeps what was said once: an empty choice would promise a removal that does not happen.
        known = self.record is not None and self.record.proximity
        self.fields["proximity"].choices = choices("source_proximity") if known else optional("source_proximity")
        if self.fresh:
            self.fields["kind"].initial = "unknown"
        else:
            self.fields["confidentiality"].required = True

    def initial_of(self, source, user) -> dict:
        person = source.person_id and Person.objects.permitted(user).filter(pk=source.person_id).first()
        names = ("title", "kind", "proximity", "description")
        return {name: getattr(source, name) for name in names} | {
            "confidentiality": str(source.confidentiality),
            "person": person.code if person else "",
            "person_text": f"{person.code} {person.note}".strip() if person else "",
        }

    def clean(self):
        data = super().clean()
        if "person_text" in self.changed_data and self.initial.get("person_text") and not data.get("person_text"):
            self.add_error("person_text", _("The person behind a source can be replaced, not taken away."))
        return data

    def given(self) -> dict:
        """What the verb takes: everything of a new source; only what was changed of an existing one."""
        data = self.cleaned_data
        values = {name: data[name] for name in ("title", "kind", "proximity", "description", "confidentiality")}
        values["person"] = chosen_code(data["person_text"], data["person"])
        if self.fresh:
            return {name: value for name, value in values.items() if value}
        changed = {"person" if name == "person_text" else name for name in self.changed_data}
        return {name: value for name, value in values.items() if name in changed}


class GradeForm(forms.Form):
    """Two independent scales, and why."""

    reliability = forms.ChoiceField(
        label=_("Reliability of the source"),
        help_text=_("How far this source can be trusted, whatever it says here."),
        widget=forms.RadioSelect,
    )
    credibility = forms.ChoiceField(
        label=_("Credibility of the information"),
        help_text=_("How likely it is true, whoever says it."),
        widget=forms.RadioSelect,
    )
    reason = Text(
        label=_("Reason"), rows=4, required=True, help_text=_("What the grading rests on. It stays in the history.")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, vocabulary in (("reliability", "source_reliability"), ("credibility", "information_credibility")):
            self.fields[name].choices = [(code, f"{code} – {label}") for code, label in choices(vocabulary)]
