"""Reference data for everybody who is signed in: the crimes with their elements, and the vocabularies."""

from collections import defaultdict

from django.http import Http404
from django.shortcuts import render

from accounts.roles import Act as Does
from evidence.models import ContextualSet, Crime, Element, Term, Vocabulary
from evidence.web.doors import door

SEARCHED = ("code", "label_en", "label_ko", "article", "definition_en", "definition_ko")


@door(Does.REFERENCE)
def crimes(request):
    """The tree of crimes with definitions, elements and contextual elements, in both languages."""
    query = request.GET.get("q", "").strip()[:100]
    elements, contextual = defaultdict(list), defaultdict(list)
    for element in Element.objects.filter(valid_to=None):
        (elements[element.crime_id] if element.crime_id else contextual[element.contextual_set_id]).append(element)
    families: dict[str, dict] = {}
    found = 0
    for crime in Crime.objects.filter(valid_to=None):
        if crime.parent_id is None:
            families[crime.code] = {"crime": crime, "rows": []}
            continue
        if query and not _matches(crime, elements[crime.code], query):
            continue
        found += 1
        row = {"crime": crime, "elements": elements[crime.code], "depth": len(crime.path) - 2}
        families[crime.path[0]]["rows"].append(row)
    for family in families.values():
        sets = dict.fromkeys(row["crime"].contextual_set_id for row in family["rows"] if row["crime"].contextual_set_id)
        family["sets"] = [] if query else list(sets)
    sets = {row.code: row for row in ContextualSet.objects.all()}
    for family in families.values():
        family["sets"] = [{"set": sets[code], "elements": contextual[code]} for code in family["sets"]]
    shown = [family for family in families.values() if family["rows"] or not query]
    context = {"families": shown, "query": query, "found": found}
    return render(request, "evidence/crimes.html", context)


def _matches(crime: Crime, elements: list[Element], query: str) -> bool:
    """Whether every word is somewhere in the crime or its elements."""
    text = " ".join(getattr(crime, name) for name in SEARCHED)
    text = " ".join([text, *(f"{element.label_en} {element.label_ko}" for element in elements)]).casefold()
    return all(word in text for word in query.casefold().split())


@door(Does.REFERENCE)
def vocabularies(request):
    """All vocabularies, or with `list` the terms of one, those out of use marked."""
    rows = list(Vocabulary.objects.filter(valid_to=None))
    code = request.GET.get("list", "")
    chosen = next((row for row in rows if row.code == code), None)
    if code and chosen is None:
        raise Http404
    counts: dict[str, int] = defaultdict(int)
    for vocabulary in Term.objects.filter(valid_to=None).values_list("vocabulary_id", flat=True):
        counts[vocabulary] += 1
    context = {
        "vocabularies": [{"vocabulary": row, "count": counts[row.code]} for row in rows],
        "chosen": chosen,
        "terms": Term.objects.filter(vocabulary=chosen).select_related("parent") if chosen else (),
    }
    return render(request, "evidence/vocabularies.html", context)
