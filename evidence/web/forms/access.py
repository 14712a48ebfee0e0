"""Forms about access: giving, taking back, keeping away, restricting, asking, breaking the glass."""

import datetime
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from accounts.roles import ROLE_PERMISSIONS, Permission
from evidence import access
from evidence.access import glass
from evidence.models import BreakGlass
from evidence.models.record import Level
from evidence.web import words
from evidence.web.forms import Reason, Text
from evidence.web.forms.acting import ActForm, Confirmed


def end_of(day: datetime.date | None) -> datetime.datetime | None:
    """The end of a chosen last day, in UTC: a grant until the 14th counts through the 14th."""
    if day is None:
        return None
    return datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min, datetime.UTC)


class CollectionForm(ActForm):
    """A new collection: its names, and at which level new records start."""

    name_en = Text(label=gettext_lazy("Name in English"), required=True, lang="en")
    name_ko = Text(label=gettext_lazy("Name in Korean"), lang="ko")
    description = Text(label=gettext_lazy("Description"), rows=3)
    preset_level = forms.ChoiceField(
        label=gettext_lazy("Level of new records"),
        required=False,
        help_text=gettext_lazy("Without one, new records take the highest."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["preset_level"].choices = [("", _("The highest")), *((str(r), w) for r, w in Level.choices)]

    def given(self) -> dict:
        preset = self.cleaned_data["preset_level"]
        return self.cleaned_data | {"preset_level": int(preset) if preset else None}


class PrincipalForm(Confirmed):
    """Something that is done to a person or a team, for a reason."""

    renamed = {"user": "to", "group": "to", "expires_at": "until"}
    to = forms.ChoiceField(label=gettext_lazy("Person or team"))
    reason = Reason()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", _("Choose…")), *principals()]

    def principal(self) -> dict:
        """{"user": …} or {"group": …}, as the verbs take it."""
        return principal(self.cleaned_data["to"])

    def people(self) -> list[User]:
        """Whom it touches: the person, or the team's active members by name."""
        return access.people_of(**self.principal())


def principals() -> list:
    """Teams, then people who are active and whose role reads records, as groups of choices."""
    name = f"name_{words.language()}"
    standing = Team.objects.filter(dissolved_at=None).order_by("name_en")
    teams = [(f"team:{team.pk}", getattr(team, name) or team.name_en) for team in standing]
    readers = [role for role, permissions in ROLE_PERMISSIONS.items() if permissions]
    people = User.objects.filter(is_active=True, role__in=readers).order_by("name", "pk")
    rows = [(f"user:{user.pk}", f"{user.name} – {user.get_role_display()}") for user in people]
    return [(_("Teams"), teams), (_("People"), rows)]


def principal(text: str) -> dict | None:
    """What `user:<id>` or `team:<id>` names, or None."""
    kind, _colon, key = text.partition(":")
    try:
        if kind == "team":
            return {"group": Team.objects.select_related("group").get(pk=int(key), dissolved_at=None).group}
        return {"user": User.objects.get(pk=UUID(key))} if kind == "user" else None
    except (ValueError, Team.DoesNotExist, User.DoesNotExist):
        return None


class GiveForm(PrincipalForm):
    """A grant: to whom, what, until when, why."""

    permission = forms.ChoiceField(label=gettext_lazy("May"), widget=forms.RadioSelect)
    until = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text=gettext_lazy("Through this day, UTC. Empty: until it is taken back."),
    )
    field_order = ("to", "permission", "until", "reason")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["permission"].choices = [
            (Permission.VIEW, _("View: read what the clearance reaches")),
            (Permission.CONTRIBUTE, _("Contribute: view, record and change")),
            (Permission.REVIEW, _("Review: view, and be the second person")),
            (Permission.MANAGE, _("Manage: all of it, and give access to others")),
        ]

    def clean_until(self):
        day = self.cleaned_data["until"]
        if day is not None and not timezone.now().date() <= day <= datetime.date(9000, 1, 1):
            raise forms.ValidationError(_("This end lies in the past: nobody would get anything."))
        return day


class ConfirmedReason(Confirmed):
    """An act on access that needs a reason, and its effect shown first."""

    reason = Reason()


class AskForm(ActForm):
    """A request for access, by the reference that one knows."""

    renamed = {"wanted_until": "until"}
    code = forms.CharField(
        label=gettext_lazy("Reference code"),
        max_length=40,
        help_text=gettext_lazy("Of a collection or a record, like COL-7Q4K-M3DX. Whether it exists is not said here."),
    )
    permission = forms.ChoiceField(label=gettext_lazy("What you need to do"), widget=forms.RadioSelect)
    until = forms.DateField(label=gettext_lazy("Until"), required=False, widget=forms.DateInput({"type": "date"}))
    reason = Reason()

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        usable = ROLE_PERMISSIONS.get(user.role, frozenset())
        self.fields["permission"].choices = [(one, one.label) for one in Permission if one in usable]

    clean_until = GiveForm.clean_until

    def given(self) -> dict:
        data = self.cleaned_data
        return {name: data[name] for name in ("code", "permission", "reason")} | {"wanted_until": end_of(data["until"])}


class AnswerForm(ActForm):
    """The answer to a request or a proposal; the button that was pressed says which."""

    answer = Text(
        label=gettext_lazy("Your answer"),
        required=True,
        rows=2,
        help_text=gettext_lazy("Kept in the ledger and shown."),
    )


class GlassForm(ActForm):
    """Breaking the glass: the reference, how long, and what the emergency is."""

    code = forms.CharField(label=gettext_lazy("Reference code"), max_length=40)
    minutes = forms.TypedChoiceField(label=gettext_lazy("For how long"), coerce=int, widget=forms.RadioSelect)
    reason = Text(
        label=gettext_lazy("What the emergency is"),
        required=True,
        rows=3,
        help_text=gettext_lazy(
            "In a whole sentence. Administrators, auditors and whoever manages the collection read it now: name nobody."
        ),
    )

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("initial", {"minutes": 60})
        super().__init__(*args, **kwargs)
        labels = {15: _("15 minutes"), 60: _("1 hour"), 240: _("4 hours")}
        self.fields["minutes"].choices = [(minutes, labels[minutes]) for minutes in glass.MINUTES]


class GlassReviewForm(ActForm):
    """Whether it was justified, and why."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Was it justified?"), widget=forms.RadioSelect, choices=BreakGlass.Outcome
    )
    note = Text(label=gettext_lazy("Your finding"), required=True, rows=2)
