"""What is made of a file beyond its text: what its metadata proposes, and other files that look like it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.errors import Refused, status_of
from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import may
from evidence import proposals, search
from evidence.models import File, Item, Step
from evidence.web import words
from evidence.web.doors import door, has, load, put_back
from evidence.web.files import views_of
from evidence.web.forms.claims import ProposalForm


@door(Does.READ)
def proposed(request, pk):
    """Times and places that the metadata of a file claims, and what else it says of itself."""
    file = load(request, File, pk)
    search.note_opened(by=request.user, record=file.item)
    return _page(request, file, None)


@door(Does.INTAKE, "POST")
def decide(request, pk):
    """Adopt a proposed time as the date of the item, or dismiss a proposal."""
    file = load(request, File, pk)
    load(request, Item, str(file.item_id), Permission.CONTRIBUTE)
    form = ProposalForm(request.POST, proposals=proposals.proposals_of(file))
    if not form.is_valid():
        return _page(request, file, form, 400)
    given = form.cleaned_data
    kind, value = given["choice"]
    try:
        if "adopt" in request.POST:
            proposals.adopt(
                by=request.user, file=file, kind=kind, value=value, version=given["version"], reason=given["reason"]
            )
            messages.success(request, _("The date is adopted for the item."))
        else:
            proposals.dismiss(by=request.user, file=file, kind=kind, value=value, reason=given["reason"])
            messages.success(request, _("The proposal is dismissed."))
    except Refused as error:
        put_back(form, error)
        return _page(request, file, form, status_of(error))
    return redirect("file-proposals", pk=file.pk)


def _page(request, file, form, status: int = 200):
    user = request.user
    steps = Step.objects.permitted(user).filter(file=file, ended_at=None, state="done")
    results = {step.name: step for step in steps.filter(name__in=("metadata", "provenance"))}
    found = proposals.proposals_of(file)
    metadata, origin = (None if file.is_isolated else results.get(name) for name in ("metadata", "provenance"))
    context = {
        "file": file,
        "item": file.item,
        "form": form or ProposalForm(proposals=found, initial={"version": file.item.version}),
        "rows": [_row(one) for one in found],
        "facts": _facts(metadata.result) if metadata else [],
        "tags": sorted(_tags(metadata.result).items()) if metadata else [],
        "tool": metadata.tool if metadata else "",
        "origin": words.origin(origin.result) if origin else None,
        "may_decide": may(user, Does.INTAKE) and has(request, file.item, Permission.CONTRIBUTE),
    }
    return render(request, "evidence/file_proposals.html", context, status=status)


def _row(proposal) -> dict:
    is_time = proposal.kind == "time"
    return {
        "it": proposal,
        "key": f"{proposal.kind}:{proposal.value}",
        "is_time": is_time,
        "in_words": words.date_words(proposal.value) if is_time else proposal.value.replace(",", ", "),
    }


def _tags(result: dict) -> dict:
    tags = result.get("tags")
    return {str(name): str(value) for name, value in tags.items()} if isinstance(tags, dict) else {}


def _facts(result: dict) -> list[tuple[str, str]]:
    """What the file says of who made it and with what."""
    claimed = result.get("claimed")
    claimed = claimed if isinstance(claimed, dict) else {}
    names = claimed.get("place_names")
    rows = [
        (_("Device"), claimed.get("device")),
        (_("Author"), claimed.get("author")),
        (_("Program"), claimed.get("software")),
        (_("Place named"), ", ".join(map(str, names)) if isinstance(names, list) else ""),
    ]
    return [(label, str(value)) for label, value in rows if value]


@door(Does.READ)
def similar(request, pk):
    """Files whose picture looks like this one's, among those this person sees."""
    file = load(request, File, pk)
    found = search.alike(file, user=request.user) if not file.is_isolated else []
    search.note_search(by=request.user, kind="likeness", params=request.GET, shown=len(found))
    own = views_of([file], request.user)[0]
    views = {view.file.pk: view for view in views_of([one.file for one in found], request.user)}
    context = {
        "file": file,
        "item": file.item,
        "own": own,
        "has_mark": file.fingerprint is not None and not file.is_isolated,
        "rows": [{"view": views[one.file.pk], "item": one.file.item, "distance": one.distance} for one in found],
    }
    return render(request, "evidence/file_similar.html", context)
