"""Rows into drafts by a mapping: every rule of the specification, and its refusals. Invented rows."""

from decimal import Decimal

import pytest

from evidence.importing import Mapping, MappingError, Row, RowErrors
from evidence.importing.mapping import Draft


def spec(**parts):
    return {
        "format": 1,
        "name": "invented",
        "label": {"en": "Invented", "ko": "가상"},
        "identity": {"template": "{id}"},
        "fields": {"title_en": "{title}"},
    } | parts


def fields(**values):
    return spec(fields={"title_en": "{title}"} | values)


def apply(mapping_spec, sheet="", *, lookups=None, occurrence=1, errors=(), warnings=(), **values):
    row = Row(2, {"id": "1", "title": "A title"} | values, tuple(errors), tuple(warnings))
    return Mapping.from_dict(mapping_spec).apply(row, sheet, lookups=lookups, occurrence=occurrence)


def wrong(mapping_spec):
    with pytest.raises(MappingError) as caught:
        Mapping.from_dict(mapping_spec)
    assert caught.value.reason
    return caught.value.key


def test_a_draft_has_every_field_and_nothing_that_was_not_mapped():
    draft = apply(spec())
    assert set(draft) == set(Draft.__annotations__)
    assert draft["external_id"] == "1" and draft["title_en"] == "A title"
    assert draft["place"] == draft["date"] == draft["verification"] == draft["narrative_en"] == ""
    assert draft["place_precision"] == "unknown" and draft["latitude"] is None
    assert draft["acts"] == draft["sources"] == draft["tags"] == [] and draft["extra"] == {}


def test_text_is_cleaned_without_losing_its_lines():
    draft = apply(fields(narrative_en="{n}"), title=" A\u00a0title\nin two ", n="one\r\n\r\ntwo\u00a0three ")
    assert draft["title_en"] == "A title in two"
    assert draft["narrative_en"] == "one\n\ntwo three"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{title} ({n})", "A title (5)"),
        ("{title}[, {empty}] end", "A title end"),
        ("{title}[, {n}] end", "A title, 5 end"),
        ("{{{n}}} [[x]]", "{5} [x]"),
        ("{@sheet} {@row}", "Sheet 2"),
        ("{yes} {no}", "True False"),
    ],
)
def test_templates_are_filled(template, text):
    draft = apply(fields(title_ko=template), "Sheet", n=5, empty=None, yes=True, no=False)
    assert draft["title_ko"] == text


@pytest.mark.parametrize("template", ["{a", "a}", "[a", "a]", "[a [b]]", "{a[b}", "{@place}", "{@column}", "{$none}"])
def test_a_broken_template_is_refused(template):
    assert wrong(fields(title_ko=template)) == "fields.title_ko"


def test_a_defined_value_serves_further_down_only():
    define = {"kind": {"column": "k", "lookup": {"x": "Kind X"}}, "both": "{$kind}!"}
    assert apply(spec(define=define, fields={"title_en": "{$both} {@date}"}), k="x")["title_en"] == "Kind X!"
    assert wrong(spec(define={"both": "{$kind}", "kind": "{k}"})) == "define.both"


def test_the_date_can_stand_in_a_title_but_not_in_what_comes_before_it():
    date = {"value": "{d}", "formats": ["month-year"]}
    draft = apply(fields(title_ko="{title}, {@date}", date=date), d="Dec-2016")
    assert (draft["title_ko"], draft["date"], draft["date_note"]) == ("A title, 2016-12", "2016-12", "Dec-2016")
    assert wrong(spec(define={"x": "{@date}"})) == "define.x"


def test_first_takes_the_first_value_that_is_not_empty():
    value = {"first": ["{a}", {"column": "b", "empty": ["N/A"]}, "none"]}
    assert apply(fields(place_detail=value), a="", b="N/A")["place_detail"] == "none"
    assert apply(fields(place_detail=value), a="", b="B")["place_detail"] == "B"


@pytest.mark.parametrize(("otherwise", "text"), [("keep", "z"), ("empty", ""), ({"template": "<{v}>"}, "<z>")])
def test_a_lookup_says_what_happens_to_other_values(otherwise, text):
    value = {"column": "v", "lookup": {"X": "found"}, "else": otherwise}
    assert apply(fields(place_detail=value), v="x")["place_detail"] == "found"
    assert apply(fields(place_detail=value), v="z")["place_detail"] == text


def test_a_lookup_without_else_makes_other_values_errors():
    errors = apply(fields(place_detail={"column": "v", "lookup": {"x": "y"}}), v="z")
    assert errors == [("v", "‘z’ is not in the list of known values.")]
    assert isinstance(errors, RowErrors)


def test_an_empty_cell_is_not_looked_up():
    assert apply(fields(place_detail={"column": "v", "lookup": {"x": "y"}}), v="")["place_detail"] == ""


def test_lookup_tables_come_from_the_mapping_or_with_the_call():
    value = {"column": "c", "lookup": "country"}
    own = fields(place=value) | {"lookups": {"country": {"Nowhere": "XA"}}}
    assert apply(own, c="nowhere")["place"] == "XA"
    given = Mapping.from_dict(fields(place=value))
    assert given.lookups_needed == {"country"}
    assert apply(fields(place=value), c="Nowhere", lookups={"country": {"nowhere": "XB"}})["place"] == "XB"
    with pytest.raises(MappingError, match="‘country’ was not given"):
        apply(fields(place=value), c="Nowhere")


def test_a_required_value_may_not_be_empty_and_all_problems_are_told_at_once():
    mapping = fields(
        narrative_en={"column": "n", "required": True},
        place={"column": "p", "lookup": {"a": "b"}},
        date={"value": "{d}", "formats": ["iso"]},
    )
    assert [column for column, _reason in apply(mapping, n=" ", p="q", d="x")] == ["d", "n", "p"]


@pytest.mark.parametrize(("field", "length"), [("title_ko", 301), ("narrative_en", 200_001)])
def test_a_text_that_is_too_long_is_an_error_unless_shortened(field, length):
    assert apply(fields(**{field: "{t}"}), t="x" * length)[0][0] == "t"
    draft = apply(fields(**{field: {"column": "t", "shorten": 20}}), t="word " * length)
    assert draft[field] == "word word word word…"


def test_a_row_without_any_title_is_an_error():
    assert apply(spec(), title=" ") == [("title", "The row gives no title.")]


def test_coordinates_are_checked_and_kept_as_written():
    mapping = fields(latitude="{lat}", longitude="{lon}")
    draft = apply(mapping, lat="12.50", lon=-100)
    assert (draft["latitude"], draft["longitude"]) == ("12.50", "-100")
    assert Decimal(draft["latitude"]) == Decimal("12.5")
    assert apply(mapping, lat="91", lon="0")[0][0] == "lat"
    assert apply(mapping, lat="0", lon="180.1")[0][0] == "lon"
    assert apply(mapping, lat="NaN", lon="0")[0][0] == "lat"
    assert apply(mapping, lat="12N", lon="0")[0][0] == "lat"
    assert apply(mapping, lat="1", lon="")[0][0] == "lon"
    assert apply(mapping, lat="", lon="1")[0][0] == "lat"


def test_the_precision_of_a_place_is_one_of_the_list():
    assert apply(fields(place_precision="{p}"), p="county")["place_precision"] == "county"
    assert apply(fields(place_precision="{p}"), p="near")[0][0] == "p"


def test_crimes_are_only_those_the_mapping_spells_out():
    acts = [{"title_en": "Act", "crimes": ["cah.murder", {"column": "c", "lookup": {"t": "cah.torture"}}]}]
    assert apply(spec(acts=acts), c="t")["acts"][0]["crimes"] == ["cah.murder", "cah.torture"]
    assert apply(spec(acts=acts), c="")["acts"][0]["crimes"] == ["cah.murder"]
    assert apply(spec(acts=[{"title_en": "Murder"}]))["acts"][0]["crimes"] == []


def victims(low, high):
    return spec(acts=[{"involvements": [{"role": "victim", "count_min": low, "count_max": high}]}])


def test_counts_are_whole_numbers_or_unknown():
    def counts(**values):
        found = apply(victims("{low}", "{high}"), **values)["acts"][0]["involvements"][0]
        return found["count_min"], found["count_max"]

    assert counts(low="2", high=5) == (2, 5)
    assert counts(low="", high="") == (None, None)
    assert counts(low="0", high="3.0") == (0, 3)
    assert apply(victims(1, 1))["acts"][0]["involvements"][0]["count_max"] == 1


@pytest.mark.parametrize("text", ["-1", "2.5", "many", "1,000", "9999999999"])
def test_other_counts_are_errors(text):
    assert apply(victims("{low}", ""), low=text)[0][0] == "low"


def test_a_smallest_above_the_largest_is_an_error():
    assert "greater" in apply(victims("{low}", "{high}"), low="3", high="2")[0][1]


def test_contradicting_numbers_span_what_was_stated_with_a_warning():
    draft = apply(victims({"smallest": ["{low}", "{best}"]}, {"largest": ["{high}", "{best}"]}), low=3, best=2, high=4)
    involvement = draft["acts"][0]["involvements"][0]
    assert (involvement["count_min"], involvement["count_max"]) == (2, 4)
    assert draft["warnings"] == [("low", "The numbers contradict each other: 3 is stated, 2 was taken.")]


def test_acts_and_involvements_can_depend_on_a_value():
    acts = [
        {"title_en": "A", "when": {"value": "{k}", "is": ["1"]}},
        {"title_en": "B", "involvements": [{"role": "witness", "when": {"value": "{k}", "is_not": ["1", "2"]}}]},
    ]
    assert [act["title_en"] for act in apply(spec(acts=acts), k=1)["acts"]] == ["A", "B"]
    assert apply(spec(acts=acts), k="2")["acts"][0]["involvements"] == []
    assert apply(spec(acts=acts), k="3")["acts"][0]["involvements"][0]["role"] == "witness"


MATRIX = {"matrix": {"columns": ["News", {"column": "Parish", "title": "Parish ({title})", "external_id": "p"}]}}


def test_a_matrix_gives_one_source_a_column():
    found = apply(spec(sources=[MATRIX]), News=True, Parish="N/A")["sources"]
    assert [(entry["external_id"], entry["title"], entry["documented"]) for entry in found] == [
        ("News", "News", "yes"),
        ("p", "Parish (A title)", "not_applicable"),
    ]


@pytest.mark.parametrize("value", ["maybe", "", None, 1])
def test_anything_else_in_a_matrix_is_an_error(value):
    assert [column for column, _reason in apply(spec(sources=[MATRIX]), News=value, Parish=False)] == ["News"]


def test_an_optional_column_of_a_matrix_may_be_absent():
    mapping = spec(sources=[MATRIX], optional_columns=["Parish"])
    assert [entry["title"] for entry in apply(mapping, News=False)["sources"]] == ["News"]
    assert apply(spec(sources=[MATRIX]), News=False)[0][0] == "Parish"


def test_a_list_of_sources_is_cut_only_where_the_mapping_says():
    split = {"value": "{links}", "separators": ["; ", "\n"], "before": ["A Book"]}
    links = "https://example.org/a;b; A Report, p. 3\nhttps://example.org/cA Book, p. 4; A Report, p. 3"
    found = apply(spec(sources=[{"split": split}]), links=links)["sources"]
    assert [(entry["title"], entry["url"]) for entry in found] == [
        ("https://example.org/a;b", "https://example.org/a;b"),
        ("A Report, p. 3", ""),
        ("https://example.org/c", "https://example.org/c"),
        ("A Book, p. 4", ""),
    ]


def test_two_addresses_run_together_are_not_taken_for_one():
    split = {"split": {"value": "{links}", "separators": ["; "]}}
    (glued,) = apply(spec(sources=[split]), links="https://example.org/ahttps://example.org/b")["sources"]
    assert glued["url"] == "" and glued["title"]
    archived = "https://web.archive.org/web/2012/http://example.org/"
    assert apply(spec(sources=[split]), links=archived)["sources"][0]["url"] == archived


def test_a_quoted_list_and_long_sources():
    split = {"split": {"value": "{links}", "separators": ['";"'], "quoted": True}}
    short, long = apply(spec(sources=[split]), links='"Paper,2012";"' + "word " * 200 + '"')["sources"]
    assert short["external_id"] == short["title"] == "Paper,2012"
    assert long["external_id"].startswith("sha256:") and len(long["title"]) <= 500


def test_a_fixed_source_is_left_out_when_empty():
    source = {"title": "{s}", "external_id": "s-{id}", "documented": "no"}
    assert apply(spec(sources=[source]), s="")["sources"] == []
    (found,) = apply(spec(sources=[source]), s="Archive")["sources"]
    assert (found["external_id"], found["documented"]) == ("s-1", "no")


def test_tags_and_extras_without_content_are_left_out():
    draft = apply(spec(tags=["{t}", "x", "x"], extra={"a": "{t}", "b": "{id}"}), t="")
    assert draft["tags"] == ["x"] and draft["extra"] == {"b": "1"}


def test_an_identity_needs_all_its_columns():
    mapping = Mapping.from_dict(spec(identity={"template": "{id} {part}"}))
    assert mapping.identity(Row(2, {"id": 7, "part": "b"}), "") == "7 b"
    assert mapping.identity(Row(2, {"id": 7, "part": " "}), "") == ""
    assert apply(spec(identity={"template": "{id} {part}"}), part=None)[0][0] == "part"


def test_a_content_identity_depends_on_sheet_and_cells_but_not_on_spaces_around_them():
    mapping = Mapping.from_dict(spec(identity={"content": ["id", "title"], "repeats": "number"}))
    base = mapping.identity(Row(2, {"id": "1", "title": "x", "o": 1}), "S")
    assert base == mapping.identity(Row(9, {"id": "1", "title": " x\u00a0", "o": 2}), "S")
    assert base != mapping.identity(Row(2, {"id": "1", "title": "y"}), "S")
    assert base != mapping.identity(Row(2, {"id": "1", "title": "x"}), "T")
    everything = Mapping.from_dict(spec(identity={"content": "all"}))
    assert everything.identity(Row(2, {"a": 1, "b": 2}), "") == everything.identity(Row(2, {"b": 2, "a": 1}), "")
    assert everything.identity(Row(2, {"a": 1, "b": 2}), "") != everything.identity(Row(2, {"a": 1, "b": 3}), "")


def test_a_repeated_row_gets_a_running_number():
    assert apply(spec(), occurrence=3)["external_id"] == "1#3"


def test_missing_and_unused_columns_are_told():
    mapping = Mapping.from_dict(spec(sources=[MATRIX], optional_columns=["News"]))
    assert mapping.missing_columns(["id", "other"]) == ["title", "Parish"]
    assert mapping.unused_columns(["id", "other"]) == ["other"]


def test_errors_of_cells_that_the_mapping_does_not_use_are_warnings():
    assert apply(spec(), errors=[("title", "bad")]) == [("title", "bad")]
    assert apply(spec(), errors=[("", "ragged")]) == [("", "ragged")]
    draft = apply(spec(), errors=[("other", "bad")], warnings=[("title", "doubtful")])
    assert draft["warnings"] == [("other", "bad"), ("title", "doubtful")]


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ({"format": 2}, "format"),
        ({"colour": 1}, "colour"),
        ({"label": {"en": "x"}}, "label.ko"),
        ({"name": 3}, "name"),
        ({"identity": {"template": "fixed"}}, "identity.template"),
        ({"identity": {"template": "{id}", "content": "all"}}, "identity"),
        ({"identity": {"template": "{id}", "repeats": "merge"}}, "identity.repeats"),
        ({"fields": {"narrative_en": "x"}}, "fields"),
        ({"fields": {"title_en": "x", "tittle": "x"}}, "fields.tittle"),
        ({"fields": {"title_en": 3}}, "fields.title_en"),
        ({"fields": {"title_en": {"column": "a", "template": "b"}}}, "fields.title_en"),
        ({"fields": {"title_en": {"first": []}}}, "fields.title_en.first"),
        ({"fields": {"title_en": {"column": "a", "else": "keep"}}}, "fields.title_en.else"),
        ({"fields": {"title_en": {"column": "a", "lookup": {}, "else": "guess"}}}, "fields.title_en.else"),
        ({"fields": {"title_en": {"column": "a", "lookup": {"x": 1}}}}, "fields.title_en.lookup.x"),
        ({"fields": {"title_en": {"column": "a", "lookup": {"x": "1", "X": "2"}}}}, "fields.title_en.lookup.X"),
        ({"fields": {"title_en": {"column": "a", "required": "yes"}}}, "fields.title_en.required"),
        ({"fields": {"title_en": {"column": "a", "shorten": True}}}, "fields.title_en.shorten"),
        ({"fields": {"title_en": {"column": "a", "shorten": 2}}}, "fields.title_en.shorten"),
        ({"acts": {}}, "acts"),
        ({"acts": [{"crime": []}]}, "acts[0].crime"),
        ({"acts": [{"involvements": [{}]}]}, "acts[0].involvements[0].role"),
        ({"acts": [{"when": {"value": "{a}"}}]}, "acts[0].when"),
        (
            {"acts": [{"involvements": [{"role": "victim", "count_min": {"smallest": []}}]}]},
            "acts[0].involvements[0].count_min.smallest",
        ),
        ({"sources": [{"matrix": {"columns": ["a"], "values": {"perhaps": []}}}]}, "sources[0].matrix.values.perhaps"),
        (
            {"sources": [{"matrix": {"columns": ["a"], "values": {"yes": ["x"], "no": ["X"]}}}]},
            "sources[0].matrix.values.no",
        ),
        ({"sources": [{"split": {"value": "{a}", "separators": []}}]}, "sources[0].split.separators"),
        ({"sources": [{"title": "x", "documented": "perhaps"}]}, "sources[0].documented"),
        ({"tags": "x"}, "tags"),
        ({"extra": {"a": 1}}, "extra.a"),
        ({"optional_columns": [""]}, "optional_columns[0]"),
    ],
)
def test_a_wrong_specification_names_its_entry(parts, key):
    assert wrong(spec(**parts)) == key


@pytest.mark.parametrize("content", [None, [], "x", {}])
def test_a_specification_that_is_none_is_refused(content):
    with pytest.raises(MappingError):
        Mapping.from_dict(content)
