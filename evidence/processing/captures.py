"""Web archives and proof bundles, recognised and counted: WARC, WACZ, ProofMode. Hashes they state are checked.

Signatures by OpenPGP, and those of a WACZ, are told and not checked.
"""

import contextlib
import hashlib
import json
import time
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import warcio
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from evidence.processing.results import Failed, clean

TOOL = f"warcio {getattr(warcio, '__version__', '')}, zipfile".replace(" ,", ",")
MOST_RECORDS, MOST_URIS, MOST_MEMBERS = 500_000, 200_000, 20_000
MOST_BYTES = 20 * 1024**3  # unpacked, of what is hashed in one file
MOST_JSON = 4 * 1024 * 1024
SHOWN = 20
READING_SECONDS = 200
BESIDE = (".asc", ".sig", ".ots", ".gst", ".csv", ".txt", ".json")  # what lies beside the media of a proof bundle


def kind_of(path: Path) -> str:
    """ "warc", "zip" or "" by the first bytes."""
    with path.open("rb") as file:
        head = file.read(4)
        if head == b"PK\x03\x04":
            return "zip"
        if head[:2] == b"\x1f\x8b":
            file.seek(0)
            return "warc" if _unpacked_head(file).startswith(b"WARC/") else ""
        return "warc" if head == b"WARC" else ""


def _unpacked_head(file: IO[bytes]) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(file.read(4096), 16)
    except zlib.error:
        return b""


def warc(path: Path) -> dict:
    with path.open("rb") as file:
        return _warc(file, time.monotonic() + READING_SECONDS)


def _warc(file: Any, until: float) -> dict:
    """Records by kind, target addresses, first and last date; digests that its records state are checked."""
    kinds: dict[str, int] = {}
    addresses: dict[str, None] = {}
    dates: list[str] = []
    digests = {"checked": 0, "failed": 0}
    found: dict = {"software": "", "problem": ""}
    try:
        for record in ArchiveIterator(file, check_digests=True):
            if not record.rec_type:
                raise ValueError("a record of no type")
            kinds[record.rec_type] = kinds.get(record.rec_type, 0) + 1
            headers = record.rec_headers
            uri = headers.get_header("WARC-Target-URI")
            if uri and len(addresses) < MOST_URIS:
                addresses[uri] = None
            if date := headers.get_header("WARC-Date"):
                dates = [min([*dates[:1], date]), max([*dates[-1:], date])]
            if record.rec_type == "warcinfo" and not found["software"]:
                found["software"] = _software(record.content_stream().read(64 * 1024))
            while record.raw_stream.read(256 * 1024):
                if time.monotonic() > until:
                    raise TimeoutError
            _count(record, digests)
            if sum(kinds.values()) >= MOST_RECORDS or time.monotonic() > until:
                raise TimeoutError
    except (ArchiveLoadFailed, EOFError, ValueError, UnicodeError) as error:
        if not kinds:
            raise Failed("damaged", type(error).__name__)
        found["problem"] = "damaged"
    except TimeoutError:
        found["problem"] = "too_many"
    return found | {
        "records": sum(kinds.values()), "kinds": kinds, "targets": len(addresses),
        "first_targets": [clean(uri, 300) for uri in list(addresses)[:SHOWN]],
        "first": dates[0] if dates else "", "last": dates[-1] if dates else "", "digests": digests,
    }  # fmt: skip


def _count(record: Any, digests: dict) -> None:
    passed = getattr(record.digest_checker, "passed", None)
    if passed is not None:
        digests["checked"] += 1
        digests["failed"] += passed is False


def _software(info: bytes) -> str:
    lines = dict(line.partition(":")[::2] for line in info.decode("utf-8", "replace").splitlines() if ":" in line)
    return clean(lines.get("software", "").strip(), 200)


def of_zip(path: Path) -> dict:
    """What kind of bundle a zip archive is: {"wacz": …}, {"proofmode": …}, or nothing."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info for info in archive.infolist()[:MOST_MEMBERS] if not info.is_dir()}
            if "datapackage.json" in members:
                return _wacz(archive, members)
            if any(name.endswith((".proof.json", ".proof.csv")) for name in members):
                return {"proofmode": _proofmode(archive, members)}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, UnicodeError) as error:
        raise Failed("damaged", type(error).__name__)
    return {}


class _Budget:
    """Bytes and time that hashing the members of one archive may take, whatever they say of their size."""

    def __init__(self):
        self.bytes, self.until = MOST_BYTES, time.monotonic() + READING_SECONDS

    def digest(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
        """SHA-256 in hex; empty when the budget does not reach."""
        hasher = hashlib.sha256()
        with archive.open(info) as file:
            while part := file.read(1024 * 1024):
                self.bytes -= len(part)
                if self.bytes < 0 or time.monotonic() > self.until:
                    return ""
                hasher.update(part)
        return hasher.hexdigest()


def _json(archive: zipfile.ZipFile, info: zipfile.ZipInfo | None) -> dict:
    if info is None:
        return {}
    with archive.open(info) as file:
        try:
            read = json.loads(file.read(MOST_JSON).decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return {}
    return read if isinstance(read, dict) else {}


def _wacz(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> dict:
    package = _json(archive, members["datapackage.json"])
    resources = [one for one in package.get("resources") or [] if isinstance(one, dict)][:MOST_MEMBERS]
    inside = [info for name, info in members.items() if name.startswith("archive/") and ".warc" in name]
    if not inside and "wacz_version" not in package:
        return {}
    budget, hashes = _Budget(), {"checked": 0, "failed": 0}
    for one in resources:
        info = members.get(str(one.get("path", "")))
        kind, stated = _stated(one)
        if info is not None and kind == "sha256" and (found := budget.digest(archive, info)):
            hashes["checked"] += 1
            hashes["failed"] += found != stated.lower()
    told = []
    for info in inside[:SHOWN]:
        with archive.open(info) as file, contextlib.suppress(Failed):
            told.append(_warc(file, budget.until))
    digest = _json(archive, members.get("datapackage-digest.json"))
    return {
        "wacz": {
            "version": clean(package.get("wacz_version", ""), 20),
            "title": clean(package.get("title", ""), 200),
            "software": clean(package.get("software", ""), 200),
            "created": clean(package.get("created", ""), 40),
            "hashes": hashes,
            "is_signed": bool(digest.get("signedData")),
            "archives": len(inside),
            "records": sum(one["records"] for one in told),
            "targets": sum(one["targets"] for one in told),
            "first": min((one["first"] for one in told if one["first"]), default=""),
            "last": max((one["last"] for one in told if one["last"]), default=""),
            "first_targets": [uri for one in told for uri in one["first_targets"]][:SHOWN],
        }
    }


def _stated(resource: dict) -> tuple[str, str]:
    """(algorithm, hash) of a resource, in the way of WACZ 1.1 or of the drafts before it."""
    stats = resource.get("stats") or {}
    if isinstance(stats, dict) and stats.get("hash"):
        return str(resource.get("hashing", "")), str(stats["hash"])
    kind, _, stated = str(resource.get("hash", "")).partition(":")
    return kind, stated


def _proofmode(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> dict:
    """Each proof names the SHA-256 of the file that it is about: is that file in the bundle, unchanged?"""
    proofs = {name: info for name, info in members.items() if name.endswith((".proof.json", ".proof.csv"))}
    signatures = [name for name in members if name.endswith((".asc", ".sig")) and not name.endswith("pubkey.asc")]
    media = [info for name, info in members.items() if not name.endswith(BESIDE)]
    budget = _Budget()
    digests = {digest for info in media if (digest := budget.digest(archive, info))}
    named = {Path(name).name.split(".proof.")[0].lower() for name in proofs}
    named = {name for name in named if len(name) == 64} or {
        str(_json(archive, info).get("File Hash SHA256", "")).lower() for name, info in proofs.items()
        if name.endswith(".json")
    }  # fmt: skip
    named.discard("")
    return {
        "proofs": len(named) or len(proofs),
        "files": len(media),
        "unchanged": len(named & digests),
        "missing": len(named - digests),
        "signatures": len(signatures),
        "signatures_checked": False,
        "has_key": any(name.endswith("pubkey.asc") for name in members),
        "has_timestamp": any(name.endswith((".ots", ".gst")) for name in members),
    }
