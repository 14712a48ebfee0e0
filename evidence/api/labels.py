"""Codes with their labels in both languages, looked up once a request."""

from functools import cached_property

from evidence.models import Term


class Labels:
    """`labels("person_role", "victim")` → {"code", "label": {"en", "ko"}}, or None for no code."""

    def __init__(self):
        self._known: dict[str, dict] = {}

    def __call__(self, vocabulary: str, code):
        if code in (None, ""):
            return None
        if vocabulary not in self._known:
            rows = Term.objects.filter(vocabulary_id=vocabulary).values_list("code", "label_en", "label_ko")
            self._known[vocabulary] = {row[0]: {"en": row[1], "ko": row[2]} for row in rows}
        return {"code": code, "label": self._known[vocabulary].get(code, {"en": code, "ko": code})}

    @cached_property
    def levels(self) -> list[str]:
        return ["public", "internal", "confidential", "strictly_confidential", "source_protected"]

    def level(self, rank: int):
        return self("confidentiality_level", self.levels[rank]) | {"rank": rank}
