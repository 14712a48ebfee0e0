"""The shipped reference data keeps its promises: codes, cross-references, two languages, clean text, coordinates.

Reads the JSON files themselves. How they are loaded into the database is tested beside the loader.
"""

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

import evidence

DATA = Path(evidence.__file__).parent / "reference_data"
GAZETTEER = DATA / "gazetteer"
FILES = {
    "crimes": DATA / "crimes.json",
    "vocabularies": DATA / "vocabularies.json",
    "countries": GAZETTEER / "countries" / "countries.json",
    "dprk": GAZETTEER / "dprk" / "dprk.json",
    "kr": GAZETTEER / "kr" / "kr.json",
}
PLACE_KEYS = {"code", "kind", "name_en", "name_ko", "parent", "lat", "lon", "alternates"}
LATITUDES = (37.6, 43.1)
LONGITUDES = (124.1, 131.0)
# A tag has a name and an end; `<family>.<crime>` in the rule on codes is a placeholder, not a tag.
MARKUP = re.compile(
    r"</|<(?:a|b|br|div|em|i|img|li|p|script|span|strong|sub|sup|td|u)\b|&(?:[a-z]+|#\d+);", re.IGNORECASE
)


def load(name):
    return json.loads(FILES[name].read_text(encoding="utf-8"))


def strings(node):
    """Every string in a JSON tree, keys too."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)


def bilingual(node, path=""):
    """Every object that speaks English or Korean, with its path."""
    if isinstance(node, dict):
        if "en" in node or "ko" in node:
            yield path, node
        for key, value in node.items():
            yield from bilingual(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from bilingual(value, f"{path}[{index}]")


def repeated(codes):
    return [code for code, count in Counter(codes).items() if count > 1]


@pytest.fixture(scope="module")
def crimes():
    return load("crimes")


@pytest.fixture(scope="module")
def vocabularies():
    return load("vocabularies")["vocabularies"]


@pytest.fixture(scope="module")
def countries():
    return load("countries")


@pytest.fixture(scope="module")
def dprk():
    return load("dprk")


@pytest.fixture(scope="module")
def places(countries, dprk):
    return [*countries, *dprk, *load("kr")]


@pytest.mark.parametrize("name", FILES)
def test_text_is_nfc_trimmed_and_without_markup(name):
    wrong = [
        text
        for text in strings(load(name))
        if text != unicodedata.normalize("NFC", text) or text != text.strip() or MARKUP.search(text)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["crimes", "vocabularies"])
def test_whatever_speaks_one_language_speaks_both(name):
    mute = [path for path, node in bilingual(load(name)) if not (node.get("en") and node.get("ko"))]
    assert mute == []


def test_crimes_are_counted(crimes):
    assert len(crimes["crimes"]) == 129
    assert sum(len(crime["elements"]) for crime in crimes["crimes"]) == 116
    assert len(crimes["modes_of_liability"]) == 15
    assert [len(group["facets"]) for group in crimes["contextual_sets"]] == [6, 3, 3, 3, 2]
    coi = crimes["coi_dprk"]
    assert [len(coi[key]) for key in ("crimes", "target_groups", "themes", "patterns")] == [10, 6, 6, 41]


def test_codes_in_crimes_are_unique_across_all_lists(crimes):
    coi = crimes["coi_dprk"]
    codes = [
        *(crime["code"] for crime in crimes["crimes"]),
        *(element["code"] for crime in crimes["crimes"] for element in crime["elements"]),
        *(group["code"] for group in crimes["contextual_sets"]),
        *(facet["code"] for group in crimes["contextual_sets"] for facet in group["facets"]),
        *(mode["code"] for mode in crimes["modes_of_liability"]),
        *(entry["code"] for key in ("crimes", "target_groups", "themes", "patterns") for entry in coi[key]),
    ]
    assert repeated(codes) == []


def test_parent_of_a_crime_stands_before_it_and_begins_its_code(crimes):
    seen = set()
    for crime in crimes["crimes"]:
        parent = crime["parent"]
        assert parent is None or parent in seen, crime["code"]
        assert parent is None or crime["code"].startswith(f"{parent}."), crime["code"]
        seen.add(crime["code"])


def test_element_codes_belong_to_their_crime_and_rise(crimes):
    for crime in crimes["crimes"]:
        expected = [f"{crime['code']}.e{number}" for number in range(1, len(crime["elements"]) + 1)]
        numbers = [element["eoc_no"] for element in crime["elements"]]
        assert [element["code"] for element in crime["elements"]] == expected
        assert numbers == sorted(set(numbers)), crime["code"]


def test_contextual_sets_of_crimes_exist(crimes):
    known = {group["code"] for group in crimes["contextual_sets"]}
    used = {
        crime[key] for crime in crimes["crimes"] for key in ("contextual_set", "contextual_set_extra") if key in crime
    }
    assert used - {None} == known


def test_borrowed_elements_exist_and_replace_nothing(crimes):
    by_code = {crime["code"]: crime for crime in crimes["crimes"]}
    borrowers = [crime for crime in crimes["crimes"] if "elements_from" in crime]
    assert len(borrowers) == 31
    for crime in borrowers:
        assert by_code[crime["elements_from"]]["elements"], crime["code"]
        assert not crime["elements"], crime["code"]


def test_crimes_name_known_grounds_instruments_and_requirements(crimes, vocabularies):
    grounds = {term["code"] for term in vocabularies["persecution_ground"]["terms"]}
    instruments = {term["code"] for term in vocabularies["legal_instrument"]["terms"]}
    for crime in crimes["crimes"]:
        assert set(crime.get("persecution_grounds", [])) <= grounds, crime["code"]
        assert {basis["instrument"] for basis in crime["legal_basis"]} <= instruments, crime["code"]
        wanted = {name.removeprefix("vocab:") for name in crime.get("requires", []) if name.startswith("vocab:")}
        assert wanted <= set(vocabularies), crime["code"]


def test_inquiry_layer_maps_to_known_codes(crimes):
    coi = crimes["coi_dprk"]
    known = {crime["code"] for crime in crimes["crimes"]} | {entry["code"] for entry in coi["crimes"]}
    for key in ("crimes", "target_groups", "themes", "patterns"):
        for entry in coi[key]:
            assert set(entry["maps_to"]) <= known, entry["code"]
    assert all(entry["maps_to"] for entry in coi["crimes"])


def test_vocabularies_are_counted(vocabularies):
    assert len(vocabularies) == 56
    assert sum(len(vocabulary["terms"]) for vocabulary in vocabularies.values()) == 683
    assert sum(not vocabulary["extensible"] for vocabulary in vocabularies.values()) == 31


def test_terms_are_unique_and_their_parents_resolve(vocabularies):
    for name, vocabulary in vocabularies.items():
        codes = [term["code"] for term in vocabulary["terms"]]
        parents = {term["parent"] for term in vocabulary["terms"] if "parent" in term}
        assert repeated(codes) == [], name
        assert parents <= set(codes), name
        assert bool(parents) == vocabulary["hierarchical"], name


def test_confidentiality_and_risk_carry_the_ranks_of_the_rules(vocabularies):
    def ranks(name):
        return {term["code"]: term["rank"] for term in vocabularies[name]["terms"]}

    assert ranks("confidentiality_level") == {
        "public": 0,
        "internal": 1,
        "confidential": 2,
        "strictly_confidential": 3,
        "source_protected": 4,
    }
    assert ranks("risk_level") == {"low": 1, "medium": 2, "high": 3, "extreme": 4, "not_assessed": 3}


def test_state_organs_have_a_known_organisation_type(vocabularies):
    known = {term["code"] for term in vocabularies["perpetrator_org_type"]["terms"]}
    assert {term["org_type"] for term in vocabularies["dprk_state_organ"]["terms"]} <= known


def test_gazetteer_is_counted(places):
    kinds = Counter((place["code"][:2] if place["kind"] != "country" else "", place["kind"]) for place in places)
    assert kinds == {
        ("", "country"): 249,
        ("KP", "province"): 13,
        ("KP", "county"): 194,
        ("KR", "province"): 17,
    }


def test_places_have_one_shape_and_both_names(places):
    for place in places:
        assert set(place) == PLACE_KEYS, place["code"]
        assert place["name_en"], place["code"]
        assert re.search("[가-힣]", place["name_ko"]), place["code"]
        assert (place["lat"] is None) == (place["lon"] is None), place["code"]


def test_alternates_are_distinct_and_add_to_the_names(places):
    for place in places:
        names = [place["name_en"], place["name_ko"], *place["alternates"]]
        assert all(place["alternates"]), place["code"]
        assert repeated(names) == [], place["code"]


def test_place_codes_are_unique_and_parents_resolve(places):
    codes = [place["code"] for place in places]
    by_code = {place["code"]: place for place in places}
    above = {"country": None, "province": "country", "county": "province"}
    assert repeated(codes) == []
    for place in places:
        parent = by_code[place["parent"]]["kind"] if place["parent"] else None
        assert parent == above[place["kind"]], place["code"]
        pattern = {"country": r"[A-Z]{2}", "province": r"[A-Z]{2}-\d\d", "county": r"KP-\d\d\.[a-z0-9-]+"}[
            place["kind"]
        ]
        assert re.fullmatch(pattern, place["code"]), place["code"]
        assert place["parent"] is None or place["code"].startswith(place["parent"]), place["code"]


def test_dprk_places_lie_inside_the_country(dprk):
    for place in dprk:
        assert LATITUDES[0] < place["lat"] < LATITUDES[1], place["code"]
        assert LONGITUDES[0] < place["lon"] < LONGITUDES[1], place["code"]
        assert (round(place["lat"], 5), round(place["lon"], 5)) == (place["lat"], place["lon"]), place["code"]


def test_counties_lie_near_the_centre_of_their_province(dprk):
    provinces = {place["code"]: place for place in dprk if place["kind"] == "province"}
    far = [
        place["code"]
        for place in dprk
        if place["kind"] == "county"
        and abs(place["lat"] - provinces[place["parent"]]["lat"])
        + abs(place["lon"] - provinces[place["parent"]]["lon"])
        > 2
    ]
    assert far == []


def test_provinces_of_gazetteer_and_vocabulary_are_the_same(dprk, vocabularies):
    provinces = {place["code"]: place["name_ko"] for place in dprk if place["kind"] == "province"}
    terms = {term["code"]: term["label"]["ko"] for term in vocabularies["dprk_province"]["terms"]}
    assert provinces == terms


def test_nampo_and_kaesong_are_provinces_with_their_counties(dprk):
    parents = {place["name_ko"]: place["parent"] for place in dprk}
    assert {parents[name] for name in ("강서군", "대안군", "룡강군", "온천군", "천리마군")} == {"KP-14"}
    assert parents["장풍군"] == "KP-15"


def test_no_name_of_a_country_stands_for_two(countries):
    owners = {}
    for country in countries:
        for name in (country["name_en"], country["name_ko"], *country["alternates"]):
            owners.setdefault(name.casefold(), set()).add(country["code"])
    assert [name for name, codes in owners.items() if len(codes) > 1] == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("DPRK", "KP"),
        ("조선민주주의인민공화국", "KP"),
        ("Republic of Korea", "KR"),
        ("한국", "KR"),
        ("Bosnia-Herzegovina", "BA"),
        ("Cambodia (Kampuchea)", "KH"),
        ("DR Congo (Zaire)", "CD"),
        ("Ivory Coast", "CI"),
        ("Kingdom of eSwatini (Swaziland)", "SZ"),
        ("Macedonia, FYR", "MK"),
        ("Madagascar (Malagasy)", "MG"),
        ("Myanmar (Burma)", "MM"),
        ("Russia (Soviet Union)", "RU"),
        ("Serbia (Yugoslavia)", "RS"),
        ("Turkey", "TR"),
        ("United States of America", "US"),
        ("Yemen (North Yemen)", "YE"),
        ("Zimbabwe (Rhodesia)", "ZW"),
    ],
)
def test_names_that_sources_use_lead_to_their_country(countries, name, code):
    found = [
        country["code"]
        for country in countries
        if name in (country["name_en"], country["name_ko"], *country["alternates"])
    ]
    assert found == [code]


@pytest.mark.parametrize("folder", ["countries", "dprk", "kr"])
def test_each_folder_says_how_it_was_made(folder):
    assert "ISO 3166" in (GAZETTEER / folder / "README.md").read_text(encoding="utf-8")


def test_third_party_data_carries_its_licence():
    assert "SPDX-License-Identifier: Unicode-3.0" in (GAZETTEER / "countries" / "LICENSE").read_text(encoding="utf-8")
    notice = (GAZETTEER / "dprk" / "LICENSE.md").read_text(encoding="utf-8")
    assert "© OpenStreetMap contributors" in notice
    assert "ODbL-1.0" in notice
