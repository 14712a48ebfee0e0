"""What steps are given and what they hand back, and how the parent reads it: as if a hostile file wrote it."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# Why a step has no result. A code; its wording in both languages is the pages'.
REASONS = (
    "crashed", "damaged", "failed", "hostile", "isolated", "memory", "missing_program", "not_configured", "password",
    "stopped", "time", "too_deep", "too_large", "too_many", "unsupported",
)  # fmt: skip
RENDITIONS = ("thumbnail", "page", "poster")
PICTURES = ("image/webp", "image/png", "image/jpeg")
FLAGS = ("archive", "encrypted", "macros", "mismatch", "polyglot", "scripts", "signed")
MAX_RESULT = 64 * 1024 * 1024  # bytes of a step's answer
MAX_PAGES = 5_000
MAX_TEXT = 1_000_000  # characters a page
MAX_PICTURE = 32 * 1024 * 1024  # bytes


class NotDone(Exception):
    """The step was not carried out for a reason that is no fault of the file: a missing program, a limit, no set-up."""

    def __init__(self, reason: str, detail: str = ""):
        super().__init__(detail or reason)
        self.reason, self.detail = reason, detail


class Failed(NotDone):
    """The step was tried and could not do it: the file is damaged, locked, hostile or of an unknown kind."""


@dataclass(frozen=True)
class Facts:
    """What is known of a file: type by content, size in bytes, the ending of its name, results of earlier steps."""

    media_type: str
    size: int
    ending: str = ""
    results: dict[str, dict] = field(default_factory=dict)

    def of(self, step: str) -> dict:
        return self.results.get(step, {})


@dataclass(frozen=True)
class Job:
    """One file for one step: its plain bytes, an empty directory for what is made of it, and the set-up."""

    path: Path
    out: Path
    facts: Facts
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class PageText:
    """The text of one page; recognised says that it was read from a picture, confidence in per cent."""

    number: int
    text: str
    recognised: bool = False
    confidence: int | None = None


@dataclass
class Picture:
    """A picture that the step left in its directory under `name`."""

    kind: str
    number: int
    name: str
    media_type: str
    width: int
    height: int


@dataclass
class Outcome:
    """How a step ended. `found` goes into the record as it is; flags, type, format and fingerprint onto the file."""

    step: str = ""
    state: str = "done"
    reason: str = ""
    detail: str = ""
    tool: str = ""
    found: dict = field(default_factory=dict)
    texts: list[PageText] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    media_type: str = ""
    format: str = ""
    flags: list[str] = field(default_factory=list)
    fingerprint: str = ""  # hex
    seconds: float = 0.0

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=True, default=str)


def clean(text: Any, limit: int) -> str:
    """Text that a database takes: no NUL, no lone surrogates, no more than so many characters."""
    return str(text).replace("\x00", "�").encode("utf-8", "replace").decode("utf-8")[:limit]


def _clean_deep(value: Any, depth: int = 0) -> Any:
    if depth > 12:
        return None
    if isinstance(value, str):
        return clean(value, 20_000)
    if isinstance(value, dict):
        pairs = list(value.items())[:2_000]
        return {clean(name, 200): _clean_deep(one, depth + 1) for name, one in pairs}
    if isinstance(value, list):
        return [_clean_deep(one, depth + 1) for one in value[:20_000]]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value if isinstance(value, bool | int | float) or value is None else clean(value, 200)


def read_outcome(text: str, step: str, out: Path) -> Outcome:
    """The outcome that a child wrote. Raises ValueError when it is not one."""
    raw = json.loads(text)
    if not isinstance(raw, dict) or raw.get("state") not in ("done", "failed", "not_done"):
        raise ValueError("not an outcome")
    state = raw["state"]
    reason = str(raw["reason"]) if raw.get("reason") in REASONS else "failed"
    return Outcome(
        step=step,
        state=state,
        reason="" if state == "done" else reason,
        detail=clean(raw.get("detail", ""), 500),
        tool=clean(raw.get("tool", ""), 200),
        found=_clean_deep(raw.get("found") or {}),
        texts=[_page(one) for one in raw.get("texts", [])[:MAX_PAGES]],
        pictures=[_picture(one, out) for one in raw.get("pictures", [])[:MAX_PAGES]],
        media_type=clean(raw.get("media_type", ""), 127),
        format=clean(raw.get("format", ""), 200),
        flags=sorted({flag for flag in raw.get("flags", []) if flag in FLAGS}),
        fingerprint=bytes.fromhex(raw.get("fingerprint") or "")[:32].hex(),
        seconds=float(raw.get("seconds") or 0),
    )


def _page(raw: dict) -> PageText:
    confidence = raw.get("confidence")
    return PageText(
        number=_number(raw["number"]),
        text=clean(raw["text"], MAX_TEXT),
        recognised=raw.get("recognised") is True,
        confidence=max(0, min(100, int(confidence))) if confidence is not None else None,
    )


def _picture(raw: dict, out: Path) -> Picture:
    name = str(raw["name"])
    path = out / name
    if Path(name).name != name or path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_PICTURE:
        raise ValueError("a picture that is not one")
    if raw.get("kind") not in RENDITIONS or raw.get("media_type") not in PICTURES:
        raise ValueError("a picture of an unknown kind")
    return Picture(
        kind=raw["kind"],
        number=_number(raw["number"]),
        name=name,
        media_type=raw["media_type"],
        width=_number(raw["width"], least=0),
        height=_number(raw["height"], least=0),
    )


def _number(value: Any, least: int = 1) -> int:
    number = int(value)
    if not least <= number <= 10_000_000:
        raise ValueError("a number out of range")
    return number
