"""Files of a directory tree, reached without following anything out of it. Knows no database.

Every part of a path is opened below the one before and no link is followed: what changes on the disk meanwhile cannot
lead elsewhere.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

KINDS = (
    (stat.S_ISLNK, "a symbolic link: links are not followed"),
    (stat.S_ISFIFO, "a pipe, not a file"),
    (stat.S_ISSOCK, "a socket, not a file"),
    (stat.S_ISCHR, "a device, not a file"),
    (stat.S_ISBLK, "a device, not a file"),
)


class NotTaken(RuntimeError):
    """A file cannot be taken in; the message is the reason, for the receipt."""


@dataclass(frozen=True)
class Found:
    """A path below the directory, with slashes; `problem` says why it is not a file that can be taken in."""

    path: str
    problem: str = ""


def sayable(path: str) -> str:
    """The path as text that can be stored and shown: bytes that are no UTF-8 become \\xNN."""
    return os.fsencode(path).decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def check_within(path: str) -> str:
    """The same path without "./", or NotTaken when it could lead out of the directory."""
    while path.startswith("./"):
        path = path[2:]
    parts = path.split("/")
    if not path or path.startswith(("/", "~")) or "\x00" in path or any(part in ("", ".", "..") for part in parts):
        raise NotTaken("the path leads out of the folder, or is not a plain path below it")
    if "\\" in path and (path[1:2] == ":" or path.startswith("\\\\")):
        raise NotTaken("the path leads out of the folder, or is not a plain path below it")
    return path


def walk(root: Path) -> Iterator[Found]:
    """Every file below the directory in the order of names; what is no file comes with the reason."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(root / folder) as entries:
                found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield Found(folder or ".", f"the folder cannot be read: {error.strerror}")
            continue
        folders = []
        for entry in found:
            path = f"{folder}/{entry.name}" if folder else entry.name
            try:
                mode = entry.stat(follow_symlinks=False).st_mode
            except OSError as error:
                yield Found(path, f"it cannot be read: {error.strerror}")
                continue
            if stat.S_ISDIR(mode):
                folders.append(path)
            else:
                yield Found(path, next((reason for test, reason in KINDS if test(mode)), ""))
        waiting.extend(reversed(folders))


def open_below(root: Path, path: str) -> BinaryIO:
    """A regular file below the directory, opened for reading. Raises NotTaken."""
    parts = check_within(path).split("/")
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for number, part in enumerate(parts, start=1):
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            flags |= 0 if number == len(parts) else os.O_DIRECTORY
            inner = os.open(part, flags, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise NotTaken(next((reason for test, reason in KINDS if test(mode)), "it is not a file"))
        return os.fdopen(descriptor, "rb", buffering=0)
    except FileNotFoundError:
        _close(descriptor)
        raise NotTaken("there is no such file in the folder")
    except OSError as error:
        _close(descriptor)
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise NotTaken("a symbolic link, or below one: links are not followed")
        raise NotTaken(f"it cannot be read: {error.strerror}")
    except BaseException:
        _close(descriptor)
        raise


def _close(descriptor: int) -> None:
    with suppress(OSError):
        os.close(descriptor)
