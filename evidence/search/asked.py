"""The query string as one condition, asked of every part of the gate alike.

Each filter is run once a request: it looks up codes and records, and there may be many of it within `where`.
"""

from collections.abc import Callable

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from evidence.models.codes import read_code
from evidence.search.text import Text, standing, typed
from evidence.search.values import Unknown

PAGING = ("cursor", "page_size", "ordering", "count", "fields", "format", "view")


class Asked:
    """Stands in for a queryset while a filter says what it would narrow it by: that, as one condition."""

    def __init__(self, model: type[Model], said: Q | None = None):
        self.model, self.said = model, Q() if said is None else said

    def filter(self, *conditions, **lookups) -> "Asked":
        return Asked(self.model, self.said & Q(*conditions, **lookups))

    def exclude(self, *conditions, **lookups) -> "Asked":
        return Asked(self.model, self.said & ~Q(*conditions, **lookups))

    def none(self) -> "Asked":
        return Asked(self.model, Q(pk__in=[]))


def asked(model: type[Model], params, filters: dict[str, Callable], *, user, indexed: bool = True) -> Q:
    """What the query string `params` (a QueryDict) asks of rows; raises Invalid naming the parameter.

    Without `indexed`, text is looked for row by row: the same rows by another way.
    """
    errors, rows = {}, Asked(model)
    for name in params:
        if name not in filters and name not in PAGING:
            errors[name] = Unknown(_("There is no such filter. Known: %(known)s."), filters)
    for name, apply in filters.items():
        values = [value for value in params.getlist(name) if value != ""]
        if not values:
            continue
        try:
            if any("\x00" in value for value in values):
                raise Invalid(_("This value cannot be searched for."), field=name)
            if isinstance(apply, Text):
                rows = apply.found(rows, values, indexed=indexed, user=user)
                if _finds_standing(values, params):
                    rows = rows.filter(standing(model))
            else:
                rows = apply(rows, values, params, user)
        except Invalid as error:
            errors[name] = error.message
    if errors:
        raise Invalid(_("The query string has a mistake."), errors=errors, field=next(iter(errors)))
    return rows.said


def _finds_standing(values: list[str], params) -> bool:
    """Whether words find no withdrawn record: unless it is named by its reference, or the status is asked for."""
    text = typed(values)
    asks_status = "status" in params or "status:" in params.get("where", "")
    return bool(text) and not read_code(text) and not asks_status


def narrow(queryset, params, filters: dict[str, Callable], *, user, indexed: bool = True):
    """Apply the query string to a permitted queryset; raises Invalid naming the parameter."""
    said = asked(queryset.model, params, filters, user=user, indexed=indexed)
    return queryset.filter(said) if said else queryset
