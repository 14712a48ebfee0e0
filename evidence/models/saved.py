"""Saved searches: a name for a query string, for oneself or for a team."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.grants import Permission
from evidence.models.record import author, one_of

KINDS = ("incident", "item", "person", "source")


class SavedSearchQuerySet(models.QuerySet):
    def permitted(self, user, permission: str = Permission.VIEW):
        """One's own, and for reading those shared with one's teams; ended ones are nobody's."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        mine = Q(created_by=user)
        if permission == Permission.VIEW:
            mine |= Q(team__group__in=user.team_ids)
        return self.filter(mine, ended_at=None)


class SavedSearch(models.Model):
    """It holds what is asked, never what is found: each person finds by it what she may see."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(max_length=20, default="incident")
    query = models.CharField(max_length=2000, blank=True)  # a query string of the list of the kind
    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.PROTECT, related_name="saved_searches")
    created_by = author()
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        ordering = ["name", "created_at"]
        verbose_name_plural = "saved searches"
        indexes = [models.Index(fields=["created_by", "kind"], name="savedsearch_mine")]
        constraints = [
            one_of("savedsearch_kind", "kind", KINDS),
            models.CheckConstraint(condition=~Q(name=""), name="savedsearch_named"),
        ]

    def __str__(self):
        return self.name
