"""Sources under protected references, their gradings, and which source documented which incident."""

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.linked import LinkedQuerySet
from evidence.models.codes import CodeField
from evidence.models.record import JUDGED_BY, Detail, Leveled, Record, one_of, permissions_of

RELIABILITY = ("A", "B", "C", "D", "E", "F")
CREDIBILITY = ("1", "2", "3", "4", "5", "6")


class Source(Record):
    """A person, an organisation, a publication. `origin` tells copies from independent origins."""

    code = CodeField(prefix="SRC")
    kind = models.CharField(_("type of source"), max_length=40, default="unknown")
    title = models.CharField(_("protected reference or public title"), max_length=500)
    description = models.TextField(blank=True)
    proximity = models.CharField(max_length=40, blank=True)
    person = models.ForeignKey("evidence.Person", null=True, on_delete=models.PROTECT, related_name="sources")
    origin = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="copies")

    class Meta:
        permissions = permissions_of("source")
        indexes = [
            models.Index(F("updated_at").desc(), F("id").desc(), name="source_updated", include=[*JUDGED_BY, "kind"]),
            models.Index(fields=[*JUDGED_BY], name="source_acl"),
            HashIndex(fields=["title"], name="source_title"),  # an import asks whether a source is there already
        ]
        constraints = [
            Leveled.level_constraint("source"),
            models.CheckConstraint(condition=~Q(title=""), name="source_titled"),
        ]

    def __str__(self):
        return self.code


class Grading(Detail):
    """Reliability of the source (A–F) and credibility of the information (1–6): two independent scales.

    A new grading is a new row; the newest is in force, the older ones are its history.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="gradings")
    item = models.ForeignKey("evidence.Item", null=True, on_delete=models.PROTECT, related_name="gradings")
    reliability = models.CharField(max_length=1)
    credibility = models.CharField(max_length=1)
    reason = models.TextField()

    secured_ends = ("source", "item")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            one_of("grading_reliability", "reliability", RELIABILITY),
            one_of("grading_credibility", "credibility", CREDIBILITY),
            models.CheckConstraint(condition=~Q(reason=""), name="grading_reasoned"),
        ]

    def __str__(self):
        return f"{self.reliability}{self.credibility}"


class Documentation(Detail):
    """Whether a source documented an incident: yes, no, or not applicable, as the received table says."""

    incident = models.ForeignKey("evidence.Incident", on_delete=models.PROTECT, related_name="documentation")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="documentation")
    documented = models.CharField(max_length=20)

    secured_ends = ("incident", "source")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "documentation"
        constraints = [
            models.UniqueConstraint(fields=["incident", "source"], name="documentation_once"),
            one_of("documentation_known", "documented", ["yes", "no", "not_applicable"]),
        ]

    def __str__(self):
        return self.documented
