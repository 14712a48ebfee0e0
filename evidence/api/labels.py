"""Codes with their labels in both languages, looked up once a request."""

from functools import cached_property

from evidence.models import Term


class Labels:
    """`labels("person_role", "victim")` → {"code", "label": {"en", "ko"}}, or None for no code."""

    @cached_property
    def _known(self) -> dict[tuple[str, str], dict]:
        """All there are: some hundreds, and a record has codes of ten vocabularies."""
        rows = Term.objects.values_list("vocabulary_id", "code", "label_en", "label_ko")
        return {(vocabulary, code): {"en": english, "ko": korean} for vocabulary, code, english, korean in rows}

    def __call__(self, vocabulary: str, code):
        if code in (None, ""):
            return None
        return {"code": code, "label": self._known.get((vocabulary, code)) or {"en": code, "ko": code}}

    @cached_property
    def levels(self) -> list[str]:
        return ["public", "internal", "confidential", "strictly_confidential", "source_protected"]

    def level(self, rank: int):
        return self("confidentiality_level", self.levels[rank]) | {"rank": rank}
