"""The query builder's form: a group of conditions as fields whose names end in their place in it (0, 0.1, 0.1.0).

`join.PLACE` makes a group, `field.PLACE` and `value.PLACE` a condition, `not.PLACE` turns either round. `do` is what a
button asks for: term:PLACE, group:PLACE or remove:PLACE. Nothing is stored; what is not filled in yet asks nothing.
"""

import re
from dataclasses import replace

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from evidence import search
from evidence.models import Classification, Crime, Place
from evidence.models.incident import ReviewStatus
from evidence.reference import choices
from evidence.search import grammar
from evidence.search.grammar import AND, DEEPEST, MOST, OR, Group, Node, Term
from evidence.web.fields import field_labels
from evidence.web.lists import COLLECTION, LEVEL

PLACE = re.compile(r"0(\.\d{1,2}){0,6}")
EMPTY = Term("crime", ())
WHOLE = ("q", "bbox")  # what is typed there is one value, commas and all
HINTS = {
    "q": lambda: _("Words, “phrases”, OR, -exclusion"),
    "place": lambda: _("A code like KP-09; narrower places are included"),
    "place_only": lambda: _("A code like KP-09, or none"),
    "date": lambda: _("2009, 2009-03..2010 or ..2012"),
    "date_from": lambda: _("2009, 2009-03 or 2009-03-14"),
    "date_to": lambda: _("2009, 2009-03 or 2009-03-14"),
    "began": lambda: _("2009, 2009-03..2010 or undated"),
    "person": lambda: _("A reference like PER-0012"),
    "organisation": lambda: _("A reference or id"),
    "source_grade": lambda: _("B2, or B for the reliability alone"),
    "bbox": lambda: "124,37.5,131,43.1",
    "updated_since": lambda: "2026-01-31T08:00:00Z",
    "id": lambda: _("Record ids, with commas between them"),
}


def from_params(params) -> Group:
    """The filters of a list, plain ones and groups, as one group; raises Invalid for a text that is none."""
    parts: list[Node] = []
    for name in search.INCIDENT_FILTERS:
        values = tuple(value.strip() for value in params.getlist(name) if value.strip())
        if name == "where":
            parts += [grammar.read(value) for value in values]
        elif values:
            parts.append(Term(name, values))
    if len(parts) == 1 and isinstance(parts[0], Group) and not parts[0].is_not:
        return parts[0]
    return Group(AND, tuple(parts))


def from_form(params) -> Group:
    """The group that the form was sent with, after what its button asked for."""
    places = sorted(
        {place for name in params for kind, _dot, place in [name.partition(".")]
         if kind in ("join", "field") and PLACE.fullmatch(place)},
        key=_order,
    )[: MOST * 3]  # fmt: skip
    root = _node("0", places, params)
    root = root if isinstance(root, Group) else Group(AND, (root,))
    what, _colon, place = params.get("do", "").partition(":")
    if what in ("term", "group", "remove") and PLACE.fullmatch(place):
        root = _changed(root, _order(place)[1:], what)
    return root


def _order(place: str) -> list[int]:
    return [int(number) for number in place.split(".")]


def _node(place: str, places: list[str], params) -> Node:
    is_not = params.get(f"not.{place}") == "yes"
    if f"join.{place}" not in params and place != "0":
        return Term(params.get(f"field.{place}", ""), _values(params, place), is_not)
    inner = [one for one in places if one.rpartition(".")[0] == place]
    join = OR if params.get(f"join.{place}") == OR else AND
    return Group(join, tuple(_node(one, places, params) for one in inner), is_not)


def _values(params, place: str) -> tuple[str, ...]:
    text = params.get(f"value.{place}", "").strip()
    # A field chosen anew has no use for the value of the one before it.
    if params.get(f"was.{place}", params.get(f"field.{place}")) != params.get(f"field.{place}"):
        return ()
    if params.get(f"field.{place}") in WHOLE:
        return (text,) if text else ()
    return tuple(value.strip() for value in text.split(",") if value.strip())


def _changed(group: Group, way: list[int], what: str) -> Group:
    """The group with a condition or a group added to, or a part taken from, the place that `way` leads to."""
    if not way:
        if what == "remove":
            return group
        return replace(group, parts=(*group.parts, EMPTY if what == "term" else Group(OR, (EMPTY, EMPTY))))
    at, *further = way
    if at >= len(group.parts):
        return group
    part = group.parts[at]
    if not further and what == "remove":
        return replace(group, parts=group.parts[:at] + group.parts[at + 1 :])
    if not isinstance(part, Group):
        return group
    changed = _changed(part, further, what)
    return replace(group, parts=(*group.parts[:at], changed, *group.parts[at + 1 :]))


def filled(node: Node) -> Node | None:
    """Only what is filled in; None where nothing is."""
    if isinstance(node, Term):
        return node if node.values else None
    parts = tuple(part for inner in node.parts if (part := filled(inner)))
    return replace(node, parts=parts) if parts else None


def text_of(root: Group) -> str:
    """The text that the filled in parts are written as; empty where there is none. Raises Invalid where it is too
    long or too deep."""
    node = filled(root)
    text = grammar.written(node) if node else ""
    if text:
        grammar.read(text)
    return text


def focus_of(root: Group, do: str) -> str:
    """The place that has the focus after what a button asked for: what was added, or what is nearest to the part that
    was removed. Empty where there is none."""
    what, _colon, place = do.partition(":")
    if what not in ("term", "group", "remove") or not PLACE.fullmatch(place):
        return ""
    way = _order(place)[1:]
    at = way.pop() if what == "remove" and way else MOST
    group: Node | None = root
    for step in way:
        group = group.parts[step] if isinstance(group, Group) and step < len(group.parts) else None
    if not isinstance(group, Group):
        return ""
    nearest = [min(at, len(group.parts) - 1)] if group.parts else []
    return ".".join(str(number) for number in (0, *way, *nearest))


def drawn(root: Group, user, focus: str = "") -> dict:
    """The root for templates/evidence/_query_node.html; `focus` is the place that the focus goes to."""
    options = _options(user)
    labels = field_labels()
    names = [(name, labels[name]) for name in labels if name in search.INCIDENT_FILTERS["where"].fields]
    return _drawn(_apart(root, options), "0", options, names, focus)


def _apart(node: Node, options: dict) -> Node:
    """Several values that are chosen from a list, and several texts, stand in lines of their own."""
    if isinstance(node, Group):
        return replace(node, parts=tuple(_apart(part, options) for part in node.parts))
    if len(node.values) > 1 and (node.field in options or node.field == "q"):
        return Group(OR, tuple(Term(node.field, (value,)) for value in node.values), node.is_not)
    return node


def _drawn(node: Node, place: str, options: dict, names: list, focus: str) -> dict:
    base = {"place": place, "is_not": node.is_not, "number": place.rpartition(".")[2], "has_focus": place == focus}
    if isinstance(node, Group):
        inner = [_drawn(part, f"{place}.{at}", options, names, focus) for at, part in enumerate(node.parts)]
        deeper = place.count(".") < DEEPEST - 1
        return base | {"is_group": True, "join": node.join, "parts": inner, "may_nest": deeper}
    name = node.field if node.field in dict(names) else EMPTY.field
    value = ",".join(node.values)
    choices_of = options.get(name, [])
    if value and choices_of and value not in dict(choices_of):
        choices_of = [*choices_of, (value, value)]
    hint = HINTS[name]() if name in HINTS and not choices_of else ""
    return base | {"field": name, "fields": names, "value": value, "options": choices_of, "hint": hint,
                   "is_place": name in ("place", "place_only")}  # fmt: skip


def _options(user) -> dict[str, list[tuple[str, str]]]:
    """What is chosen from a list, by field."""
    name = "label_ko" if get_language() == "ko" else "label_en"
    rows = Crime.objects.order_by("position").only("code", name, "path")
    crimes = [(row.code, "\u2003" * (len(row.path) - 1) + getattr(row, name)) for row in rows]
    return {
        "crime": crimes,
        "status": [(str(code), str(label)) for code, label in ReviewStatus.choices],
        "classification": [(str(code), str(label)) for code, label in Classification.Status.choices],
        "verification": choices("verification_status"),
        "confidentiality": LEVEL.options(user),
        "collection": COLLECTION.options(user),
        "dates": [("certain", _("certain dates only"))],
        "mine": [("yes", _("me"))],
    }


def place_names() -> list[tuple[str, str]]:
    """Codes with names, to help typing."""
    name = "name_ko" if get_language() == "ko" else "name_en"
    return list(Place.objects.exclude(kind=Place.Kind.COUNTRY, children=None).values_list("code", name))
