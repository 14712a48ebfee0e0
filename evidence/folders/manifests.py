"""What a folder is said to hold: one entry for each file, from a CSV manifest, a BagIt bag, or the folder itself."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from evidence.folders.walking import Found, NotTaken, check_within, open_below, walk

MOST = 64 * 1024**2  # bytes of a manifest
LENGTHS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}


class ManifestError(ValueError):
    """The manifest as a whole cannot be used; nothing was taken in."""


@dataclass(frozen=True)
class Entry:
    """A file to take in: its path, what its item is described with, its announced digests, or why it is refused."""

    path: str
    given: dict = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Listing:
    entries: list[Entry]
    notes: list[str] = field(default_factory=list)


def read_text(root: Path, path: str, *, encoding: str = "utf-8-sig") -> str:
    """A text file of the folder, or ManifestError."""
    try:
        with open_below(root, path) as raw, io.BufferedReader(raw) as file:  # type: ignore[arg-type]
            data = file.read(MOST + 1)
    except NotTaken as error:
        raise ManifestError(f"{path}: {error}")
    if len(data) > MOST:
        raise ManifestError(f"{path} is larger than {MOST // 1024**2} MB")
    return decode(data, path, encoding)


def decode(data: bytes, name: str, encoding: str = "utf-8-sig") -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise ManifestError(f"{name} is not text in {encoding.removesuffix('-sig').upper()}: save it in that encoding")


def of_folder(root: Path) -> Listing:
    """Every file, with nothing said about it."""
    return Listing([Entry(found.path, problem=found.problem) for found in walk(root)])


def of_csv(root: Path, manifest: Path, columns: Iterable[str]) -> Listing:
    """Entries of a CSV file with a column `path`; the files that it does not name are entries with that problem."""
    try:
        data = manifest.read_bytes() if manifest.stat().st_size <= MOST else None
    except OSError as error:
        raise ManifestError(f"{manifest} cannot be read: {error.strerror}")
    if data is None:
        raise ManifestError(f"{manifest} is larger than {MOST // 1024**2} MB")
    text = decode(data, manifest.name)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = [(name or "").strip().lower() for name in reader.fieldnames or []]
    known = {"path", *LENGTHS, *columns}
    if "path" not in names:
        raise ManifestError(f"{manifest.name} has no column `path` in its first line")
    if unknown := sorted(set(names) - known):
        raise ManifestError(f"{manifest.name} has columns that mean nothing here: {', '.join(unknown)}. "
                            f"Known are {', '.join(sorted(known))}")  # fmt: skip
    if len(set(names)) < len(names):
        raise ManifestError(f"{manifest.name} names a column twice")
    reader.fieldnames = names
    entries: dict[str, Entry] = {}
    try:
        for row in reader:
            entry = _of_row(row, reader.line_num)
            if entry.path in entries:
                entry = Entry(entry.path, problem="the manifest names this file twice")
            entries[entry.path] = entry
    except csv.Error as error:
        raise ManifestError(f"{manifest.name}, line {reader.line_num}: {error}")
    own = manifest.resolve()
    for found in walk(root):
        if found.path not in entries and (root / found.path).resolve() != own:
            entries[found.path] = Entry(found.path, problem=found.problem or "the manifest does not name it")
    return Listing(list(entries.values()))


def _of_row(row: dict, line: int) -> Entry:
    if None in row or any(value is None for value in row.values()):
        return Entry(
            (row.get("path") or f"line {line}").strip(), problem="its row has more or fewer cells than the head"
        )
    given = {name: value.strip() for name, value in row.items() if value.strip()}
    path = given.pop("path", "")
    digests = {name: given.pop(name).lower() for name in LENGTHS if name in given}
    try:
        path = check_within(path)
        for name, digest in digests.items():
            if not re.fullmatch(f"[0-9a-f]{{{LENGTHS[name]}}}", digest):
                raise NotTaken(f"its {name} is not {LENGTHS[name]} hexadecimal digits")
    except NotTaken as error:
        return Entry(path or f"line {line}", problem=str(error))
    if "content_warnings" in given:
        given["content_warnings"] = [code.strip() for code in given["content_warnings"].split(";") if code.strip()]
    if "has_original" in given:
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        given["has_original"] = words.get(given["has_original"].lower(), given["has_original"])
    return Entry(path, given, digests)


def only_files(found: Iterable[Found]) -> dict[str, str]:
    """Paths with their problems, for looking up."""
    return {one.path: one.problem for one in found}
