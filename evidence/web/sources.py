"""Sources: the list, the record with gradings and what it documents, recording and grading."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.errors import Refused, status_of
from accounts.grants import Permission
from accounts.roles import Act as Does
from accounts.roles import may
from evidence import assessment, recording, search
from evidence.history import history_of
from evidence.models import Documentation, Grading, Item, Person, ProviderCondition, Source
from evidence.web.consenting import condition_rows
from evidence.web.doors import door, has, listing, load, put_back
from evidence.web.forms.sources import GradeForm, SourceForm
from evidence.web.lists import COLLECTION, LEVEL, by_term, list_context
from evidence.web.protecting import protection_of
from evidence.web.timeline import days_of

FILTERS = (by_term("kind", lambda: _("Type"), "source_type"), LEVEL, COLLECTION)
MOST_SHOWN = 100  # lines of a panel of a record; the rest is a filtered list away


@door(Does.READ)
def listing_page(request):
    """The sources this person may see, each with the grading in force."""
    queryset = Source.objects.permitted(request.user)
    page, found = listing(request, queryset, search.SOURCE_FILTERS, kind="source")
    newest: dict = {}
    for grading in Grading.objects.permitted(request.user).filter(source__in=page.rows, item=None):
        newest.setdefault(grading.source_id, grading)
    for source in page.rows:
        source.grade_now = newest.get(source.pk)
    return render(request, "evidence/source_list.html", list_context(request, page, found, FILTERS))


@door(Does.RECORD, "GET", "POST")
def new(request):
    """Record a source under a protected reference."""
    form = SourceForm(request.POST if request.method == "POST" else None, user=request.user)
    source, status = form.attempt(
        lambda: recording.record_source(by=request.user, collection=form.chosen_collection(), given=form.given())
    )
    if source:
        messages.success(request, _("%(code)s is recorded.") % {"code": source.code})
        return redirect("source-detail", pk=source.pk)
    return render(request, "evidence/source_form.html", {"form": form}, status=status)


@door(Does.RECORD, "GET", "POST")
def edit(request, pk):
    """Change what is said of a source."""
    source = load(request, Source, pk, Permission.CONTRIBUTE)
    form = SourceForm(request.POST if request.method == "POST" else None, user=request.user, record=source)
    saved, status = form.attempt(
        lambda: recording.revise_source(
            by=request.user,
            source=source,
            given=form.given(),
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
        )
    )
    if saved:
        messages.success(request, _("Saved."))
        return redirect("source-detail", pk=source.pk)
    return render(request, "evidence/source_form.html", {"form": form, "source": source}, status=status)


@door(Does.READ)
def record(request, pk):
    """One source: how it is graded, what it documented, which evidence came from it."""
    source = load(request, Source, pk)
    search.note_opened(by=request.user, record=source)
    user = request.user
    person = Person.objects.permitted(user).filter(pk=source.person_id).first() if source.person_id else None
    gradings = list(Grading.objects.permitted(user).filter(source=source).select_related("item", "created_by"))
    documents = Documentation.objects.permitted(user).filter(source=source).select_related("incident")
    contributes = has(request, source, Permission.CONTRIBUTE)
    events = history_of(source, user=user)
    context = {
        "source": source,
        "person": person,
        "protection": protection_of(request, source),
        "conditions": condition_rows(
            ProviderCondition.objects.permitted(user).filter(source=source, ended_at=None).order_by("use", "created_at")
        ),
        "gradings": gradings,
        "grading": next((grading for grading in gradings if grading.item_id is None), None),
        "documents": documents.order_by("-incident__updated_at")[:MOST_SHOWN],
        "documented": documents.count(),
        "items": Item.objects.permitted(user).filter(source=source).order_by("-updated_at")[:MOST_SHOWN],
        "days": days_of(events, user),
        "entries": len(events),
        "may_edit": contributes and may(user, Does.RECORD),
        "may_grade": contributes and may(user, Does.ASSESS),
    }
    return render(request, "evidence/source_record.html", context)


@door(Does.ASSESS, "GET", "POST")
def grade(request, pk):
    """Grade a source, or with `item` what it says in one item; the former grading stays as history."""
    source = load(request, Source, pk, Permission.CONTRIBUTE)
    item = load(request, Item, request.GET["item"]) if request.GET.get("item") else None
    form = GradeForm(request.POST if request.method == "POST" else None)
    status = 400 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            grading = assessment.grade(by=request.user, source=source, item=item, **form.cleaned_data)
        except Refused as error:
            put_back(form, error)
            status = status_of(error)
        else:
            messages.success(request, _("Graded %(grade)s.") % {"grade": grading})
            return redirect("item-detail", pk=item.pk) if item else redirect("source-detail", pk=source.pk)
    last = Grading.objects.permitted(request.user).filter(source=source, item=item).first()
    context = {"form": form, "source": source, "item": item, "last": last}
    return render(request, "evidence/source_grade.html", context, status=status)
