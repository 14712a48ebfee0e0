"""What a file is, by its content, never by its name: media type, format, and what to be wary of."""

import filetype

from evidence.processing import encodings, kinds
from evidence.processing.kinds import doubles
from evidence.processing.results import Facts, Job, Outcome

NAME = "identify"
SECONDS = 60
HEAD = 64 * 1024


def applies(facts: Facts) -> bool:
    return True


def run(job: Job) -> Outcome:
    seen = kinds.look(job.path)
    guess, words, tool = _library(seen)
    kind = kinds.recognise(seen) or kinds.Kind(_code(guess), media_type=guess)
    flags = set(kind.flags)
    found: dict = {"kind": kind.code, "media_type": kind.media_type}
    if kind.encoding:
        found["encoding"] = kind.encoding
    if kind.packed:
        found["packed"] = kind.packed
    if doubles.contradicts(kind, job.facts.ending):
        flags.add("mismatch")
        found["ending"] = job.facts.ending
    if second := doubles.second_nature(kind, seen):
        flags.add("polyglot")
        found["also"] = second
    if flags:
        found["flags"] = sorted(flags)
    return Outcome(
        tool=tool,
        media_type=kind.media_type,
        format=(kind.format or words)[:200],
        flags=sorted(flags),
        found=found,
    )


def sniff(head: bytes) -> str:
    """The media type of bytes that begin so: a first guess, before the file is looked at in its quarantine."""
    kind = filetype.guess(head)
    if kind is not None:
        return kind.mime
    whole = head[: head.rfind(b"\n") + 1] or head
    if b"\x00" in whole and not (whole[:2] in (b"\xff\xfe", b"\xfe\xff") and len(whole) % 2 == 0):
        return "application/octet-stream"  # no text but UTF-16 has such bytes
    return "text/plain" if whole and encodings.detect(whole) else "application/octet-stream"


def _library(seen: kinds.Look) -> tuple[str, str, str]:
    """Media type, description and tool: libmagic where it is installed, else a table of signatures."""
    try:
        import magic
    except (ImportError, OSError):
        kind = filetype.guess(seen.head)
        return (kind.mime if kind else "application/octet-stream"), "", _version("filetype")
    guess = magic.from_buffer(seen.head[:32768], mime=True) if seen.head else "application/octet-stream"
    words = magic.from_buffer(seen.head[:32768]) if seen.head else ""
    number = magic.version()
    # Descriptions quote what is in the file, names of authors too: only their first words say what it is.
    return guess, words.split(",")[0][:80], f"libmagic {number // 100}.{number % 100:02d}"


def _version(package: str) -> str:
    from importlib.metadata import version

    return f"{package} {version(package)}"


def _code(media_type: str) -> str:
    family = media_type.partition("/")[0]
    return family if family in ("image", "audio", "video") else "other"
