"""Organisations and units, and who was superior to whom when."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from evidence.models.codes import CodeField
from evidence.models.record import author, dates_in_order


class Organisation(models.Model):
    """Reference data, readable by every signed-in person but mechanisms."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = CodeField(prefix="ORG")
    term = models.CharField(
        max_length=120, unique=True, null=True
    )  # code in the vocabulary of State organs it came from
    name_en = models.CharField(_("name in English"), max_length=200)
    name_ko = models.CharField(_("name in Korean"), max_length=200, blank=True)
    kind = models.CharField(max_length=40, default="unknown")
    place = models.ForeignKey("evidence.Place", null=True, on_delete=models.PROTECT, related_name="organisations")
    date = models.CharField(max_length=64, blank=True)
    date_earliest = models.DateField(null=True, editable=False)
    date_latest = models.DateField(null=True, editable=False)
    created_by = author(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name_en"]
        constraints = [
            dates_in_order("organisation_dates"),
            models.CheckConstraint(condition=~Q(name_en=""), name="organisation_named"),
        ]

    def __str__(self):
        return self.name_en


class Superior(models.Model):
    """`superior` commanded `subordinate` during the interval."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    superior = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="subordinates")
    subordinate = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="superiors")
    date = models.CharField(max_length=64, blank=True)
    date_earliest = models.DateField(null=True, editable=False)
    date_latest = models.DateField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(superior=F("subordinate")), name="superior_two"),
            dates_in_order("superior_dates"),
        ]

    def __str__(self):
        return str(self.pk)
