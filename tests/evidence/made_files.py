"""Files of many kinds, made here with invented content, for the tests of reading."""

import io
import struct
import zipfile
import zlib
from itertools import pairwise

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from reportlab.pdfgen.canvas import Canvas

from evidence.processing.texts.hwp5 import scramble

STORY = "나는 그날 밤 구류장에서 감시원이 때리는 소리를 들었습니다."
ENGLISH = "The guard said that nobody would ever ask what happened in that room."


def packed(parts: dict[str, str | bytes], **options) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", options.get("method", zipfile.ZIP_DEFLATED)) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def docx(*paragraphs: str, extra: dict | None = None, body: str = "") -> bytes:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    lines = "".join(f"<w:p><w:r><w:t>{one}</w:t></w:r></w:p>" for one in paragraphs)
    document = f"<?xml version='1.0' encoding='UTF-8'?><w:document {space}><w:body>{lines}{body}</w:body></w:document>"
    return packed({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **(extra or {})})


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def related(*targets: tuple[str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="r{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f"<Relationships>{rows}</Relationships>"


def pptx(*slides: str, note: str = "") -> bytes:
    parts: dict[str, str | bytes] = {}
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="r{n}"/>' for n in range(1, len(slides) + 1))
    parts["ppt/presentation.xml"] = (
        f'<p:presentation xmlns:p="p" xmlns:r="{RELATIONS}"><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>'
    )
    # The parts are numbered the other way round than they are shown.
    names = [f"slides/slide{len(slides) - n}.xml" for n in range(len(slides))]
    parts["ppt/_rels/presentation.xml.rels"] = related(*(("slide", name) for name in names))
    for name, text in zip(names, slides, strict=True):
        parts[f"ppt/{name}"] = f'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sld>'
    if note:
        parts[f"ppt/slides/_rels/{names[0].split('/')[1]}.rels"] = related(("notesSlide", "../notesSlides/n1.xml"))
        parts["ppt/notesSlides/n1.xml"] = f'<p:notes xmlns:p="p" xmlns:a="a"><a:p><a:t>{note}</a:t></a:p></p:notes>'
    return packed(parts)


def odt(*paragraphs: str, kind: str = "text", extra: dict | None = None, content: str = "") -> bytes:
    lines = content or "".join(f"<text:p>{one}</text:p>" for one in paragraphs)
    spaces = 'xmlns:text="t" xmlns:office="o" xmlns:table="tb"'
    document = f"<office:document-content {spaces}><office:body>{lines}</office:body></office:document-content>"
    name = {"text": "text", "sheet": "spreadsheet"}[kind]
    return packed({"mimetype": f"application/vnd.oasis.opendocument.{name}", "content.xml": document, **(extra or {})})


def hwpx(*paragraphs: str, table: tuple[str, ...] = (), extra: dict | None = None) -> bytes:
    lines = "".join(f"<hp:p><hp:run><hp:t>{one}</hp:t></hp:run></hp:p>" for one in paragraphs)
    if table:
        cells = "".join(f"<hp:tc><hp:p><hp:run><hp:t>{one}</hp:t></hp:run></hp:p></hp:tc>" for one in table)
        lines += f"<hp:p><hp:run><hp:tbl><hp:tr>{cells}</hp:tr></hp:tbl></hp:run></hp:p>"
    section = f'<hs:sec xmlns:hs="s" xmlns:hp="p">{lines}</hs:sec>'
    return packed({"mimetype": "application/hwp+zip", "Contents/content.hpf": "<x/>",
                   "Contents/section0.xml": section, **(extra or {})})  # fmt: skip


def compound(streams: dict[str, bytes]) -> bytes:
    """A small OLE2 container (MS-CFB), every stream in the ordinary chain of sectors."""
    sector = 512
    nodes: list[dict] = [{"name": "Root Entry", "type": 5, "children": {}}]
    for path, data in streams.items():
        here = nodes[0]
        *folders, last = path.split("/")
        for folder in folders:
            if folder not in here["children"]:
                here["children"][folder] = len(nodes)
                nodes.append({"name": folder, "type": 1, "children": {}})
            here = nodes[here["children"][folder]]
        here["children"][last] = len(nodes)
        # Streams of less than 4,096 bytes would belong into a chain of their own.
        nodes.append({"name": last, "type": 2, "data": data.ljust(4096, b"\0"), "size": max(len(data), 4096)})
    chains, body = [], b""
    for node in nodes:
        if node["type"] == 2:
            count = -(-len(node["data"]) // sector)
            node["start"] = len(chains)
            chains += [len(chains) + n + 1 for n in range(count - 1)] + [0xFFFFFFFE]
            body += node["data"].ljust(count * sector, b"\0")
    directory = b"".join(_entry(node, nodes) for node in nodes)
    directory = directory.ljust(-(-len(directory) // sector) * sector, b"\0")
    first, count = len(chains), len(directory) // sector
    chains += [first + n + 1 for n in range(count - 1)] + [0xFFFFFFFE]
    tables = 1
    while (len(chains) + tables) * 4 > tables * sector:
        tables += 1
    places = list(range(len(chains), len(chains) + tables))
    chains += [0xFFFFFFFD] * tables
    table = struct.pack(f"<{len(chains)}I", *chains).ljust(tables * sector, b"\xff")
    head = struct.pack("<8s16sHHHHHHIIIIIIIIII", bytes.fromhex("d0cf11e0a1b11ae1"), b"\0" * 16, 0x3E, 3, 0xFFFE, 9,
                       6, 0, 0, 0, tables, first, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)  # fmt: skip
    head += struct.pack("<109I", *places, *[0xFFFFFFFF] * (109 - tables))
    return head + body + directory + table


def _entry(node: dict, nodes: list[dict]) -> bytes:
    """A directory entry; its children hang on one another to the right, in their order."""
    name = node["name"].encode("utf-16-le") + b"\0\0"
    children = sorted(
        node.get("children", {}).values(), key=lambda n: (len(nodes[n]["name"]), nodes[n]["name"].upper())
    )
    for here, after in pairwise(children):
        nodes[here]["right"] = after
    right = node.get("right", 0xFFFFFFFF)
    return struct.pack("<64sHBBIII16sIQQIQ", name, len(name), node["type"], 1, 0xFFFFFFFF, right,
                       children[0] if children else 0xFFFFFFFF, b"\0" * 16, 0, 0, 0,
                       node.get("start", 0xFFFFFFFE if node["type"] == 5 else 0), node.get("size", 0))  # fmt: skip


def hwp5_record(tag: int, content: bytes) -> bytes:
    return struct.pack("<I", tag | min(len(content), 0xFFF) << 20) + content


def hwp5(*paragraphs: str, bits: int = 1, notice: str = "") -> bytes:
    """HWP 5: one section, packed. With bit 2 a distribution document, whose other section says the notice."""
    header = b"HWP Document File".ljust(32, b"\0") + bytes([0, 1, 0, 5]) + struct.pack("<I", bits)
    text = b"".join(hwp5_record(67, one.encode("utf-16-le") + b"\x0d\0") for one in paragraphs)
    section = _deflated(text)
    streams = {"FileHeader": header.ljust(256, b"\0"), "DocInfo": b"x"}
    if not bits & 4:
        return compound({**streams, "BodyText/Section0": section})
    seed, key = 0x1234567B, b"0123456789abcdef"
    plain = bytearray(struct.pack("<I", seed).ljust(256, b"\0"))
    plain[4 + (seed & 0xF) : 20 + (seed & 0xF)] = key
    hidden = bytes(a ^ b for a, b in zip(plain, scramble(seed), strict=True))
    machine = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    section = section.ljust(-(-len(section) // 16) * 16, b"\0")
    body = hwp5_record(28, hidden) + machine.update(section) + machine.finalize()
    shown = _deflated(hwp5_record(67, notice.encode("utf-16-le")))
    return compound({**streams, "ViewText/Section0": body, "BodyText/Section0": shown})


def _deflated(data: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-15)
    return machine.compress(data) + machine.flush()


def _hchars(text: str) -> bytes:
    codes = []
    for c in text:
        raw = c.encode("johab")
        codes.append(raw[0] if len(raw) == 1 else raw[0] << 8 | raw[1])
    return struct.pack(f"<{len(codes)}H", *codes)


def _hwp3_paragraph(content: bytes, count: int) -> bytes:
    head = struct.pack("<BHHBBIB", 0, count, 1, 0, 0, 0, 0) + b"\0" * 31
    return head + (b"\0" * 187 + b"\0" * 14 if count else b"") + content


def hwp3(text: str, *, cells: tuple[str, ...] = (), locked: bool = False, is_packed: bool = True) -> bytes:
    """HWP 3: a paragraph, then a table if there are cells."""
    end = _hwp3_paragraph(b"", 0).replace(b"\x01\0", b"\0\0", 1)

    def paragraphs(*lines: bytes) -> bytes:
        return b"".join(_hwp3_paragraph(line + b"\x0d\0", len(line) // 2 + 1) for line in lines) + end

    body = b"\0\0" * 7 + b"\0\0"
    lines = _hwp3_paragraph(_hchars(text) + b"\x0d\0", len(text) + 1)
    if cells:
        table = struct.pack("<H4xH", 10, 10) + b"\0" * 80 + struct.pack("<HH", len(cells), 0) + b"\0" * 27 * len(cells)
        table += b"".join(paragraphs(_hchars(cell)) for cell in cells) + end
        lines += _hwp3_paragraph(table + b"\x0d\0", 5)
    body += lines + end
    info = bytearray(128)
    info[96] = locked
    info[124] = is_packed
    signature = b"HWP Document File V3.00 \x1a\x01\x02\x03\x04\x05"
    return signature + bytes(info) + b"\0" * 1008 + (_deflated(body) if is_packed else body)


def pdf(*pages: str, encrypted: str = "") -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=encrypted or None)
    for page in pages:
        canvas.drawString(72, 720, page)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def mail(*, subject: str = STORY, body: str = STORY, attachments: tuple[tuple[str, bytes], ...] = ()) -> bytes:
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "witness@example.org", "desk@example.org", subject
    message["Date"] = "Tue, 03 Mar 2026 10:00:00 +0900"
    message.set_content(body)
    for name, content in attachments:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def msg(*, subject: str = STORY, body: str = STORY, attachment: tuple[str, bytes] | None = None) -> bytes:
    streams = {
        "__properties_version1.0": b"\0" * 32,
        "__substg1.0_0037001F": subject.encode("utf-16-le"),
        "__substg1.0_1000001F": body.encode("utf-16-le"),
        "__substg1.0_0C1A001F": "Witness".encode("utf-16-le"),
    }
    if attachment:
        place = "__attach_version1.0_#00000000"
        streams |= {
            f"{place}/__properties_version1.0": b"\0" * 8,
            f"{place}/__substg1.0_3707001F": attachment[0].encode("utf-16-le"),
            f"{place}/__substg1.0_37010102": attachment[1],
        }
    return compound(streams)
