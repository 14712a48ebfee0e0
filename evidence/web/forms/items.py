"""Forms of evidence items and their files."""

from django import forms
from django.utils.translation import gettext_lazy as _

from evidence.models import Source
from evidence.reference import choices
from evidence.web.forms import Dated, Files, RecordForm, Text, chosen_code, grouped, optional
from evidence.web.forms.incidents import Combobox

CHOOSE_AGAIN = _("Browsers do not send files twice: choose the files again before you save.")
_ORIGINAL = (("yes", _("Yes")), ("no", _("No")), ("", _("Not known")))
_KNOWN = {"yes": True, "no": False, "": None}


class ItemForm(RecordForm):
    """What an item is, and how it was obtained; files only with a new one."""

    renamed = {"source": "source_text", "file": "files"}
    unlike = (*RecordForm.unlike, "source")
    collection = forms.ChoiceField(label=_("Collection"))
    kind = forms.ChoiceField(label=_("Type of evidence"))
    title_en = Text(label=_("Title in English"), lang="en", help_text=_("One title is enough. Write no names into it."))
    title_ko = Text(label=_("Title in Korean"), lang="ko")
    description = Text(label=_("Description"), rows=5)
    language = forms.CharField(
        label=_("Language of the material"),
        required=False,
        max_length=35,
        help_text=_("A language tag: ko, en, zh, ru."),
        widget=forms.TextInput({"list": "languages", "autocomplete": "off", "spellcheck": "false"}),
    )
    date = Dated(label=_("Date of the document"), output="date-reading")
    content_warnings = forms.MultipleChoiceField(
        label=_("Content warnings"),
        required=False,
        help_text=_("Readers are warned before they open the files."),
        widget=forms.CheckboxSelectMultiple,
    )
    obtained_how = forms.ChoiceField(label=_("How it was obtained"), required=False)
    obtained_on = Dated(label=_("When it was obtained"), output="obtained-reading", help_text="")
    obtained_where = Text(label=_("Where it was obtained"))
    obtained_by = Text(label=_("Who obtained it"), help_text=_("A staff member or a code. Never the name of a source."))
    source = forms.CharField(required=False, widget=forms.HiddenInput)
    source_text = forms.CharField(
        label=_("From whom"),
        required=False,
        max_length=400,
        help_text=_("Type a part of the source’s reference or title, and choose. Record a new source first."),
        widget=Combobox("suggest-sources", "source"),
    )
    conditions = Text(label=_("Conditions of whoever gave it"), rows=3)
    has_original = forms.ChoiceField(
        label=_("Does an original exist?"), required=False, choices=_ORIGINAL, widget=forms.RadioSelect
    )
    original_location = Text(label=_("Where the original is kept"))
    confidentiality = forms.ChoiceField(label=_("Confidentiality"), required=False)
    files = Files(
        label=_("Files"),
        required=False,
        help_text=_("One or several. Each is kept bit for bit, hashed with SHA-256 and encrypted."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = grouped("evidence_item_type", empty="—" if self.fresh else None)
        self.fields["obtained_how"].choices = optional("collection_method")
        self.fields["content_warnings"].choices = choices("content_warning")
        if not self.fresh:
            del self.fields["files"]
            self.fields["confidentiality"].required = True

    def initial_of(self, item, user) -> dict:
        names = (
            "kind", "title_en", "title_ko", "description", "language", "date", "content_warnings", "obtained_how",
            "obtained_on", "obtained_where", "obtained_by", "conditions", "original_location",
        )  # fmt: skip
        source = item.source_id and Source.objects.permitted(user).filter(pk=item.source_id).first()
        return {name: getattr(item, name) for name in names} | {
            "confidentiality": str(item.confidentiality),
            "has_original": {True: "yes", False: "no"}.get(item.has_original, ""),
            "source": source.code if source else "",
            "source_text": f"{source.code} {source.title}" if source else "",
        }

    def given(self) -> dict:
        """What the verb takes: everything of a new item; only what was changed of an existing one."""
        data = self.cleaned_data
        values = {name: data[name] for name in data if name not in ("collection", "files", "version", "reason")}
        values["source"] = chosen_code(values.pop("source_text"), values["source"])
        values["has_original"] = _KNOWN[values["has_original"]]
        if self.fresh:
            return {name: value for name, value in values.items() if value not in ("", None, [])}
        changed = {"source" if name == "source_text" else name for name in self.changed_data}
        return {name: value for name, value in values.items() if name in changed}


class ItemForIncidentForm(ItemForm):
    """A new item that is evidence of one incident."""

    function = forms.ChoiceField(label=_("What it is evidence of"), help_text=_("Its function for a case."))
    stance = forms.ChoiceField(label=_("What it says of the incident"), widget=forms.RadioSelect, initial="supports")
    locator = Text(label=_("Where in it"), help_text=_("Page, time code or region."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["function"].choices = choices("evidence_function")
        self.fields["stance"].choices = choices("evidence_stance")

    def given(self) -> dict:
        return {name: value for name, value in super().given().items() if name not in ("function", "stance", "locator")}

    def link(self) -> dict:
        """How the item bears on the incident."""
        return {name: self.cleaned_data[name] for name in ("function", "stance", "locator")}


class FilesForm(forms.Form):
    """Further files of an item."""

    files = Files(label=_("Files"), help_text=_("One or several. They are kept bit for bit and never change."))
