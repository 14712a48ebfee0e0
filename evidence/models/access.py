"""What happens around grants: requests for access, broken glass, and the notices that tell people of either.

A request holds the reference that was typed, not a key of a record: whether there is such a record is not answered by
a row that could or could not be made. Broken glass names its record by kind and id, since it can be of any kind.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evidence.models.record import author, one_of


def _whose(name: str, **kwargs):
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name=name, **kwargs)


class AccessRequest(models.Model):
    """Somebody asks for access to what she knows the reference of; another person decides."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    requester = _whose("access_requests")
    code = models.CharField(max_length=16)
    permission = models.CharField(max_length=20)
    reason = models.TextField()
    wanted_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, default=State.OPEN, choices=State)
    decided_by = author(null=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-created_at"], name="accessrequest_state")]
        constraints = [
            one_of("accessrequest_state_known", "state", ["open", "approved", "refused", "withdrawn"]),
            models.CheckConstraint(
                condition=Q(state__in=["open", "withdrawn"]) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="accessrequest_decided",
            ),
            # Nobody decides on her own request, whatever a door forgot to ask.
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requester")), name="accessrequest_two_people"
            ),
        ]

    def __str__(self):
        return str(self.pk)


class BreakGlass(models.Model):
    """A person opened a record that she had no access to, for some minutes, with a reason; reviewed afterwards."""

    class Outcome(models.TextChoices):
        JUSTIFIED = "justified", _("Justified")
        NOT_JUSTIFIED = "not_justified", _("Not justified")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = _whose("glass_broken")
    kind = models.CharField(max_length=20)
    record_id = models.UUIDField()
    collection = models.ForeignKey("evidence.Collection", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    started_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True, choices=Outcome)
    reviewed_by = author(null=True)
    reviewed_at = models.DateTimeField(null=True)
    review_note = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="breakglass_started")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", reviewed_by__isnull=True)
                | (~Q(outcome="") & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)),
                name="breakglass_reviewed",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("person")), name="breakglass_two_people"
            ),
        ]

    # Whether what tells of the record was taken off this copy of the row (evidence.access.glass.withheld).
    is_withheld = False

    def __str__(self):
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.expires_at > timezone.now()


class Notice(models.Model):
    """Tells a person that something waits for her. It carries no content: what it is about is behind its own door."""

    class Kind(models.TextChoices):
        GLASS_BROKEN = "glass_broken", _("The glass was broken: a record was opened in an emergency")
        GLASS_FAILED = "glass_failed", _("Somebody tried to break the glass, and nothing was opened")
        GLASS_REVIEWED = "glass_reviewed", _("Your emergency access was reviewed")
        ACCESS_ASKED = "access_asked", _("Somebody asks for access")
        ACCESS_DECIDED = "access_decided", _("Your request for access was decided")
        DECISION_ASKED = "decision_asked", _("A change of protection waits for a second person")
        DECISION_MADE = "decision_made", _("Your proposal was decided")
        BYTES_ALTERED = "bytes_altered", _("Alarm: stored bytes are not what was received")
        ITEM_FROZEN = "item_frozen", _("Alarm: an evidence item is frozen, its stored bytes were altered")
        CONSENT_WITHDRAWN = "consent_withdrawn", _("A consent was withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = _whose("notices")
    kind = models.CharField(max_length=30, choices=Kind)
    target = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notice_recipient"),
            models.Index(fields=["recipient"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self):
        return self.kind
