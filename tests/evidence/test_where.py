"""Groups of conditions: what the text means, what is refused and where, and that it asks as the plain filters do."""

import pytest
from django.http import QueryDict
from django.utils.http import urlencode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.errors import Invalid
from evidence import search, searches
from evidence.models import Incident
from evidence.search import grammar
from evidence.search.grammar import AND, OR, Group, Term


def term(field, *values, is_not=False):
    return Term(field, values, is_not)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("status:draft", Group(AND, (term("status", "draft"),))),
        ("status:draft,returned", Group(AND, (term("status", "draft", "returned"),))),
        ("a:1 AND b:2", Group(AND, (term("a", "1"), term("b", "2")))),
        ("a:1 OR b:2 AND c:3", Group(OR, (term("a", "1"), Group(AND, (term("b", "2"), term("c", "3")))))),
        ("(a:1 OR b:2) AND c:3", Group(AND, (Group(OR, (term("a", "1"), term("b", "2"))), term("c", "3")))),
        ("NOT a:1", Group(AND, (term("a", "1", is_not=True),))),
        ("NOT NOT a:1", Group(AND, (term("a", "1"),))),
        ("NOT (a:1 OR b:2)", Group(OR, (term("a", "1"), term("b", "2")), is_not=True)),
        ("NOT (NOT (a:1 OR b:2))", Group(OR, (term("a", "1"), term("b", "2")))),
        ("NOT(a:1)", Group(AND, (term("a", "1", is_not=True),))),
        ('q:"two words"', Group(AND, (term("q", "two words"),))),
        (r'q:"a \"b\" \\ c"', Group(AND, (term("q", r'a "b" \ c'),))),
        ("q:구류장 , 심문", Group(AND, (term("q", "구류장", "심문"),))),
        ("updated_since:2026-01-31T08:00:00Z", Group(AND, (term("updated_since", "2026-01-31T08:00:00Z"),))),
        ("  ( a:1 )  ", Group(AND, (term("a", "1"),))),
        ("a:NOT", Group(AND, (term("a", "NOT"),))),
    ],
)
def test_reading(text, expected):
    assert grammar.read(text) == expected
    assert grammar.read(grammar.written(expected)) == expected


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("", 1, "condition"),
        ("status", 1, "condition"),
        ("status:draft place:KP", 14, "AND or OR"),
        ("status:draft and place:KP", 14, "AND or OR"),
        ("status:draft AND", 17, "condition"),
        ("status:draft AND OR a:1", 18, "condition"),
        ("NOT", 4, "condition"),
        ("(a:1 OR b:2", 1, "not closed"),
        ("a:1)", 4, "not opened"),
        ("()", 2, "condition"),
        ("(a:1 b:2)", 6, "AND or OR"),
        ("status:", 8, "value"),
        ("status:draft,", 14, "value"),
        ('q:"open', 3, "quotation mark"),
        ('q:" "', 3, "between"),
        ("(((((( a:1 ))))))", 6, "deep"),
        (" AND ".join(["a:1"] * 25), 24 * 8 + 1, "at most 24"),
    ],
)
def test_a_mistake_is_told_with_its_place(text, place, word):
    with pytest.raises(Invalid) as refused:
        grammar.read(text)
    assert f"At character {place}:" in str(refused.value)
    assert word in str(refused.value)
    assert refused.value.field == "where"


@pytest.mark.parametrize("text", ["a:" + "x" * 1500, "a:1\x00", "a:\ud800"])
def test_what_cannot_be_asked_at_all(text):
    with pytest.raises(Invalid):
        grammar.read(text)


NODES = st.recursive(
    st.builds(
        Term,
        st.sampled_from(["status", "q", "place_only"]),
        st.lists(st.text("ab:,() \"\\.구", min_size=1, max_size=5).map(lambda text: f"{text}x"), min_size=1, max_size=2)
        .map(tuple),
        st.booleans(),
    ),
    lambda inner: st.builds(
        Group, st.sampled_from([AND, OR]), st.lists(inner, min_size=2, max_size=3).map(tuple), st.booleans()
    ),
    max_leaves=8,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(NODES)
def test_what_is_written_is_read_again(node):
    try:
        read = grammar.read(grammar.written(node))
    except Invalid as error:
        assert "deep" in str(error) or "characters" in str(error)
    else:
        assert grammar.written(read) == grammar.written(node)


@settings(deadline=None)
@given(st.text(st.sampled_from(list('ab:,()" \\1ANDORT.')), max_size=40))
def test_no_text_breaks_the_reader(text):
    try:
        grammar.read(text)
    except Invalid as error:
        assert error.field == "where"


def rows(user, **params) -> set:
    query = QueryDict(urlencode(params, doseq=True))
    found = search.narrow(Incident.objects.permitted(user), query, search.INCIDENT_FILTERS, user=user)
    counted = search.counted(Incident, query, search.INCIDENT_FILTERS, user=user)
    assert counted.exact() == found.count()
    listed, _counts = search.listed(Incident.objects.permitted(user), query, search.INCIDENT_FILTERS, user=user)
    assert [row.pk for row in listed.rows] == list(found.order_by("-updated_at", "-pk").values_list("pk", flat=True))
    return set(found.values_list("pk", flat=True))


ALL = {"torture", "prison", "undated", "vague"}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("crime:cah.torture", {"torture"}),
        ("crime:cah", {"torture", "prison"}),  # with all that is narrower
        ("crime:cah AND NOT crime:cah.torture", {"prison"}),
        ("crime:cah.torture,cah.imprisonment", {"torture", "prison"}),
        ("NOT crime:cah", {"undated", "vague"}),
        ("(crime:cah.torture AND place:KP-09) OR NOT place:KP", {"torture", "undated", "vague"}),
        ("NOT (crime:cah.torture OR place:KP-01)", {"undated", "vague"}),
        ("place_only:KP", set()),
        ("place_only:KP-09", {"torture"}),
        ("date:2011", {"prison"}),
        ("date:..2009", {"vague"}),
        ("date:2010..2011", {"torture", "prison"}),
        ("date:2012..", {"prison"}),
        ("NOT date:2010..2011", {"undated", "vague"}),
        ("date:2009,2011", {"vague", "prison"}),
        ("date_from:2011 AND date_to:2012", {"prison"}),
        ("dates:certain", {"torture", "prison"}),
        ("dates:all", ALL),
        ("dates:all OR crime:gen", ALL),
        ("NOT dates:all", set()),
        ("began:2010-05", {"torture", "prison"}),
        ("began:undated", {"undated"}),
        ("began:2009..2009", {"vague"}),
        ("NOT began:undated", ALL - {"undated"}),
        ("status:draft", ALL),
        ("NOT status:draft", set()),
        ("confidentiality:0..3", ALL),
        ("q:tort", {"torture"}),
        ("q:tort OR q:pris", {"torture", "prison"}),
        ("NOT q:tort", ALL - {"torture"}),
        ('q:"vague" AND NOT place:KP', {"vague"}),
        ("bbox:124,37.5,131,43.1 OR crime:cah.torture", {"torture"}),
        ("person:PER-9999 OR place:KP-01", {"prison"}),  # not hers, or not there: it finds nothing
        ("NOT person:PER-9999", ALL),
        ("mine:yes", ALL),
    ],
)
def test_what_it_finds(investigator, several, where, expected):
    found = rows(investigator, where=where)
    assert {name for name, pk in several.items() if pk in found} == expected


@pytest.mark.parametrize(
    ("plain", "where"),
    [
        ({"crime": ["cah.torture", "cah.imprisonment"]}, "crime:cah.torture,cah.imprisonment"),
        ({"date_from": "2010", "date_to": "2011"}, "date:2010..2011"),
        ({"place": "KP", "q": "prison"}, "place:KP AND q:prison"),
        ({"classification": "alleged"}, "classification:alleged"),
    ],
)
def test_it_asks_as_the_plain_filters_do(investigator, several, plain, where):
    assert rows(investigator, **plain) == rows(investigator, where=where)


def test_it_narrows_beside_other_filters(investigator, several):
    assert rows(investigator, where=["crime:cah", "date:2011"], place="KP") == {several["prison"]}


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("status:draft OR colour:red", ("At character 17", "“colour”", "crime", "place", "q")),
        ("where:x", ("no field “where”",)),
        ("place:KP AND status:odd", ("At character 14", "“odd”", "in_review")),
        ("crime:nothing", ("At character 1", "“nothing”")),
        ("date:soon", ("At character 1", "2009-03")),
        ("date:..", ("At character 1", "2009-03..2010")),
        ("confidentiality:3..1", ("At character 1", "1..3")),
        ('q:"-"', ("At character 1",)),
    ],
)
def test_refused_with_place_and_remedy(investigator, where, said):
    with pytest.raises(Invalid) as refused:
        rows(investigator, where=where)
    message = refused.value.errors["where"]
    assert all(word in message for word in said), message


def test_no_group_brings_what_the_gate_keeps(stranger, log):
    log(title_en="Torture")
    for where in ("q:torture", "NOT q:torture", "dates:all", "NOT person:PER-9999", "status:draft OR NOT status:draft"):
        assert rows(stranger, where=where) == set()


def test_a_saved_search_keeps_it_as_it_is(investigator):
    kept = searches.kept_query(
        investigator, "incident", urlencode({"where": "place:KP OR NOT q:구류장", "view": "map"})
    )
    assert QueryDict(kept).dict() == {"where": "place:KP OR NOT q:구류장"}
    with pytest.raises(Invalid, match="At character 1"):
        searches.kept_query(investigator, "incident", urlencode({"where": "colour:red"}))
