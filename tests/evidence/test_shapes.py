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


@pytest.mark.parametrize(
    ("asked", "order", "walks"),
    [
        (Q(crime_codes__overlap=["cah"]), "updated_at", True),
        (Q(review_status="draft"), "updated_at", False),  # has no codes
        (~Q(crime_codes__overlap=["cah"]), "updated_at", False),  # nor has a row to have these
        (Q(crime_codes__overlap=["cah"]) & ~Q(place_path__overlap=["KP"]), "-date_sort", True),
        (Q(crime_codes__overlap=["cah"]) & Q(tags__overlap=["a"]), "updated_at", False),
        (Q(crime_codes__overlap=["cah"]) & (Q(review_status="draft") | Q(tags__overlap=["a"])), "updated_at", False),
        (Q(crime_codes__overlap=["cah"]) & Q(updated_at__gte="2026-01-01"), "updated_at", True),
        (Q(crime_codes__overlap=["cah"]) & Q(updated_at__gte="2026-01-01"), "-code", False),
        (Q(crime_codes__overlap=["cah"]) & Q(date_sort__gte="2026-01-01"), "-code", True),
    ],
)
def test_an_order_is_walked_where_its_index_holds_all_but_the_codes(db, monkeypatch, asked, order, walks):
    monkeypatch.setattr(shapes, "RARE", -1)
    assert shapes.can_walk(Incident, asked, (order, "pk")) is walks


def test_a_walk_looks_for_codes_in_the_index_of_the_order_first(db, monkeypatch):
    monkeypatch.setattr(shapes, "RARE", -1)
    asked, stretch = Q(crime_codes__overlap=["cah.torture"]), shapes.Stretch(("code", "pk"), 51, Q(code__gt="INC"))
    assert shapes.can_walk(Incident, asked, stretch.order)
    candidates, looked_at = str(shapes.walked(Incident.objects.all(), asked, stretch).query).split(
        " candidate WHERE EXISTS ("
    )
    assert "filter_bits &" in candidates and "<> 0" in candidates and " IS TRUE" not in candidates
    assert looked_at.endswith(" IS TRUE) OFFSET 0) LIMIT 51))")  # an order here would have all of them read first
    monkeypatch.setattr(shapes, "RARE", 10_000)
    assert not shapes.can_walk(Incident, asked, stretch.order)  # the index of a rare code has its rows at once


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
