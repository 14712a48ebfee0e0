"""The order of slides and sheets in OOXML packages: what a main part lists, by the relations it has."""

import posixpath

from evidence.processing.bounded import Parts, read_xml


def targets(parts: Parts, name: str) -> dict[str, tuple[str, str]]:
    """Relation id → type and part, of one part."""
    folder, _, last = name.rpartition("/")
    found: dict[str, tuple[str, str]] = {}

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, path)

    place = f"{folder}/_rels/{last}.rels"
    if place in parts:
        read_xml(parts.chunks(place), start=start)
    return found


def listed(parts: Parts, main: str, element: str) -> list[tuple[str, str]]:
    """Name and part of each `element` that the main part lists, in its order; parts that are not there are left out."""
    known, found = targets(parts, main), []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == element:
            _, part = known.get(relation_id(attributes), ("", ""))
            if part in parts:
                found.append((attributes.get("name", ""), part))

    read_xml(parts.chunks(main), start=start)
    return found


def relation_id(attributes: dict[str, str]) -> str:
    return next((value for key, value in attributes.items() if key.endswith("relationships id")), "")
