"""Reference codes: Crockford base 32, random, with a check character, typed without regard to case or hyphens.

Not sequential: a running number would count the records that a reader may not see.
"""

import secrets

from django.db import models

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_ALPHABET = ALPHABET + "*~$=U"
LENGTH = 7  # 35 bits at random, and one check character: XXXX-XXXX
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def check_character(body: str) -> str:
    """Catches one wrong character and two exchanged neighbours (but for 0 and Z, which are 31 apart)."""
    # Modulo 31 keeps the check within the plain alphabet: no symbols on the phone. Each place has its own weight,
    # since 32 is 1 modulo 31 and a plain number would weigh all places alike.
    value = sum(weight * ALPHABET.index(character) for weight, character in enumerate(body, start=1))
    return ALPHABET[value % 31]


def new_code(prefix: str) -> str:
    """A fresh code like INC-7Q4K-M3DX."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    whole = body + check_character(body)
    return f"{prefix}-{whole[:4]}-{whole[4:]}"


def read_code(text: str) -> str | None:
    """The code a person meant, or None: wrong check character, wrong length, unknown letters."""
    compact = "".join(text.upper().split()).replace("-", "")
    for prefix in ("COL", "INC", "ORG", "SIT", "SRC", "DIS", "EV", "P"):
        rest = compact.removeprefix(prefix).translate(_READ_AS)
        if compact.startswith(prefix) and len(rest) == LENGTH + 1 and set(rest) <= set(ALPHABET):
            return f"{prefix}-{rest[:4]}-{rest[4:]}" if check_character(rest[:-1]) == rest[-1] else None
    return None


class CodeField(models.CharField):
    """A reference code made at creation, unique and never re-used (records are never deleted).

    The database draws another one where it is taken (evidence/sql/0011_free_codes.sql).
    """

    db_returning = True  # read back with every INSERT: what is kept may be another one

    def __init__(self, *args, prefix: str = "", **kwargs):
        self.prefix = prefix
        kwargs.setdefault("max_length", 16)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "prefix": self.prefix, **({} if self.unique else {"unique": False})}

    def pre_save(self, model_instance, add):
        if not getattr(model_instance, self.attname):
            setattr(model_instance, self.attname, new_code(self.prefix))
        return super().pre_save(model_instance, add)
