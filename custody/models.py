"""Read-only views of the ledger's tables. Only custody imports them; the tables are made by custody/sql."""

import json

from django.db import models
from django.utils.functional import cached_property


class Entry(models.Model):
    """One act: what the envelope says, with the columns that are looked up repeated beside it."""

    eid = models.BigIntegerField(primary_key=True)
    entry_id = models.UUIDField(unique=True)
    recorded_at = models.DateTimeField()
    act = models.TextField()
    object_type = models.TextField()
    object_id = models.UUIDField()
    actor_id = models.UUIDField(null=True)
    envelope = models.BinaryField()

    class Meta:
        managed = False
        db_table = 'custody"."entry'

    def __str__(self):
        return f"{self.act} {self.object_type}:{self.object_id}"

    @cached_property
    def content(self) -> dict:
        return json.loads(bytes(self.envelope))

    @property
    def index(self) -> int | None:
        """The entry's number in the log; None while it waits to be numbered."""
        leaf = getattr(self, "leaf", None)
        return leaf.idx if leaf else None


class Payload(models.Model):
    """An erasable part of an entry; salt and body are null once redacted."""

    pk = models.CompositePrimaryKey("entry_id", "part")
    entry = models.ForeignKey(Entry, to_field="entry_id", on_delete=models.PROTECT, related_name="payloads")
    part = models.TextField()
    salt = models.BinaryField(null=True)
    body = models.BinaryField(null=True)
    redacted_by = models.UUIDField(null=True)

    class Meta:
        managed = False
        db_table = 'custody"."payload'

    def __str__(self):
        return self.part

    def value(self):
        """The part as JSON, or None when it was lawfully redacted."""
        return None if self.body is None else json.loads(bytes(self.body))


class Leaf(models.Model):
    idx = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, db_column="eid", on_delete=models.PROTECT, related_name="leaf")
    leaf_hash = models.BinaryField()

    class Meta:
        managed = False
        db_table = 'custody"."leaf'

    def __str__(self):
        return str(self.idx)


class Checkpoint(models.Model):
    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.BinaryField()
    signed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = 'custody"."checkpoint'

    def __str__(self):
        return str(self.size)
