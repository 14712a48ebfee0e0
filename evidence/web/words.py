"""Codes and dates in the words of the reader's language. What a page shows of it is decided by its template."""

from contextvars import ContextVar

from django.utils.translation import get_language

from accounts.models import Clearance
from custody import ledger
from evidence.edtf import EdtfError, wording
from evidence.reference import labels

_known: ContextVar[tuple[str, dict]] = ContextVar("vocabulary_labels", default=("", {}))


def language() -> str:
    """The language of the page: "en" or "ko"."""
    return "ko" if (get_language() or "en").startswith("ko") else "en"


def term(vocabulary: str, code: str) -> str:
    """The label of a code; an unknown code stays as it is. A vocabulary is read once a request, not once a row."""
    request, known = ledger.request_id.get(), _known.get()
    if not request or known[0] != request:
        known = (request, {})
        _known.set(known)
    key = (vocabulary, language())
    if key not in known[1]:
        known[1][key] = labels(vocabulary)
    return known[1][key].get(code, code)


def level(rank) -> str:
    """The word for a confidentiality rank from 0 to 4."""
    return str(Clearance(int(rank)).label)


def date_words(value: str) -> str:
    """An EDTF date in words; what cannot be read stays as it was written."""
    try:
        return wording(value, language()) if value else ""
    except EdtfError:
        return value
