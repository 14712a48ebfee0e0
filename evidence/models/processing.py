"""What is made of a file so that it can be read: the work to do, each step's outcome, its text and its pictures.

The row's state is the queue. Everything here is made by machines and kept apart from what people entered; what a retry
replaces is ended, not deleted.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.linked import LinkedQuerySet
from evidence.models.record import author, one_of

TEXT_LIMIT = 1_000_000  # characters a page


class Processing(models.Model):
    """The work on one file. Pending until each step has an outcome; whose lease has not ended is being worked on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.OneToOneField("evidence.File", on_delete=models.PROTECT, related_name="processing")
    state = models.CharField(max_length=10, default="pending")
    requested_by = author(null=True)  # who asked for a retry
    requested_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    # Whoever works on it, until when, and how often somebody has begun: progress, which leaves no entries.
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    current = models.CharField(max_length=30, blank=True)

    secured_ends = ("file__item",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "processing"
        constraints = [one_of("processing_state", "state", ["pending", "done"])]
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(state="pending"), name="processing_pending"),
        ]

    def __str__(self):
        return self.state


class Step(models.Model):
    """How one step ended for one file, with the tool that did it."""

    class State(models.TextChoices):
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        NOT_DONE = "not_done", _("Not done")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.ForeignKey("evidence.File", on_delete=models.PROTECT, related_name="steps")
    name = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=State)
    reason = models.CharField(max_length=30, blank=True)  # a code; its wording is the pages'
    detail = models.CharField(max_length=500, blank=True)  # what the tool said, in its words
    tool = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    seconds = models.FloatField(default=0)
    finished_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)  # a later run of the step has taken its place

    secured_ends = ("file__item",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["finished_at"]
        constraints = [
            one_of("step_state", "state", ["done", "failed", "not_done"]),
            models.CheckConstraint(condition=Q(state="done") | ~Q(reason=""), name="step_reasoned"),
            models.UniqueConstraint(fields=["file", "name"], condition=Q(ended_at__isnull=True), name="step_once"),
        ]

    def __str__(self):
        return self.name


class Rendition(models.Model):
    """A picture made of a file: thumbnail, page, poster frame. Machine-made, never evidence itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.ForeignKey("evidence.File", on_delete=models.PROTECT, related_name="renditions")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="renditions")
    blob = models.ForeignKey("evidence.Blob", on_delete=models.PROTECT, related_name="renditions")
    kind = models.CharField(max_length=10)
    number = models.PositiveIntegerField(default=1)
    media_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    secured_ends = ("file__item",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "number"]
        constraints = [
            one_of("rendition_kind", "kind", ["thumbnail", "page", "poster"]),
            models.UniqueConstraint(
                fields=["file", "kind", "number"], condition=Q(ended_at__isnull=True), name="rendition_once"
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.number}"


class FileText(models.Model):
    """The text of one page of a file, as a machine read it: extracted from the file, or recognised in its picture."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.ForeignKey("evidence.File", on_delete=models.PROTECT, related_name="texts")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="texts")
    number = models.PositiveIntegerField(default=1)
    text = models.TextField(max_length=TEXT_LIMIT)
    is_recognised = models.BooleanField(default=False)  # by OCR
    confidence = models.PositiveSmallIntegerField(null=True)  # per cent, of the recognition
    language = models.CharField(max_length=35, blank=True)
    ended_at = models.DateTimeField(null=True)

    secured_ends = ("file__item",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "number"], condition=Q(ended_at__isnull=True), name="filetext_once"
            ),
        ]

    def __str__(self):
        return str(self.number)
