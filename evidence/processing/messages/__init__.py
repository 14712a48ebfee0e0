"""Mail as it is kept in files: RFC 822 messages, mailboxes, Outlook's own. Read once for text and for members."""

from collections.abc import Callable
from dataclasses import dataclass, field

MAX_ATTACHED = 5_000


@dataclass
class Attached:
    """Something that hangs on a message. `data` gives its bytes; without it, `refused` says why there are none."""

    name: str
    media_type: str
    data: Callable[[], bytes] | None = None
    size: int | None = None
    is_message: bool = False
    refused: str = ""


@dataclass
class Message:
    """What a reader of the message would see, and what hangs on it."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""
    attached: list[Attached] = field(default_factory=list)
    inner: list["Message"] = field(default_factory=list)
    encodings: set[str] = field(default_factory=set)
    cut: bool = False

    def as_text(self) -> str:
        lines = [f"{name}: {value}" for name, value in self.headers if value]
        names = [one.name for one in self.attached if one.name]
        if names:
            lines.append(f"Attachments: {', '.join(names)}")
        return "\n".join(lines) + "\n\n" + self.body
