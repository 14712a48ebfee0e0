"""Incidents, their reviews, relations between them, and situations that carry contextual elements."""

import hashlib

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.linked import LinkedQuerySet
from evidence.models.codes import CodeField
from evidence.models.record import (
    JUDGED_BY,
    Detail,
    Leveled,
    Record,
    author,
    codes,
    dates_in_order,
    one_of,
    permissions_of,
)

PRECISIONS = ("exact", "facility", "settlement", "county", "province", "country", "unknown")
VERIFICATIONS = (
    "unverified", "in_progress", "partially_corroborated", "corroborated", "verified",
    "inconclusive", "contradicted", "inauthentic", "withdrawn",
)  # fmt: skip
# The filters that most lists are narrowed by, in the index that facets are counted from.
FILTERED_BY = (
    "review_status", "verification_status", "date_earliest", "date_latest", "date_is_certain", "classified_as",
    "crime_codes", "place_path",
)  # fmt: skip
SORTED_BY = ("updated_at", "date_sort", "code")
# The arrays whose codes the database folds into the number `filter_bits` (evidence/sql/0007_seen.sql), in its order.
FOLDED = ("crime_codes", "place_path")
# What the index of what a person sees holds beside it (`inc_seen`); those of the orders hold, of what is sorted by,
# their own order and the date (evidence/sql/0010_orders.sql).
SEEN_BY = (
    *JUDGED_BY, "pk", "id", *SORTED_BY, "review_status", "verification_status", "date_earliest", "date_latest",
    "date_is_certain", "classified_as",
)  # fmt: skip
REVIEW_DECISIONS = ("submitted", "returned", "passed", "finalised", "reopened", "withdrawn", "restored")


class ReviewStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    RETURNED = "returned", _("Returned")
    SECOND_REVIEW = "second_review", _("Second review")
    FINALISED = "finalised", _("Finalised")
    WITHDRAWN = "withdrawn", _("Withdrawn")


def filter_bits(codes) -> int:
    """The bits of these codes as the database folds them: an incident that has none of the bits has none of
    the codes. One that has some of the bits need not have a code, since many codes share 63 bits."""
    bits = 0
    for code in codes:
        bits |= 1 << int(hashlib.sha256(code.encode()).hexdigest()[:8], 16) % 63
    return bits


class Incident(Record):
    """One event, one place, one sentence. The crimes are those of its acts."""

    code = CodeField(prefix="INC", unique=False)  # it is, by the constraint whose index a list is read from
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    title_ko = models.CharField(_("title in Korean"), max_length=300, blank=True)
    narrative_en = models.TextField(_("account in English"), max_length=200_000, blank=True)
    narrative_ko = models.TextField(_("account in Korean"), max_length=200_000, blank=True)

    date = models.CharField(_("date (EDTF)"), max_length=64, blank=True)  # as entered
    date_note = models.CharField(_("date in the source's own words"), max_length=500, blank=True)
    date_earliest = models.DateField(null=True, editable=False)
    date_latest = models.DateField(null=True, editable=False)
    date_sort = models.DateField(editable=False)  # undated records carry the smallest date: a keyset drops NULLs
    date_is_certain = models.BooleanField(default=False, editable=False)

    place = models.ForeignKey("evidence.Place", null=True, on_delete=models.PROTECT, related_name="incidents")
    place_precision = models.CharField(_("precision of the place"), max_length=20, default="unknown")
    place_detail = models.CharField(_("place as reported"), max_length=1000, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)

    review_status = models.CharField(max_length=20, choices=ReviewStatus, default=ReviewStatus.DRAFT)
    verification_status = models.CharField(max_length=30, default="unverified")
    tags = codes()

    # Kept by the verbs for the filters: codes with all their ancestors, and what its classifications have come to.
    crime_codes = codes(editable=False)
    classified_as = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    place_path = ArrayField(models.CharField(max_length=80), default=list, editable=False)

    class Meta:
        permissions = permissions_of("incident")
        indexes = [
            # Counts come from the first of these, which is small; narrowed counts and facets from the second (decision
            # 14). Pages are read from indexes that the models do not know, since they hold `filter_bits`: that of their
            # order, or that of what is seen (decision 18).
            models.Index(fields=[*JUDGED_BY, "review_status"], name="inc_acl_count"),
            models.Index(fields=[*JUDGED_BY], name="inc_facets", include=["date_sort", "place", *FILTERED_BY]),
            GinIndex(fields=["crime_codes"], name="inc_crimes"),
            GinIndex(fields=["place_path"], name="inc_places"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="inc_code"),  # its index holds what that of an order does
            Leveled.level_constraint("incident"),
            one_of("incident_review_status", "review_status", ReviewStatus.values),
            one_of("incident_verification", "verification_status", VERIFICATIONS),
            one_of("incident_precision", "place_precision", PRECISIONS),
            models.CheckConstraint(condition=~Q(title_en="") | ~Q(title_ko=""), name="incident_titled"),
            dates_in_order("incident_dates"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="incident_coordinates",
            ),
        ]

    def __str__(self):
        return self.code


class Review(Detail):
    """One step of the review workflow: who decided what, with which note."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=20)
    from_status = models.CharField(max_length=20)
    to_status = models.CharField(max_length=20)
    note = models.TextField(blank=True)

    secured_ends = ("incident",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            one_of("review_decision", "decision", REVIEW_DECISIONS),
        ]

    def __str__(self):
        return self.decision


class IncidentRelation(Detail):
    """How one incident relates to another; a possible duplicate is a relation, never a merge."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="relations")
    other = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="relations_from")
    kind = models.CharField(max_length=40)

    secured_ends = ("incident", "other")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "other", "kind"], name="incidentrelation_once"),
            models.CheckConstraint(condition=~Q(incident=F("other")), name="incidentrelation_two"),
        ]

    def __str__(self):
        return self.kind


class Situation(Record):
    """A pattern file shared by many incidents (an attack, a policy, a camp over years)."""

    code = CodeField(prefix="SIT")
    title_en = models.CharField(max_length=300, blank=True)
    title_ko = models.CharField(max_length=300, blank=True)
    narrative = models.TextField(max_length=200_000, blank=True)
    date = models.CharField(max_length=64, blank=True)
    date_earliest = models.DateField(null=True, editable=False)
    date_latest = models.DateField(null=True, editable=False)
    contextual_set = models.ForeignKey("evidence.ContextualSet", null=True, on_delete=models.PROTECT)
    incidents = models.ManyToManyField(Incident, through="SituationIncident", related_name="situations")

    class Meta:
        permissions = permissions_of("situation")
        constraints = [
            Leveled.level_constraint("situation"),
            models.CheckConstraint(condition=~Q(title_en="") | ~Q(title_ko=""), name="situation_titled"),
            dates_in_order("situation_dates"),
        ]

    def __str__(self):
        return self.code


class SituationIncident(Detail):
    situation = models.ForeignKey(Situation, on_delete=models.PROTECT)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT)
    ended_at = models.DateTimeField(null=True)
    ended_by = author(null=True)

    secured_ends = ("situation", "incident")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["situation", "incident"], name="situationincident_once")]

    def __str__(self):
        return str(self.pk)
