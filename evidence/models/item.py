"""Evidence items, how they relate, and what they are evidence of."""

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

FUNCTIONS = (
    "crime_base", "contextual", "linkage", "mental_element", "exonerating", "credibility", "background", "lead",
)  # fmt: skip
# Rule 6: these cannot be hidden from a disclosure.
NEVER_HIDDEN = ("exonerating", "credibility")


class Item(Record):
    """An evidence item: what it is, and how, when, where, by whom, from whom and on what conditions it was obtained."""

    code = CodeField(prefix="EV")
    kind = models.CharField(_("type"), max_length=60)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    title_ko = models.CharField(_("title in Korean"), max_length=300, blank=True)
    description = models.TextField(max_length=200_000, blank=True)
    language = models.CharField(max_length=35, blank=True)  # BCP 47
    date = models.CharField(_("document date (EDTF)"), max_length=64, blank=True)
    date_earliest = models.DateField(null=True, editable=False)
    date_latest = models.DateField(null=True, editable=False)
    content_warnings = codes()

    obtained_how = models.CharField(max_length=40, blank=True)
    obtained_on = models.CharField(max_length=64, blank=True)
    obtained_where = models.CharField(max_length=300, blank=True)
    obtained_by = models.CharField(max_length=200, blank=True)
    conditions = models.TextField(blank=True)
    has_original = models.BooleanField(null=True)
    original_location = models.CharField(max_length=300, blank=True)
    source = models.ForeignKey("evidence.Source", null=True, on_delete=models.PROTECT, related_name="items")

    suffix_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="versions")
    suffix = models.CharField(max_length=20, blank=True)  # translation, redaction: base number with a suffix
    sealed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)  # stored bytes of it were found altered or missing
    destroyed_at = models.DateTimeField(null=True)  # its content, by two people; this row is the tombstone
    retain_until = models.CharField(_("keep until (EDTF)"), max_length=64, blank=True)
    retain_until_latest = models.DateField(null=True, editable=False)

    class Meta:
        permissions = permissions_of("item")
        indexes = [
            models.Index(F("updated_at").desc(), F("id").desc(), name="item_updated", include=[*JUDGED_BY, "kind"]),
            models.Index(fields=[*JUDGED_BY], name="item_acl"),
        ]
        constraints = [
            Leveled.level_constraint("item"),
            models.CheckConstraint(condition=~Q(title_en="") | ~Q(title_ko=""), name="item_titled"),
            dates_in_order("item_dates"),
            models.UniqueConstraint(
                fields=["suffix_of", "suffix"], condition=Q(suffix_of__isnull=False), name="item_suffix_once"
            ),
            models.CheckConstraint(condition=Q(suffix_of__isnull=True) ^ ~Q(suffix=""), name="item_suffix_with_base"),
            models.CheckConstraint(
                condition=Q(destroyed_at__isnull=True) | Q(withdrawn_at__isnull=False), name="item_destroyed_withdrawn"
            ),
        ]

    def __str__(self):
        return self.code


class ItemRelation(Detail):
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="relations")
    other = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="relations_from")
    kind = models.CharField(max_length=40)

    secured_ends = ("item", "other")
    objects = LinkedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "other", "kind"], name="itemrelation_once"),
            models.CheckConstraint(condition=~Q(item=F("other")), name="itemrelation_two"),
        ]

    def __str__(self):
        return self.kind


class Link(Detail):
    """Item ↔ incident, act, person or finding: exactly one, with locator, evidentiary function and stance."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="links")
    incident = models.ForeignKey("evidence.Incident", null=True, on_delete=models.PROTECT, related_name="links")
    act = models.ForeignKey("evidence.Act", null=True, on_delete=models.PROTECT, related_name="links")
    person = models.ForeignKey("evidence.Person", null=True, on_delete=models.PROTECT, related_name="links")
    finding = models.ForeignKey("evidence.Finding", null=True, on_delete=models.PROTECT, related_name="links")
    locator = models.CharField(_("page, time code or region"), max_length=200, blank=True)
    function = models.CharField(max_length=20, default="crime_base")
    stance = models.CharField(max_length=20, default="supports")
    ended_at = models.DateTimeField(null=True)
    ended_by = author(null=True)

    secured_ends = (
        "item",
        "incident",
        "act__incident",
        "person",
        "finding__classification__act__incident",
        "finding__situation",
    )
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(incident__isnull=False, act__isnull=True, person__isnull=True, finding__isnull=True)
                | Q(incident__isnull=True, act__isnull=False, person__isnull=True, finding__isnull=True)
                | Q(incident__isnull=True, act__isnull=True, person__isnull=False, finding__isnull=True)
                | Q(incident__isnull=True, act__isnull=True, person__isnull=True, finding__isnull=False),
                name="link_one_target",
            ),
            one_of("link_function", "function", FUNCTIONS),
            one_of("link_stance", "stance", ["supports", "contradicts", "neutral"]),
        ]

    def __str__(self):
        return str(self.pk)


class Custody(Detail):
    """A custody event of an item that happened outside this system or to a physical object, as stated by a person.

    Never changed: what was stated wrongly is told by a further event that names it.
    """

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="custody_events")
    event = models.CharField(max_length=40)
    happened_on = models.CharField(max_length=64)
    from_custodian = models.CharField(max_length=200, blank=True)
    to_custodian = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=300, blank=True)
    seal_number = models.CharField(max_length=60, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")

    secured_ends = ("item",)
    objects = LinkedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        verbose_name_plural = "custody events"

    def __str__(self):
        return self.event
