"""Reference data of the project: loaded idempotently from evidence/reference_data, and looked up by code.

Codes never change; what a newer file no longer holds gets `valid_to` and stays. Not here: labels on screens.
"""

import datetime
import json
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.errors import Invalid
from custody import ledger
from evidence.models import (
    ContextualSet,
    Crime,
    Element,
    ImportMapping,
    InquiryTerm,
    ModeOfLiability,
    Organisation,
    Place,
    Term,
    Vocabulary,
)
from evidence.remembered import remember

DATA = Path(__file__).resolve().parent / "reference_data"
MAPPINGS = Path(__file__).resolve().parent / "importing" / "mappings"
_kept: ContextVar[dict | None] = ContextVar("reference_kept", default=None)
DETAIL_KEYS = {"code", "label", "parent", "selectable", "contextual_set", "definition", "elements", "text", "maps_to"}


def _read(name: str):
    return json.loads((DATA / name).read_text())


def _detail(entry: dict) -> dict:
    return {key: value for key, value in entry.items() if key not in DETAIL_KEYS}


def _labels(entry: dict, key: str = "label") -> dict:
    return {"label_en": entry[key]["en"], "label_ko": entry[key]["ko"]}


def _put(model, code: str, values: dict) -> bool:
    """Insert or update one row by code; returns whether anything changed."""
    row = model.objects.filter(pk=code).first()
    if row is None:
        model.objects.create(pk=code, **values)
        return True
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if changed:
        model.objects.filter(pk=code).update(**changed)
    return bool(changed)


@ledger.verb
def load(*, by) -> int:
    """Load or refresh all reference data; returns how many rows changed. A second run changes nothing."""
    changed = _load_crimes() + _load_vocabularies() + _load_gazetteer() + _load_organs() + _load_mappings()
    if changed:
        first = Vocabulary.objects.order_by("position").first()
        ledger.append("reference.loaded", _Edition(first), data={"rows": changed})
    return changed


class _Edition:
    """What an entry about reference data is about: the edition as a whole has a fixed id, rows have codes."""

    pk = "00000000-0000-4000-8000-000000000001"

    def __init__(self, row):
        self._meta = type("Meta", (), {"model_name": "reference"})


def _load_crimes() -> int:
    data = _read("crimes.json")
    changed = 0
    for position, entry in enumerate(data["contextual_sets"]):
        values = {**_labels(entry), "detail": _detail(entry) | {"facets": None}, "position": position}
        changed += _put(ContextualSet, entry["code"], values)
        for place, facet in enumerate(entry["facets"]):
            values = {**_labels(facet, "text"), "detail": _detail(facet), "position": place}
            values |= {"contextual_set_id": entry["code"], "kind": facet["type"]}
            changed += _put(Element, facet["code"], values)
    paths: dict[str, list[str]] = {}
    for position, entry in enumerate(data["crimes"]):
        code, parent = entry["code"], entry["parent"]
        paths[code] = [*paths.get(parent, []), code]
        definition = entry.get("definition") or {}
        values = {
            **_labels(entry),
            "detail": _detail(entry),
            "position": position,
            "parent_id": parent,
            "selectable": entry["selectable"],
            "path": paths[code],
            "contextual_set_id": entry.get("contextual_set"),
            "article": ", ".join(basis["ref"] for basis in entry.get("legal_basis", []))[:120],
            "definition_en": definition.get("en", ""),
            "definition_ko": definition.get("ko", ""),
        }
        changed += _put(Crime, code, values)
        for place, element in enumerate(entry["elements"]):
            values = {**_labels(element, "text"), "detail": _detail(element), "position": place}
            changed += _put(Element, element["code"], values | {"crime_id": code, "kind": element["type"]})
    for position, entry in enumerate(data["modes_of_liability"]):
        values = {**_labels(entry), "detail": _detail(entry), "position": position, "legal_basis": entry["legal_basis"]}
        changed += _put(ModeOfLiability, entry["code"], values)
    return changed + _load_inquiry(data["coi_dprk"])


def _load_inquiry(layer: dict) -> int:
    changed = position = 0
    for group in ("crimes", "target_groups", "themes", "patterns"):
        for entry in layer[group]:
            values = {**_labels(entry), "detail": _detail(entry), "position": position, "kind": entry["kind"]}
            changed += _put(InquiryTerm, entry["code"], values)
            row = InquiryTerm.objects.get(pk=entry["code"])
            if set(row.maps_to.values_list("code", flat=True)) != set(entry["maps_to"]):
                row.maps_to.add(*entry["maps_to"])
                changed += 1
            position += 1
    return changed


def _load_vocabularies() -> int:
    changed = 0
    for position, (code, entry) in enumerate(_read("vocabularies.json")["vocabularies"].items()):
        values = {
            **_labels(entry),
            "detail": {key: entry.get(key) for key in ("source", "verification", "note")},
            "position": position,
            "extensible": entry["extensible"],
            "hierarchical": entry["hierarchical"],
        }
        changed += _put(Vocabulary, code, values)
        known = {term.code: term for term in Term.objects.filter(vocabulary_id=code)}
        for place, term in enumerate(entry["terms"]):
            parent = known.get(term.get("parent"))
            values = {**_labels(term), "detail": _detail(term), "position": place, "parent_id": parent and parent.pk}
            row = known.get(term["code"])
            if row is None:
                known[term["code"]] = Term.objects.create(vocabulary_id=code, code=term["code"], **values)
                changed += 1
            elif any(getattr(row, name) != value for name, value in values.items()):
                Term.objects.filter(pk=row.pk).update(**values)
                changed += 1
        held = {term["code"] for term in entry["terms"]}
        gone = [term.pk for term in known.values() if term.code not in held and term.valid_to is None]
        if gone:
            today = datetime.datetime.now(datetime.UTC).date()
            changed += Term.objects.filter(pk__in=gone).update(valid_to=today)
    return changed


def _load_gazetteer() -> int:
    changed = 0
    paths: dict[str, list[str]] = {}
    entries = [entry for file in sorted(DATA.glob("gazetteer/*/*.json")) for entry in json.loads(file.read_text())]
    order = {"country": 0, "province": 1, "county": 2}
    for entry in sorted(entries, key=lambda entry: order[entry["kind"]]):
        paths[entry["code"]] = [*paths.get(entry["parent"], []), entry["code"]]
        values = {
            "kind": entry["kind"],
            "parent_id": entry["parent"],
            "path": paths[entry["code"]],
            "name_en": entry["name_en"],
            "name_ko": entry["name_ko"],
            "alternates": entry.get("alternates", []),
            "latitude": _coordinate(entry.get("lat")),
            "longitude": _coordinate(entry.get("lon")),
        }
        changed += _put(Place, entry["code"], values)
    return changed


def _coordinate(value):
    from decimal import Decimal

    return None if value is None else Decimal(str(value)).quantize(Decimal("0.00001"))


def _load_organs() -> int:
    changed = 0
    for term in Term.objects.filter(vocabulary_id="dprk_state_organ"):
        if not Organisation.objects.filter(term=term.code).exists():
            kind = term.detail.get("org_type") or "unknown"
            Organisation.objects.create(term=term.code, name_en=term.label_en, name_ko=term.label_ko, kind=kind)
            changed += 1
    return changed


def _load_mappings() -> int:
    changed = 0
    for file in sorted(MAPPINGS.glob("*.json")):
        spec = json.loads(file.read_text())
        label = spec.get("label") or {}
        values = {"name_en": label.get("en", file.stem), "name_ko": label.get("ko", ""), "spec": spec}
        row = ImportMapping.objects.filter(slug=file.stem).first()
        if row is None:
            ImportMapping.objects.create(slug=file.stem, is_shipped=True, **values)
        elif all(getattr(row, name) == value for name, value in values.items()):
            continue
        else:
            ImportMapping.objects.filter(pk=row.pk).update(**values)
        changed += 1
    return changed


def is_code(value) -> bool:
    """Whether this could be a code at all: what the database cannot even compare is none."""
    return isinstance(value, str) and value.isascii() and value.isprintable()


@contextmanager
def keeping_codes():
    """Look each code up once inside: for the rows of an import, which name the same few again and again."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def _once(key: tuple, find: Callable):
    kept = _kept.get()
    if kept is None:
        return find()
    if key not in kept:
        kept[key] = find()
    return kept[key]


def looked_up(model, code: str):
    """The row of this code, or None. One that is there is remembered for a minute: codes stay, nobody edits them."""
    row = _once(
        (model, code),
        lambda: remember((model, code), lambda: model.objects.filter(pk=code).first(), keep=lambda found: found),
    )
    return copy(row)  # what a caller hangs on it is hers alone


def missing(model, codes: list[str]) -> list[str]:
    """Those of these codes that there are not."""
    asked = (model, "all", *codes)
    there = remember(
        asked,
        lambda: set(model.objects.filter(pk__in=codes).values_list("pk", flat=True)),
        keep=lambda found: found.issuperset(codes),
    )
    return [code for code in codes if code not in there]


def look_up(model, codes) -> None:
    """Look these codes up in one query, within `keeping_codes`: what is asked for next is there."""
    kept, wanted = _kept.get(), {code for code in codes if is_code(code)}
    if kept is not None and wanted:
        found = model.objects.in_bulk(wanted)
        kept.update({(model, code): found.get(code) for code in wanted})


def _in_use(vocabulary: str, code: str) -> bool:
    terms = Term.objects.filter(vocabulary_id=vocabulary, code=code, valid_to=None)
    return _once((Term, vocabulary, code), lambda: remember((Term, vocabulary, code), terms.exists, keep=bool))


def check_term(vocabulary: str, code: str, *, field: str) -> str:
    """The code if it is a term in use of this vocabulary; raises Invalid naming what is allowed."""
    if not is_code(code) or not _in_use(vocabulary, code):
        known = list(Term.objects.filter(vocabulary_id=vocabulary, valid_to=None).values_list("code", flat=True)[:30])
        raise Invalid(
            _("“%(code)s” is not in the list “%(list)s”. Use one of: %(known)s.")
            % {"code": str(code)[:80], "list": vocabulary, "known": ", ".join(known)},
            field=field,
        )
    return code


def check_terms(vocabulary: str, codes, *, field: str) -> list[str]:
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise Invalid(_("This must be a list of codes."), field=field)
    return [check_term(vocabulary, code, field=field) for code in dict.fromkeys(codes)]


def choices(vocabulary: str) -> list[tuple[str, str]]:
    """(code, label) pairs in use, in the language of the request, for forms."""
    label = "label_ko" if (get_language() or "en").startswith("ko") else "label_en"
    terms = Term.objects.filter(vocabulary_id=vocabulary, valid_to=None)
    return list(terms.values_list("code", label))


def labels(vocabulary: str) -> dict[str, str]:
    """Code → label in the language of the request, retired terms included."""
    label = "label_ko" if (get_language() or "en").startswith("ko") else "label_en"
    return dict(Term.objects.filter(vocabulary_id=vocabulary).values_list("code", label))
