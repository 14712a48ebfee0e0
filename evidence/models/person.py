"""Persons by pseudonym, what is claimed of them, and the identity vault. Whatever identifies is encrypted here."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.linked import LinkedQuerySet
from evidence.models.codes import CodeField
from evidence.models.record import JUDGED_BY, Detail, Leveled, Record, author, dates_in_order, one_of, permissions_of

# The least level of whatever is linked to a protected person, by her risk; not assessed counts as high.
RISK_FLOOR = {"low": 1, "medium": 2, "high": 3, "extreme": 4, "not_assessed": 3}
SCRIPTS = ("hangul", "hanja", "other_script", "romanised_source", "romanised_normalised")


class Person(Record):
    """Known by her reference code; names and identity are sealed and opened by a reading verb only."""

    code = CodeField(prefix="P")
    is_protected = models.BooleanField(_("protected person"), default=True)
    risk = models.CharField(_("protection risk"), max_length=20, default="not_assessed")
    sex = models.CharField(max_length=10, default="unknown")
    note = models.CharField(_("description without identifying details"), max_length=500, blank=True)

    class Meta:
        permissions = permissions_of("person")
        indexes = [
            models.Index(F("updated_at").desc(), F("id").desc(), name="person_updated", include=[*JUDGED_BY, "risk"]),
            models.Index(fields=[*JUDGED_BY], name="person_acl"),
        ]
        constraints = [
            Leveled.level_constraint("person"),
            one_of("person_risk", "risk", RISK_FLOOR),
            one_of("person_sex", "sex", ["female", "male", "other", "unknown"]),
        ]

    def __str__(self):
        return self.code

    @property
    def floor(self) -> int:
        """The least effective level of records linked to this person."""
        return RISK_FLOOR[self.risk] if self.is_protected else 0


class PersonName(Detail):
    """One name in one script, sealed. Several claimed names stand beside each other, each with its source.

    `marks` is what it is found by (evidence.marks), as long as the person is not protected.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="names")
    kind = models.CharField(max_length=20, default="unknown")
    script = models.CharField(max_length=30)
    sealed = models.BinaryField()
    marks = ArrayField(models.BigIntegerField(), null=True, editable=False)
    source = models.ForeignKey("evidence.Source", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    secured_ends = ("person", "source")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(fields=["marks"], name="personname_marks")]
        constraints = [one_of("personname_script", "script", SCRIPTS)]

    def __str__(self):
        return str(self.pk)


class Identity(Detail):
    """The vault: birth, contacts, relatives and the like as one sealed document per person, versioned by new rows."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identities")
    sealed = models.BinaryField()
    is_current = models.BooleanField(default=True)

    secured_ends = ("person",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(is_current=True), name="identity_current_once")
        ]

    def __str__(self):
        return str(self.pk)


class PersonFact(Detail):
    """A claimed value of one fact (age then, occupation), with its source; several may contradict each other."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="facts")
    fact = models.CharField(max_length=40)
    sealed = models.BinaryField()
    source = models.ForeignKey("evidence.Source", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    secured_ends = ("person", "source")
    objects = LinkedQuerySet.as_manager()

    def __str__(self):
        return self.fact


class PersonRelation(Detail):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="relations")
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="relations_from")
    kind = models.CharField(max_length=40)
    ended_at = models.DateTimeField(null=True)

    secured_ends = ("person", "other")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "other", "kind"], name="personrelation_once"),
            models.CheckConstraint(condition=~Q(person=F("other")), name="personrelation_two"),
        ]

    def __str__(self):
        return self.kind


class SamePerson(Detail):
    """“Same person?”: a proposed link with a recorded decision either way, reversible; never a destructive merge."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="same_as")
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="same_as_from")
    status = models.CharField(max_length=20, default="proposed")
    reason = models.TextField(blank=True)
    decided_by = author(null=True)
    decided_at = models.DateTimeField(null=True)

    secured_ends = ("person", "other")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "same persons"
        constraints = [
            models.UniqueConstraint(fields=["person", "other"], name="sameperson_once"),
            models.CheckConstraint(condition=~Q(person=F("other")), name="sameperson_two"),
            one_of("sameperson_status", "status", ["proposed", "same", "different"]),
            models.CheckConstraint(
                condition=Q(status="proposed") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="sameperson_decided",
            ),
        ]

    def __str__(self):
        return self.status


class Position(Detail):
    """Who held which post when: time-bound, so that “who commanded this facility in 2008” can be answered."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="positions")
    organisation = models.ForeignKey("evidence.Organisation", on_delete=models.PROTECT, related_name="positions")
    title_en = models.CharField(max_length=200)
    title_ko = models.CharField(max_length=200, blank=True)
    date = models.CharField(max_length=64, blank=True)
    date_earliest = models.DateField(null=True, editable=False)
    date_latest = models.DateField(null=True, editable=False)
    source = models.ForeignKey("evidence.Source", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    secured_ends = ("person", "source")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        constraints = [dates_in_order("position_dates")]

    def __str__(self):
        return self.title_en
