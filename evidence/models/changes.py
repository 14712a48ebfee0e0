"""What the change feed is read from: which record changed in which transaction, and what a person could see when she
was last told.

Both are only added to; the database refuses anything else (evidence/sql/0005_changes.sql).
"""

import uuid

from django.db import models

from evidence.models.record import author, one_of

KINDS = ("incident", "item", "person", "source")


class TransactionId(models.BigIntegerField):
    """PostgreSQL's full transaction id, which never wraps: what a snapshot is compared with."""

    def db_type(self, connection):
        return "xid8"


class RecordChange(models.Model):
    """One change of one record, written by triggers in the transaction that made it.

    `was_…` is what the gate judged the record by before, where that has changed. No foreign key: the row has to stay
    whatever becomes of the rest, and is written for every record that is recorded or imported.
    """

    class Nature(models.TextChoices):
        CREATED = "c"
        MOVED = "m"  # what the gate reads of it is another: its home, its restriction or its level
        TOUCHED = "t"  # anything else of it, or of what belongs to it

    id = models.BigAutoField(primary_key=True)
    xid = TransactionId()
    cluster = models.BigIntegerField()  # transaction ids count in one database cluster only
    kind = models.CharField(max_length=10)
    record = models.UUIDField()
    nature = models.CharField(max_length=1, choices=Nature)
    was_collection = models.UUIDField(null=True)
    was_inherits = models.BooleanField(null=True)
    was_level = models.PositiveSmallIntegerField(null=True)

    class Meta:
        db_table = "record_change"  # as bookkeeping, which the ledger does not watch, is named
        indexes = [
            models.Index(fields=["xid"], name="recordchange_xid"),
            models.Index(fields=["kind", "record", "id"], name="recordchange_record"),
        ]
        constraints = [
            one_of("recordchange_kind", "kind", KINDS),
            one_of("recordchange_nature", "nature", ["c", "m", "t"]),
        ]

    def __str__(self):
        return f"{self.kind} {self.nature}"


class KeptSight(models.Model):
    """What one person could see at some time (accounts.sights.Sight), kept once for all the cursors that mean it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = author()
    digest = models.BinaryField(max_length=32)
    content = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="keptsight_once")]

    def __str__(self):
        return str(self.pk)
