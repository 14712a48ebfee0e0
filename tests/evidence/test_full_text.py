"""Full text: what a query means, that both ways to the rows agree, and that they agree with plain Python."""

import datetime
import random
import re

import pytest
from django.db import connection
from django.http import QueryDict
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.errors import Invalid
from evidence import assessment, handling, recording, scripts, search
from evidence.models import Act, File, FileText, Incident, Item, Person, Source, Step
from evidence.search import text, words

AS_OFTEN = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SYLLABLES = "구류장에서경찰이고문했다가나다"


def query(typed: str) -> QueryDict:
    params = QueryDict(mutable=True)
    params["q"] = typed
    return params


def found(user, typed: str, model=Incident, filters=search.INCIDENT_FILTERS) -> set:
    """By the index, row by row, and in parts: always the same."""
    ways = [
        set(search.narrow(model.objects.permitted(user), query(typed), filters, user=user, indexed=way))
        for way in (True, False)
    ]
    assert ways[0] == ways[1], typed
    assert search.counted(model, query(typed), filters, user=user).exact() == len(ways[0])
    page, _counts = search.listed(model.objects.permitted(user), query(typed), filters, user=user)
    assert set(page.rows) == ways[0]
    return ways[0]


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("구류장", True), ("구류", True), ("류장", True), ("류장에", True), ("구", True), ("서", True), ("장", True),
        ("구류소", False), ("구장", False), ("군 구류장", True), ("구류장 군", True), ('"군 구류장"', True),
        ('"구류장 군"', False), ("3명", True), ("13명", False), ("3 명", True), ("明", False),
        ("調査", True), ("査", True),
        ("ガス", True), ("ｶﾞｽ", True), ("カス", False),
        ("detained", True), ("detain", True), ("detaining", True), ("deta", True), ("etained", False),
        ("DETAINED", True),
        ('"detain"', False), ('"was detained at"', True), ('"detained was"', False), ("cafe", True), ("CAFÉ", True),
        ("cafés", True), ("angstrom", True), ("strasse", True), ("Straße", True), ("fine", True), ("happiness", True),
        ("задержан", True), ("ЗАДЕРЖАННЫЙ", False), ("еж", True), ("ёж", True), ("معتقل", True), ("مُعْتَقَل", True),
        ("จับ", True),
        ("ตัว", True), ("KP-09", True), ("kp09", False), ("09", True), ("o'brien", True), ("brien", True), ("o", True),
        ("detained OR nothing", True), ("nothing OR elsewhere", False), ("nothing | 구류장", True),
        ("detained -구류장", False), ("detained -nothing", True), ("-nothing", True), ("-detained", False),
        ('detained -"at was"', True), ('detained -"was detained"', False), ("caf detained elsewhere", False),
        ("조사 심문", True), ("심문", True), ("a.b@example.org", True), ("example", True), ("100%", True), ("%", None),
        ("_", None), ("\\", None), ("'; DROP TABLE x; --", False), ("!!! detained ???", True), ("()&|!:*", None),
        ("detained:*", True), ("die", True), ("dying", True), ("detained AND 구류장", True),
        ("detained AND nothing", False), ("detained NOT nothing", True), ("NOT detained", False),
        ("detained AND NOT 구류장", False), ("(detained) 구류장", True), ('"not" detained', False),
        ("and detained", False), ("NOT -nothing", True),
    ],
)  # fmt: skip
def test_what_a_query_finds(log, investigator, typed, is_found):
    one = log(
        title_en="He was detained at a café",
        title_ko="군 구류장에서 3명 구금",
        narrative_en="Ångström, Straße 100%; KP-09. O’Brien wrote to a.b@example.org: ﬁne. happy Dies died",
        narrative_ko="조사ㆍ심문 調査 ガス задержание ежа معتقل จับกุมตัว",
    )
    if is_found is None:
        with pytest.raises(Invalid):
            found(investigator, typed)
    else:
        assert found(investigator, typed) == ({one} if is_found else set())


@pytest.mark.parametrize(
    "typed",
    [
        '"open',
        "“open",
        "a OR",
        "OR a",
        "a OR OR b",
        "a OR -b",
        "a OR NOT b",
        "AND",
        "a AND",
        "AND a",
        "a AND OR b",
        "NOT",
        "a NOT",
        "a NOT OR b",
        "NOT AND a",
        "(a b) OR c",
        "a AND (b OR c)",
        "NOT (a)",
        "-a OR b",
        "x " * 17,
        "a" * 201,
        "-",
        "...",
        '""',
        "\x07",
    ],
)
def test_what_makes_no_sense_is_refused(db, typed):
    with pytest.raises(Invalid) as refusal:
        text.prepare(typed)
    assert refusal.value.field == "q"


def test_how_a_query_is_read():
    query = words.read('border OR "river guard" 회령 -camp -"two fences" a-b')
    assert [[(term.text, term.exact) for term in group] for group in query.groups] == [
        [("border", False), ("river guard", True)],
        [("회령", False)],
        [("a-b", False)],
    ]
    assert [term.text for term in query.without] == ["camp", "two fences"]
    assert words.read("   ") == words.Query()


@AS_OFTEN
@given(typed=st.text(max_size=60))
@example("'" * 50)
@example('"' + "\\" * 20 + '"')
@example("a" * 200)
@example("a\ufeffb -\u200b")
def test_nothing_that_is_typed_fails(incident, investigator, typed):
    try:
        found(investigator, typed.replace("\x00", ""))
    except Invalid as refusal:
        assert refusal.message


def put(incident, **texts) -> None:
    """In place of the verb, which would refuse some of it."""
    Incident.objects.filter(pk=incident.pk).update(**texts)


@AS_OFTEN
@given(
    body=st.text(alphabet=SYLLABLES + " .\n", max_size=60),
    needle=st.text(alphabet=SYLLABLES, min_size=1, max_size=6),
    cut=st.tuples(st.integers(0, 60), st.integers(1, 8)),
)
def test_korean_is_found_as_python_finds_it(incident, investigator, body, needle, cut):
    put(incident, title_en="x", title_ko="", narrative_en="", narrative_ko=body)
    part = body[cut[0] : cut[0] + cut[1]]
    for one in {needle, part if re.fullmatch(f"[{SYLLABLES}]+", part) else needle}:
        assert bool(found(investigator, one)) == (one in body), (one, body)
        assert bool(found(investigator, f"x -{one}")) == (one not in body)


@AS_OFTEN
@given(
    body=st.text(alphabet="abcé QXZ.\n", max_size=60),
    needle=st.text(alphabet="abcexqz", min_size=2, max_size=5),
)
def test_words_are_found_as_python_finds_them(incident, investigator, body, needle):
    put(incident, title_en="-", title_ko="가", narrative_en=body, narrative_ko="")
    bare = body.lower().replace("é", "e")
    beginnings = any(word.startswith(needle) for word in re.findall(r"[a-z]+", bare))
    assert bool(found(investigator, f'{needle} OR "{needle}"')) >= beginnings
    assert bool(found(investigator, f'"{needle}"')) == (needle in re.findall(r"[a-z]+", bare))
    # By the beginning, or by the stem, which the database knows.
    assert bool(found(investigator, needle)) == (beginnings or stems(needle) in map(stems, re.findall(r"[a-z]+", bare)))


def stems(word: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (ts_lexize('english_stem', %s))[1]", [word])
        return cursor.fetchone()[0] or f"\x00{word}"


@AS_OFTEN
@given(one=st.text(max_size=80).filter(lambda text: "\x00" not in text and not re.search("[\ud800-\udfff]", text)))
@example("a\u0301가\u0308 …")
@example("A.B-C가나3명\t\n  x")
def test_the_short_way_to_plain_text_is_the_long_one(db, one):
    """Text of ASCII and Hangul is made plain by fewer steps: with one other letter behind it, by all of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.search_plain(%s), public.search_plain(%s)", [one, f"{one} é"])
        short, whole = cursor.fetchone()
    assert [*short.split(), "e"] == whole.split()
    assert re.fullmatch(" ([^ ]+ )*| {2}", short)


def test_the_classes_of_the_database_are_those_of_python(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(prosrc, '') FROM pg_proc WHERE proname LIKE 'search\\_%'")
        (source,) = cursor.fetchone()
    for characters in (scripts.SUBSTRINGS, scripts.SEPARATORS, scripts.STRIPPED):
        assert f"[{characters}]" in source
    assert f"'{''.join(scripts.ALIKE)}', '{''.join(scripts.ALIKE.values())}'" in source
    assert all(f"'{letter}', '{instead}'" in source for letter, instead in scripts.SPELLED_OUT.items())


def test_a_phrase_does_not_reach_from_one_text_into_the_next(log, investigator):
    log(title_en="Held by day", title_ko="밤 구금", narrative_en="and by night")
    assert found(investigator, '"by day and"') == set()
    assert found(investigator, '"밤 구금"')


def test_acts_and_notes_of_reviews_are_found_with_their_incident(incident, investigator, reviewer):
    assert found(investigator, "waterboarding") == set()
    act = incident.acts.get()
    Act.objects.filter(pk=act.pk).update(title_en="Waterboarding", title_ko="물고문")
    assert found(investigator, "waterboarding 물고문") == {incident}
    assessment.submit(by=investigator, incident=incident, note="Please compare with Ryongsong")
    assert found(investigator, "ryongsong") == {incident}
    Act.objects.filter(pk=act.pk).update(ended_at="2026-01-01T00:00:00Z")
    assert found(investigator, "waterboarding") == set()


def test_what_is_revised_is_found_by_its_new_words_alone(incident, investigator):
    assert found(investigator, "holding")
    recording.revise_incident(
        by=investigator,
        incident=incident,
        given={"title_en": "Questioning"},
        version=incident.version,
        reason="mistake",
    )
    assert found(investigator, "questioning") == {incident}
    assert found(investigator, "holding") == set()


def test_items_persons_and_sources_are_found_by_their_texts(item, protected, source, investigator):
    assert found(investigator, item.title_en.split()[0], Item, search.ITEM_FILTERS) == {item}
    assert found(investigator, source.title, Source, search.SOURCE_FILTERS) == {source}
    assert found(investigator, protected.code[:6], Person, search.PERSON_FILTERS) == {protected}


def test_a_text_too_long_for_the_index_is_found_all_the_same(incident, investigator):
    letters = "".join(random.Random(1).choices([chr(0x4E00 + number) for number in range(20_000)], k=190_000))
    put(incident, narrative_ko=letters, narrative_en="Needle " + "w" * 5000)
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.search_tsv(search_text)::text FROM evidence_incident")
        assert cursor.fetchone() == ("'*'",)
    assert found(investigator, letters[1000:1004]) == {incident}
    assert found(investigator, "needle") == {incident}
    assert found(investigator, "w" * 100) == {incident}
    assert found(investigator, "nothing") == set()


def test_words_of_any_length_have_their_place(incident, investigator):
    put(incident, narrative_en="x" * 5000 + " y" + "z" * 70)
    assert found(investigator, "x" * 199) == found(investigator, "y" + "z" * 70) == {incident}
    assert found(investigator, "y" + "z" * 71) == set()


def test_common_words_are_looked_for_in_order_and_the_index_is_asked_when_that_takes_too_long(
    log, investigator, monkeypatch
):
    rows = {log() for _number in range(3)}
    monkeypatch.setattr(text, "COMMON", 0)
    assert found(investigator, "detention") == rows
    monkeypatch.setattr("evidence.search.lists.PATIENCE", 0)
    assert found(investigator, "detention") == rows


def test_no_row_entry_is_written_for_what_is_derived(incident, investigator):
    from custody.models import Entry

    Act.objects.filter(incident=incident).update(title_en="Other words")
    acts = list(Entry.objects.filter(object_id=incident.pk).values_list("act", flat=True))
    assert "raw.updated" not in acts
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM custody.reconcile('evidence_incident')")
        assert cursor.fetchall() == []


def with_pages(file, *texts: str) -> list[FileText]:
    File.objects.filter(pk=file.pk).update(scan="clean")
    step = Step.objects.create(file=file, name="text", state="done")
    return [
        FileText.objects.create(file=file, step=step, number=number, text=text)
        for number, text in enumerate(texts, start=1)
    ]


def items_of(user, typed: str) -> set:
    return found(user, typed, Item, search.ITEM_FILTERS)


def test_an_item_is_found_by_one_page_of_its_files(file, item, investigator, stranger):
    with_pages(file, "The barracks stood empty.", "증인은 구류장에서 사흘을 보냈다. A hollow lantern.")
    assert items_of(investigator, "구류장") == items_of(investigator, '"hollow lantern"') == {item}
    # Each page by itself, and the item's own text by itself.
    assert items_of(investigator, "barracks lantern") == set()
    assert items_of(stranger, "구류장") == set()
    (hit,) = search.find("item", query("lantern"), user=investigator).hits
    assert (hit.page.number, hit.page.file_id) == (2, file.pk)
    assert any(part.is_match and part.text == "lantern" for part in hit.passage)
    (hit,) = search.find("item", query(item.title_en.split()[0]), user=investigator).hits
    assert hit.page is None


def test_what_is_left_out_is_on_none_of_an_items_pages_nor_in_its_own_text(file, item, investigator):
    with_pages(file, "The barracks stood empty.", "A hollow lantern.")
    own = item.title_en.split()[0]
    assert items_of(investigator, "barracks -gate") == items_of(investigator, f"{own} -gate") == {item}
    assert items_of(investigator, "-gate -fence") == {item}
    for typed in ("barracks -lantern", f"barracks -{own}", f"-barracks {own}", "-lantern", "barracks NOT lantern"):
        assert items_of(investigator, typed) == set(), typed


def test_text_of_an_item_that_is_withdrawn_is_gone(file, item, investigator):
    with_pages(file, "A hollow lantern")
    handling.withdraw_item(by=investigator, item=item, reason="It was not ours to keep.")
    assert items_of(investigator, "lantern") == items_of(investigator, item.title_en.split()[0]) == set()
    (hit,) = search.find("item", query(item.code), user=investigator).hits
    assert (hit.record, hit.page) == (item, None)
    handling.restore_item(by=investigator, item=item, reason="It was ours after all.")
    assert items_of(investigator, "lantern") == {item}


@pytest.mark.parametrize(
    "change", [{"scan": "pending"}, {"scan": "infected"}, {"withdrawn_at": NOW}, {"destroyed_at": NOW}]
)
def test_text_of_a_file_that_is_closed_is_not_found(file, item, investigator, change):
    pages = with_pages(file, "A hollow lantern")
    assert items_of(investigator, "lantern") == {item}
    File.objects.filter(pk=file.pk).update(**change)
    assert items_of(investigator, "lantern") == set()
    File.objects.filter(pk=file.pk).update(scan="clean", withdrawn_at=None, destroyed_at=None)
    FileText.objects.filter(pk=pages[0].pk).update(ended_at=NOW)
    assert items_of(investigator, "lantern") == set()


def test_an_item_that_is_restricted_is_not_found_by_its_pages(file, item, incident, investigator):
    with_pages(file, "A hollow lantern")
    Item.objects.filter(pk=item.pk).update(inherits_access=False)
    assert items_of(investigator, "lantern") == set()
    assert found(investigator, "lantern") == set()
