"""The receipt of a batch as PDF: which bytes arrived, under which SHA-256, when and by whom."""

import io

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Spacer

from evidence.web import certificates as paper
from evidence.web import words


def render(batch, lines: list, *, by) -> bytes:
    """PDF bytes in the language in force."""
    paper.register_fonts()
    target = io.BytesIO()
    mark = _("Receipt %(number)s · %(level)s · issued to %(name)s, %(at)s UTC") % {
        "number": str(batch.pk)[:8],
        "level": words.level(batch.confidentiality),
        "name": by.name,
        "at": f"{timezone.now():%Y-%m-%d %H:%M}",
    }
    document = BaseDocTemplate(
        target, pagesize=A4, title=_("Receipt of files"), author=settings.LEDGER_ORIGIN, lang=words.language()
    )

    def foot(canvas, template):
        canvas.setFont("Certificate", 7.5)
        canvas.setFillColor(paper.MUTED)
        canvas.drawString(20 * mm, 11 * mm, paper.said(mark)[:140])
        canvas.drawRightString(190 * mm, 11 * mm, _("Page %(number)d") % {"number": canvas.getPageNumber()})

    text = Frame(20 * mm, 18 * mm, paper.WIDTH * mm, A4[1] - 36 * mm, leftPadding=0, rightPadding=0)
    document.addPageTemplates([PageTemplate(frames=[text], onPage=foot)])
    document.build([*_opening(batch, lines), *_files(lines), *_closing()])
    return target.getvalue()


def _opening(batch, lines: list) -> list:
    total = sum(line.size for line in lines)
    state = _("Closed %(at)s UTC") if batch.closed_at else _("Open: more may come")
    rows = [
        (_("Batch"), str(batch.pk)),
        (_("Name of this batch"), batch.label or "–"),
        (_("Brought by"), batch.created_by.name),
        (_("Begun"), f"{batch.created_at:%Y-%m-%d %H:%M} UTC"),
        (_("State"), state % {"at": f"{batch.closed_at:%Y-%m-%d %H:%M}"} if batch.closed_at else state),
        (_("Files"), ngettext("%(n)d file", "%(n)d files", len(lines)) % {"n": len(lines)}),
        (_("Bytes"), f"{total:,}"),
    ]
    table = paper.table([[paper.p(name, paper.SMALL), paper.p(said)] for name, said in rows], [38, 132], head=False)
    return [paper.p(_("Receipt of files"), paper.TITLE), Spacer(1, 4 * mm), table]


def _files(lines: list) -> list:
    rows = [paper.heads(_("File"), _("Bytes"), "SHA-256", _("Item"), _("Received (UTC)"))]
    for line in lines:
        name = [paper.p(line.name)] + ([paper.p(line.folder, paper.SMALL)] if line.folder else [])
        by = [paper.p(f"{line.received_at:%Y-%m-%d %H:%M:%S}", paper.SMALL), paper.p(line.by, paper.SMALL)]
        rows.append([name, paper.p(f"{line.size:,}", paper.SMALL), paper.code(line.sha256),
                     paper.code(line.code), by])  # fmt: skip
    return [Spacer(1, 5 * mm), paper.table(rows, [42, 20, 48, 26, 34])]


def _closing() -> list:
    return [
        Spacer(1, 5 * mm),
        paper.p(_("How to check it"), paper.HEAD),
        paper.p(
            _(
                "Take the SHA-256 of your own copy and compare it with the one above: sha256sum FILE. Equal digests "
                "mean that exactly these bytes were received."
            )
        ),
        paper.p(_("Files whose items you may not see are not listed here."), paper.SMALL),
    ]
