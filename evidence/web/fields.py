"""What the filters of the lists are called, and what their values are."""

import re
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.errors import Refused
from evidence.models import Classification, Crime, Place
from evidence.models.incident import ReviewStatus
from evidence.models.record import Level
from evidence.reference import choices
from evidence.search.filters import NO_PLACE, UNDATED_WORD
from evidence.search.hits import RELEVANCE
from evidence.search.values import Unknown

CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # what no page can show


def field_labels() -> dict[str, str]:
    """Each field that a list of incidents can be narrowed by, in the order in which they are offered."""
    return {
        "q": _("Text"), "crime": _("Alleged crime"), "place": _("Place"), "place_only": _("No closer place than"),
        "date": _("Date"), "date_from": _("From"), "date_to": _("Until"), "began": _("Began"), "year": _("Year"),
        "dates": _("Dates"),
        "status": _("Status"), "verification": _("Verification"), "classification": _("Classification status"),
        "confidentiality": _("Confidentiality"), "collection": _("Collection"), "person": _("Person"),
        "victim_sex": _("Sex of victims"), "without": _("Without"),
        "organisation": _("Organisation"), "source_grade": _("Source grade"), "bbox": _("Area (degrees)"),
        "updated_since": _("Changed since"), "mine": _("Logged by"), "id": _("Record"), "where": _("Query"),
    }  # fmt: skip


def label_of(name: str) -> str:
    """What a parameter of any list is called; the name itself where it has no other."""
    others = {
        "kind": _("Type"), "risk": _("Protection risk"), "role": _("Role"), "active": _("Account"), "team": _("Team"),
        "ordering": _("Order"), "cursor": _("Page"), "page_size": _("Records on a page"), "group_by": _("Group by"),
        "measure": _("Count"), "crime_level": _("Level of crimes"), "place_level": _("Level of places"),
        "suppress": _("Leave out small numbers"), "type": _("List"),
    }  # fmt: skip
    return (field_labels() | others).get(name, name)


def told(error: Refused) -> list[tuple[str, str]]:
    """The mistakes of an input for a page: what each field is called, and the sentence about it."""
    return [
        (label_of(name), sentence.called(label_of) if isinstance(sentence, Unknown) else str(sentence))
        for name, sentence in getattr(error, "errors", {}).items()
    ]


def to_mend(params: QueryDict, error: Refused) -> dict:
    """What was asked of a list, so that nothing is lost: `fields`, those with a mistake, to be mended, `others`,
    mistakes that cannot be, `kept`, all else, and `rest`, the query string of that. The place in the list goes: there
    may be another list now."""
    errors = getattr(error, "errors", {})
    fields = [
        {"name": name, "id": f"mend-{place}", "label": label_of(name), "error": sentence,
         "value": CONTROL.sub(" ", params[name])}
        for place, (name, sentence) in enumerate(errors.items())
        if name in params and name != "cursor" and not isinstance(sentence, Unknown)
    ]  # fmt: skip
    kept = [(name, value) for name, many in params.lists() if name not in {*errors, "cursor"} for value in many]
    others = [one for name, one in zip(errors, told(error), strict=True) if name not in {one["name"] for one in fields}]
    return {"fields": fields, "others": others, "kept": kept, "rest": urlencode(kept)}


def first_told(error: Refused) -> str:
    """The first mistake, in one sentence for a page."""
    return next((sentence for _label, sentence in told(error)), str(error))


def labels(model, codes) -> dict[str, str]:
    name = ("label" if model is Crime else "name") + ("_ko" if get_language() == "ko" else "_en")
    return dict(model.objects.filter(pk__in=codes).values_list("pk", name))


def _without(value: str) -> str:
    name, _colon, level = value.partition(":")
    known = {"crime": _("alleged crime"), "place": _("place")}.get(name, name)
    return _("%(what)s at level %(level)s") % {"what": known, "level": level} if level else known


def ordering_labels() -> dict[str, str]:
    """The orders that the lists offer."""
    return {"-updated": _("Last change"), "-date": _("Newest event"), "date": _("Oldest event"),
            RELEVANCE: _("Relevance")}  # fmt: skip


def word(name: str, value: str) -> str:
    """What a value of the query string is called."""
    words = {
        "crime": lambda: labels(Crime, [value]).get(value, value),
        "place": lambda: labels(Place, [value]).get(value, value),
        "place_only": lambda: _("no place") if value == NO_PLACE else labels(Place, [value]).get(value, value),
        "status": lambda: dict(ReviewStatus.choices).get(value, value),
        "classification": lambda: dict(Classification.Status.choices).get(value, value),
        "verification": lambda: dict(choices("verification_status")).get(value, value),
        "kind": lambda: dict(choices("evidence_item_type") + choices("source_type")).get(value, value),
        "risk": lambda: dict(choices("risk_level")).get(value, value),
        "ordering": lambda: ordering_labels().get(value, value),
        "confidentiality": lambda: {str(rank): label for rank, label in Level.choices}.get(value, value),
        "year": lambda: {"uncertain": _("uncertain"), "undated": _("undated")}.get(value, value),
        "victim_sex": lambda: dict(choices("sex")).get(value, value),
        "without": lambda: _without(value),
        "mine": lambda: _("me"),
        "dates": lambda: _("certain dates only") if value == "certain" else value,
        "began": lambda: _("undated") if value == UNDATED_WORD else value.replace("..", "–"),
    }
    return words[name]() if name in words and "\x00" not in value else value
