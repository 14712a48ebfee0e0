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
    register_fonts()
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


def register_fonts() -> None:
    for name, file in FONTS.items():
        if name not in pdfmetrics.getRegisteredFontNames():
            path = finders.find(f"vendor/pretendard-print/{file}")
            path = path or Path(settings.STATIC_ROOT) / "vendor" / "pretendard-print" / file
            pdfmetrics.registerFont(TTFont(name, str(path)))


def said(text) -> str:
    """The text with what the type has no shape for as its code point: a letter must not silently go missing."""
    shapes = pdfmetrics.getFont("Certificate").face.charToGlyph
    return "".join(c if ord(c) in shapes or c.isspace() else f"‹U+{ord(c):04X}›" for c in str(text))


def p(text, style=BODY) -> Paragraph:
    return Paragraph(escape(said(text)), style)


def code(text) -> Paragraph:
    """Hashes and commands break anywhere and stay copyable."""
    return Paragraph(escape(str(text)), ParagraphStyle("c", parent=CODE, wordWrap="CJK"))


def table(rows: list[list], widths: list[float], *, head: bool = True) -> Table:
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    return Table(rows, colWidths=[width * mm for width in widths], style=TableStyle(style), repeatRows=1 if head else 0)


def heads(*labels) -> list[Paragraph]:
    return [p(label, SMALL) for label in labels]


def _opening(item) -> list:
    own, other = (item.title_ko, item.title_en) if words.language() == "ko" else (item.title_en, item.title_ko)
    kind = words.term("evidence_item_type", item.kind)
    taken = f"{item.created_at:%Y-%m-%d %H:%M} UTC"
    rows = [
        [p(_("Reference code"), SMALL), p(item.code)],
        [p(_("Title"), SMALL), p(own or other)],
        [p(_("Type"), SMALL), p(kind)],
        [p(_("Level"), SMALL), p(words.level(item.effective_level))],
        [p(_("Taken in"), SMALL), p(taken)],
    ]
    return [p(_("Custody certificate"), TITLE), Spacer(1, 4 * mm), table(rows, [32, 138], head=False)]


def _files(files: list) -> list:
    count = ngettext("%(n)d file", "%(n)d files", len(files)) % {"n": len(files)}
    rows = [heads(_("File"), _("Bytes"), "SHA-256")]
    rows += [[p(file.name), p(f"{file.blob.size:,}"), code(file.blob.digest)] for file in files]
    return [p(count, HEAD), table(rows, [62, 24, 84])] if files else [p(count, HEAD)]


def _checkpoint(proof: dict) -> list:
    note = proof["checkpoint"]
    origin, size, root = notes.parse_checkpoint(note[: note.rindex("\n\n") + 1].encode())
    rows = [
        [p(_("Ledger"), SMALL), code(origin)],
        [p(_("Entries"), SMALL), p(f"{size:,}")],
        [p(_("Root"), SMALL), code(root.hex())],
        [p(_("Signature"), SMALL), code(note[note.rindex("\n\n") + 2 :].replace("\u2014 ", "").strip())],
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
    rows.append([p(_("Time stamps"), SMALL), [p(line) for line in lines] or p(_("None covers it yet."))])
    numbers = ", ".join(str(entry["index"]) for entry in proof["entries"])
    rows.append([p(_("Entries about this item"), SMALL), p(numbers)])
    return [p(_("Signed checkpoint"), HEAD), table(rows, [32, 138], head=False)]


def _events(days: list[dict]) -> list:
    rows = [heads(_("When (UTC)"), _("Who"), _("What"))]
    for day in days:
        for entry in day["entries"]:
            what = f"{entry['verb']} {entry['object']}".strip()
            if words.language() == "ko":
                what = f"{entry['object']} {entry['verb']}".strip()
            stated = [f"{one['label']}: {one['after']}" for one in entry["changes"] if _is_custody(entry)]
            rows.append(
                [
                    p(f"{entry['at']:%Y-%m-%d %H:%M:%S}"),
                    p(entry["actor"]),
                    [p(what), p("; ".join(stated), SMALL), p(entry["note"], SMALL)],
                ]
            )
    return [p(_("Custody and history, newest first"), HEAD), table(rows, [38, 42, 90])]


def _is_custody(entry: dict) -> bool:
    """What people stated of the custody stands in full; what changed in the description does not."""
    return entry["act"].startswith("custody.")


def _verifying(item) -> list:
    return [
        Spacer(1, 5 * mm),
        HRFlowable(width="100%", color=LINE),
        p(_("How to check it"), HEAD),
        p(
            _(
                "Ask for the proof file of this item, and get verify_custody.py and trust.json by another way. "
                "No network and no trust in the institution is needed:"
            )
        ),
        code(f"python3 verify_custody.py proof-{item.code}.zip --trust trust.json --file ORIGINAL"),
        p(
            _(
                "This certificate is a summary for people. It proves nothing by itself: what is printed can be forged, "
                "the proof file cannot."
            ),
            SMALL,
        ),
    ]
