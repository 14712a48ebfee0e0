"""Pictures that look alike are found by their fingerprints, among those that one may see."""

import io
import random

import pytest

from evidence import intake, search
from evidence.models import File
from evidence.search.likeness import FARTHEST, words_near


def near(mark: bytes, bits: int, seed: int = 1) -> bytes:
    """The fingerprint with so many bits changed."""
    number = int.from_bytes(mark, "big")
    for place in random.Random(seed).sample(range(256), bits):
        number ^= 1 << place
    return number.to_bytes(32, "big")


MARK = random.Random(5).randbytes(32)
_names = iter(range(1000))


@pytest.fixture
def picture(investigator, item):
    def make(mark: bytes | None, *, by=None, of=None, scan="clean", **values) -> File:
        number = next(_names)
        stream = io.BytesIO(b"picture %d" % number)
        file = intake.receive_file(by=by or investigator, item=of or item, stream=stream, name=f"{number}.jpg")
        File.objects.filter(pk=file.pk).update(fingerprint=mark, scan=scan, **values)
        file.refresh_from_db()
        return file

    return make


def test_like_pictures_are_found_and_ordered_by_likeness(picture, investigator):
    one = picture(MARK)
    same, close, border = picture(MARK), picture(near(MARK, 12)), picture(near(MARK, FARTHEST))
    picture(near(MARK, FARTHEST + 1))
    picture(random.Random(9).randbytes(32))
    picture(None)
    found = search.alike(one, user=investigator)
    assert [(row.file, row.distance) for row in found] == [(same, 0), (close, 12), (border, FARTHEST)]
    assert search.alike(picture(None), user=investigator) == []


@pytest.mark.parametrize("seed", range(20))
def test_whatever_differs_in_so_few_bits_shares_a_word(seed):
    """That is what the index is asked by."""
    words = set(words_near(MARK))
    assert len(words) == 16 * 17
    other = near(MARK, FARTHEST, seed)
    own = {place << 16 | int.from_bytes(other[2 * place : 2 * place + 2], "big") for place in range(16)}
    assert words & own


def test_what_is_isolated_withdrawn_or_destroyed_is_not_shown(picture, investigator):
    from django.utils import timezone

    one = picture(MARK)
    for values in ({"scan": "infected"}, {"scan": "pending"}, {"withdrawn_at": timezone.now()},
                   {"destroyed_at": timezone.now()}):  # fmt: skip
        picture(MARK, **values)
    assert search.alike(one, user=investigator) == []


def test_a_picture_that_one_may_not_see_looks_like_nothing(picture, investigator, stranger, other_collection):
    given = {"kind": "photograph", "title_en": "Theirs"}
    theirs = intake.receive_item(by=stranger, collection=other_collection, given=given)
    mine, hidden = picture(MARK), picture(MARK, by=stranger, of=theirs)
    assert search.alike(mine, user=investigator) == []
    assert search.alike(hidden, user=stranger) == []


def test_the_index_is_what_answers(picture, investigator):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    one = picture(MARK)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        search.alike(one, user=investigator)
    (sql,) = [query["sql"] for query in asked if "fingerprint_words" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "file_likeness" in plan, plan
