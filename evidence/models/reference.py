"""Reference data: crimes with elements, modes of liability, the Commission of Inquiry layer, vocabularies.

Codes never change and are never re-used; a term that goes out of use gets `valid_to` and perhaps `replaced_by`.
Readable by every signed-in person but mechanisms.
"""

from django.db import models
from django.db.models import F, Q

from evidence.models.record import one_of


class Labelled(models.Model):
    """A code with a label in both languages and what else the reference file says about it."""

    code = models.CharField(max_length=120, primary_key=True)
    label_en = models.TextField()
    label_ko = models.TextField()
    detail = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    valid_to = models.DateField(null=True)

    class Meta:
        abstract = True
        ordering = ["position"]

    def __str__(self):
        return self.code


class ContextualSet(Labelled):
    """Contextual elements shared by a family of crimes."""


class Crime(Labelled):
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    selectable = models.BooleanField()
    path = models.JSONField(default=list)  # codes from the root to this crime
    contextual_set = models.ForeignKey(ContextualSet, null=True, on_delete=models.PROTECT)
    article = models.CharField(max_length=120, blank=True)
    definition_en = models.TextField(blank=True)
    definition_ko = models.TextField(blank=True)
    replaced_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")


class Element(Labelled):
    """One element of a crime, or one contextual element: exactly one of the two."""

    KINDS = ("conduct", "consequence", "circumstance", "mental")

    crime = models.ForeignKey(Crime, null=True, on_delete=models.PROTECT, related_name="elements")
    contextual_set = models.ForeignKey(ContextualSet, null=True, on_delete=models.PROTECT, related_name="elements")
    kind = models.CharField(max_length=20)

    class Meta(Labelled.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(crime__isnull=True) ^ Q(contextual_set__isnull=True), name="element_of_one"
            ),
        ]


class ModeOfLiability(Labelled):
    legal_basis = models.CharField(max_length=120)

    class Meta(Labelled.Meta):
        verbose_name_plural = "modes of liability"


class InquiryTerm(Labelled):
    """The layer of the 2014 Commission of Inquiry: crimes, target groups, themes and patterns, mapped to crimes."""

    kind = models.CharField(max_length=20)
    maps_to = models.ManyToManyField(Crime, related_name="inquiry_terms")

    class Meta(Labelled.Meta):
        constraints = [one_of("inquiryterm_kind", "kind", ["crime", "group", "theme", "pattern"])]


class Vocabulary(Labelled):
    extensible = models.BooleanField()
    hierarchical = models.BooleanField()

    class Meta(Labelled.Meta):
        verbose_name_plural = "vocabularies"


class Term(models.Model):
    vocabulary = models.ForeignKey(Vocabulary, on_delete=models.PROTECT, related_name="terms")
    code = models.CharField(max_length=120)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    label_en = models.TextField()
    label_ko = models.TextField()
    detail = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    valid_to = models.DateField(null=True)
    replaced_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(F("vocabulary"), F("code"), name="term_once"),
            models.CheckConstraint(condition=~Q(label_en="") & ~Q(label_ko=""), name="term_labelled"),
        ]

    def __str__(self):
        return f"{self.vocabulary_id}:{self.code}"
