"""BagIt bags (RFC 8493, and 0.97): is one well-formed and complete, and which digests its files must have.

The bytes of the payload are hashed while they are taken in; everything else is checked here first, and a bag that does
not hold is refused whole. Nothing that `fetch.txt` names is ever fetched.
"""

import hashlib
import io
import re
import unicodedata
from pathlib import Path

from evidence.folders.manifests import LENGTHS, Entry, Listing, ManifestError, only_files, read_text
from evidence.folders.walking import NotTaken, check_within, open_below, walk

VERSIONS = ("0.97", "1.0")
MANIFEST = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt")
DECLARATION = re.compile(r"BagIt-Version: (\d+\.\d+)\r?\n?Tag-File-Character-Encoding: (\S+)(?:\r?\n)?")
ESCAPES = {"%0A": "\n", "%0D": "\r", "%25": "%"}


def is_bag(root: Path) -> bool:
    return (root / "bagit.txt").is_file()


def of_bag(root: Path) -> Listing:
    """The payload of a bag with its digests. Raises ManifestError when the bag is not valid."""
    version, encoding = _declaration(root)
    files = only_files(walk(root))
    if problems := [f"{path}: {problem}" for path, problem in files.items() if problem]:
        raise ManifestError(f"the bag holds what is no file: {problems[0]}")
    _check_fetch(root, files, encoding)
    payload, notes = _payload(root, files, version, encoding)
    present = {path for path in files if path.startswith("data/")}
    if missing := sorted(set(payload) - present):
        fetched = " (fetch.txt names it; nothing is fetched: complete the bag first)" if "fetch.txt" in files else ""
        raise ManifestError(f"the bag lacks {missing[0]}{fetched}; {len(missing)} in all")
    if extra := sorted(present - set(payload)):
        raise ManifestError(f"no manifest names {extra[0]}; {len(extra)} in all")
    if not any(path.startswith("data/") for path in files) and not (root / "data").is_dir():
        raise ManifestError("the bag has no folder data")
    _check_tags(root, files, version, encoding)
    _check_count(root, files, present, encoding)
    return Listing([Entry(path, {}, digests) for path, digests in payload.items()], notes)


def _declaration(root: Path) -> tuple[str, str]:
    text = read_text(root, "bagit.txt", encoding="utf-8")
    found = DECLARATION.fullmatch(text)
    if not found:
        raise ManifestError("bagit.txt is not the two lines `BagIt-Version: M.N` and `Tag-File-Character-Encoding: …`")
    version, encoding = found.groups()
    if version not in VERSIONS:
        raise ManifestError(f"the bag is of version {version}; known are {', '.join(VERSIONS)}")
    if version == "1.0" and encoding.upper() != "UTF-8":
        raise ManifestError("a bag of version 1.0 has its tags in UTF-8")
    return version, encoding


def _payload(root: Path, files: dict, version: str, encoding: str) -> tuple[dict[str, dict[str, str]], list[str]]:
    payload: dict[str, dict[str, str]] = {}
    listed, notes = {}, []
    for name in sorted(files):
        found = MANIFEST.fullmatch(name)
        if not found or found[1]:
            continue
        if found[2] not in LENGTHS:
            notes.append(f"{name} was not checked: its algorithm is not known here")
            continue
        listed[name] = _lines(root, name, version, encoding, notes)
        for path, digest in listed[name].items():
            if not path.startswith("data/"):
                raise ManifestError(f"{name} names {path}, which is not below data")
            payload.setdefault(path, {})[found[2]] = digest
    if not listed:
        raise ManifestError(f"the bag has no manifest of a known algorithm ({', '.join(LENGTHS)})")
    if version == "1.0" and any(set(one) != set(payload) for one in listed.values()):
        raise ManifestError("the manifests do not all name the same files, as version 1.0 wants")
    return payload, notes


def _lines(root: Path, name: str, version: str, encoding: str, notes: list[str]) -> dict[str, str]:
    """{path: digest} of a manifest."""
    found = MANIFEST.fullmatch(name)
    length = LENGTHS[found[2]] if found else 0
    lines: dict[str, str] = {}
    for number, line in enumerate(re.split(r"\r\n|\n|\r", read_text(root, name, encoding=encoding)), start=1):
        if not line.strip():
            continue
        parts = re.fullmatch(rf"([0-9A-Fa-f]{{{length}}})[ \t]+\*?(.+)", line.lstrip("\ufeff"))
        if not parts:
            raise ManifestError(f"{name}, line {number}: not a digest and a path")
        path = re.sub("%0[AaDd]|%25", lambda escape: ESCAPES[escape[0].upper()], parts[2])
        try:
            path = _as_stored(root, check_within(path))
        except NotTaken as error:
            raise ManifestError(f"{name}, line {number}: {error}")
        if path in lines:
            if version == "1.0" or lines[path] != parts[1].lower():
                raise ManifestError(f"{name}, line {number}: {path} is named twice")
            notes.append(f"{name} names {path} twice, with the same digest")
        lines[path] = parts[1].lower()
    return lines


def _as_stored(root: Path, path: str) -> str:
    """Names in Hangul are often written composed in a manifest and decomposed on the disk, or the other way."""
    if (root / path).exists():
        return path
    for form in ("NFC", "NFD"):
        if (root / (other := unicodedata.normalize(form, path))).exists():
            return other
    return path


def _check_tags(root: Path, files: dict, version: str, encoding: str) -> None:
    for name in sorted(files):
        found = MANIFEST.fullmatch(name)
        if not found or not found[1] or found[2] not in LENGTHS:
            continue
        for path, digest in _lines(root, name, version, encoding, []).items():
            if path.startswith("data/"):
                raise ManifestError(f"{name} names {path}, which belongs into a manifest of the payload")
            if path not in files:
                raise ManifestError(f"the bag lacks {path}, which {name} names")
            with open_below(root, path) as raw, io.BufferedReader(raw) as file:  # type: ignore[arg-type]
                if hashlib.file_digest(file, found[2]).hexdigest() != digest:  # type: ignore[arg-type]
                    raise ManifestError(f"{path} is not what {name} says: its {found[2]} differs")


def _check_fetch(root: Path, files: dict, encoding: str) -> None:
    """Where missing files could be fetched from is never used; a list that would write elsewhere is no bag's."""
    if "fetch.txt" not in files:
        return
    for number, line in enumerate(read_text(root, "fetch.txt", encoding=encoding).splitlines(), start=1):
        if not line.strip():
            continue
        parts = re.fullmatch(r"\s*(\S+)\s+(\d+|-)\s+(.+?)\s*", line)
        try:
            path = check_within(parts[3]) if parts else ""
        except NotTaken as error:
            raise ManifestError(f"fetch.txt, line {number}: {error}")
        if not path.startswith("data/"):
            raise ManifestError(f"fetch.txt, line {number}: not an address, a length and a path below data")


def _check_count(root: Path, files: dict, present: set[str], encoding: str) -> None:
    """Payload-Oxum of bag-info.txt: bytes and number of the files."""
    if "bag-info.txt" not in files:
        return
    said = re.search(r"^Payload-Oxum[ \t]*:[ \t]*(\S+)", read_text(root, "bag-info.txt", encoding=encoding), re.M)
    if not said:
        return
    is_sum = re.fullmatch(r"(\d+)\.(\d+)", said[1])
    size = sum((root / path).lstat().st_size for path in present)
    if not is_sum or (int(is_sum[1]), int(is_sum[2])) != (size, len(present)):
        raise ManifestError(f"bag-info.txt announces {said[1]} (bytes.files), the bag holds {size}.{len(present)}")
