"""Values of a query string that are chosen from a few."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.errors import Invalid


def known(values: list[str], allowed: Iterable, name: str) -> list[str]:
    """The values if all are among those allowed; Invalid names the parameter, the first that is not, and what is."""
    allowed = list(allowed)
    if unknown := [value for value in values if value not in allowed]:
        raise Invalid(
            _("“%(value)s” is not one of: %(known)s.")
            % {"value": unknown[0][:80], "known": ", ".join(map(str, allowed))},
            field=name,
        )
    return values
