"""The form of an incident: its own fields, its acts, and who was involved in each; it works without a script.

Shape only: `given()` turns what was typed into what the verbs take, `put_back()` shows their refusals at the fields.
"""

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.urls import reverse_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.errors import Invalid, Refused
from accounts.grants import Permission
from evidence.models import Collection, Crime, Place
from evidence.models.codes import read_code
from evidence.models.incident import PRECISIONS
from evidence.models.record import Level
from evidence.reference import choices

PARTIES = ("victim", "indirect_victim", "witness", "alleged_perpetrator", "superior", "intervening_party", "mentioned",
           "other", "unknown")  # fmt: skip


class Combobox(forms.TextInput):
    """A text field that suggests; the choice itself travels in the hidden field `target`."""

    def __init__(self, source: str, target: str):
        super().__init__(attrs={"data-combobox": "", "data-src": reverse_lazy(source), "autocomplete": "off"})
        self.target = target

    def get_context(self, name, value, attrs):
        attrs = {**(attrs or {})}
        if identifier := attrs.get("id"):
            own = identifier.rsplit("-", 1)[-1].removeprefix("id_")
            attrs["data-target"] = identifier[: len(identifier) - len(own)] + self.target
        return super().get_context(name, value, attrs)


def one_line(label, *, language: str = "", limit: int = 300, required: bool = False, **kwargs):
    attrs = {"class": "area one", "rows": 1, "maxlength": limit} | ({"lang": language} if language else {})
    return forms.CharField(label=label, required=required, max_length=limit, widget=forms.Textarea(attrs), **kwargs)


def long_text(label, *, language: str = ""):
    attrs = {"class": "area", "rows": 8} | ({"lang": language} if language else {})
    return forms.CharField(label=label, required=False, widget=forms.Textarea(attrs))


class IncidentForm(forms.Form):
    collection = forms.ChoiceField(label=_("Collection"), help_text=_("Its members will see this incident."))
    title_en = one_line(_("Title in English"), language="en")
    title_ko = one_line(_("Title in Korean"), language="ko")
    date = forms.CharField(
        label=_("Date"),
        required=False,
        max_length=64,
        help_text=_(
            "As exact as the source is: 2009-03-14, 2009-03, 2009, 2009-21 (spring), 199X, 2009~ (about), "
            "2010-10/2011-01."
        ),
        widget=forms.TextInput(
            {"data-edtf": "", "data-src": reverse_lazy("suggest-date"), "data-output": "date-reading",
             "autocomplete": "off", "spellcheck": "false"}
        ),
    )  # fmt: skip
    date_note = one_line(_("Date in the source's own words"), limit=500)
    place = forms.CharField(required=False, widget=forms.HiddenInput)
    place_text = forms.CharField(
        label=_("Place"),
        required=False,
        max_length=200,
        help_text=_("Province, county or country: type a part of the name in either language."),
        widget=Combobox("suggest-places", "place"),
    )
    place_precision = forms.ChoiceField(label=_("How precise is the place?"), required=False)
    place_detail = one_line(_("Place as reported"), limit=1000)
    latitude = forms.CharField(label=_("Latitude"), required=False, max_length=20)
    longitude = forms.CharField(label=_("Longitude"), required=False, max_length=20)
    narrative_en = long_text(_("Account in English"), language="en")
    narrative_ko = long_text(_("Account in Korean"), language="ko")
    verification_status = forms.ChoiceField(label=_("Verification"), required=False)
    confidentiality = forms.ChoiceField(label=_("Confidentiality"), required=False)
    reason = forms.CharField(
        label=_("Reason for the change"), required=False, max_length=1000, help_text=_("Kept in the history.")
    )

    def __init__(self, *args, user, incident=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.incident = incident
        if incident:
            del self.fields["collection"]
        else:
            del self.fields["reason"]
            rows = Collection.objects.permitted(user, Permission.CONTRIBUTE).order_by("name_en")
            self.fields["collection"].choices = [(str(row.pk), named(row)) for row in rows]
        precision = dict(choices("location_precision"))
        self.fields["place_precision"].choices = [
            ("", "—"),
            *((code, precision.get(code, code)) for code in PRECISIONS),
        ]
        self.fields["verification_status"].choices = choices("verification_status")
        levels = [(rank, label) for rank, label in Level.choices if rank <= user.clearance]
        floor = incident.confidentiality if incident else 0
        preset = [] if incident else [("", _("As the collection presets"))]
        self.fields["confidentiality"].choices = preset + [pair for pair in levels if pair[0] >= floor]

    def given(self) -> dict:
        """What the verb takes of the incident's own fields."""
        data = self.cleaned_data
        names = ("title_en", "title_ko", "date", "date_note", "place_detail", "latitude", "longitude", "narrative_en",
                 "narrative_ko", "confidentiality")  # fmt: skip
        given = {name: data.get(name) or "" for name in names}
        given["place"] = chosen_place(data.get("place"), data.get("place_text"))
        given["place_precision"] = data.get("place_precision") or "unknown"
        if data.get("verification_status"):
            given["verification_status"] = data["verification_status"]
        return given


def named(collection) -> str:
    name = collection.name_ko if get_language() == "ko" and collection.name_ko else collection.name_en
    return f"{name} · {collection.code}"


def chosen_place(code: str | None, text: str | None) -> str:
    """The code of the chosen place, or of the one place that is called exactly what was typed."""
    if not text:
        return ""
    typed = text.strip()
    place = Place.objects.filter(pk=code).first() if code else None
    # Without a script the hidden choice stays when the text is written over: what was typed counts.
    if place and any(name in typed for name in (place.pk, place.name_en, place.name_ko)):
        return place.pk
    found = list(Place.objects.filter(pk__iexact=typed)[:1]) or list(
        (Place.objects.filter(name_en__iexact=typed) | Place.objects.filter(name_ko=typed))[:2]
    )
    return found[0].pk if len(found) == 1 else typed


class InvolvementForm(forms.Form):
    id = forms.CharField(required=False, widget=forms.HiddenInput)
    role = forms.ChoiceField(label=_("Role"))
    person = forms.CharField(required=False, widget=forms.HiddenInput)
    person_text = forms.CharField(
        label=_("Person"), required=False, max_length=80,
        help_text=_("By reference code; leave empty for unnamed people."),
        widget=Combobox("suggest-persons", "person"),
    )  # fmt: skip
    organisation = forms.CharField(required=False, widget=forms.HiddenInput)
    organisation_text = forms.CharField(
        label=_("Or organisation"), required=False, max_length=200,
        widget=Combobox("suggest-organisations", "organisation"),
    )  # fmt: skip
    count_min = forms.CharField(
        label=_("At least"), required=False, max_length=9, widget=forms.TextInput({"inputmode": "numeric"})
    )
    count_max = forms.CharField(
        label=_("At most"), required=False, max_length=9, widget=forms.TextInput({"inputmode": "numeric"})
    )
    description = forms.CharField(
        label=_("Description"), required=False, max_length=500, help_text=_("Nothing that identifies a person.")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        labels = dict(choices("person_role"))
        self.fields["role"].choices = [(code, labels.get(code, code)) for code in PARTIES]

    def given(self) -> dict:
        data = self.cleaned_data
        typed = data.get("person_text") or ""
        given = {
            "role": data.get("role") or "",
            "person": typed and (data.get("person") or read_code(typed.split(" ")[0]) or typed),
            "organisation": _chosen(data, "organisation"),
            "count_min": data.get("count_min") or None,
            "count_max": data.get("count_max") or None,
            "description": data.get("description") or "",
        }
        return given | ({"id": data["id"], "end": bool(data.get("DELETE"))} if data.get("id") else {})

    @property
    def is_blank(self) -> bool:
        """A new row nobody filled in, or one that was removed before it was saved."""
        data = self.cleaned_data
        if data.get("id"):
            return False
        typed = ("person_text", "organisation_text", "count_min", "count_max", "description")
        return bool(data.get("DELETE")) or not (self.has_changed() or any(data.get(name) for name in typed))


def _chosen(data: dict, name: str) -> str:
    """The hidden choice of a combobox, or what was typed; nothing when the text was emptied."""
    typed = data.get(f"{name}_text") or ""
    return typed and (data.get(name) or typed)


class InnerFormSet(BaseFormSet):
    """Its empty form carries a token of its own, so that the script can fill outer and inner numbers apart."""

    @property
    def empty_form(self):
        form = self.form(
            auto_id=self.auto_id, prefix=f"{self.prefix}-__inner__", empty_permitted=True, use_required_attribute=False
        )
        self.add_fields(form, None)
        return form


InvolvementFormSet = formset_factory(InvolvementForm, formset=InnerFormSet, can_delete=True, extra=0, max_num=100)


class ActForm(forms.Form):
    id = forms.CharField(required=False, widget=forms.HiddenInput)
    title_en = one_line(_("What was done, in English"), language="en")
    title_ko = one_line(_("What was done, in Korean"), language="ko")
    crimes = forms.MultipleChoiceField(label=_("Alleged crimes"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["crimes"].choices = crime_choices()

    @property
    def families(self) -> list[dict]:
        """The crimes as a tree of families for the template, those already classified marked as settled."""
        picked = set(self["crimes"].value() or ())
        settled = set(self.initial.get("crimes") or ())
        return [
            {
                "label": family["label"],
                "open": any(code in picked for code, *_rest in family["crimes"]) or family["code"] == "cah",
                "crimes": [
                    {"code": code, "label": label, "article": article, "depth": depth, "checked": code in picked,
                     "settled": code in settled, "heading": not selectable}
                    for code, label, article, depth, selectable in family["crimes"]
                ],
            }
            for family in crime_families()
        ]  # fmt: skip

    def given(self) -> dict:
        data = self.cleaned_data
        given = {name: data.get(name) or "" for name in ("title_en", "title_ko")}
        given["crimes"] = data.get("crimes") or []
        return given | ({"id": data["id"], "end": bool(data.get("DELETE"))} if data.get("id") else {})


class ActsFormSet(BaseFormSet):
    """Acts, each with its own formset of involvements."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        initial = (form.initial or {}).get("involvements") or []
        data = self.data if self.is_bound and index is not None else None
        form.involvements = InvolvementFormSet(data, prefix=f"{form.prefix}-involvements", initial=initial)

    def is_valid(self):
        inner = [form.involvements.is_valid() for form in self.forms]
        return super().is_valid() and all(inner)

    def given(self) -> list[dict]:
        """What the verb takes; remembers which row each entry came from, for putting refusals back."""
        acts, self.origin = [], []
        for form in self.forms:
            rows = [row for row in form.involvements.forms if not row.is_blank]
            removed = form.cleaned_data.get("DELETE") and not form.cleaned_data.get("id")
            if removed or (not form.cleaned_data.get("id") and not form.has_changed() and not rows):
                continue
            acts.append(form.given() | {"involvements": [row.given() for row in rows]})
            self.origin.append((form, rows))
        return acts


ActFormSet = formset_factory(ActForm, formset=ActsFormSet, can_delete=True, extra=0, min_num=1, max_num=50)


def crime_families() -> list[dict]:
    """Families with their crimes in order: (code, label, article, depth, selectable)."""
    label = "label_ko" if get_language() == "ko" else "label_en"
    families: dict[str, dict] = {}
    for crime in Crime.objects.filter(valid_to=None):
        if crime.parent_id is None:
            families[crime.code] = {"code": crime.code, "label": getattr(crime, label), "crimes": []}
        else:
            row = (crime.code, getattr(crime, label), crime.article, len(crime.path) - 2, crime.selectable)
            families[crime.path[0]]["crimes"].append(row)
    return list(families.values())


def crime_choices() -> list[tuple[str, str]]:
    return [(row[0], row[1]) for family in crime_families() for row in family["crimes"] if row[4]]


def put_back(form: IncidentForm, acts: ActsFormSet, error: Refused) -> None:
    """Show the refusals of a verb at the fields they name: `acts.0.involvements.1.role` goes to that row."""
    fields = error.errors if isinstance(error, Invalid) and error.errors else {error.field: str(error)}
    for name, message in fields.items():
        target, field = form, name
        parts = name.split(".")
        if parts[0] == "acts" and len(parts) > 1 and parts[1].isdecimal() and int(parts[1]) < len(acts.origin):
            target, rows = acts.origin[int(parts[1])]
            field = ".".join(parts[2:])
            if len(parts) > 4 and parts[2] == "involvements" and int(parts[3]) < len(rows):
                target, field = rows[int(parts[3])], parts[4]
        field = {"place": "place_text", "person": "person_text", "organisation": "organisation_text"}.get(field, field)
        field = "crimes" if field.startswith("crimes.") else field
        target.add_error(field if field in target.fields else None, str(message))
