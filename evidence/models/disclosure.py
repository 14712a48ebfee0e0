"""What goes out: a request, the gates each item passes or fails, two approvals, the frozen package."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from evidence.models.codes import CodeField
from evidence.models.record import author, one_of

DISCLOSURE_STATUSES = (
    "received", "recipient_vetting", "legal_review", "consent_check", "provider_check", "protection_review",
    "redaction", "first_approval", "second_approval", "approved", "rejected", "packaged", "delivered",
    "acknowledged", "recalled",
)  # fmt: skip
GATES = ("purpose", "recipient", "consent", "provider_conditions", "protection", "confidentiality", "relevance")


class Disclosure(models.Model):
    """A request by a mechanism and where it stands. Two different people approve it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = CodeField(prefix="DIS")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="disclosures")
    recipient_type = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    legal_basis = models.TextField(blank=True)
    request = models.TextField()
    status = models.CharField(max_length=30, default="received")
    first_approval_by = author(null=True)
    first_approval_at = models.DateTimeField(null=True)
    second_approval_by = author(null=True)
    second_approval_at = models.DateTimeField(null=True)
    created_by = author()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("disclosure_status", "status", DISCLOSURE_STATUSES),
            models.CheckConstraint(
                condition=Q(purpose__in=["accountability", "truth", "un_targeted_sanctions"]) | ~Q(legal_basis=""),
                name="disclosure_purpose_or_basis",
            ),
            models.CheckConstraint(
                condition=Q(second_approval_by__isnull=True)
                | Q(first_approval_by__isnull=False) & ~Q(first_approval_by=F("second_approval_by")),
                name="disclosure_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "packaged", "delivered", "acknowledged"])
                | Q(second_approval_by__isnull=False),
                name="disclosure_approved_by_two",
            ),
        ]

    def __str__(self):
        return self.code


class DisclosureItem(models.Model):
    """One item of a disclosure: it passes or fails each gate on its own; a failing item blocks itself only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, related_name="items")
    item = models.ForeignKey("evidence.Item", on_delete=models.PROTECT, related_name="disclosures")
    is_included = models.BooleanField(default=False)
    withholding_reason = models.CharField(max_length=40, blank=True)
    is_neutral_entry = models.BooleanField(default=False)  # where even the listing would expose a source

    class Meta:
        constraints = [models.UniqueConstraint(fields=["disclosure", "item"], name="disclosureitem_once")]

    def __str__(self):
        return str(self.pk)


class GateResult(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    disclosure_item = models.ForeignKey(DisclosureItem, on_delete=models.PROTECT, related_name="gates")
    gate = models.CharField(max_length=30)
    result = models.CharField(max_length=10, default="pending")
    reason = models.TextField(blank=True)
    reviewed_by = author(null=True)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["disclosure_item", "gate"], name="gateresult_once"),
            one_of("gateresult_gate", "gate", GATES),
            one_of("gateresult_result", "result", ["pass", "fail", "pending"]),
            models.CheckConstraint(
                condition=Q(result="pending") | (~Q(reason="") & Q(reviewed_by__isnull=False)),
                name="gateresult_reviewed",
            ),
        ]

    def __str__(self):
        return f"{self.gate}: {self.result}"


class Package(models.Model):
    """The frozen BagIt bag of a disclosure, content-addressed like every other blob."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, related_name="packages")
    blob = models.ForeignKey("evidence.Blob", on_delete=models.PROTECT, related_name="packages")
    number = models.PositiveSmallIntegerField(default=1)
    frozen_at = models.DateTimeField()
    recalled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["disclosure", "number"], name="package_once")]

    def __str__(self):
        return str(self.pk)
