"""Technical metadata as it stands in the file, and what it claims of time, place, device and author.

Read by ExifTool where it is installed, else the part that libraries read. Whatever the file says of itself is a claim:
anybody can have written it. A person adopts it or not (`evidence.proposals`).
"""

import json
import re

from evidence.processing import claims, programs, tags
from evidence.processing.results import Facts, Failed, Job, NotDone, Outcome, clean

NAME = "metadata"
SECONDS = 90
PACKAGE = "libimage-exiftool-perl"
MOST_TAGS, MOST_CHARACTERS = 400, 500
# Files without metadata of their own: what ExifTool would tell of them is in the record already.
WITHOUT = {"", "application/octet-stream", "message/rfc822", "application/gzip", "application/x-tar", "application/zip",
           "application/x-7z-compressed", "application/warc", "application/json"}  # fmt: skip
# The file system's and ExifTool's own, and what is no word of the file's maker.
LEFT_OUT = re.compile(
    r"^(SourceFile|ExifTool:|System:|File:(File|MIME|Exif|Current)|ZIP:)|:(ThumbnailImage|PreviewImage)$"
)


def applies(facts: Facts) -> bool:
    kind = facts.media_type
    return kind not in WITHOUT and (not kind.startswith("text/") or kind in ("text/html", "text/rtf"))


def run(job: Job) -> Outcome:
    if not programs.has("exiftool"):
        return _by_libraries(job)
    _, out, _ = programs.call(
        # An empty configuration: none of the machine's is read. Coordinates as signed decimal degrees.
        ["exiftool", "-config", "", "-j", "-G1", "-c", "%+.7f", "-charset", "UTF8", "-api", "QuickTimeUTC=1",
         "-m", "-q", "-q", str(job.path)],
        package=PACKAGE, seconds=SECONDS * 0.8,
    )  # fmt: skip
    said = _said(out)
    tool = f"ExifTool {said.get('ExifTool:ExifToolVersion', '')}".strip()
    said, tool = _with_office(job, said, tool)
    found, more = _limited(said)
    warning = said.get("ExifTool:Warning") or said.get("ExifTool:Error") or ""
    result = {"tags": found, "left_out": more, "claimed": claims.of(said), "warning": clean(warning, 200)}
    return Outcome(tool=tool, found=result)


def _with_office(job: Job, said: dict, tool: str) -> tuple[dict, str]:
    """What an Office file says of itself, where ExifTool lacks the Perl module that opens ZIP files (a mere
    recommendation of its package)."""
    if tags.reader(job.facts.media_type) is not tags.of_office or any(name.startswith("XML:") for name in said):
        return said, tool
    try:
        own, reader = tags.of_office(job.path)
    except Failed:  # a ZIP that does not open: ExifTool's warning says so
        return said, tool
    return own | said, f"{tool}, {reader}"


def _said(out: bytes) -> dict:
    try:
        answer = json.loads(out.decode("utf-8", "replace") or "[]")
    except (ValueError, RecursionError):
        return {}
    first = answer[0] if isinstance(answer, list) and answer else {}
    return first if isinstance(first, dict) else {}


def _by_libraries(job: Job) -> Outcome:
    read = tags.reader(job.facts.media_type)
    if read is None:
        raise NotDone("missing_program", PACKAGE)
    said, tool = read(job.path)
    found, more = _limited(said)
    detail = f"less than with {PACKAGE}"
    return Outcome(tool=tool, detail=detail, found={"tags": found, "left_out": more, "claimed": claims.of(said)})


def _limited(said: dict) -> tuple[dict, int]:
    """(tags as short text, how many were left out)."""
    kept: dict[str, str] = {}
    more = 0
    for name, value in said.items():
        if LEFT_OUT.search(name):
            continue
        text = ", ".join(str(one) for one in value[:50]) if isinstance(value, list) else str(value)
        if not text.strip() or text.startswith("(Binary data"):
            continue
        if len(kept) == MOST_TAGS:
            more += 1
            continue
        kept[clean(name, 100)] = clean(text.strip(), MOST_CHARACTERS)
    return kept, more
