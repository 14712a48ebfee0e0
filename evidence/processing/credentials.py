"""C2PA: the manifest in a file, its signature and whether the bytes are still those that were signed. Offline."""

import json
from pathlib import Path

import c2pa

from evidence.processing.results import Failed, clean

TOOL = f"c2pa {c2pa.sdk_version()}"
TYPES = {
    "image/jpeg", "image/png", "image/webp", "image/tiff", "image/heic", "image/heif", "image/avif", "image/gif",
    "image/svg+xml", "video/mp4", "video/quicktime", "audio/mp4", "audio/mpeg", "application/pdf",
}  # fmt: skip
# filetype and libmagic call some formats otherwise than the library does.
OTHERWISE = {
    "audio/x-wav": "audio/wav", "audio/wav": "audio/wav", "video/x-msvideo": "video/avi", "video/x-m4v": "video/mp4",
    "audio/x-m4a": "audio/mp4", "image/heif-sequence": "image/heif", "image/heic-sequence": "image/heic",
}  # fmt: skip
# These say that the signer is not known here, or not in force: the bytes are still those that were signed.
OF_THE_SIGNER = ("signingCredential.", "timeStamp.", "timestamp.")
# Nothing is fetched, whatever the file asks for.
SETTINGS = {
    "verify": {
        "verify_after_reading": True, "verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False,
    }
}  # fmt: skip


def reads(media_type: str) -> bool:
    return media_type in TYPES or media_type in OTHERWISE


def read(path: Path, media_type: str, anchors: str = "") -> dict:
    """{"state": none|valid|untrusted|tampered, "claims": {…}, "problems": […]} of a file.

    valid: the signature holds and its signer is one of `anchors` (PEM); untrusted: it holds, the signer is not known
    here; tampered: signature or content do not match what was signed.
    """
    settings = SETTINGS | ({"trust": {"trust_anchors": anchors}} if anchors else {})
    try:
        with path.open("rb") as file:
            context = c2pa.Context.from_dict(settings)
            with c2pa.Reader(OTHERWISE.get(media_type, media_type), file, context=context) as reader:
                told = json.loads(reader.json())
    except c2pa.C2paError as error:
        return _refused(error)
    failures = _failures(told)
    problems = [failure["code"] for failure in failures]
    return {
        "state": _state(told.get("validation_state"), problems),
        "claims": _claims(told),
        "problems": failures[:20],
    }


def _refused(error: c2pa.C2paError) -> dict:
    """Most files have no manifest; one that lies elsewhere is told and left there."""
    kind = type(error).__name__.removeprefix("_C2pa")
    nothing = {"state": "none", "claims": {}, "problems": []}
    if kind in ("ManifestNotFound", "NotSupported"):
        return nothing
    if "remote" in str(error).lower():
        return nothing | {"problems": [{"code": "remote", "text": "the manifest lies elsewhere; it was not fetched"}]}
    raise Failed("damaged", kind)


def _state(said: str | None, problems: list[str]) -> str:
    if said == "Trusted":
        return "valid"
    of_bytes = [code for code in problems if not code.startswith(OF_THE_SIGNER)]
    if said == "Valid" or (problems and not of_bytes):
        return "untrusted"
    return "tampered"


def _failures(told: dict) -> list[dict]:
    """What did not hold, of the manifest in force and of those it builds on."""
    found = list(told.get("validation_status") or [])
    results = told.get("validation_results") or {}
    found += (results.get("activeManifest") or {}).get("failure") or []
    for ingredient in results.get("ingredientDeltas") or []:
        found += (ingredient.get("validationDeltas") or {}).get("failure") or []
    read = {str(one.get("code", "")): clean(one.get("explanation", ""), 200) for one in found if isinstance(one, dict)}
    return [{"code": clean(code, 80), "text": text} for code, text in read.items()]


def _claims(told: dict) -> dict:
    """Who signed with which program and when, and what was done, as the manifest says it."""
    manifests = told.get("manifests") or {}
    active = manifests.get(told.get("active_manifest")) or {}
    signature = active.get("signature_info") or {}
    programs = [f"{one.get('name', '')} {one.get('version', '')}".strip()
                for one in active.get("claim_generator_info") or [] if isinstance(one, dict)]  # fmt: skip
    return {
        "title": clean(active.get("title") or "", 200),
        "program": clean(", ".join(programs) or active.get("claim_generator") or "", 200),
        "issuer": clean(signature.get("issuer") or "", 200),
        "signer": clean(signature.get("common_name") or "", 200),
        "signed_at": clean(signature.get("time") or "", 40),
        "algorithm": clean(signature.get("alg") or "", 20),
        "actions": _actions(active)[:20],
        "ingredients": [clean(one.get("title") or "", 200) for one in (active.get("ingredients") or [])[:20]],
        "manifests": len(manifests),
    }


def _actions(active: dict) -> list[str]:
    found = []
    for assertion in active.get("assertions") or []:
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            data = assertion.get("data") or {}
            found += [clean(one.get("action") or "", 80) for one in data.get("actions") or [] if isinstance(one, dict)]
    return found
