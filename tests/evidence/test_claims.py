"""Metadata as a snapshot and as claims: times no more exact than they are said, places, device, author."""

import shutil

import invented
import pytest

from evidence.processing import claims, metadata, tags
from evidence.processing.results import Facts, Failed, Job, NotDone

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
needs_exiftool = pytest.mark.skipif(not shutil.which("exiftool"), reason="libimage-exiftool-perl is not installed")


@pytest.fixture
def read(tmp_path, monkeypatch):
    """`read(data, media_type, with_exiftool=…)`: what the step finds."""

    def run(data: bytes, media_type: str, *, with_exiftool: bool):
        if not with_exiftool:
            monkeypatch.setattr(metadata.programs, "has", lambda name: False)
        path, out = tmp_path / "bytes", tmp_path / "out"
        path.write_bytes(data)
        out.mkdir(exist_ok=True)
        return metadata.run(Job(path, out, Facts(media_type, len(data))))

    return run


@pytest.mark.parametrize("with_exiftool", [pytest.param(True, marks=needs_exiftool), False])
def test_a_photograph_claims_moment_place_device_and_author(read, with_exiftool):
    outcome = read(invented.jpeg(), "image/jpeg", with_exiftool=with_exiftool)
    claimed = outcome.found["claimed"]
    assert claimed["times"][0]["edtf"] == "2008-10-22T16:28:39+09:00"
    assert claimed["times"][0]["field"] == "ExifIFD:DateTimeOriginal"
    (place,) = claimed["places"]
    assert (place["latitude"], place["longitude"]) == (pytest.approx(43.77), pytest.approx(11.26))
    assert claimed["device"] == "Invented Camera 1"
    assert claimed["author"] == "A. Nobody"
    assert outcome.found["tags"]["IFD0:Model"] == "Camera 1"
    assert not any(name.startswith(("System:", "ExifTool:")) for name in outcome.found["tags"])


@pytest.mark.parametrize("with_exiftool", [pytest.param(True, marks=needs_exiftool), False])
def test_documents_claim_when_they_were_made_and_by_whom(read, with_exiftool):
    found = read(invented.pdf(), "application/pdf", with_exiftool=with_exiftool).found["claimed"]
    assert found["author"] == "A. Nobody"
    assert found["times"][0]["field"] == "PDF:CreateDate"
    assert found["times"][0]["edtf"].startswith("20")
    found = read(invented.docx(), DOCX, with_exiftool=with_exiftool).found["claimed"]
    assert found["author"] == "A. Nobody"
    assert found["times"] == [
        {"value": found["times"][0]["value"], "field": found["times"][0]["field"], "edtf": "2011-09-05T11:00:00Z"}
    ]


@needs_exiftool
@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
def test_a_video_claims_when_it_was_made(read, tmp_path):
    found = read(invented.video(tmp_path, seconds=1), "video/mp4", with_exiftool=True).found["claimed"]
    assert found["times"][0]["edtf"] == "2019-05-04T03:02:01Z"
    assert found["times"][0]["field"] == "QuickTime:CreateDate"


def test_without_exiftool_what_libraries_cannot_read_says_so(read):
    with pytest.raises(NotDone) as refused:
        read(b"RIFF", "audio/x-wav", with_exiftool=False)
    assert (refused.value.reason, refused.value.detail) == ("missing_program", "libimage-exiftool-perl")


@pytest.mark.parametrize(
    ("said", "offset", "edtf"),
    [
        ("2008:10:22 16:28:39", "", "2008-10-22T16:28:39"),
        ("2008:10:22 16:28:39.51+09:00", "", "2008-10-22T16:28:39+09:00"),
        ("2008:10:22 16:28:39", "-05:30", "2008-10-22T16:28:39-05:30"),
        ("2008:10:22 16:28:39Z", "+09:00", "2008-10-22T16:28:39Z"),
        ("2008:10:22 16:28:39+0000", "", "2008-10-22T16:28:39Z"),
        ("2008:10:22", "", "2008-10-22"),
        ("2008:10:22 00:00:00", "", "2008-10-22"),
        ("2008-10", "", "2008-10"),
        ("0000:00:00 00:00:00", "", ""),
        ("2008:13:45 10:00:00", "", ""),
        ("2008:02:30 10:00:00", "", ""),
        ("1904:01:01 00:00:00", "", ""),
        ("1970:01:01 00:00:00", "", ""),
        ("yesterday", "", ""),
        ("2008:10:22 16:28:39 and more", "", ""),
        ("9" * 500, "", ""),
    ],
)
def test_a_moment_is_read_as_exactly_as_it_is_said(said, offset, edtf):
    assert claims.edtf(said, offset) == edtf


SOUTH_WEST = {"GPS:GPSLatitudeRef": "South", "GPS:GPSLongitudeRef": "W"}


@pytest.mark.parametrize(
    "tags",
    [
        {"GPS:GPSLatitude": "33.5", "GPS:GPSLongitude": "70.6", **SOUTH_WEST},
        {"GPS:GPSLatitude": "-33.5", "GPS:GPSLongitude": "-70.6", **SOUTH_WEST},
        {"Composite:GPSLatitude": "-33.5", "Composite:GPSLongitude": "-70.6", "GPS:GPSLatitude": "33.5",
         "GPS:GPSLongitude": "70.6", **SOUTH_WEST},
        {"Keys:GPSCoordinates": "-33.5, -70.6, 12"},
    ],
)  # fmt: skip
def test_a_place_in_the_south_and_west_is_there_and_nowhere_else(tags):
    (place,) = claims.of(tags)["places"]
    assert (place["latitude"], place["longitude"]) == (-33.5, -70.6)


def test_claims_of_nonsense_are_none():
    nonsense = {
        "GPS:GPSLatitude": "91", "GPS:GPSLongitude": "nan", "Composite:GPSLatitude": "0", "Composite:GPSLongitude": "0",
        "ExifIFD:DateTimeOriginal": ["a", "b"], "IFD0:Make": None, "QuickTime:GPSCoordinates": ",,,",
        "File:CreateDate": "2001:01:01 01:01:01", "ZIP:CreateDate": "2001:01:01 01:01:01",
    }  # fmt: skip
    found = claims.of(nonsense)
    assert (found["times"], found["places"], found["device"]) == ([], [], "")


def test_as_many_tags_are_kept_as_fit_and_the_rest_is_counted(read, monkeypatch):
    monkeypatch.setattr(metadata, "MOST_TAGS", 3)
    outcome = read(invented.jpeg(), "image/jpeg", with_exiftool=False)
    assert len(outcome.found["tags"]) == 3
    assert outcome.found["left_out"] > 0


@pytest.mark.parametrize(
    ("text", "read"),
    [("D:20230410074654Z", "2023:04:10 07:46:54Z"), ("D:20230410074654+02'00'", "2023:04:10 07:46:54+02:00"),
     ("D:2023", "2023"), ("D:202304", "2023:04"), ("last year", "last year")],
)  # fmt: skip
def test_dates_of_a_pdf(text, read):
    assert tags.pdf_moment(text) == read


def test_an_office_file_with_entities_gives_nothing_away(read):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x xmlns="y">&b;</x>'
    data = invented.packed({"docProps/core.xml": bomb})
    with pytest.raises(Exception, match="DTDForbidden"):
        read(data, DOCX, with_exiftool=False)
    with pytest.raises(Failed):
        read(b"PK\x03\x04 no archive", DOCX, with_exiftool=False)
