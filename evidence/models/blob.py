"""Bytes: content-addressed, written once, encrypted; and the files that point at them."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.grants import LinkedQuerySet
from evidence.models.record import Detail, one_of


class Blob(models.Model):
    """One sequence of bytes, known by the SHA-256 of its plain content. The data key is wrapped by a master key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.BinaryField(max_length=32, unique=True)
    size = models.BigIntegerField()
    wrapped_key = models.BinaryField(null=True)  # null: the key was destroyed by a two-person decision
    stored_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__gte=0), name="blob_size")]

    def __str__(self):
        return self.digest

    @property
    def digest(self) -> str:
        return bytes(self.sha256).hex()


class File(Detail):
    """A file of an item: the original as received, or a derivative with the tool and version that made it."""

    ROLES = (
        "original", "evidentiary_copy", "working_copy", "redacted", "translation", "transcription",
        "thumbnail", "normalised", "excerpt", "digital_surrogate",
    )  # fmt: skip

    item = models.ForeignKey("evidence.Item", on_delete=models.PROTECT, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="files")
    role = models.CharField(max_length=20, default="original")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=127, default="application/octet-stream")
    derived_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="derivatives")
    tool = models.CharField(max_length=120, blank=True)
    is_machine_made = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True)

    secured_ends = ("item",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            one_of(
                "file_role",
                "role",
                [
                    "original", "evidentiary_copy", "working_copy", "redacted", "translation", "transcription",
                    "thumbnail", "normalised", "excerpt", "digital_surrogate",
                ],
            ),
            models.CheckConstraint(
                condition=Q(role__in=["original", "evidentiary_copy"]) | Q(derived_from__isnull=False),
                name="file_derivative_has_origin",
            ),
        ]  # fmt: skip

    def __str__(self):
        return str(self.pk)
