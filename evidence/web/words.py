"""Codes and dates in the words of the reader's language. What a page shows of it is decided by its template."""

from contextvars import ContextVar

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Clearance
from accounts.roles import Permission
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


def named_permission(permission: str) -> str:
    """The word for a permission of a grant."""
    return str(Permission(permission).label) if permission in Permission.values else permission


# What could be checked of a C2PA manifest: (label, what it means, icon, kind of the banner).
C2PA = {
    "valid": (
        _("Signed, unchanged since"),
        _("The signature of the file's C2PA manifest holds and its signer is trusted here."),
        "shield-check",
        "ok",
    ),
    "untrusted": (
        _("Signed, signer not known here"),
        _("The C2PA manifest and the file match the signature. Who signed cannot be told from this server's list."),
        "shield",
        "note",
    ),
    "tampered": (
        _("Signature does not match: changed"),
        _("The file or its C2PA manifest was changed after it was signed, or the signature was never a good one."),
        "shield-alert",
        "bad",
    ),
    "none": (
        _("No signs of origin"),
        _("The file has no C2PA manifest. Most files have none: it says nothing about the file."),
        "circle-slash",
        "",
    ),
}


def origin(result: dict) -> dict | None:
    """What the provenance step found, in words: {"state", "label", "text", "icon", "kind", "rows"}; None: nothing.

    Read as what it is: a hostile file can have had a part in it.
    """
    for name, read in (("c2pa", _of_c2pa), ("proofmode", _of_proofmode), ("warc", _of_capture), ("wacz", _of_capture)):
        found = result.get(name) if isinstance(result, dict) else None
        if isinstance(found, dict):
            return read(found)
    return None


def _told(state: str, label, text, icon: str, kind: str, rows) -> dict:
    shown = [(name, str(value)[:300]) for name, value in rows if value not in ("", None, [], 0, False)]
    return {"state": state, "label": label, "text": text, "icon": icon, "kind": kind, "rows": shown}


def _of_c2pa(found: dict) -> dict:
    state = found.get("state") if found.get("state") in C2PA else "none"
    claims = found.get("claims") if isinstance(found.get("claims"), dict) else {}
    problems = [one for one in found.get("problems") or [] if isinstance(one, dict)]
    rows = (
        (_("Signed by"), claims.get("issuer")),
        (_("Signed at"), claims.get("signed_at")),
        (_("Program"), claims.get("program")),
        (_("What was done"), ", ".join(map(str, claims.get("actions") or []))),
        (_("What did not hold"), "; ".join(str(one.get("text") or one.get("code")) for one in problems)),
    )
    return _told(state, *C2PA[state], rows)


def _of_proofmode(found: dict) -> dict:
    unchanged, missing = found.get("unchanged") or 0, found.get("missing") or 0
    good = bool(unchanged) and not missing
    label = _("ProofMode bundle, files unchanged") if good else _("ProofMode bundle, files missing or changed")
    text = _(
        "The hashes that the proofs state were compared with the files. Their OpenPGP signatures were not checked."
    )
    rows = ((_("Proofs"), found.get("proofs")), (_("Files unchanged"), unchanged), (_("Missing or changed"), missing),
            (_("Signatures, not checked"), found.get("signatures")))  # fmt: skip
    return _told("unchanged" if good else "changed", label, text, "file-check", "ok" if good else "warn", rows)


def _of_capture(found: dict) -> dict:
    checked = found.get("digests") or found.get("hashes") or {}
    failed = checked.get("failed") if isinstance(checked, dict) else 0
    label = _("Web archive, contents changed") if failed else _("Web archive")
    text = _("Pages of the web as a program saved them. Nothing was fetched; the hashes inside were compared.")
    rows = (
        (_("Records"), found.get("records")),
        (_("Addresses"), found.get("targets")),
        (_("First saved"), found.get("first")),
        (_("Last saved"), found.get("last")),
        (_("Program"), found.get("software")),
        (_("Hashes that do not match"), failed),
    )
    return _told("changed" if failed else "archive", label, text, "archive", "bad" if failed else "note", rows)
