"""Dates of sources into EDTF: only by named formats, never finer than the source."""

import pytest
from django.utils import translation

from evidence.importing.dates import compile_date, read_date
from evidence.importing.errors import CellError, MappingError
from evidence.importing.rows import Row
from evidence.importing.templates import Scope
from evidence.importing.values import Compiler

PRECISION = {"column": "p", "lookup": {"1": "exact", "2": "within", "4": "month", "5": "approximate"}}


@pytest.mark.parametrize(
    ("text", "form", "edtf"),
    [
        ("2016-12-05", "iso", "2016-12-05"),
        ("2016-12", "iso", "2016-12"),
        ("2016", "year", "2016"),
        ("2016-12-05 00:00:00.000", "iso-datetime", "2016-12-05"),
        ("2016-12-05T23:59:00+09:00", "iso-datetime", "2016-12-05"),
        ("Dec-2016", "month-year", "2016-12"),
        ("september 2016", "month-year", "2016-09"),
        ("Sept. 2016", "month-year", "2016-09"),
        ("5 Dec 2016", "day-month-year", "2016-12-05"),
        ("May 5, 2016", "month-day-year", "2016-05-05"),
        ("05/12/2016", "d/m/y", "2016-12-05"),
        ("05/12/2016", "m/d/y", "2016-05-12"),
        ("2016. 3. 5.", "y/m/d", "2016-03-05"),
        ("2012년 3월", "korean", "2012-03"),
        ("2012년3월5일", "korean", "2012-03-05"),
        ("2012년", "korean", "2012"),
        ("201X~", "edtf", "201X~"),
        ("", "iso", ""),
    ],
)
def test_a_named_format_is_read(text, form, edtf):
    assert read_date(text, [form], "d") == edtf


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Dec-16", "month-year"),
        ("Foo-2016", "month-year"),
        ("Decem-2016", "month-year"),
        ("2016-12-05", "month-year"),
        ("12/2016", "iso"),
        ("2016-13", "iso"),
        ("2016-02-30", "iso"),
        ("31/04/2016", "d/m/y"),
        ("about 2016", "year"),
    ],
)
def test_anything_else_is_an_error_of_the_cell(text, form):
    with pytest.raises(CellError) as caught:
        read_date(text, [form], "d")
    assert caught.value.column == "d" and caught.value.reason


def test_the_first_format_that_fits_is_taken():
    assert read_date("2016-12", ["month-year", "iso"], "d") == "2016-12"


def test_a_date_that_does_not_exist_is_explained_in_the_language_of_the_reader():
    with translation.override("ko"), pytest.raises(CellError) as caught:
        read_date("2016-02-30", ["iso"], "d")
    assert "없는 날짜" in caught.value.reason


@pytest.mark.parametrize(
    ("start", "end", "precision", "edtf"),
    [
        ("2016-12-05", "2016-12-05", "1", "2016-12-05"),
        ("2016-12-05", "2016-12-07", "1", "2016-12-05/2016-12-07"),
        ("2016-12-05", "2016-12-07", "2", "2016-12-05/2016-12-07"),
        ("2016-12-05", "2016-12-05", "2", "2016-12-05~"),
        ("2016-02-01", "2016-02-29", "4", "2016-02"),
        ("2015-02-01", "2015-02-28", "4", "2015-02"),
        ("2016-12-01", "2016-12-31", "4", "2016-12"),
        ("2016-12-01", "2016-12-30", "4", "2016-12-01/2016-12-30"),
        ("2016-12-01", "2017-01-31", "4", "2016-12-01/2017-01-31"),
        ("2016-12-01", "2016-12-31", "2", "2016-12-01/2016-12-31"),
        ("2016-01-01", "2016-06-30", "5", "2016-01-01~/2016-06-30~"),
        ("2016-01-01", "", "1", "2016-01-01/"),
        ("", "2016-01-01", "1", "/2016-01-01"),
        ("", "", "1", ""),
    ],
)
def test_a_range_keeps_what_the_precision_says(start, end, precision, edtf):
    spec = {"start": "{s}", "end": "{e}", "formats": ["iso"], "precision": PRECISION}
    scope = Scope(Row(2, {"s": start, "e": end, "p": precision}), "", {})
    assert compile_date(spec, "date", Compiler())(scope)[0] == edtf


def test_a_range_that_ends_before_it_starts_is_an_error():
    spec = {"start": "{s}", "end": "{e}", "formats": ["iso"]}
    with pytest.raises(CellError) as caught:
        compile_date(spec, "date", Compiler())(Scope(Row(2, {"s": "2017", "e": "2016"}), "", {}))
    assert caught.value.column == "s"


def test_the_words_of_the_source_are_kept():
    spec = {"start": "{s}", "end": "{e}", "formats": ["iso"]}
    scope = Scope(Row(2, {"s": "2016", "e": "2017"}), "", {})
    assert compile_date(spec, "date", Compiler())(scope) == ("2016/2017", "2016 – 2017")


@pytest.mark.parametrize(
    ("spec", "key"),
    [
        ({"value": "{d}"}, "date.formats"),
        ({"value": "{d}", "formats": []}, "date.formats"),
        ({"value": "{d}", "formats": ["guess"]}, "date.formats[0]"),
        ({"value": "{d}", "start": "{s}", "formats": ["iso"]}, "date"),
        ({"start": "{s}", "formats": ["iso"]}, "date"),
        ({"value": "{d}", "formats": ["iso"], "precision": PRECISION}, "date.precision"),
        ({"start": "{s}", "end": "{e}", "formats": ["iso"], "precision": "{p}"}, "date.precision"),
        (
            {"start": "{s}", "end": "{e}", "formats": ["iso"], "precision": {"column": "p", "lookup": {"1": "day"}}},
            "date.precision.lookup.1",
        ),
    ],
)
def test_a_wrong_date_specification_names_its_entry(spec, key):
    with pytest.raises(MappingError) as caught:
        compile_date(spec, "date", Compiler())
    assert caught.value.key == key
