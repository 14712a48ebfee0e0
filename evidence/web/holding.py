"""What is done to evidence that is held: sealing, withdrawal, legal hold, retention, release, proposed destruction."""

import datetime

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import may
from evidence import handling, policies, protection, search
from evidence.models import Collection, File, Hold, Item
from evidence.web.doors import door, has, load
from evidence.web.forms.holding import DestroyForm, ReasonForm, UntilForm, YearsForm
from evidence.web.protecting import form_page

CONTRIBUTE, MANAGE = Permission.CONTRIBUTE, Permission.MANAGE


class Step:
    """One thing that can be done to an item: its words, the form, the verb, and the permission that it needs."""

    def __init__(self, title, lede, done, verb, *, permission=CONTRIBUTE, form=ReasonForm, icon="dot", danger=False):
        self.title, self.lede, self.done, self.verb = title, lede, done, verb
        self.permission, self.form, self.icon, self.danger = permission, form, icon, danger


STEPS = {
    "seal": lambda: Step(
        _("Seal the item"),
        _("Its description and files stay as they are from then on. Custody events can still be recorded."),
        _("The item is sealed."), handling.seal, icon="lock",
    ),
    "unseal": lambda: Step(
        _("Unseal the item"), _("Description and files can be changed again. That it was sealed stays on record."),
        _("The item is unsealed."), handling.unseal, permission=MANAGE, icon="lock-open",
    ),
    "withdraw": lambda: Step(
        _("Withdraw the item"),
        _("It stays listed as withdrawn, with its custody. None of its files is opened or shown any more."),
        _("The item is withdrawn."), handling.withdraw_item, icon="circle-slash", danger=True,
    ),
    "restore": lambda: Step(
        _("Restore the item"), _("It counts again, and its files can be opened."),
        _("The item is restored."), handling.restore_item, icon="undo-2",
    ),
    "unfreeze": lambda: Step(
        _("Release the frozen item"),
        _("Its bytes are read again first. It is released only if they are what was received."),
        _("The bytes are sound again; the item is released."), handling.unfreeze, permission=MANAGE, icon="sun",
    ),
    "hold": lambda: Step(
        _("Put a legal hold on the item"), _("While it lasts nothing of the item is withdrawn or destroyed."),
        _("A legal hold is on the item."),
        lambda *, by, item, reason: handling.hold(by=by, record=item, reason=reason), permission=MANAGE, icon="gavel",
    ),
    "retention": lambda: Step(
        _("Set the retention"), _("Before that day its content cannot be destroyed, whoever agrees."),
        _("The retention is set."), handling.retain, permission=MANAGE, form=UntilForm, icon="calendar-clock",
    ),
    "destroy": lambda: Step(
        _("Propose to destroy the content"),
        _("Another person, who manages the collection, decides. The keys of its bytes are then destroyed for good; "
          "names, sizes, digests and custody stay on record."),
        _("Proposed. Those who may decide are told."), protection.propose_destruction, form=DestroyForm,
        icon="trash-2", danger=True,
    ),
}  # fmt: skip


@door(Does.INTAKE, "GET", "POST")
def step(request, pk, step):
    """One step with what is held: a reason, and it is done; a destruction is only proposed."""
    if step not in STEPS:
        load(request, Item, pk)
        raise Http404
    told = STEPS[step]()
    item = load(request, Item, pk, told.permission)
    initial = {"until": item.retain_until} if step == "retention" else None
    form = told.form(request.POST or None, initial=initial)
    result, status = form.attempt(lambda: told.verb(by=request.user, item=item, **form.cleaned_data))
    if result:
        messages.success(request, told.done)
        if step == "destroy":
            return redirect("decision-detail", pk=result.pk)
        return redirect("item-detail", pk=item.code)
    facts = _numbers(item) if step == "destroy" else []
    return form_page(
        request, item, form, status, title=told.title, lede=told.lede, submit=told.title, danger=told.danger,
        facts=facts,
    )  # fmt: skip


def _numbers(item: Item) -> list[tuple]:
    """How much a destruction would take."""
    found = protection.content_of(item)
    return [
        (_("Files"), found.files),
        (_("Pages of text"), found.texts),
        (_("Pictures made of them"), found.pictures),
    ]


FILE_STEPS = {
    "withdraw": lambda: (_("Withdraw the file"), _("The file is withdrawn."), handling.withdraw_file),
    "restore": lambda: (_("Restore the file"), _("The file is restored."), handling.restore_file),
}


@door(Does.INTAKE, "GET", "POST")
def file_step(request, pk, step):
    """Withdraw or restore one file of an item."""
    file = load(request, File, pk)
    if step not in FILE_STEPS:
        raise Http404
    item = load(request, Item, file.item_id, CONTRIBUTE)
    title, done, verb = FILE_STEPS[step]()
    form = ReasonForm(request.POST or None)
    result, status = form.attempt(lambda: verb(by=request.user, file=file, **form.cleaned_data))
    if result:
        messages.success(request, done)
        return redirect("item-detail", pk=item.code)
    lede = _("Its name, size and digest stay on record; of a withdrawn file no bytes are opened.")
    return form_page(request, item, form, status, title=title, lede=lede, submit=title, facts=[(_("File"), file.name)])


@door(Does.INTAKE, "GET", "POST")
def end_hold(request, pk):
    """End a legal hold."""
    row = load(request, Hold, pk)
    record = load(request, type(row.item or row.collection), (row.item or row.collection).pk, MANAGE)
    form = ReasonForm(request.POST or None)
    result, status = form.attempt(lambda: handling.end_hold(by=request.user, hold=row, **form.cleaned_data))
    if result:
        messages.success(request, _("The legal hold has ended."))
        return redirect("item-detail", pk=record.code) if row.item else redirect("retention")
    context = {"facts": [(_("Why it was held"), row.reason)], "title": _("End the legal hold")}
    context |= {"lede": _("What was held can be withdrawn and destroyed again."), "submit": _("End the legal hold")}
    return _page(request, record, form, status, **context)


def _page(request, record, form, status, **context):
    """The page of one form about an item or a collection."""
    if isinstance(record, Item):
        return form_page(request, record, form, status, **context)
    context |= {"record": record, "form": form, "route": "access-record"}
    return render(request, "evidence/protect_form.html", context, status=status)


@door(Does.INTAKE)
def retention(request):
    """What is past its retention among the items that one manages, and what each managed collection says."""
    rows = list(handling.due(request.user)[:200])
    collections = Collection.objects.permitted(request.user, MANAGE).order_by("name_en", "pk")
    holds = Hold.objects.permitted(request.user).filter(collection__in=collections, ended_at=None)
    by_collection = {hold.collection_id: hold for hold in holds}
    search.note_search(by=request.user, kind="retention", params=request.GET, shown=len(rows))
    context = {
        "rows": [{"item": item, "until": policies.kept_until(item)} for item in rows],
        "collections": [{"row": row, "hold": by_collection.get(row.pk)} for row in collections],
    }
    return render(request, "evidence/retention.html", context)


@door(Does.INTAKE, "GET", "POST")
def collection_step(request, pk, step):
    """Set the term of a collection, or put a legal hold on everything in it."""
    record = load(request, Collection, pk, MANAGE)
    if step == "retention":
        form = YearsForm(request.POST or None, initial={"years": record.retention_years})
        title, done = _("Retention of the collection"), _("The retention is set.")
        lede = _("Before its term has passed the content of an item cannot be destroyed, whoever agrees.")
        act = lambda: handling.retain_collection(by=request.user, collection=record, **form.cleaned_data)  # noqa: E731
    elif step == "hold":
        form = ReasonForm(request.POST or None)
        title, done = _("Put a legal hold on the collection"), _("A legal hold is on the collection.")
        lede = _("While it lasts nothing in the collection is withdrawn or destroyed.")
        act = lambda: handling.hold(by=request.user, record=record, **form.cleaned_data)  # noqa: E731
    else:
        raise Http404
    result, status = form.attempt(act)
    if result:
        messages.success(request, done)
        return redirect("retention")
    return _page(request, record, form, status, title=title, lede=lede, submit=_("Save"))


def holding_of(request, item: Item) -> dict:
    """What the panel “Custody and holding” of an item's page needs."""
    user, until = request.user, policies.kept_until(item)
    acts = may(user, Does.INTAKE)
    contributes, manages = (acts and has(request, item, one) for one in (CONTRIBUTE, MANAGE))
    files = File.objects.permitted(user).filter(item=item).select_related("blob")
    possible = _possible(item)
    allowed = {CONTRIBUTE: contributes, MANAGE: manages}
    steps = [(name, told) for name in possible for told in [STEPS[name]()] if allowed[told.permission]]
    return {
        "holds": list(handling.holds_on(item, user=user)),
        "until": until,
        "is_endless": until == datetime.date.max,
        "checked_at": handling.last_check(item, user=user),
        "altered": [file.name for file in files if file.blob.altered_at and not file.destroyed_at],
        "withdrawn": [file for file in files if file.withdrawn_at and not file.destroyed_at],
        "destroyed": [file for file in files if file.destroyed_at],
        "events": list(handling.custody_of(item, user=user)[:3]),
        "steps": [{"name": name, "label": told.title, "icon": told.icon} for name, told in steps],
        "may_record": contributes,
        "may_manage": manages,
        "may_restore": contributes and not (item.sealed_at or item.withdrawn_at),
    }


def _possible(item: Item) -> list[str]:
    """The steps that the state of the item offers; a verb may still refuse, with the reason."""
    if item.destroyed_at:
        return ["hold"]
    if item.withdrawn_at:
        return ["restore", "retention", "hold", "destroy"]
    found = ["unfreeze"] if item.frozen_at else []
    found.append("unseal" if item.sealed_at else "seal")
    return [*found, "retention", "hold", "withdraw"]
