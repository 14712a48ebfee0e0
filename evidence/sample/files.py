"""Makes the small files of the sample from their description in items.json: text, table, picture and PDF.

With the standard library only, and the same bytes on every run. Not for anything but the sample.
"""

import csv
import io
import struct
import zlib

WIDTH, HEIGHT = 480, 300  # pixels of a picture
LEADING = 18  # points between the lines of a PDF


def content(file: dict) -> bytes:
    """The bytes of one described file; its `make` says which of the makers draws it."""
    makers = {"text": _text, "table": _table, "picture": _picture, "pdf": _pdf}
    return makers[file["make"]](file)


def _text(file: dict) -> bytes:
    return ("\n".join(file["lines"]) + "\n").encode()


def _table(file: dict) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(file["rows"])
    return out.getvalue().encode()


def _picture(file: dict) -> bytes:
    """A grey PNG: `background`, then `rectangles` [x, y, width, height, grey] in pixels, later ones on top."""
    rows = [bytearray([file["background"]]) * WIDTH for _ in range(HEIGHT)]
    for x, y, width, height, grey in file["rectangles"]:
        for row in rows[y : y + height]:
            row[x : x + width] = bytes([grey]) * len(row[x : x + width])
    raw = b"".join(b"\x00" + bytes(row) for row in rows)  # filter type 0 before each row
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)  # 8 bit greyscale
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(raw, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _pdf(file: dict) -> bytes:
    """One A4 page of lines in Helvetica: Latin characters only."""
    escaped = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in file["lines"]]
    shown = "\n".join(f"({line}) Tj T*" for line in escaped)
    stream = f"BT /F1 12 Tf {LEADING} TL 56 780 Td\n{shown}\nET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return bytes(out)
