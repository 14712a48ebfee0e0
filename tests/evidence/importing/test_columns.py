"""A mapping without JSON: what a sample tells, and the specification that choices make."""

import pytest

from evidence.importing import Mapping, Row, open_table
from evidence.importing.columns import Choices, build_spec, sample_of, suggest_formats


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        ([], []),
        (["2016-12-05", "2016-12", "2016"], ["iso"]),
        (["2016-12-05 10:00:00"], ["iso-datetime"]),
        (["Dec-2016", "2016"], ["iso", "month-year"]),
        (["2012년 3월 5일", "2012년"], ["korean"]),
        (["2012. 3. 5."], ["y/m/d"]),
        (["25/12/2016", "1/2/2016"], ["d/m/y"]),
        (["12/25/2016", "1/2/2016"], ["m/d/y"]),
        (["1/2/2016"], []),
        (["2016", "some time"], []),
        (["2009-21~"], ["edtf"]),
    ],
)
def test_formats_are_suggested_only_when_they_read_everything_one_way(values, formats):
    assert sorted(suggest_formats(values)) == sorted(formats)


def draft_of(choices: Choices, **values):
    mapping = Mapping.from_dict(build_spec("mine", {"en": "Mine", "ko": ""}, choices))
    return mapping.apply(Row(2, values), "")


def test_rows_without_counts_name_no_victims_in_numbers():
    choices = Choices({"identifier": ["id"], "title_en": ["t"], "count_min": ["n"]})
    draft = draft_of(choices, id="1", t="Arrest", n="")
    assert draft["acts"][0]["involvements"][0]["count_min"] is None


def test_place_precision_is_said_only_where_there_is_a_place():
    choices = Choices({"identifier": ["id"], "title_en": ["t"], "place": ["p"]}, precision="province")
    assert draft_of(choices, id="1", t="x", p="KP-09")["place_precision"] == "province"
    assert draft_of(choices, id="1", t="x", p="")["place_precision"] == "unknown"


def test_accounts_of_several_columns_are_paragraphs():
    choices = Choices({"identifier": ["id"], "title_en": ["t"], "narrative_en": ["a", "b", "c"]})
    assert draft_of(choices, id="1", t="x", a="One.", b="", c="Two.")["narrative_en"].strip() == "One.\n\nTwo."


def test_source_of_the_table_is_taken_literally():
    choices = Choices({"identifier": ["id"], "title_en": ["t"]}, source="Report [A] {1}")
    assert draft_of(choices, id="1", t="x")["sources"][0]["title"] == "Report [A] {1}"


def test_identity_without_a_column_is_the_whole_row():
    choices = Choices({"title_en": ["t"]})
    first, second = draft_of(choices, t="x", u="1"), draft_of(choices, t="x", u="2")
    assert first["external_id"] != second["external_id"]


def test_sample_shows_the_first_different_values(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("id,kind\n1,a\n2,a\n3,b\n4,c\n5,d\n")
    columns = sample_of(open_table(path, "table.csv"))
    assert [(column.name, column.values) for column in columns] == [("id", ("1", "2", "3")), ("kind", ("a", "b", "c"))]
