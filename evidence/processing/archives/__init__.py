"""What lies inside archives, mail and documents: walked in order, one member after the other, never unpacked by name.

A walker yields each member with a way to read it there and then. Names are text to be shown: no path is made of them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

MAX_MEMBERS = 10_000
MAX_NAME = 1_000  # characters

Opener = Callable[[], Iterator[bytes]]

WALKERS = {
    "zip": "zips.walk", "jar": "zips.walk", "wacz": "zips.walk", "tar": "tars.walk", "gzip": "single.walk",
    "bzip2": "single.walk", "xz": "single.walk", "7z": "others.walk", "rar": "others.walk", "cab": "others.walk",
    "iso": "others.walk", "mail": "mails.walk", "mbox": "mails.walk_mailbox", "msg": "mails.walk_outlook",
    "pdf": "attached.walk",
}  # fmt: skip
MAIL = ("mail", "mbox", "msg")


@dataclass
class Member:
    """One member. `refused` is a reason of results.REASONS; what the notes say does not prevent taking it."""

    path: str
    size: int | None = None
    kind: str = "file"  # file, folder, link, other
    refused: str = ""
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.path = self.path[:MAX_NAME]
        if self.kind in ("link", "other"):
            self.refused = self.refused or "unsupported"
        if re.match(r"[/\\]|[A-Za-z]:", self.path):
            self.notes.append("absolute")
        if ".." in re.split(r"[/\\]", self.path):
            self.notes.append("climbs")

    def as_json(self, index: int) -> dict:
        row: dict = {"index": index, "path": self.path, "size": self.size}
        return row | {
            name: value
            for name, value in (("kind", self.kind if self.kind != "file" else ""), ("refused", self.refused),
                                ("notes", self.notes))
            if value
        }  # fmt: skip


@dataclass
class Walk:
    """A walk in progress. `cut` tells why it stopped before the end; `flags` what was seen of the whole."""

    path: Path
    kind: str
    packed: str = ""
    size: int = 0
    cut: str = ""
    tool: str = ""
    flags: set[str] = field(default_factory=set)


def walk(state: Walk) -> Iterator[tuple[Member, Opener | None]]:
    """The members in their order, up to the limit. Their places in it are what they are asked for by."""
    module, function = WALKERS[state.kind].split(".")
    paths: set[str] = set()
    for count, (member, opener) in enumerate(getattr(import_module(f"{__name__}.{module}"), function)(state)):
        if count >= MAX_MEMBERS:
            state.cut = "too_many"
            return
        if member.path in paths and member.path:
            member.notes.append("same_name")
        paths.add(member.path)
        yield member, opener
