"""Files on their way in: batches of many files, and uploads that arrive in pieces."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.linked import LinkedQuerySet
from accounts.roles import Permission
from evidence.models.record import Detail, one_of


class IntakeBatch(Detail):
    """Many files that one person brings at once into one collection: what their items have in common, and the receipt.

    Its home collection says who may see it, or the item that it adds to; what is listed of it is filtered file by file,
    by each item's own access.
    """

    class Into(models.TextChoices):
        EACH = "each", _("One item for each file")
        ONE = "one", _("One item that holds all files")

    # Without one, its files go into an item that was there before: who brings them may know that item alone.
    collection = models.ForeignKey(
        "evidence.Collection", null=True, on_delete=models.PROTECT, related_name="intake_batches"
    )
    into = models.CharField(max_length=5, choices=Into, default=Into.EACH)
    item = models.ForeignKey("evidence.Item", null=True, on_delete=models.PROTECT, related_name="intake_batches")
    # Each new item is linked to it as evidence, in the way that `linking` says.
    incident = models.ForeignKey(
        "evidence.Incident", null=True, on_delete=models.PROTECT, related_name="intake_batches"
    )
    linking = models.JSONField(default=dict)
    label = models.CharField(max_length=200, blank=True)
    given = models.JSONField(default=dict)  # what each new item is described with
    confidentiality = models.PositiveSmallIntegerField()
    closed_at = models.DateTimeField(null=True)

    secured_ends = ("collection", "item", "incident")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "intake batches"
        constraints = [
            one_of("intakebatch_into", "into", ["each", "one"]),
            models.CheckConstraint(
                condition=Q(collection__isnull=False) | Q(item__isnull=False, into="one"), name="intakebatch_home"
            ),
        ]

    def __str__(self):
        return str(self.pk)


class UploadQuerySet(LinkedQuerySet):
    """Uploads are their maker's own, whatever became of her access to where they go: she is told why they ended."""

    def permitted(self, user, permission: str = Permission.VIEW):
        return self.filter(created_by=user) if user and user.is_authenticated else self.none()


class Upload(Detail):
    """One file that arrives in pieces. What has come lies in the storage; this row says what it is and whose.

    Only whoever began it may see it or go on with it.
    """

    class State(models.TextChoices):
        ARRIVING = "arriving", _("Arriving")
        KEPT = "kept", _("Stored, hash confirmed")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Given up after days without a piece")

    batch = models.ForeignKey(IntakeBatch, null=True, on_delete=models.PROTECT, related_name="uploads")
    item = models.ForeignKey("evidence.Item", null=True, on_delete=models.PROTECT, related_name="uploads")
    name = models.CharField(max_length=255)
    folder = models.CharField(max_length=1000, blank=True)  # where it lay in the folder that was brought
    size = models.BigIntegerField()
    # When the file was last changed, as the machine that it came from says: tells the same file from one alike.
    modified_at = models.DateTimeField(null=True)
    blob_id = models.UUIDField(unique=True)
    wrapped_key = models.BinaryField()
    state = models.CharField(max_length=10, choices=State, default=State.ARRIVING)
    problem = models.CharField(max_length=500, blank=True)
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    file = models.OneToOneField("evidence.File", null=True, on_delete=models.PROTECT, related_name="upload")
    # The same bytes were in an item already that this person sees; which one is looked up when it is shown.
    was_known = models.BooleanField(default=False)

    secured_ends = ("batch__collection", "item")
    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            one_of("upload_state", "state", ["arriving", "kept", "refused", "cancelled", "expired"]),
            models.CheckConstraint(condition=Q(size__gte=0), name="upload_size"),
            models.CheckConstraint(
                condition=Q(batch__isnull=False, item__isnull=True) | Q(batch__isnull=True, item__isnull=False),
                name="upload_one_target",
            ),
            models.CheckConstraint(condition=~Q(state="kept") | Q(file__isnull=False), name="upload_kept_has_file"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(state="arriving"), name="upload_arriving")]

    def __str__(self):
        return str(self.pk)
