"""What becomes of evidence that is held: legal holds, and single openings of a file for a stated purpose."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.linked import LinkedQuerySet
from evidence.models.record import Detail, author, codes


class Hold(Detail):
    """A legal hold on an item or on all of a collection: while it lasts nothing of it is withdrawn or destroyed."""

    item = models.ForeignKey("evidence.Item", null=True, on_delete=models.PROTECT, related_name="holds")
    collection = models.ForeignKey("evidence.Collection", null=True, on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField(max_length=1000)
    ended_at = models.DateTimeField(null=True)
    ended_by = author(null=True)
    end_reason = models.TextField(max_length=1000, blank=True)

    secured_ends = ("item", "collection")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(item__isnull=False, collection__isnull=True)
                | Q(item__isnull=True, collection__isnull=False),
                name="hold_one_target",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="hold_ended_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["item"], condition=Q(ended_at__isnull=True), name="hold_of_item"),
            models.Index(fields=["collection"], condition=Q(ended_at__isnull=True), name="hold_of_collection"),
        ]

    def __str__(self):
        return str(self.pk)


class Opening(Detail):
    """One person's leave to read the bytes of one file for some minutes, and what for. Nobody else can use it."""

    file = models.ForeignKey("evidence.File", on_delete=models.PROTECT, related_name="openings")
    purpose = models.CharField(max_length=300)
    knowing = codes()  # dangers that she was told of and confirmed: "malware", "altered"
    expires_at = models.DateTimeField()

    secured_ends = ("file__item",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["created_by", "file", "expires_at"], name="opening_of_person")]

    def __str__(self):
        return str(self.pk)

    @property
    def is_open(self) -> bool:
        return self.expires_at > timezone.now()
