"""Filters of the list of people, for administrators: the same query string on the page and in the API."""

from collections.abc import Callable

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from accounts.models import Team, User
from accounts.roles import Role
from evidence.search.values import known

LONGEST = 200


def _text(queryset, values, params, user):
    """Every word somewhere in name or address."""
    text = " ".join(values).strip()
    if len(text) > LONGEST:
        raise Invalid(_("Search for at most 200 characters."), field="q")
    for word in text.split():
        queryset = queryset.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return queryset


def _role(queryset, values, params, user):
    return queryset.filter(role__in=known(values, Role.values, "role"))


def _active(queryset, values, params, user):
    (value,) = known(values[-1:], ["yes", "no"], "active")
    return queryset.filter(is_active=value == "yes")


def _team(queryset, values, params, user):
    teams = [str(pk) for pk in Team.objects.values_list("pk", flat=True)]
    wanted = [value for value in values if value in teams]
    members = User.groups.through.objects.filter(group__in=wanted).values("user")
    return queryset.filter(pk__in=members) if wanted else queryset.none()


PEOPLE_FILTERS: dict[str, Callable] = {"q": _text, "role": _role, "active": _active, "team": _team}
