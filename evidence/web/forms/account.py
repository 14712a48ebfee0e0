"""Forms of one's own account: preferences and API tokens."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import SCOPES, may
from accounts.tokens import MAX_DAYS
from evidence.web.forms import no_lone_surrogates


class PreferencesForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language"), choices=User._meta.get_field("language").choices, widget=forms.RadioSelect
    )
    theme = forms.ChoiceField(label=_("Theme"), choices=User.Theme.choices, widget=forms.RadioSelect)


class TokenForm(forms.Form):
    """A new token: only scopes that the role of its person can use at all."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=80,
        help_text=_("For example “Nightly statistics”."),
        validators=[no_lone_surrogates],
    )
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple({"class": "tax"}))
    days = forms.IntegerField(
        label=_("Days until it expires"),
        min_value=1,
        max_value=MAX_DAYS,
        initial=90,
        help_text=_("At most 366. Shorter is safer."),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [
            (scope, f"{label} ({scope})")
            for scope, (label, acts) in SCOPES.items()
            if any(may(user, act) for act in acts)
        ]
