"""Grants and denials: guardian's direct-FK tables with our columns. Spoken to by accounts.grants only.

Revoking deletes the row (the ledger keeps that it was there); deleting a person or a record is refused (PROTECT).
Never give `content_object` a related_name of "+": guardian finds these through the reverse accessors of their target.
"""

import uuid

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.db.models import Q
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from evidence.models.record import author


class GrantFields(models.Model):
    granted_by = author(null=True)
    reason = models.TextField()
    begins_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class UserGrant(GrantFields, UserObjectPermissionBase):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False)
    permission = models.ForeignKey(Permission, on_delete=models.PROTECT, db_index=False)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True

    def __str__(self):
        return str(self.pk)


class GroupGrant(GrantFields, GroupObjectPermissionBase):
    group = models.ForeignKey(Group, on_delete=models.PROTECT, db_index=False)
    permission = models.ForeignKey(Permission, on_delete=models.PROTECT, db_index=False)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = True

    def __str__(self):
        return str(self.pk)


def _target(name):
    return models.ForeignKey(f"evidence.{name}", on_delete=models.PROTECT)


class Beside(models.Model):
    """What the gate reads of a record (JUDGED_BY), copied beside each single grant of it, under the same names: what is
    granted singly is counted without looking up its records. Kept by evidence/sql/0012_beside_grants.sql.
    """

    collection = models.ForeignKey(
        "evidence.Collection", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False,
        editable=False,
    )  # fmt: skip
    inherits_access = models.BooleanField(editable=False)
    effective_level = models.PositiveSmallIntegerField(editable=False)

    class Meta:
        abstract = True


class CollectionUserPermission(UserGrant):
    content_object = _target("Collection")


class CollectionGroupPermission(GroupGrant):
    content_object = _target("Collection")


class IncidentUserPermission(UserGrant, Beside):
    content_object = _target("Incident")


class IncidentGroupPermission(GroupGrant, Beside):
    content_object = _target("Incident")


class ItemUserPermission(UserGrant, Beside):
    content_object = _target("Item")


class ItemGroupPermission(GroupGrant, Beside):
    content_object = _target("Item")


class PersonUserPermission(UserGrant, Beside):
    content_object = _target("Person")


class PersonGroupPermission(GroupGrant, Beside):
    content_object = _target("Person")


class SourceUserPermission(UserGrant, Beside):
    content_object = _target("Source")


class SourceGroupPermission(GroupGrant, Beside):
    content_object = _target("Source")


class SituationUserPermission(UserGrant, Beside):
    content_object = _target("Situation")


class SituationGroupPermission(GroupGrant, Beside):
    content_object = _target("Situation")


DENIED = ("collection", "incident", "item", "person", "source", "situation")


def _exactly_one(names) -> Q:
    one = Q()
    for name in names:
        one |= Q(**{f"{other}__isnull": other != name for other in names})
    return one


class Denial(models.Model):
    """Takes access away whatever was granted (conflict of interest, protection order)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT)
    collection = models.ForeignKey("evidence.Collection", null=True, on_delete=models.PROTECT)
    incident = models.ForeignKey("evidence.Incident", null=True, on_delete=models.PROTECT)
    item = models.ForeignKey("evidence.Item", null=True, on_delete=models.PROTECT)
    person = models.ForeignKey("evidence.Person", null=True, on_delete=models.PROTECT)
    source = models.ForeignKey("evidence.Source", null=True, on_delete=models.PROTECT)
    situation = models.ForeignKey("evidence.Situation", null=True, on_delete=models.PROTECT)
    reason = models.TextField()
    denied_by = author()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(user__isnull=True) ^ Q(group__isnull=True), name="denial_one_principal"),
            models.CheckConstraint(condition=_exactly_one(DENIED), name="denial_one_record"),
        ]

    def __str__(self):
        return str(self.pk)
