"""How many incidents there are of what, kept by triggers for counting whole lists (evidence/sql/0006_tallies.sql)."""

from django.db import models


class IncidentTally(models.Model):
    """So many more, or fewer, incidents of one home and level count towards one value. Rows add up.

    The first three columns are named as those of an incident that the gate judges by: its condition holds for both.
    """

    class Facet(models.TextChoices):
        STATUS = "s"
        PLACE = "p"
        YEAR = "y"
        CRIME = "c"

    id = models.BigAutoField(primary_key=True)
    collection = models.ForeignKey(
        "evidence.Collection", on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    inherits_access = models.BooleanField()
    effective_level = models.PositiveSmallIntegerField()
    facet = models.CharField(max_length=1, choices=Facet)
    code = models.CharField(max_length=80)
    n = models.BigIntegerField()

    class Meta:
        db_table = "incident_tally"  # as bookkeeping, which the ledger does not watch, is named
        indexes = [
            models.Index(
                fields=["collection", "inherits_access", "effective_level"],
                name="incident_tally_gate",
                include=["facet", "code", "n"],
            )
        ]
