"""The collection: the home of records and the unit of access."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.grants import SecuredQuerySet
from evidence.models.codes import CodeField
from evidence.models.record import Level, Leveled, author, permissions_of


class Collection(Leveled):
    """A case file or a received archive. Its own name can be confidential too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = CodeField(prefix="COL")
    name_en = models.CharField(_("name in English"), max_length=200)
    name_ko = models.CharField(_("name in Korean"), max_length=200, blank=True)
    description = models.TextField(blank=True)
    preset_level = models.PositiveSmallIntegerField(
        _("level of new records"), choices=Level, null=True, help_text=_("Without one, new records take the highest.")
    )
    retention_years = models.PositiveSmallIntegerField(
        _("years that items are kept at least"), null=True, help_text=_("From taking in; an item may say a date.")
    )
    created_by = author()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SecuredQuerySet.as_manager()

    class Meta:
        permissions = permissions_of("collection")
        constraints = [
            Leveled.level_constraint("collection"),
            models.CheckConstraint(condition=~models.Q(name_en=""), name="collection_named"),
            models.CheckConstraint(
                condition=models.Q(retention_years__isnull=True) | models.Q(retention_years__range=(1, 200)),
                name="collection_retention",
            ),
        ]

    def __str__(self):
        return self.code

    @property
    def level_for_new(self) -> int:
        return Level.SOURCE_PROTECTED if self.preset_level is None else self.preset_level
