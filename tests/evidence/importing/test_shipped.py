"""The shipped mappings on invented tables of the shapes they are made for; a whole table through a mapping."""

import csv
import json

import openpyxl
import pytest

from evidence.edtf import parse
from evidence.importing import (
    Mapping,
    TableError,
    open_table,
    read_drafts,
    shipped_mapping,
    shipped_names,
    shipped_spec,
)

PROVOCATIONS = ["date", "type", "event", "description", "resources"]
EVENT = {
    "id": "7", "relid": "X-2016-3-7", "year": "2016", "type_of_violence": "3", "conflict_name": "Invented conflict",
    "dyad_name": "Invented Group - Civilians", "side_a": "Invented Group", "side_b": "Civilians",
    "number_of_sources": "2", "source_article": '"Paper,2016-02-03,One";"Radio,2016-02-04,Two"',
    "source_original": "", "where_prec": "2", "where_coordinates": "Someville town", "where_description": "",
    "adm_1": "Some province", "adm_2": "", "latitude": "12.5", "longitude": "-100", "country": "Mexico",
    "country_id": "70", "event_clarity": "1", "date_prec": "1", "date_start": "2016-02-03 00:00:00.000",
    "date_end": "2016-02-03 00:00:00.000", "deaths_a": "0", "deaths_b": "0", "deaths_civilians": "3",
    "deaths_unknown": "0", "best": "3", "low": "2", "high": "5",
}  # fmt: skip
EVENTS = list(EVENT)
KILLINGS = ["ID", "Date", "Location", "Police District", "Police Station", "Police", "News"]


def write_csv(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return open_table(path, path.name)


@pytest.fixture
def provocations(tmp_path):
    return lambda *rows: write_csv(tmp_path / "p.csv", PROVOCATIONS, rows)


@pytest.fixture
def event(tmp_path):
    def one(**changes):
        table = write_csv(tmp_path / "e.csv", EVENTS, [list((EVENT | changes).values())])
        (outcome,) = read_drafts(table, shipped_mapping("ucdp-ged"))
        return outcome.draft

    return one


@pytest.fixture
def killings(tmp_path):
    def write(sheets, header=(*KILLINGS, "Parishes")):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in (header, *rows):
                sheet.append(row)
        book.save(tmp_path / "k.xlsx")
        book.close()
        return open_table(tmp_path / "k.xlsx", "k.xlsx")

    return write


def drafts(table, name):
    outcomes = list(read_drafts(table, shipped_mapping(name)))
    assert not [outcome.errors for outcome in outcomes if outcome.errors]
    return [outcome.draft for outcome in outcomes]


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_mapping_is_valid_and_classifies_nothing(name):
    mapping = shipped_mapping(name)
    assert mapping.name == name and all(mapping.label.values()) and all(mapping.description.values())
    assert not mapping.lookups_needed
    assert not [act for act in shipped_spec(name)["acts"] if act.get("crimes")]


def test_a_mapping_that_is_not_shipped_is_a_key_error():
    with pytest.raises(KeyError):
        shipped_spec("../ucdp-ged")


def test_events_of_one_kind_on_one_day_are_numbered(provocations):
    kind = ["2016-01-02", "Missile Provocation", "Nuclear Test"]
    found = drafts(
        provocations([*kind, "One\u00a0text", "https://example.org/a"], [*kind, "Two", ""]), "dprk-provocations"
    )
    assert [draft["external_id"] for draft in found] == ["2016-01-02 Nuclear Test", "2016-01-02 Nuclear Test#2"]
    assert found[0]["title_en"] == "Nuclear Test, 2016-01-02" and found[0]["title_ko"] == "핵실험, 2016-01-02"
    assert found[0]["narrative_en"] == "One text" and found[0]["place"] == ""
    assert found[0]["sources"][0]["url"] == "https://example.org/a" and found[1]["sources"] == []


def test_a_bad_row_is_reported_with_its_number_and_does_not_stop_the_others(provocations):
    good = ["2016-01-02", "Other Provocation", "Invented", "Text", ""]
    outcomes = list(
        read_drafts(
            provocations(["2016-02-30", *good[1:]], good, ["2016-01-03", "", "Invented", "", ""]),
            shipped_mapping("dprk-provocations"),
        )
    )
    assert [(outcome.row.number, bool(outcome.draft)) for outcome in outcomes] == [(2, False), (3, True), (4, False)]
    assert outcomes[0].errors[0][0] == "date" and outcomes[2].errors[0][0] == "description"
    assert outcomes[0].row.values["date"] == "2016-02-30"


def test_killings_of_both_sheets_keep_month_and_sources(killings):
    sheets = {
        "police killings": [[3, "Dec-2016", "Manila", "MPD", "N/A", True, False, "N/A"]],
        "unidentified assailant killings": [[4, "Jan-2017", "Manila", "MPD", "PS-2 ", False, True, False]],
    }
    first, second = drafts(killings(sheets), "philippines-killings")
    assert (first["date"], first["date_note"], first["place"]) == ("2016-12", "Dec-2016", "PH")
    assert first["place_detail"] == "Manila, police district MPD"
    assert second["place_detail"] == "Manila, police district MPD, police station PS-2"
    assert [entry["documented"] for entry in first["sources"]] == ["yes", "no", "not_applicable"]
    assert first["sources"][2]["title"] == "Parishes (Manila)"
    assert [entry["description"] for entry in first["acts"][0]["involvements"]][1] == "Police"
    assert "unidentified" in second["title_en"] and "마닐라" in second["title_ko"]


def test_killings_in_a_sheet_of_another_name_are_not_guessed(killings):
    row = [3, "Dec-2016", "Manila", "MPD", "PS-2", True, False, False]
    (outcome,) = read_drafts(killings({"Sheet1": [row]}), shipped_mapping("philippines-killings"))
    assert "‘Sheet1’" in outcome.errors[0][1]


def test_the_same_number_twice_is_an_error_across_sheets(killings):
    row = [3, "Dec-2016", "Manila", "MPD", "PS-2", True, False, False]
    sheets = {"police killings": [row], "unidentified assailant killings": [row]}
    first, second = read_drafts(killings(sheets), shipped_mapping("philippines-killings"))
    assert first.draft and not second.draft
    assert "police killings 2" in second.errors[0][1]


def test_a_table_without_needed_columns_is_refused_before_the_first_row(killings):
    table = killings({"police killings": [[1, 2]]}, header=("ID", "Date"))
    with pytest.raises(TableError, match="‘Location’"):
        next(read_drafts(table, shipped_mapping("philippines-killings")))


def test_an_event_keeps_place_precision_counts_and_sources(event):
    draft = event()
    assert draft["external_id"] == "7" and draft["date"] == "2016-02-03"
    assert draft["title_en"] == "One-sided violence: Invented Group - Civilians, Someville town, Mexico, 2016-02-03"
    assert (draft["place"], draft["place_precision"]) == ("MX", "county")
    assert (draft["latitude"], draft["longitude"]) == ("12.5", "-100")
    victims, accused = draft["acts"][0]["involvements"]
    assert (victims["count_min"], victims["count_max"], draft["extra"]["best"]) == (2, 5, "3")
    assert (accused["role"], accused["description"]) == ("alleged_perpetrator", "Invented Group")
    assert [entry["title"] for entry in draft["sources"]] == ["Paper,2016-02-03,One", "Radio,2016-02-04,Two"]


def test_names_in_headlines_stay_out_of_title_and_narrative(event):
    draft = event(source_article='"Paper,2016-02-03,Name Invented Person"')
    assert "Invented Person" not in draft["title_en"] + draft["narrative_en"] + json.dumps(draft["acts"])


def test_a_party_to_fighting_is_no_alleged_perpetrator(event):
    assert [entry["role"] for entry in event(type_of_violence="1")["acts"][0]["involvements"]] == ["victim"]


@pytest.mark.parametrize(
    ("precision", "start", "end", "edtf"),
    [
        ("2", "2016-02-03", "2016-02-05", "2016-02-03/2016-02-05"),
        ("3", "2016-02-03", "2016-02-09", "2016-02-03/2016-02-09"),
        ("4", "2016-02-01", "2016-02-29", "2016-02"),
        ("4", "2016-02-03", "2016-02-20", "2016-02-03/2016-02-20"),
        ("5", "2016-01-01", "2016-06-30", "2016-01-01/2016-06-30"),
    ],
)
def test_an_event_keeps_its_range_of_dates(event, precision, start, end, edtf):
    draft = event(date_prec=precision, date_start=f"{start} 00:00:00.000", date_end=f"{end} 00:00:00.000")
    assert draft["date"] == edtf and parse(draft["date"]).precision != "unknown"
    assert f"date_prec {precision}" in draft["date_note"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"country_id": "345", "year": "1992"}, ""),
        ({"country_id": "345", "year": "2007"}, "RS"),
        ({"country_id": "365", "year": "1990"}, ""),
        ({"country_id": "365", "year": "2002"}, "RU"),
        ({"country_id": "666", "adm_1": "Gaza Strip"}, "PS"),
        ({"country_id": "666"}, "IL"),
        ({"country_id": "9999"}, ""),
    ],
)
def test_a_country_is_the_one_of_that_time_or_none(event, changes, place):
    assert event(**changes)["place"] == place


def test_every_row_of_a_large_table_comes_through(tmp_path):
    table = write_csv(tmp_path / "e.csv", EVENTS, (list((EVENT | {"id": str(n)}).values()) for n in range(1500)))
    identities = {outcome.draft["external_id"] for outcome in read_drafts(table, shipped_mapping("ucdp-ged"))}
    assert len(identities) == 1500


def test_a_mapping_survives_being_stored_as_json():
    spec = json.loads(json.dumps(shipped_spec("ucdp-ged")))
    assert Mapping.from_dict(spec).columns == shipped_mapping("ucdp-ged").columns
