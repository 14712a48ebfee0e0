"""Forms of the administration of people and teams, and of an accepted invitation. What may be is said by the verbs."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.authority import LONGEST_NAME
from accounts.invitations import DAYS, MAX_DAYS
from accounts.models import Clearance, User
from accounts.roles import Role
from evidence.web.forms import Reason, no_lone_surrogates
from evidence.web.forms.acting import ActForm, Confirmed


class Line(forms.CharField):
    """A name in one line."""

    def __init__(self, **kwargs):
        super().__init__(max_length=LONGEST_NAME, validators=[no_lone_surrogates], **kwargs)
        self.widget.attrs |= {"autocomplete": "off", "dir": "auto"}


class RoleAndClearance(ActForm):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    clearance = forms.TypedChoiceField(
        label=_("Clearance"),
        choices=Clearance.choices,
        coerce=int,
        help_text=_("The highest level she can see, where she was given access."),
    )


class DaysField(forms.IntegerField):
    def __init__(self):
        super().__init__(
            label=_("Days until the link expires"),
            min_value=1,
            max_value=MAX_DAYS,
            initial=DAYS,
            help_text=_("At most 30. Shorter is safer."),
        )


class InviteForm(RoleAndClearance):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("She signs in with it. Nothing is sent to it."),
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    name = Line(label=_("Name"), help_text=_("As colleagues know her; she can correct it."))
    days = DaysField()
    field_order = ("email", "name", "role", "clearance", "days")


class LinkForm(ActForm):
    days = DaysField()


class RenameForm(ActForm):
    name = Line(label=_("Name"))


class RoleForm(RoleAndClearance, Confirmed):
    """Role and clearance."""

    reason = Reason()
    field_order = ("role", "clearance", "reason")


class TeamForm(ActForm):
    name_en = Line(label=_("Name in English"))
    name_ko = Line(label=_("Name in Korean"), required=False)


class NewTeamForm(TeamForm):
    members = forms.ModelMultipleChoiceField(
        label=_("Members"),
        queryset=User.objects.filter(is_active=True).order_by("name"),
        widget=forms.CheckboxSelectMultiple({"class": "tax"}),
    )


class MemberForm(Confirmed):
    """One person of those who may join, or leave, and why."""

    person = forms.ModelChoiceField(label=pgettext_lazy("account", "Person"), queryset=User.objects.none())
    reason = Reason()
    field_order = ("person", "reason")

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people


class AcceptForm(ActForm):
    """What an invited person says of herself: her name and her password, twice."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        validators=[no_lone_surrogates],
        widget=forms.TextInput({"autocomplete": "name", "dir": "auto"}),
        help_text=_("As your colleagues know you. It stands beside what you do here."),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("At least 15 characters. Several words that only you would put together are good."),
    )
    again = forms.CharField(
        label=_("Password again"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean(self):
        data = super().clean()
        if {"password", "again"} <= set(data) and data["password"] != data["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        return data
