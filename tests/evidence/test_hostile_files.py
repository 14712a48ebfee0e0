"""Files made to harm: each ends in outcomes, within its limits, and takes nothing with it.

They run in real children. A small round always, a larger one with --all.
"""

import contextlib
import os
import random
import shutil
import struct
import time
import zlib

import invented
import pytest

from evidence.processing import running, steps
from evidence.processing.limits import Limits
from evidence.processing.results import REASONS, Facts

SECONDS = {module.NAME: module.SECONDS for module in steps.STEPS}
LOOKING = [name for name in ("identify", "metadata", "pages", "thumbnail", "media", "provenance") if name in SECONDS]


@pytest.fixture
def process(tmp_path):
    """`process(data)`: the outcome of each step that applies, run as a worker runs them."""

    def run(data: bytes, ending: str = "", *, only=LOOKING, media_type: str = "") -> dict:
        folder = tmp_path / "work"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "out").mkdir(parents=True)
        (folder / "bytes").write_bytes(data)
        work = running.Work(
            path=folder / "bytes", out=folder / "out", facts=Facts(media_type, len(data), ending),
            steps={name: SECONDS[name] for name in only}, limits=Limits(),
        )  # fmt: skip
        ended = {}
        with contextlib.closing(running.run(work)) as outcomes:
            for outcome in outcomes:
                assert outcome.step not in ended
                assert outcome.state == "done" or outcome.reason in REASONS
                assert all((folder / "out" / outcome.step / one.name).is_file() for one in outcome.pictures)
                ended[outcome.step] = outcome
        return ended

    return run


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of so many pixels in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 4_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def tiff_bomb(width: int, height: int) -> bytes:
    """A TIFF that says it has so many pixels."""
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
               (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 64)]  # fmt: skip
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + b"\0" * 4
    return b"II*\0" + struct.pack("<I", 8) + body + b"\0" * 64


def tiff_that_leads_to_itself() -> bytes:
    data = bytearray(invented.encoded(invented.corners(40, 30), "TIFF"))
    start = struct.unpack("<I", data[4:8])[0]
    count = struct.unpack("<H", data[start : start + 2])[0]
    data[start + 2 + 12 * count : start + 6 + 12 * count] = struct.pack("<I", start)
    return bytes(data)


def test_bombs_of_pixels_are_refused(process):
    for data in (png_bomb(60_001, 60_001), png_bomb(40_000, 40_000), tiff_bomb(100_000, 100_000)):
        begun = time.monotonic()
        ended = process(data, only=["identify", "pages", "thumbnail"])
        assert {ended[name].reason for name in ("pages", "thumbnail")} == {"too_large"}, ended
        assert time.monotonic() - begun < 60


def test_a_tiff_without_end_ends(process):
    ended = process(tiff_that_leads_to_itself(), only=["identify", "pages", "thumbnail"])
    assert ended["thumbnail"].state == "done"
    assert len(ended["pages"].pictures) <= 300


BILLION = "".join(
    f'<!ENTITY l{n} "{"&l" + str(n - 1) + ";" if n else "lol"}{("&l" + str(n - 1) + ";") * 9 if n else ""}">'
    for n in range(10)
)


def test_svg_and_xml_that_grow_are_not_expanded(process):
    bomb = f'<?xml version="1.0"?><!DOCTYPE svg [{BILLION}]><svg xmlns="http://www.w3.org/2000/svg"><text>&l9;</text></svg>'
    begun = time.monotonic()
    ended = process(
        bomb.encode(), "svg", only=["metadata", "pages", "thumbnail", "provenance"], media_type="image/svg+xml"
    )
    assert ended["thumbnail"].reason == "unsupported"
    assert "pages" not in ended
    office = invented.packed({"docProps/core.xml": bomb.encode(), "word/document.xml": bomb.encode()})
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    process(office, "docx", only=["metadata", "pages"], media_type=kind)
    assert time.monotonic() - begun < 200


def test_files_that_are_two_things_are_read_as_one(process):
    archive = invented.packed({"inside.txt": b"hidden"})
    photo = invented.jpeg()
    script = b"GIF89a=1;alert(1)//" + b"\0" * 20
    page = invented.pdf(1) + b"<html><script>alert(1)</script></html>"
    ended = process(photo + archive)
    assert ended["identify"].media_type == "image/jpeg"
    assert ended["thumbnail"].state == "done"
    ended = process(script)
    assert ended["thumbnail"].state != "done"
    ended = process(page, only=["identify", "pages", "thumbnail"])
    assert ended["pages"].found["pages"] == 1
    for picture in (*ended["pages"].pictures, *ended["thumbnail"].pictures):
        assert picture.media_type == "image/webp"


def test_heic_of_garbage_and_pictures_of_nothing(process):
    chance = random.Random(7)
    garbage = invented.HEIC[:60] + chance.randbytes(4000)
    for data in (
        garbage,
        b"\xff\xd8\xff\xe0" + chance.randbytes(2000),
        b"%PDF-1.4\n" + chance.randbytes(2000),
        b"BM" * 40,
    ):
        ended = process(data, only=["identify", "pages", "thumbnail", "provenance"])
        assert ended["identify"].state == "done"
        assert all(one.state in ("failed", "not_done") for name, one in ended.items() if name in ("pages", "thumbnail"))


def samples(folder) -> dict[str, bytes]:
    """A small file of each kind that is looked into."""
    small = invented.corners(32, 24)
    forms = ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "AVIF")
    found = {f"a.{form.lower()}": invented.encoded(small, form) for form in forms}
    found |= {"a.heic": invented.HEIC, "a.pdf": invented.pdf(1), "a.jpg": invented.jpeg(6)}
    if shutil.which("ffmpeg"):
        found |= {f"a.{ending}": invented.video(folder, seconds=0.5, ending=ending) for ending in ("mp4", "mkv", "avi")}
    return found


def spoiled(data: bytes, chance: random.Random) -> bytes:
    """The file with some bytes changed, most of them near its start, sometimes cut off or with a piece twice."""
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 12)):
        reach = len(changed) if chance.random() < 0.3 else min(len(changed), 400)
        changed[chance.randrange(reach)] = chance.randrange(256)
    if chance.random() < 0.2:
        del changed[chance.randrange(len(changed)) :]
    if chance.random() < 0.1:
        at = chance.randrange(len(changed) + 1)
        changed[at:at] = changed[: chance.randrange(200)]
    return bytes(changed)


def fuzz(process, folder, rounds: int, seed: int, only) -> None:
    chance = random.Random(seed)
    for name, data in samples(folder).items():
        for _ in range(rounds):
            ended = process(spoiled(data, chance), name.rpartition(".")[2], only=only)
            assert ended["identify"].state == "done", name


def test_spoiled_files_end_in_outcomes(process, tmp_path):
    fuzz(process, tmp_path, rounds=1, seed=20261128, only=["identify", "pages", "thumbnail", "provenance"])


@pytest.mark.slow
def test_many_spoiled_files_end_in_outcomes(process, tmp_path):
    """Some of each kind, with libraries alone, and with the programs too. FUZZ_ROUNDS=200 takes an hour."""
    rounds = int(os.environ.get("FUZZ_ROUNDS", "4"))
    fuzz(process, tmp_path, rounds=rounds, seed=1, only=["identify", "pages", "thumbnail", "provenance"])
    fuzz(process, tmp_path, rounds=max(1, rounds // 4), seed=2, only=LOOKING)
