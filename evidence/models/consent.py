"""Consent and provider conditions: rows with history. No use implies another; what is not granted is denied."""

from django.db import models
from django.db.models import Q

from accounts.linked import LinkedQuerySet
from evidence.models.record import Detail, one_of

STATUSES = (
    "granted", "granted_conditional", "denied", "not_asked", "unclear", "withdrawn", "expired",
    "needs_reconfirmation", "deceased_next_of_kin", "unreachable", "not_required",
)  # fmt: skip
IDENTITY_LEVELS = ("full", "confidential_to_recipient", "pseudonym", "anonymised", "aggregate", "none")


class Consent(Detail):
    """Person × material × use × recipient × identity level. A change is a new row that supersedes the old one."""

    person = models.ForeignKey("evidence.Person", on_delete=models.PROTECT, related_name="consents")
    item = models.ForeignKey("evidence.Item", null=True, on_delete=models.PROTECT, related_name="consents")
    covers_everything = models.BooleanField(default=False)
    use = models.CharField(max_length=60)
    recipient = models.CharField(max_length=60)
    identity_level = models.CharField(max_length=40, default="none")
    includes_sexual_violence_details = models.BooleanField(default=False)
    status = models.CharField(max_length=30, default="denied")
    given_on = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)
    form = models.CharField(max_length=40, blank=True)
    conditions = models.TextField(blank=True)
    is_child = models.BooleanField(default=False)
    guardian_consented = models.BooleanField(default=False)
    child_assented = models.BooleanField(default=False)
    document = models.ForeignKey("evidence.Item", null=True, on_delete=models.PROTECT, related_name="documents_consent")
    superseded_by = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="supersedes")

    secured_ends = ("person", "item", "document")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("consent_status", "status", STATUSES),
            one_of("consent_identity_level", "identity_level", IDENTITY_LEVELS),
            models.CheckConstraint(
                condition=Q(item__isnull=False) ^ Q(covers_everything=True), name="consent_material"
            ),
            models.CheckConstraint(
                condition=Q(is_child=False)
                | ~Q(status__in=["granted", "granted_conditional"])
                | Q(guardian_consented=True, child_assented=True),
                name="consent_of_a_child",
            ),
            models.CheckConstraint(
                condition=~Q(status="granted_conditional") | ~Q(conditions=""), name="consent_conditions_stated"
            ),
        ]

    def __str__(self):
        return self.status


class ProviderCondition(Detail):
    """What the provider of a source or an item allows: a second gate beside consent."""

    source = models.ForeignKey("evidence.Source", null=True, on_delete=models.PROTECT, related_name="conditions")
    item = models.ForeignKey("evidence.Item", null=True, on_delete=models.PROTECT, related_name="provider_conditions")
    use = models.CharField(max_length=60)
    recipient = models.CharField(max_length=60)
    is_allowed = models.BooleanField(default=False)
    terms = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    secured_ends = ("source", "item")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source__isnull=True) ^ Q(item__isnull=True), name="providercondition_of_one"
            )
        ]

    def __str__(self):
        return str(self.pk)
