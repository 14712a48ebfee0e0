"""Forms behind a verb: its refusals at the fields they name, and acts whose effect is shown before they are done."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms

from accounts.errors import Refused, status_of
from evidence import access
from evidence.web.doors import put_back


class ActForm(forms.Form):
    """A form behind one verb. `renamed` maps a field that the verb knows to the field that stands for it here."""

    renamed: dict[str, str] = {}

    def attempt(self, act: Callable[[], Any]):
        """Run a verb with what was typed: (what it returned or True, 200), or (None, the status of the page)."""
        if not self.is_bound:
            return None, 200
        if not self.is_valid():
            return None, 400
        try:
            return act() or True, 200
        except Refused as error:
            return None, self.refuse(error)

    def refuse(self, error: Refused) -> int:
        """Show a verb's refusal at its fields; returns the HTTP status of the page."""
        put_back(self, error, self.renamed)
        return status_of(error)


class Confirmed(ActForm):
    """An act that is done only once its effect was shown: to this person, of exactly this choice.

    The first post shows the effect in numbers and seals the choice into the form; the next one acts. A reason may be
    reworded between the two: the effect does not depend on it.
    """

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def attempt_shown(
        self, request, act: Callable[[], Any], *, effect: Callable[[], Any], touched: Callable[[], Iterable]
    ):
        """(what the verb returned or None, the effect to show or None, the status of the page).

        `effect` raises what the act itself would refuse; `touched` are the people whom it counts.
        """
        if not (self.is_bound and self.is_valid()):
            return (None, None, 400 if self.is_bound else 200)
        choice = self._choice(request, touched())
        if "show" not in request.POST and access.was_shown(self.cleaned_data["shown"], by=request.user, choice=choice):
            done, status = self.attempt(act)
            return done, None, status
        try:
            counted = effect()
        except Refused as error:
            return None, None, self.refuse(error)
        self.data = self.data.copy()
        self.data["shown"] = access.seal(by=request.user, choice=choice)
        return None, counted, 200

    def _choice(self, request, touched: Iterable) -> list[str]:
        """What the effect depends on: the page with its query, what was chosen, who is touched now."""
        chosen = {name: value for name, value in self.cleaned_data.items() if name not in ("reason", "shown")}
        return [
            request.get_full_path(),
            *(f"{name}={getattr(value, 'pk', value)}" for name, value in sorted(chosen.items())),
            *sorted(str(user.pk) for user in touched),
        ]
