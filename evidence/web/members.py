"""What an archive, a message or a document contains: the list of its members, and taking chosen ones in as items."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.errors import Refused, status_of
from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import may
from evidence import members, search, tasks
from evidence.models import File, Item, Step
from evidence.reference import choices
from evidence.web.doors import door, has, load
from evidence.web.steps import REASONS

SHOWN = 500


@door(Does.READ, "GET", "POST")
def page(request, pk):
    """The members of a file; those chosen become items of their own."""
    file = load(request, File, pk)
    if request.method == "POST":
        return _take(request, file)
    search.note_opened(by=request.user, record=file.item)
    return _page(request, file)


def _page(request, file, *, problem: str = "", results=(), status: int = 200):
    step = Step.objects.permitted(request.user).filter(file=file, name=members.STEP, ended_at=None).first()
    if step is None or step.state != "done" or file.is_isolated:
        raise Http404
    rows = members.listed(file, user=request.user)
    start = _start(request, len(rows))
    whole = load(request, Item, str(file.item_id))
    is_open = not (whole.sealed_at or whole.withdrawn_at or file.withdrawn_at)
    context = {
        "file": file,
        "item": whole,
        "rows": [(row, _words(row)) for row in rows[start : start + SHOWN]],
        "count": len(rows),
        "is_cut": bool(step.result.get("cut")),
        "before": max(0, start - SHOWN) if start else None,
        "after": start + SHOWN if start + SHOWN < len(rows) else None,
        "may_take": is_open and may(request.user, Does.INTAKE) and has(request, whole, Permission.CONTRIBUTE)
        and has(request, whole.collection, Permission.CONTRIBUTE),
        "kinds": choices("evidence_item_type"),
        "problem": problem,
        "results": [(one, _reason(one.reason)) for one in results],
        "most": members.MAX_CHOSEN,
    }  # fmt: skip
    return render(request, "evidence/members.html", context, status=status)


def _start(request, count: int) -> int:
    given = request.GET.get("from", "0")
    return min(int(given), max(0, count - 1)) if given.isascii() and given.isdigit() and len(given) < 8 else 0


def _take(request, file):
    if not may(request.user, Does.INTAKE):
        raise Http404
    load(request, Item, str(file.item_id), Permission.CONTRIBUTE)
    chosen = [
        int(given) for given in request.POST.getlist("member") if given.isascii() and given.isdigit() and len(given) < 8
    ]
    try:
        results = members.take_in(by=request.user, file=file, indexes=chosen, kind=request.POST.get("kind", ""))
    except Refused as error:
        return _page(request, file, problem=str(error), status=status_of(error))
    tasks.wake()
    kept = [one for one in results if one.item]
    words = ngettext("%(n)d member is taken in as an item.", "%(n)d members are taken in as items.", len(kept))
    if len(kept) < len(results):
        return _page(request, file, problem=words % {"n": len(kept)}, results=[one for one in results if not one.item])
    messages.success(request, words % {"n": len(kept)})
    return redirect("file-members", pk=file.pk)


def _words(row: members.Row) -> list[str]:
    """What is to be known of a member before it is taken in."""
    notes = {
        "absolute": _("Its name begins like a path on a disk. Names are never used as paths here."),
        "climbs": _("Its name tries to leave the folder. Names are never used as paths here."),
        "same_name": _("Another member has the same name."),
    }
    words = [notes[note] for note in row.notes if note in notes]
    kinds = {"link": _("A link, which is never followed."), "other": _("Not a file.")}
    if row.kind in kinds:
        words.append(kinds[row.kind])
    elif row.refused:
        words.append(_reason(row.refused))
    return words


def _reason(reason: str) -> str:
    own = {
        "hostile": _("It would grow too much when unpacked, or shares its bytes with others: the sign of a trap."),
        "taken": _("It was taken in before."),
        "unsupported": _("It cannot be taken out by itself."),
        "too_large": _("It is larger than what is taken in at a time."),
        "password": _("It is locked with a password."),
    }
    return own.get(reason) or str(REASONS.get(reason, ""))
