"""How a filtered page is read: what an index may rule out, which days a walk is bound to, when to gather."""

import datetime

import pytest
from django.db import connection
from django.db.models import Q
from django.http import QueryDict

from evidence import search
from evidence.models import Crime, Incident, Place
from evidence.models.incident import filter_bits
from evidence.search import shapes


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        (Q(review_status="draft"), True),
        (Q(review_status="draft") & Q(tags__overlap=["a"]), True),  # the half of it
        (Q(tags__overlap=["a"]), False),
        (Q(review_status="draft") | Q(tags__overlap=["a"]), False),
        (Q(review_status="draft") | Q(crime_codes__overlap=["cah"]), True),
        (~Q(review_status="draft"), True),
        (~Q(crime_codes__overlap=["cah"]), False),  # bits of others are no reason to leave a row out
        (~(Q(review_status="draft") & Q(crime_codes__overlap=["cah"])), False),
        (Q(), False),
    ],
)
def test_what_the_index_rules_out_is_never_more_than_asked(asked, held):
    assert (shapes._held(asked) is not None) is held


def test_days_are_read_from_the_filters_and_from_nothing_alike(investigator):
    def days(query):
        return search.counted(Incident, QueryDict(query), search.INCIDENT_FILTERS, user=investigator).days

    first, last = datetime.date(2009, 1, 1), datetime.date(2012, 12, 31)
    assert days("date_from=2009&date_to=2012&status=draft") == shapes.Days(first, last)
    assert days("date_from=2009") == shapes.Days(first, None)
    assert days("where=date:2009..2012") == shapes.Days(first, last)
    assert days("where=NOT date:2009..2012") is None
    assert days("where=date:2009 OR status:draft") is None
    assert days("began=2009") is None


def test_codes_are_folded_alike_here_and_in_the_database(db):
    codes = [*Crime.objects.values_list("pk", flat=True), *Place.objects.values_list("pk", flat=True)]
    assert len(codes) > 150
    with connection.cursor() as cursor:
        for given in ([], codes[:3], codes, *([code] for code in codes)):
            cursor.execute("SELECT evidence_filter_bits(%s::varchar[], '{}')", [given])
            assert cursor.fetchone()[0] == filter_bits(given)
    assert len({filter_bits([code]) for code in codes}) > 40


@pytest.mark.parametrize(
    ("everything", "sees", "finds", "gathers"),
    [
        (1_000_000, 1_000, 5, True),  # little is seen
        (1_000_000, 60_000, 10_000, False),  # a page is full before much is walked past
        (1_000_000, 60_000, 1_000, True),
        (1_000_000, 60_000, 0, True),
        (1_000_000, 800_000, 2_000, False),  # too much to be gathered for a page
        (1_000_000, 800_000, 5, True),  # and yet less than to go through all
    ],
)
def test_what_is_gathered_is_less_than_what_would_be_walked(everything, sees, finds, gathers):
    assert shapes.Estimate(everything, sees, finds).gathers(50) is gathers
