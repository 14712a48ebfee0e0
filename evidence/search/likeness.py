"""Pictures that look alike: files whose fingerprints differ in at most 31 of 256 bits, among those one may see.

Sixteen words of 16 bits: where at most 31 bits differ, one word at least differs in at most one. So the index is asked
for 16 × 17 numbers, and only what it finds, about 0.4 % of all files by chance, is compared bit by bit.
"""

from dataclasses import dataclass

from django.db import models
from django.db.models import F, Func, Value

from evidence.models import File
from evidence.models.blob import Words

FARTHEST = 31
SHOWN = 50


@dataclass(frozen=True)
class Likeness:
    """A file that looks like another, and in how many of 256 bits their fingerprints differ."""

    file: File
    distance: int


class _Distance(Func):
    """In how many bits two fingerprints of 32 bytes differ, counted by the database."""

    template = "bit_count(('x' || encode(%(expressions)s, 'hex'))::bit(256) # ('x' || %(other)s)::bit(256))"
    output_field = models.IntegerField()

    def __init__(self, other: bytes):
        super().__init__(F("fingerprint"))
        self.other = other.hex()

    def as_sql(self, compiler, connection, **extra):
        sql, params = super().as_sql(compiler, connection, other="%s", **extra)
        return sql, (*params, self.other)


def words_near(fingerprint: bytes) -> list[int]:
    """Every word of the fingerprint at its place, and each with one bit changed: what an alike one must share."""
    near = []
    for place in range(16):
        word = int.from_bytes(fingerprint[2 * place : 2 * place + 2], "big")
        near += [place << 16 | changed for changed in (word, *(word ^ (1 << bit) for bit in range(16)))]
    return near


def alike(file: File, *, user) -> list[Likeness]:
    """Files that look like this one, the most alike first, among those the person may see."""
    if file.fingerprint is None or len(file.fingerprint) != 32:
        return []
    mark = bytes(file.fingerprint)
    seen = File.objects.permitted(user).filter(
        fingerprint__isnull=False, withdrawn_at=None, destroyed_at=None, scan__in=[File.Scan.CLEAN, File.Scan.UNSCANNED]
    )
    near = seen.alias(words=Words("fingerprint")).filter(
        words__overlap=Value(words_near(mark), output_field=Words.output_field)
    )
    measured = near.exclude(pk=file.pk).annotate(distance=_Distance(mark)).filter(distance__lte=FARTHEST)
    rows = measured.select_related("item", "blob").order_by("distance", "pk")[:SHOWN]
    return [Likeness(row, row.distance) for row in rows]
