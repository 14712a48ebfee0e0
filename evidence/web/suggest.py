"""Suggestions for comboboxes and the reading of dates, as JSON. What a person may not see is never suggested.

Suggesting persons and sources is searching them, so it leaves a reading entry like a list does.
"""

from django.db.models import Case, Func, IntegerField, Q, TextField, Value, When
from django.http import JsonResponse
from django.utils.translation import gettext as _

from accounts.roles import Act as Does
from evidence import search
from evidence.edtf import EdtfError, parse, wording
from evidence.models import Organisation, Person, Place, Source
from evidence.models.codes import read_code
from evidence.open_names import names_of
from evidence.web import words
from evidence.web.doors import door

MOST, ALIKE = 12, 5
LONGEST = 100  # characters of a query


def _query(request) -> str:
    """What was typed, or nothing when no text of the database could match it."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    return "" if any(ord(character) < 32 or 0xD800 <= ord(character) <= 0xDFFF for character in text) else text


def _answer(results: list[dict]) -> JsonResponse:
    return JsonResponse({"results": results})


def _named(row, field: str = "name") -> dict:
    """Label in the language of the page, the other language under it."""
    own, other = ("ko", "en") if words.language() == "ko" else ("en", "ko")
    first, second = getattr(row, f"{field}_{own}"), getattr(row, f"{field}_{other}")
    return {"label": first or second, "sublabel": second if first else "", "lang": other}


def _written_alike(rows, text: str) -> list:
    """For where a slip of the keyboard found nothing."""
    return list(search.named_alike(rows, ("name_en", "name_ko"), text)[:ALIKE])


@door(Does.REFERENCE)
def places(request):
    """Places of the gazetteer by either name, a former name or their code, wider ones first; else by a name that is
    written much like it."""
    text = _query(request)
    if not text:
        return _answer([])
    rows = Place.objects.annotate(
        former=Func("alternates", Value("\n"), function="array_to_string", output_field=TextField()),
        rank=Case(
            When(Q(name_en__istartswith=text) | Q(name_ko__startswith=text), then=0),
            default=1,
            output_field=IntegerField(),
        ),
    ).filter(Q(name_en__icontains=text) | Q(name_ko__icontains=text) | Q(former__icontains=text) | Q(pk__iexact=text))
    found = list(rows.order_by("rank", "path__len", "code").select_related("parent")[:MOST])
    found = found or _written_alike(Place.objects.select_related("parent"), text)
    name = f"name_{words.language()}"
    return _answer(
        [
            {"id": row.pk, **_named(row), "note": getattr(row.parent, name) if row.parent else row.get_kind_display()}
            for row in found
        ]
    )


@door(Does.REFERENCE)
def organisations(request):
    """Organisations by either name or code; else by a name that is written much like it."""
    text = _query(request)
    if not text:
        return _answer([])
    rows = Organisation.objects.filter(
        Q(name_en__icontains=text) | Q(name_ko__icontains=text) | Q(code=read_code(text) or "")
    )
    found = list(rows[:MOST]) or _written_alike(Organisation.objects.all(), text)
    return _answer([{"id": row.code, **_named(row), "note": row.code} for row in found])


@door(Does.READ)
def persons(request):
    """Persons by code, open description or, of those who are not protected, name."""
    text = _query(request)
    if not text:
        return _answer([])
    found = Q(code__icontains=text) | Q(note__icontains=text) | Q(code=read_code(text) or "")
    found |= search.named_like(text, request.user)
    rows = list(Person.objects.permitted(request.user).filter(found).order_by("code")[:MOST])
    search.note_search(by=request.user, kind="person", params=request.GET, shown=len(rows))
    names = names_of(rows, request.user)
    # The label begins with the code, so that a form without the script can be read as well.
    return _answer(
        [
            {
                "id": row.code,
                "label": f"{row.code} {row.note}".strip(),
                "sublabel": ", ".join(one["value"] for one in names.get(row.pk, ())),
            }
            for row in rows
        ]
    )


@door(Does.READ)
def sources(request):
    """Sources by code, reference or title."""
    text = _query(request)
    if not text:
        return _answer([])
    found = Q(code__icontains=text) | Q(title__icontains=text) | Q(code=read_code(text) or "")
    rows = list(Source.objects.permitted(request.user).filter(found).order_by("title", "pk")[:MOST])
    search.note_search(by=request.user, kind="source", params=request.GET, shown=len(rows))
    return _answer(
        [
            {"id": row.code, "label": f"{row.code} {row.title}", "sublabel": words.term("source_type", row.kind)}
            for row in rows
        ]
    )


@door(Does.REFERENCE)
def date(request):
    """How a date is read: {"wording", "edtf", "range"}, or {"error"} with what to write instead."""
    value = request.GET.get("value", "")
    try:
        edtf = parse(value)
    except EdtfError as error:
        return JsonResponse({"error": error.message_ko if words.language() == "ko" else error.message})
    if edtf.out_of_range:
        return JsonResponse({"error": _("The year must lie between 1 and 9999.")})
    return JsonResponse({"wording": wording(edtf, words.language()), "edtf": edtf.text, "range": _range(edtf)})


def _range(edtf) -> str:
    """Which days a search would find it on."""
    if edtf.earliest and edtf.earliest == edtf.latest:
        return ""
    if edtf.earliest and edtf.latest:
        days = {"first": edtf.earliest.isoformat(), "last": edtf.latest.isoformat()}
        return _("Found from %(first)s to %(last)s") % days
    if edtf.earliest:
        return _("Found from %(first)s on") % {"first": edtf.earliest.isoformat()}
    return _("Found until %(last)s") % {"last": edtf.latest.isoformat()} if edtf.latest else ""
