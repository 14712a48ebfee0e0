"""What every secured record has: identity, home collection, levels, version. The gate reads these columns."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.grants import SecuredQuerySet
from accounts.models import Clearance as Level


def permissions_of(name: str) -> list[tuple[str, str]]:
    """Permission rows beside Django's own `view`: what a grant can name."""
    return [(f"{verb}_{name}", f"Can {verb} {name}") for verb in ("contribute", "review", "manage")]


def author(**kwargs):
    """Who did it: never cascades, never shows up on the person."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **kwargs)


def codes(**kwargs):
    """A list of vocabulary codes; the verbs check each against its vocabulary."""
    return ArrayField(models.CharField(max_length=100), default=list, blank=True, **kwargs)


def one_of(name: str, field: str, values) -> models.CheckConstraint:
    """A closed list holds in the database too."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": list(values)}), name=name)


def dates_in_order(name: str, prefix: str = "date") -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{prefix}_earliest__isnull": True})
        | Q(**{f"{prefix}_latest__isnull": True})
        | Q(**{f"{prefix}_earliest__lte": F(f"{prefix}_latest")}),
        name=name,
    )


# What the gate reads of a record. A list's index carries it, so that rows that are not shown are not fetched.
JUDGED_BY = ("collection", "inherits_access", "effective_level")


class Leveled(models.Model):
    """Confidentiality of a record's own and the effective level: its maximum with protected persons linked to it."""

    confidentiality = models.PositiveSmallIntegerField(
        _("confidentiality"), choices=Level, default=Level.SOURCE_PROTECTED
    )
    effective_level = models.PositiveSmallIntegerField(choices=Level, default=Level.SOURCE_PROTECTED, editable=False)

    class Meta:
        abstract = True

    @staticmethod
    def level_constraint(name: str) -> models.CheckConstraint:
        return models.CheckConstraint(
            condition=Q(confidentiality__lte=4, effective_level__lte=4, effective_level__gte=F("confidentiality")),
            name=f"{name}_levels",
        )


class Record(Leveled):
    """A secured record in its home collection."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey("evidence.Collection", on_delete=models.PROTECT, db_index=False)
    inherits_access = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    created_by = author()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SecuredQuerySet.as_manager()

    class Meta:
        abstract = True


class Detail(models.Model):
    """A record without access of its own: visible only if the secured records at its ends are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_by = author()
    created_at = models.DateTimeField(auto_now_add=True)

    secured_ends: tuple[str, ...] = ()

    class Meta:
        abstract = True
