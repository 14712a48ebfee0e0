"""The gate for what has no access of its own: rows that are seen with the secured records at their ends."""

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.grants import Scope
from accounts.roles import Permission


class LinkedQuerySet(models.QuerySet):
    """Rows visible only if every secured record at their ends is: acts, involvements, links, gradings, consents.

    The model names its ends in `secured_ends`: paths to foreign keys of secured models; an empty end does not count.
    """

    def permitted(self, user, permission: str = Permission.VIEW, *, within=None, by_row: bool = False):
        """`within`: a record that has just passed the gate for this person. Where it is the end of a row it is not
        asked for again, and rows with another end of its kind are left out; the rest is asked `by_row`."""
        rows, ends = self, getattr(self.model, "secured_ends")  # noqa: B009
        for path in ends:
            model = end_model(self.model, path)
            if within is not None and model is type(within):
                here = Q(**{path: within.pk})
            else:
                # Row by row: details are read by the record, and a list of all that she sees may be a million long.
                asked = Permission.VIEW if path != ends[0] else permission
                seen = model._default_manager.permitted(user, asked, by_row=by_row or within is not None)
                here = Q(Exists(seen.filter(pk=OuterRef(path))))
            rows = rows.filter(here | Q(**{f"{path}__isnull": True}))
        return rows if Scope.of(user, permission) else self.none()


def end_model(model, path: str):
    for name in path.split("__"):
        model = model._meta.get_field(name).related_model
    return apps.get_model(model) if isinstance(model, str) else model
