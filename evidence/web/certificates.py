"""The custody certificate: a printable PDF for people. What proves is the proof file; this says how to check it."""

import io
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    HRFlowable,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from custody import anchors, checkpoints, notes
from evidence.web import words

MOST = 400  # events; the proof file holds all of them
FONTS = {"Certificate": "Pretendard-Regular.ttf", "Certificate-Bold": "Pretendard-Bold.ttf"}
INK, MUTED, LINE = colors.HexColor("#1b1f24"), colors.HexColor("#57606a"), colors.HexColor("#d0d7de")
BODY = ParagraphStyle("body", fontName="Certificate", fontSize=9, leading=13, textColor=INK, wordWrap="CJK")
SMALL = ParagraphStyle("small", parent=BODY, fontSize=7.5, leading=10.5, textColor=MUTED)
CODE = ParagraphStyle("code", parent=BODY, fontSize=7.5, leading=10.5, fontName="Courier")
HEAD = ParagraphStyle("head", parent=BODY, fontName="Certificate-Bold", fontSize=11, leading=15, spaceBefore=9)
TITLE = ParagraphStyle("title", parent=BODY, fontName="Certificate-Bold", fontSize=17, leading=22)
WIDTH = 170  # mm of the text


def render(item, *, files: list, days: list[dict], proof: dict, by) -> bytes:
    """The certificate of an item as PDF bytes, in the language in force; `proof` is the document of its proof."""
    _register_fonts()
    target = io.BytesIO()
    level = words.level(item.effective_level)
    mark = _("%(code)s · %(level)s · issued to %(name)s, %(at)s UTC") % {
        "code": item.code,
        "level": level,
        "name": by.name,
        "at": f"{timezone.now():%Y-%m-%d %H:%M}",
    }
    document = BaseDocTemplate(
        target, pagesize=A4, title=f"{_('Custody certificate')} {item.code}", author=settings.LEDGER_ORIGIN,
        lang=words.language(),
    )  # fmt: skip
    story = [*_opening(item), *_files(files), *_checkpoint(proof), *_events(days), *_verifying(item)]

    def frame(canvas, template):
        canvas.setFont("Certificate", 7.5)
        canvas.setFillColor(MUTED)
        canvas.drawString(20 * mm, 11 * mm, said(mark)[:140])
        canvas.drawRightString(190 * mm, 11 * mm, _("Page %(number)d") % {"number": canvas.getPageNumber()})

    text = Frame(20 * mm, 18 * mm, WIDTH * mm, A4[1] - 36 * mm, leftPadding=0, rightPadding=0)
    document.addPageTemplates([PageTemplate(frames=[text], onPage=frame)])
    document.build(story)
    return target.getvalue()


def _register_fonts() -> None:
    for name, file in FONTS.items():
        if name not in pdfmetrics.getRegisteredFontNames():
            path = finders.find(f"vendor/pretendard-print/{file}")
            path = path or Path(settings.STATIC_ROOT) / "vendor" / "pretendard-print" / file
            pdfmetrics.registerFont(TTFont(name, str(path)))


def said(text) -> str:
    """The text with what the type has no shape for as its code point: a letter must not silently go missing."""
    shapes = pdfmetrics.getFont("Certificate").face.charToGlyph
    return "".join(c if ord(c) in shapes or c.isspace() else f"‹U+{ord(c):04X}›" for c in str(text))


def _p(text, style=BODY) -> Paragraph:
    return Paragraph(escape(said(text)), style)


def _code(text) -> Paragraph:
    """Hashes and commands break anywhere and stay copyable."""
    return Paragraph(escape(str(text)), ParagraphStyle("c", parent=CODE, wordWrap="CJK"))


def _table(rows: list[list], widths: list[float], *, head: bool = True) -> Table:
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    return Table(rows, colWidths=[width * mm for width in widths], style=TableStyle(style), repeatRows=1 if head else 0)


def _heads(*labels) -> list[Paragraph]:
    return [_p(label, SMALL) for label in labels]


def _opening(item) -> list:
    own, other = (item.title_ko, item.title_en) if words.language() == "ko" else (item.title_en, item.title_ko)
    kind = words.term("evidence_item_type", item.kind)
    taken = f"{item.created_at:%Y-%m-%d %H:%M} UTC"
    rows = [
        [_p(_("Reference code"), SMALL), _p(item.code)],
        [_p(_("Title"), SMALL), _p(own or other)],
        [_p(_("Type"), SMALL), _p(kind)],
        [_p(_("Level"), SMALL), _p(words.level(item.effective_level))],
        [_p(_("Taken in"), SMALL), _p(taken)],
    ]
    return [_p(_("Custody certificate"), TITLE), Spacer(1, 4 * mm), _table(rows, [32, 138], head=False)]


def _files(files: list) -> list:
    count = ngettext("%(n)d file", "%(n)d files", len(files)) % {"n": len(files)}
    rows = [_heads(_("File"), _("Bytes"), "SHA-256")]
    rows += [[_p(file.name), _p(f"{file.blob.size:,}"), _code(file.blob.digest)] for file in files]
    return [_p(count, HEAD), _table(rows, [62, 24, 84])] if files else [_p(count, HEAD)]


def _checkpoint(proof: dict) -> list:
    note = proof["checkpoint"]
    origin, size, root = notes.parse_checkpoint(note[: note.rindex("\n\n") + 1].encode())
    rows = [
        [_p(_("Ledger"), SMALL), _code(origin)],
        [_p(_("Entries"), SMALL), _p(f"{size:,}")],
        [_p(_("Root"), SMALL), _code(root.hex())],
        [_p(_("Signature"), SMALL), _code(note[note.rindex("\n\n") + 2 :].replace("\u2014 ", "").strip())],
    ]
    stamped = checkpoints.stamps_of([stamp["size"] for stamp in proof["stamps"]])
    lines = [
        _("%(authority)s: %(at)s UTC, %(size)s entries")
        % {
            "authority": _("demonstration only") if issuer == anchors.DEMO else issuer,
            "at": f"{at:%Y-%m-%d %H:%M:%S}",
            "size": f"{size:,}",
        }
        for size, stamps in sorted(stamped.items())
        for issuer, at, _token in stamps
    ]
    rows.append([_p(_("Time stamps"), SMALL), [_p(line) for line in lines] or _p(_("None covers it yet."))])
    numbers = ", ".join(str(entry["index"]) for entry in proof["entries"])
    rows.append([_p(_("Entries about this item"), SMALL), _p(numbers)])
    return [_p(_("Signed checkpoint"), HEAD), _table(rows, [32, 138], head=False)]


def _events(days: list[dict]) -> list:
    rows = [_heads(_("When (UTC)"), _("Who"), _("What"))]
    for day in days:
        for entry in day["entries"]:
            what = f"{entry['verb']} {entry['object']}".strip()
            if words.language() == "ko":
                what = f"{entry['object']} {entry['verb']}".strip()
            rows.append(
                [_p(f"{entry['at']:%Y-%m-%d %H:%M:%S}"), _p(entry["actor"]), [_p(what), _p(entry["note"], SMALL)]]
            )
    return [_p(_("Custody and history, newest first"), HEAD), _table(rows, [38, 42, 90])]


def _verifying(item) -> list:
    return [
        Spacer(1, 5 * mm),
        HRFlowable(width="100%", color=LINE),
        _p(_("How to check it"), HEAD),
        _p(
            _(
                "Ask for the proof file of this item, and get verify_custody.py and trust.json by another way. "
                "No network and no trust in the institution is needed:"
            )
        ),
        _code(f"python3 verify_custody.py proof-{item.code}.zip --trust trust.json --file ORIGINAL"),
        _p(
            _(
                "This certificate is a summary for people. It proves nothing by itself: what is printed can be forged, "
                "the proof file cannot."
            ),
            SMALL,
        ),
    ]
