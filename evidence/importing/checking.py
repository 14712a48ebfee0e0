"""Checks on the JSON of a mapping that every part of it needs. What each part means is in the module of that part."""

import math
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from evidence.importing.errors import MappingError

Spec = dict[str, Any]
TYPES = {dict: "{…}", list: "[…]", str: '"…"', bool: "true / false", int: "123"}


def check_type(value: object, wanted: type, key: str) -> None:
    """Refuse a value of another JSON type than `wanted`; true and false are no numbers."""
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise MappingError(key, _("This must be written as %(form)s in JSON.") % {"form": TYPES[wanted]})


def check_keys(spec: object, key: str, *, allowed: Iterable[str], required: Iterable[str] = ()) -> Spec:
    """Return `spec` if it is an object with no key but the allowed ones and each of the required ones."""
    check_type(spec, dict, key)
    assert isinstance(spec, dict)
    allowed = list(allowed)
    for name in spec:
        if name not in allowed:
            raise MappingError(
                join(key, str(name)),
                _("There is no such entry here. Known: %(known)s.") % {"known": ", ".join(allowed)},
            )
    for name in required:
        if name not in spec:
            raise MappingError(join(key, name), _("This entry is missing."))
    return spec


def check_choice(value: object, choices: Iterable[str], key: str) -> str:
    choices = list(choices)
    if not isinstance(value, str) or value not in choices:
        raise MappingError(
            key,
            _("‘%(value)s’ is not one of the choices: %(choices)s.") % {"value": value, "choices": ", ".join(choices)},
        )
    return value


def check_texts(value: object, key: str) -> list[str]:
    """Return `value` if it is a list of texts, none of them empty."""
    check_type(value, list, key)
    assert isinstance(value, list)
    for index, text in enumerate(value):
        check_type(text, str, f"{key}[{index}]")
        if not text:
            raise MappingError(f"{key}[{index}]", _("This text is empty."))
    return value


def join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def check_storable(spec: object) -> None:
    """Refuse what JSON or the database cannot hold: NUL, lone surrogates, NaN and infinite numbers."""
    left = [spec]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += [*value, *value.values()]
        elif isinstance(value, list):
            left += value
        elif isinstance(value, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
            raise MappingError(
                "", _("The mapping holds a character that cannot be stored: ‘%(text)s’.") % {"text": ascii(value[:80])}
            )
        elif isinstance(value, float) and not math.isfinite(value):
            raise MappingError("", _("‘%(value)s’ is not a number that can be stored.") % {"value": value})
