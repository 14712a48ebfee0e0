"""Two people: what one proposes to loosen or to unmask, another carries out or declines."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.linked import LinkedQuerySet
from evidence.models.record import Detail, author, one_of


class Decision(Detail):
    """A proposal about one secured record and what became of it. `asked` holds what is to be changed, in codes."""

    class Kind(models.TextChoices):
        DOWNGRADE = "downgrade", _("Lower the level")
        REASSESS = "reassess", _("Lower the protection of a person")
        UNMASK = "unmask", _("Open the identity of a person at high risk")
        DESTROY = "destroy", _("Destroy the content of an evidence item")

    class State(models.TextChoices):
        OPEN = "open", _("Waits for a second person")
        CARRIED_OUT = "carried_out", _("Carried out")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    kind = models.CharField(max_length=20, choices=Kind)
    incident = models.ForeignKey("evidence.Incident", null=True, on_delete=models.PROTECT, related_name="decisions")
    item = models.ForeignKey("evidence.Item", null=True, on_delete=models.PROTECT, related_name="decisions")
    person = models.ForeignKey("evidence.Person", null=True, on_delete=models.PROTECT, related_name="decisions")
    source = models.ForeignKey("evidence.Source", null=True, on_delete=models.PROTECT, related_name="decisions")
    asked = models.JSONField(default=dict)
    reason = models.TextField()
    state = models.CharField(max_length=20, default=State.OPEN, choices=State)
    decided_by = author(null=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    # An approved unmasking is good for the one who asked, until then.
    usable_until = models.DateTimeField(null=True)

    secured_ends = ("incident", "item", "person", "source")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "-created_at"], name="decision_state")]
        constraints = [
            one_of("decision_kind", "kind", ["downgrade", "reassess", "unmask", "destroy"]),
            one_of("decision_state_known", "state", ["open", "carried_out", "declined", "withdrawn"]),
            models.CheckConstraint(
                condition=Q(incident__isnull=False, item__isnull=True, person__isnull=True, source__isnull=True)
                | Q(incident__isnull=True, item__isnull=False, person__isnull=True, source__isnull=True)
                | Q(incident__isnull=True, item__isnull=True, person__isnull=False, source__isnull=True)
                | Q(incident__isnull=True, item__isnull=True, person__isnull=True, source__isnull=False),
                name="decision_one_record",
            ),
            # The second person is not the first, whatever a door forgot to ask.
            models.CheckConstraint(
                condition=Q(state="open", decided_by__isnull=True)
                | Q(state="withdrawn", decided_by=F("created_by"))
                | (Q(state__in=["carried_out", "declined"], decided_by__isnull=False) & ~Q(decided_by=F("created_by"))),
                name="decision_two_people",
            ),
        ]

    def __str__(self):
        return self.kind

    @property
    def record(self):
        return self.incident or self.item or self.person or self.source

    @property
    def is_usable(self) -> bool:
        return self.state == self.State.CARRIED_OUT and bool(self.usable_until and self.usable_until > timezone.now())
