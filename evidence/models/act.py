"""Acts, who was involved in them, and what they are alleged to be: classifications, findings, liability."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.linked import LinkedQuerySet
from evidence.models.record import Detail, author, codes, dates_in_order, one_of

STANDARDS = (
    "allegation", "reasonable_suspicion", "reasonable_grounds_to_believe", "substantial_grounds",
    "balance_of_probabilities", "clear_and_convincing", "beyond_reasonable_doubt",
)  # fmt: skip


class Act(Detail):
    """One conduct within an incident. It ends (by a verb, with a reason) rather than being deleted."""

    incident = models.ForeignKey("evidence.Incident", on_delete=models.PROTECT, related_name="acts")
    position = models.PositiveSmallIntegerField(default=1)
    title_en = models.CharField(_("what was done, in English"), max_length=300, blank=True)
    title_ko = models.CharField(_("what was done, in Korean"), max_length=300, blank=True)
    date = models.CharField(max_length=64, blank=True)
    date_earliest = models.DateField(null=True, editable=False)
    date_latest = models.DateField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True)
    ended_by = author(null=True)

    secured_ends = ("incident",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["position", "created_at"]
        constraints = [dates_in_order("act_dates")]

    def __str__(self):
        return str(self.pk)


class Involvement(Detail):
    """Person, organisation or unnamed people × act × role. The role is on the link, never on the person.

    Victims may be unnamed or a group with minimum and maximum: nobody is forced to name a person.
    """

    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="involvements")
    role = models.CharField(max_length=40)
    person = models.ForeignKey("evidence.Person", null=True, on_delete=models.PROTECT, related_name="involvements")
    organisation = models.ForeignKey(
        "evidence.Organisation", null=True, on_delete=models.PROTECT, related_name="involvements"
    )
    count_min = models.PositiveIntegerField(_("at least"), null=True, blank=True)
    count_max = models.PositiveIntegerField(_("at most"), null=True, blank=True)
    description = models.CharField(max_length=500, blank=True)
    characteristics = codes()  # of victims, as they were then
    harm = codes()
    sex = models.CharField(max_length=10, default="unknown")
    ended_at = models.DateTimeField(null=True)
    ended_by = author(null=True)

    secured_ends = ("act__incident", "person")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True) | Q(organisation__isnull=True), name="involvement_one_party"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True, organisation__isnull=True)
                | Q(count_min__isnull=True, count_max__isnull=True),
                name="involvement_counts_unnamed",
            ),
            models.CheckConstraint(
                condition=Q(count_min__isnull=True) | Q(count_max__isnull=True) | Q(count_min__lte=F("count_max")),
                name="involvement_counts_in_order",
            ),
            one_of("involvement_sex", "sex", ["female", "male", "other", "unknown"]),
        ]

    def __str__(self):
        return self.role

    @property
    def is_unnamed(self) -> bool:
        return self.person_id is None and self.organisation_id is None


class Classification(Detail):
    """Act × crime: an analytical allegation with status, standard of proof, analyst and rationale. Never a finding."""

    class Status(models.TextChoices):
        ALLEGED = "alleged", _("Alleged")
        SUPPORTED = "supported", _("Supported")
        REJECTED = "rejected", _("Rejected")

    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="classifications")
    crime = models.ForeignKey("evidence.Crime", on_delete=models.PROTECT)
    status = models.CharField(max_length=20, choices=Status, default=Status.ALLEGED)
    standard = models.CharField(_("standard of proof"), max_length=40, default="reasonable_grounds_to_believe")
    rationale = models.TextField(blank=True)
    assessed_by = author()
    assessed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    secured_ends = ("act__incident",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["act", "crime"], name="classification_once"),
            one_of("classification_status", "status", ["alleged", "supported", "rejected"]),
            one_of("classification_standard", "standard", STANDARDS),
        ]

    def __str__(self):
        return self.crime_id


def classified_bits(statuses) -> int:
    """The number by which `Incident.classified_as` says which statuses its classifications have: a bit for each, in the
    order of Classification.Status, which is that of evidence/sql/0009_classified.sql."""
    return sum(1 << Classification.Status.values.index(status) for status in set(statuses))


def classified_with(statuses) -> list[int]:
    """The numbers of all incidents that have a classification of one of these statuses."""
    wanted = classified_bits(statuses)
    return [number for number in range(1 << len(Classification.Status)) if number & wanted]


class Finding(Detail):
    """What the evidence shows on one element: of a classification, or of a situation's contextual set."""

    ASSESSMENTS = ("not_assessed", "supported", "partly_supported", "contradicted", "no_evidence")

    classification = models.ForeignKey(Classification, null=True, on_delete=models.PROTECT, related_name="findings")
    situation = models.ForeignKey("evidence.Situation", null=True, on_delete=models.PROTECT, related_name="findings")
    element = models.ForeignKey("evidence.Element", on_delete=models.PROTECT)
    assessment = models.CharField(max_length=20, default="not_assessed")
    rationale = models.TextField(blank=True)
    assessed_by = author()
    assessed_at = models.DateTimeField()

    secured_ends = ("classification__act__incident", "situation")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(classification__isnull=True) ^ Q(situation__isnull=True), name="finding_of_one"
            ),
            models.UniqueConstraint(
                fields=["classification", "element"], condition=Q(classification__isnull=False), name="finding_once"
            ),
            models.UniqueConstraint(
                fields=["situation", "element"], condition=Q(situation__isnull=False), name="finding_once_situation"
            ),
            one_of(
                "finding_assessment",
                "assessment",
                ["not_assessed", "supported", "partly_supported", "contradicted", "no_evidence"],
            ),
        ]

    def __str__(self):
        return self.element_id


class Liability(Detail):
    """Person × classification × mode of liability, with status and standard of proof."""

    person = models.ForeignKey("evidence.Person", on_delete=models.PROTECT, related_name="liabilities")
    classification = models.ForeignKey(Classification, on_delete=models.PROTECT, related_name="liabilities")
    mode = models.ForeignKey("evidence.ModeOfLiability", on_delete=models.PROTECT)
    status = models.CharField(max_length=20, choices=Classification.Status, default="alleged")
    standard = models.CharField(max_length=40, default="reasonable_grounds_to_believe")
    rationale = models.TextField(blank=True)

    secured_ends = ("classification__act__incident", "person")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "liabilities"
        constraints = [
            models.UniqueConstraint(fields=["person", "classification", "mode"], name="liability_once"),
            one_of("liability_status", "status", ["alleged", "supported", "rejected"]),
            one_of("liability_standard", "standard", STANDARDS),
        ]

    def __str__(self):
        return self.mode_id
