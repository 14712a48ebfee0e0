"""Bytes: content-addressed, written once, encrypted; and the files that point at them."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.linked import LinkedQuerySet
from evidence.models.record import Detail, codes, one_of


class Words(models.Func):
    """A fingerprint as sixteen numbers, each of a place and the 16 bits there: what likeness is looked up by."""

    function = "public.fingerprint_words"
    output_field = ArrayField(models.IntegerField())


class Blob(models.Model):
    """One sequence of bytes, known by the SHA-256 of its plain content. The data key is wrapped by a master key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.BinaryField(max_length=32, db_index=True)
    size = models.BigIntegerField()
    # What people brought, or what was made of it: kept apart, and never the same row.
    area = models.CharField(max_length=10, default="original")
    wrapped_key = models.BinaryField(null=True)  # null: the key was destroyed by a two-person decision
    destroyed_at = models.DateTimeField(null=True)
    stored_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)
    altered_at = models.DateTimeField(null=True)  # when a check found other bytes than were stored

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=0), name="blob_size"),
            one_of("blob_area", "area", ["original", "derived"]),
            # The same bytes may come again after they were destroyed: then they are stored anew.
            models.UniqueConstraint(
                fields=["sha256", "area"],
                # Bytes that were found altered are no longer these: the same may be stored anew beside them.
                condition=Q(wrapped_key__isnull=False, altered_at__isnull=True),
                name="blob_stored_once",
            ),
            models.CheckConstraint(
                condition=Q(wrapped_key__isnull=False) ^ Q(destroyed_at__isnull=False), name="blob_key_or_tombstone"
            ),
        ]
        indexes = [
            models.Index(
                F("checked_at").asc(nulls_first=True), condition=Q(wrapped_key__isnull=False), name="blob_to_check"
            )
        ]

    def __str__(self):
        return self.digest

    @property
    def digest(self) -> str:
        return bytes(self.sha256).hex()


class File(Detail):
    """A file of an item: the original as received, or a derivative with the tool and version that made it."""

    class Scan(models.TextChoices):
        PENDING = "pending", _("In quarantine: not looked at yet")
        CLEAN = "clean", _("No malware found")
        INFECTED = "infected", _("Malware: isolated")
        UNSCANNED = "unscanned", _("Not scanned for malware")

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
    # A member of an archive or an attachment, taken in on request: where it lay, and under which name.
    taken_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="members")
    member = models.CharField(max_length=1000, blank=True)
    # What quarantine found: nobody opens bytes before it has looked.
    scan = models.CharField(max_length=10, default="pending", choices=Scan)
    scan_note = models.CharField(max_length=200, blank=True)
    flags = codes()
    format = models.CharField(max_length=200, blank=True)
    fingerprint = models.BinaryField(max_length=32, null=True)  # PDQ: pictures that look alike
    withdrawn_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

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
            one_of("file_scan", "scan", ["pending", "clean", "infected", "unscanned"]),
        ]  # fmt: skip
        indexes = [
            GinIndex(Words("fingerprint"), name="file_likeness", condition=Q(fingerprint__isnull=False)),
        ]

    def __str__(self):
        return str(self.pk)

    @property
    def is_isolated(self) -> bool:
        """Kept, but nothing is shown of it and nothing made from it."""
        return self.scan in (self.Scan.PENDING, self.Scan.INFECTED)
