"""Files of every kind and condition into rows. Invented data, built here."""

import csv
import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from evidence.importing import TableError, open_table, sniff
from evidence.importing import rows as limits

KOREAN = "사건,날짜\n가상의 사건,2012-03-14\n"


@pytest.fixture
def save(tmp_path):
    def write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def workbook(tmp_path):
    def write(*sheets, touch=None):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets:
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        if touch:
            touch(book)
        path = tmp_path / "book.bin"
        book.save(path)
        book.close()
        return path

    return write


def read(path, sheet=""):
    return list(open_table(path, path.name).rows(sheet))


def replace_part(path, name, change):
    """Rewrite one part of a zip; `change` is given its text."""
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts[name] = change(parts[name].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


def refusal(path):
    with pytest.raises(TableError) as caught:
        table = open_table(path, path.name)
        for sheet in table.sheets:
            list(table.rows(sheet))
    return str(caught.value)


def test_rows_carry_the_numbers_of_a_spreadsheet_and_skip_blank_ones(save):
    rows = read(save("a,b\n1,x\n\n,\n2,y\n"))
    assert [(row.number, row.values) for row in rows] == [(2, {"a": "1", "b": "x"}), (5, {"a": "2", "b": "y"})]


def test_a_cell_may_span_lines_and_the_row_still_counts_once(save):
    rows = read(save('a,b\n1,"x\ny, z"\n2,"say ""so"""\n'))
    assert [(row.number, row.values["b"]) for row in rows] == [(2, "x\ny, z"), (3, 'say "so"')]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_read_from_the_header(save, delimiter):
    table = open_table(save(f'"a,;\tx"{delimiter}b\n1{delimiter}2\n'), "t.csv")
    assert table.delimiter == delimiter
    assert next(table.rows()).values["b"] == "2"


def test_two_equally_good_delimiters_are_refused(save):
    assert "not clear what separates" in refusal(save("a,b;c\n1,2;3\n"))


@pytest.mark.parametrize(
    ("codec", "mark", "label"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", b"\xef\xbb\xbf", "UTF-8"),
        ("utf-16-le", b"\xff\xfe", "UTF-16"),
        ("utf-16-be", b"\xfe\xff", "UTF-16"),
        ("utf-16-le", b"", "UTF-16"),
        ("utf-16-be", b"", "UTF-16"),
        ("utf-32-le", b"\xff\xfe\x00\x00", "UTF-32"),
        ("euc-kr", b"", "CP949"),
    ],
)
def test_korean_text_is_read_in_each_encoding(save, codec, mark, label):
    table = open_table(save(mark + KOREAN.encode(codec)), "t.csv")
    assert table.encoding == label
    assert table.columns() == ["사건", "날짜"]
    assert next(table.rows()).values == {"사건": "가상의 사건", "날짜": "2012-03-14"}


def test_letters_outside_euc_kr_are_read_as_cp949(save):
    table = open_table(save("이름\n똠방각하 가상의 이야기\n".encode("cp949")), "t.csv")
    assert next(table.rows()).values == {"이름": "똠방각하 가상의 이야기"}


def test_bytes_of_no_known_encoding_are_refused_with_their_offset(save):
    assert "byte 7 " in refusal(save(b"a,b\nabc\xff,1\n"))


def test_western_text_that_happens_to_decode_as_korean_is_refused(save):
    text = "name\n\u00c4rger in \u00c4rzte \u00c4pfel\n".encode("latin-1")
    text.decode("cp949")
    assert "Save it as CSV UTF-8" in refusal(save(text))


def test_a_bad_byte_far_into_a_marked_file_is_named(save):
    content = b"\xef\xbb\xbfa\n" + b"x\n" * 600_000 + b"\xff\n"
    assert f"byte {len(content) - 2} " in refusal(save(content))


def test_a_truncated_last_character_is_refused(save):
    assert "byte 11 " in refusal(save("a\n가나다라".encode()[:-1]))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n\n", "column names"),
        (b"a,b\n", "no rows"),
        (b"a,b\n,\n\n", "no rows"),
        (b"a,,c\n1,2,3\n", "Column B has no name"),
        (b"a,b,a\n1,2,3\n", "Columns A and C are both named"),
        (b"a,b\xc2\xa0,b\n1,2,3\n", "Columns B and C are both named"),
        (b"%PDF-1.7\n1 0 obj\n", "PDF"),
        (b"MZ\x90\x00\x03\x00", "Windows program"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "password"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\x01\x02\x03,\x04\n1,2\n", "not text"),
        (b"PK\x03\x04 nothing more", "damaged"),
        (b",".join(b"c%d" % n for n in range(401)) + b"\n1\n", "401 columns"),
    ],
)
def test_what_is_no_table_is_refused_by_its_content(save, content, reason):
    assert reason in refusal(save(content))


def test_trailing_nameless_columns_are_dropped_unless_they_hold_a_value(save):
    first, second = read(save("a,b,,\n1,2,,\n3,4,,5\n"))
    assert first.values == {"a": "1", "b": "2"} and not first.errors
    assert "D3" in second.errors[0][1]


def test_a_short_row_is_an_error_of_that_row_only(save):
    good, short, last = read(save("a,b,c\n1,2,3\n1,2\n4,5,6\n"))
    assert not good.errors and not last.errors
    assert short.number == 3 and "2 cells" in short.errors[0][1]


def test_a_nul_is_an_error_of_its_row_and_is_made_storable(save):
    bad, good = read(save(b"a,b\nx\0y,1\nz,2\n"))
    assert bad.errors[0][0] == "a" and bad.values["a"] == "x␀y"
    assert not good.errors


def test_a_misplaced_quotation_mark_is_an_error_of_its_row(save):
    rows = read(save('a,b\n"he "said" so",1\nx,2\n'))
    assert "quotation mark" in rows[0].errors[0][1]
    assert rows[1].values == {"a": "x", "b": "2"}


def test_an_unclosed_quotation_mark_is_refused_by_row(save):
    assert "row 3" in refusal(save('a,b\n1,2\n3,"4\n5,6\n'))


def test_an_unclosed_quotation_mark_in_a_long_file_is_refused_by_row(save):
    assert "row 2" in refusal(save('a,b\n1,"2\n' + "3,4\n" * 300_000))


def test_a_file_that_is_too_large_is_refused_whatever_its_name(save):
    path = save(b"a\n")
    with path.open("r+b") as stream:
        stream.truncate(200 * 1024 * 1024)
    assert "200 MB" in refusal(path)


def test_more_rows_than_the_limit_are_refused(save, monkeypatch):
    monkeypatch.setattr("evidence.importing.tables.MAX_ROWS", 3)
    assert "more than 3 rows" in refusal(save("a\n" + "x\n" * 4))


def test_a_cell_that_is_too_long_is_an_error_of_its_row(workbook, monkeypatch):
    monkeypatch.setattr(limits, "MAX_CELL", 10)
    (row,) = read(workbook(("S", [["a"], ["x" * 11]])), "S")
    assert row.errors[0][0] == "a" and len(row.values["a"]) == 10


def test_rows_come_one_at_a_time(save):
    rows = open_table(save("a\n" + "x\n" * 200_000), "t.csv").rows()
    assert next(rows).number == 2
    rows.close()


def test_a_workbook_is_known_by_content_and_keeps_types(workbook):
    path = workbook(("One", [["n", "f", "t", "x"], [3, 2.5, True, None], [10**20, 4.0, False, " a "]]))
    table = open_table(path, "misnamed.csv")
    assert (table.kind, table.sheets, table.encoding) == ("xlsx", ["One"], "")
    assert [row.values for row in table.rows("One")] == [
        {"n": 3, "f": "2.5", "t": True, "x": None},
        {"n": "100000000000000000000", "f": 4, "t": False, "x": " a "},
    ]


def test_each_sheet_has_its_own_header_and_empty_sheets_are_left_out(workbook):
    table = open_table(workbook(("A", [["a"], [1]]), ("None", []), ("B", [["b"], [2]])), "b.xlsx")
    assert table.sheets == ["A", "B"]
    assert (table.columns("A"), table.columns("B")) == (["a"], ["b"])


def test_a_sheet_without_header_does_not_hide_the_others(workbook):
    table = open_table(workbook(("Notes", [[], ["read me"]]), ("Data", [["a"], [1]])), "b.xlsx")
    assert table.columns("Data") == ["a"]
    with pytest.raises(TableError, match="first row is empty"):
        table.columns("Notes")


def test_a_sheet_that_is_not_there_is_named(workbook):
    with pytest.raises(TableError, match="‘X’"):
        open_table(workbook(("A", [["a"], [1]])), "b.xlsx").columns("X")


def test_a_workbook_without_rows_is_refused(workbook):
    assert "no rows" in refusal(workbook(("A", [["a", "b"]])))


def test_a_date_says_no_more_than_the_sheet_shows(workbook):
    def formats(book):
        sheet = book["S"]
        sheet["A2"].number_format = "mmm-yyyy"
        sheet["B2"].number_format = "yyyy"
        sheet["C2"].number_format = "yyyy-mm-dd"
        sheet["D2"].number_format = 'yyyy"년" m"월";@'

    moment = datetime(2016, 12, 1)
    path = workbook(("S", [["a", "b", "c", "d", "e"], [moment] * 4 + [datetime(2016, 12, 1, 9, 30)]]), touch=formats)
    (row,) = read(path, "S")
    assert list(row.values.values()) == ["2016-12", "2016", "2016-12-01", "2016-12", "2016-12-01T09:30:00"]
    assert [column for column, _reason in row.warnings] == ["a", "b", "d"]


def test_a_plain_date_stays_whole(workbook):
    assert read(workbook(("S", [["a"], [date(2016, 12, 5)]])), "S")[0].values == {"a": "2016-12-05"}


def test_a_formula_never_computed_is_an_error_that_names_the_cell(workbook):
    first, second = read(workbook(("S", [["a", "b"], [1, "=A2+1"], [2, 3]])), "S")
    assert first.errors[0][0] == "b" and "B2" in first.errors[0][1]
    assert not second.errors and second.values == {"a": 2, "b": 3}


def test_a_computed_formula_counts_with_a_warning(workbook):
    path = workbook(("S", [["a", "b", "c"], [1, "=A2+1", '=""']]))

    def compute(xml):
        xml = xml.replace("<f>A2+1</f><v />", "<f>A2+1</f><v>2</v>").replace("<f>A2+1</f><v/>", "<f>A2+1</f><v>2</v>")
        return xml.replace('<c r="C2">', '<c r="C2" t="str">')

    replace_part(path, "xl/worksheets/sheet1.xml", compute)
    (row,) = read(path, "S")
    assert row.values == {"a": 1, "b": 2, "c": None} and not row.errors
    assert [column for column, _reason in row.warnings] == ["b", "c"]


def test_a_spreadsheet_error_is_an_error_of_its_row(workbook):
    (row,) = read(workbook(("S", [["a", "b"], ["#REF!", 1]])), "S")
    assert row.errors[0][0] == "a" and "#REF!" in row.errors[0][1]


def test_escaped_line_ends_of_a_workbook_are_undone(workbook):
    (row,) = read(workbook(("S", [["a"], ["one_x000A_two _x005F_x000A_"]])), "S")
    assert row.values == {"a": "one\ntwo _x000A_"}


def test_rows_beyond_the_size_written_in_the_sheet_are_not_lost(workbook):
    path = workbook(("S", [["a", "b"], [1, 2], [3, 4]]))
    replace_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace('ref="A1:B3"', 'ref="A1:A2"'))
    assert [row.values for row in read(path, "S")] == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


def test_an_impossible_row_number_ends_the_reading(workbook):
    path = workbook(("S", [["a"], [1], [2]]))
    replace_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace('r="3"', 'r="99999999999"'))
    assert "impossible row numbers" in refusal(path)


def test_a_damaged_sheet_is_reported(workbook):
    path = workbook(("S", [["a"], [1], [2]]))
    replace_part(path, "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2])
    assert "damaged" in refusal(path)


def test_entities_in_a_workbook_are_refused(workbook):
    path = workbook(("S", [["a"], [1]]))

    def expand(xml):
        return xml.replace("<worksheet", '<!DOCTYPE x [<!ENTITY y "zzzz">]><worksheet', 1)

    replace_part(path, "xl/worksheets/sheet1.xml", expand)
    assert "damaged" in refusal(path)


def test_a_date_out_of_range_is_an_error_of_its_row_and_no_warning_escapes(workbook):
    def mark(book):
        book["S"]["A2"].number_format = "yyyy-mm-dd"

    (row,) = read(workbook(("S", [["a", "b"], [99999999999, 1]]), touch=mark), "S")
    assert row.errors[0][0] == "a"


def zipped(**parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def test_other_archives_are_named(save):
    assert "zip archive" in refusal(save(zipped(notes="x")))
    assert "OpenDocument" in refusal(save(zipped(**{"mimetype": "x", "content.xml": "x"})))
    assert ".xlsb" in refusal(save(zipped(**{"[Content_Types].xml": "x", "xl__workbook.bin": "x"})))


def test_a_workbook_that_unpacks_too_far_is_refused_before_it_is_unpacked(save, monkeypatch):
    monkeypatch.setattr(sniff, "RATIO_FROM", 1024 * 1024)
    bomb = zipped(
        **{"[Content_Types].xml": "x", "xl__workbook.xml": "x", "xl__worksheets__sheet1.xml": "0" * 5_000_000}
    )
    assert "more than is safe" in refusal(save(bomb))


def test_a_large_part_beside_the_sheets_is_refused(save, monkeypatch):
    monkeypatch.setattr(sniff, "MAX_PART", 1000)
    content = zipped(**{"[Content_Types].xml": "x", "xl__workbook.xml": "x", "xl__sharedStrings.xml": "ab" * 1000})
    assert "more than is safe" in refusal(save(content))


def test_what_is_read_back_equals_what_was_written(save):
    cells = [["a", "b"], ['quo"te', "line\nend"], ["쉼표, 있음", "  space  "]]
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(cells)
    assert [list(row.values.values()) for row in read(save(buffer.getvalue()))] == cells[1:]
