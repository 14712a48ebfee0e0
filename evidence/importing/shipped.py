"""The mappings that come with the product, as JSON files in `mappings/`. Those of users are in the database."""

import json
from pathlib import Path

from evidence.importing.mapping import Mapping

FOLDER = Path(__file__).parent / "mappings"


def shipped_names() -> list[str]:
    """Return the names of the mappings that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def shipped_spec(name: str) -> dict:
    """Return the specification of a shipped mapping as stored.

    Raises:
        KeyError: there is none of that name.
    """
    if name not in shipped_names():
        raise KeyError(name)
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def shipped_mapping(name: str) -> Mapping:
    """Return a shipped mapping, checked; KeyError if there is none of that name."""
    return Mapping.from_dict(shipped_spec(name))
