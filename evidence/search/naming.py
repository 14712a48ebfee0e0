"""What the codes of statistics are called in both languages, and the order in which they stand."""

from dataclasses import dataclass

from evidence.models import Crime, Place, ReviewStatus, Term
from evidence.search.statistics import NONE, Statistics
from evidence.search.years import SEXES

SPECIAL = {
    NONE: ("Not known", "알 수 없음"),
    "uncertain": ("Uncertain", "불확실"),
    "undated": ("Undated", "날짜 없음"),
}


@dataclass(frozen=True)
class Name:
    """A code of a dimension with its labels."""

    code: str
    en: str
    ko: str


def names_of(found: Statistics) -> dict[str, list[Name]]:
    """By dimension, the codes that occur, in order; what is uncertain or not known comes last."""
    return {
        dimension: _named(dimension, {key[place] for key in found.cells})
        for place, dimension in enumerate(found.question.group_by)
    }


def _named(dimension: str, codes: set[str]) -> list[Name]:
    known = _labels(dimension, codes - set(SPECIAL))
    ordered = [code for code in known if code in codes] + [code for code in SPECIAL if code in codes]
    return [Name(code, *(known.get(code) or SPECIAL[code])) for code in ordered]


def _labels(dimension: str, codes: set[str]) -> dict[str, tuple[str, str]]:
    """{code: (English, Korean)} in order."""
    if dimension == "crime":
        rows = Crime.objects.filter(pk__in=codes).order_by("position").values_list("pk", "label_en", "label_ko")
    elif dimension == "place":
        rows = Place.objects.filter(pk__in=codes).order_by("pk").values_list("pk", "name_en", "name_ko")
    elif dimension == "year":
        return {code: (code, code) for code in sorted(codes, key=int)}
    else:
        vocabulary, order = {
            "sex": ("sex", list(SEXES)), "status": ("incident_status", ReviewStatus.values),
        }[dimension]  # fmt: skip
        terms = {
            code: (en, ko)
            for code, en, ko in Term.objects.filter(vocabulary_id=vocabulary).values_list(
                "code", "label_en", "label_ko"
            )
        }
        return {code: terms.get(code, (code, code)) for code in order}
    return {code: (en, ko) for code, en, ko in rows}
