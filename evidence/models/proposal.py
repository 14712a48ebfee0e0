"""What a person decided about what a file's metadata proposes. What is proposed stays in the result of the step."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.linked import LinkedQuerySet
from evidence.models.record import Detail, one_of


class ProposalDecision(Detail):
    """One decision; the newest about the same proposal counts, and the older ones stay."""

    class Decision(models.TextChoices):
        ADOPTED = "adopted", _("Adopted")
        DISMISSED = "dismissed", _("Dismissed")

    KINDS = ("time", "place")

    file = models.ForeignKey("evidence.File", on_delete=models.PROTECT, related_name="proposal_decisions")
    kind = models.CharField(max_length=10)
    value = models.CharField(max_length=100)  # EDTF, or latitude and longitude
    decision = models.CharField(max_length=10, choices=Decision)

    secured_ends = ("file__item",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            one_of("proposal_kind", "kind", ["time", "place"]),
            one_of("proposal_decision", "decision", ["adopted", "dismissed"]),
        ]

    def __str__(self):
        return f"{self.kind} {self.decision}"
