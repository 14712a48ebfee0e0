"""Forms of batches: what the items of many files have in common, the files where there is no script, their titles."""

from django import forms
from django.utils.translation import gettext_lazy as _

from evidence.models import IntakeBatch
from evidence.reference import choices
from evidence.web.forms import Files, Text, grouped, optional
from evidence.web.forms.items import ItemForm

LABEL = {"label": _("Name of this batch"), "help_text": _("For you and for the receipt. Write no names of people.")}


class BatchForm(ItemForm):
    """Where the files go, and what is said of all of them at once."""

    into = forms.ChoiceField(
        label=_("What becomes of the files"), choices=IntakeBatch.Into, initial="each", widget=forms.RadioSelect
    )
    label = Text(**LABEL)
    apart = ("into", "label", "function", "stance", "locator")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["files"]
        self.fields["title_en"].help_text = _("For one item that holds all files. Write no names into it.")

    def given(self) -> dict:
        values = {name: value for name, value in super().given().items() if name not in self.apart}
        if self.cleaned_data["into"] == IntakeBatch.Into.EACH:
            values = {name: value for name, value in values.items() if name not in ("title_en", "title_ko")}
        return values

    def linking(self) -> dict:
        return {}


class BatchForIncidentForm(BatchForm):
    """The same, where each item is evidence of one incident."""

    function = forms.ChoiceField(label=_("What they are evidence of"), help_text=_("Their function for a case."))
    stance = forms.ChoiceField(label=_("What they say of the incident"), widget=forms.RadioSelect, initial="supports")
    locator = Text(label=_("Where in it"), help_text=_("Page, time code or region."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["function"].choices = choices("evidence_function")
        self.fields["stance"].choices = choices("evidence_stance")

    def linking(self) -> dict:
        """How the items bear on the incident."""
        return {name: self.cleaned_data[name] for name in ("function", "stance", "locator")}


class BatchForItemForm(forms.Form):
    """Files for an item that is there."""

    label = Text(**LABEL)


class PlainFilesForm(forms.Form):
    """Files chosen in a browser without script: they come at once and cannot be resumed."""

    files = Files(label=_("Files"), help_text=_("One or several, each up to 2 GB."), allow_empty_file=True)


class CommonForm(forms.Form):
    """What is said of several items at once; what is left empty stays as it is."""

    kind = forms.ChoiceField(label=_("Type of evidence"), required=False)
    language = forms.CharField(label=_("Language of the material"), required=False, max_length=35)
    obtained_how = forms.ChoiceField(label=_("How it was obtained"), required=False)
    obtained_on = forms.CharField(label=_("When it was obtained"), required=False, max_length=64)
    obtained_where = Text(label=_("Where it was obtained"))
    obtained_by = Text(label=_("Who obtained it"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = grouped("evidence_item_type", empty="—")
        self.fields["obtained_how"].choices = optional("collection_method")

    def given(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if value}


class TitleForm(forms.Form):
    """The titles of one item of a batch, with the version that they were read in."""

    title_en = Text(label=_("Title in English"), lang="en")
    title_ko = Text(label=_("Title in Korean"), lang="ko")
    version = forms.IntegerField(widget=forms.HiddenInput)
