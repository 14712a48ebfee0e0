"""Imports: saved column mappings, batches, and every row as it came, beside what was made of it."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.linked import LinkedQuerySet
from accounts.roles import Permission
from evidence.models.record import Detail, author, one_of

BATCH_STATES = ("uploaded", "pending", "running", "done", "failed", "cancelled")
ROW_OUTCOMES = ("created", "updated", "unchanged", "refused")


class ImportMapping(models.Model):
    """Which column becomes what. Shipped mappings have no author and are replaced by `load_reference`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name_en = models.CharField(max_length=200)
    name_ko = models.CharField(max_length=200, blank=True)
    spec = models.JSONField()
    is_shipped = models.BooleanField(default=False)
    created_by = author(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name_en"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_shipped=True) | Q(created_by__isnull=False), name="mapping_has_author"
            )
        ]

    def __str__(self):
        return self.slug


class BatchQuerySet(LinkedQuerySet):
    def permitted(self, user, permission: str = Permission.VIEW, **how):
        """Batches of collections she may see, within her clearance: a table is as confidential as its records."""
        return super().permitted(user, permission, **how).filter(confidentiality__lte=getattr(user, "clearance", -1))


class ImportBatch(Detail):
    """One file being imported into one collection. Its state is the queue: a lost broker delays, it never loses."""

    collection = models.ForeignKey("evidence.Collection", on_delete=models.PROTECT, related_name="imports")
    mapping = models.ForeignKey(ImportMapping, on_delete=models.PROTECT, related_name="batches")
    spec = models.JSONField()  # the mapping as it was when the batch ran
    blob = models.ForeignKey("evidence.Blob", on_delete=models.PROTECT, related_name="imports")
    filename = models.CharField(max_length=255)
    is_dry_run = models.BooleanField(default=True)
    confidentiality = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, default="uploaded")
    problem = models.TextField(blank=True)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    secured_ends = ("collection",)
    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "import batches"
        constraints = [one_of("importbatch_state", "state", BATCH_STATES)]

    def __str__(self):
        return str(self.pk)


class ImportedRecord(Detail):
    """Which record a row became: the identity of the row within collection and mapping, so that a re-import updates."""

    collection = models.ForeignKey("evidence.Collection", on_delete=models.PROTECT, related_name="+")
    mapping_slug = models.CharField(max_length=80)
    identity = models.CharField(max_length=300)
    incident = models.OneToOneField("evidence.Incident", on_delete=models.PROTECT, related_name="imported_from")
    made = models.JSONField()  # what the mapping made of the row: a re-import changes only what changed there

    secured_ends = ("incident",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "mapping_slug", "identity"], name="importedrecord_once")
        ]

    def __str__(self):
        return self.identity


class ImportRow(models.Model):
    """One row of a batch: its original values, and what became of it with the reasons."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="rows")
    sheet = models.CharField(max_length=100, blank=True)
    number = models.PositiveIntegerField()
    original = models.JSONField()
    identity = models.CharField(max_length=300, blank=True)
    outcome = models.CharField(max_length=20)
    problems = models.JSONField(default=list)  # [{"column", "reason"}]
    incident = models.ForeignKey("evidence.Incident", null=True, on_delete=models.PROTECT, related_name="import_rows")

    secured_ends = ("batch__collection", "incident")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["sheet", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "sheet", "number"], name="importrow_once"),
            one_of("importrow_outcome", "outcome", ROW_OUTCOMES),
        ]

    def __str__(self):
        return f"{self.sheet}:{self.number}"
