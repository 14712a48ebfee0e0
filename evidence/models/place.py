"""The gazetteer: countries, provinces, counties and, later, facilities, with names in both languages."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from evidence.models.record import one_of


class Place(models.Model):
    class Kind(models.TextChoices):
        COUNTRY = "country", _("Country")
        PROVINCE = "province", _("Province")
        COUNTY = "county", _("City, county or district")
        SETTLEMENT = "settlement", _("Village or neighbourhood")
        FACILITY = "facility", _("Facility or site")

    code = models.CharField(max_length=80, primary_key=True)  # KP, KP-09, KP-09.onsong
    kind = models.CharField(max_length=20, choices=Kind)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    path = ArrayField(models.CharField(max_length=80))  # codes from the country to this place
    name_en = models.CharField(max_length=200)
    name_ko = models.CharField(max_length=200)
    alternates = ArrayField(models.CharField(max_length=200), default=list)
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True)

    class Meta:
        ordering = ["code"]
        indexes = [GinIndex(fields=["path"], name="place_path")]
        constraints = [
            one_of("place_kind", "kind", ["country", "province", "county", "settlement", "facility"]),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="place_coordinates",
            ),
            models.CheckConstraint(condition=Q(kind="country") ^ Q(parent__isnull=False), name="place_has_parent"),
        ]

    def __str__(self):
        return self.name_en
