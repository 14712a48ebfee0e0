"""The form of a saved search: its name, and whom it is for."""

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from evidence.searches import LONGEST_NAME
from evidence.web.forms import no_lone_surrogates
from evidence.web.forms.people import ActForm


class SearchForm(ActForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        validators=[no_lone_surrogates],
        help_text=_("What you will look for under it. Name no person from the records."),
    )
    team = forms.ChoiceField(
        label=_("Who has it"),
        required=False,
        help_text=_("Those of the team find by it what they may see themselves."),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.teams = {str(team.pk): team for team in Team.objects.filter(group__in=user.groups.all())}
        named = [(key, (get_language() == "ko" and team.name_ko) or team.name_en) for key, team in self.teams.items()]
        self.fields["team"].choices = [("", _("Only I")), *sorted(named, key=lambda pair: pair[1])]
        self.fields["name"].widget.attrs |= {"autocomplete": "off", "dir": "auto"}

    def clean_team(self) -> Team | None:
        return self.teams.get(self.cleaned_data["team"])
