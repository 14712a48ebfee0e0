"""Reading what can grow while it is read: parts of zip containers, compressed streams, XML. Each under a budget.

Nothing here builds a tree or unpacks by name: bytes are read in pieces, and what passes the budget is a failure.
"""

import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from xml.parsers import expat

from evidence.processing.results import Failed

CHUNK = 64 * 1024
MAX_PART = 200 * 1024**2  # bytes, of one part
MAX_TOTAL = 400 * 1024**2  # bytes, of all parts that one step reads
MAX_PARTS = 50_000
MAX_RATIO = 250  # plain bytes for a packed one, beyond the first ROOM
ROOM = 4 * 1024**2
MAX_DEPTH = 1_000  # elements inside elements
MAX_ENTITIES = 64 * 1024  # characters of all entities that a document declares


class Budget:
    """So many bytes, and no more."""

    def __init__(self, total: int = MAX_TOTAL, *, packed: int | None = None):
        self.left, self.used, self.packed = total, 0, packed

    def take(self, count: int) -> None:
        self.left, self.used = self.left - count, self.used + count
        if self.left < 0:
            raise Failed("too_large", "more bytes come out than are taken")
        if self.packed is not None and self.used > ROOM and self.used > self.packed * MAX_RATIO:
            raise Failed("hostile", "grows too much when unpacked")


class Parts:
    """The parts of a zip container, by name, read under one budget."""

    def __init__(self, path: Path):
        try:
            self.zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise Failed("damaged", type(error).__name__)
        self.entries = {info.filename: info for info in self.zip.infolist()[: MAX_PARTS + 1]}
        if len(self.entries) > MAX_PARTS:
            raise Failed("too_many", "too many parts")
        self.budget = Budget()

    def __enter__(self) -> "Parts":
        return self

    def __exit__(self, *error: object) -> None:
        self.zip.close()

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def chunks(self, name: str) -> Iterator[bytes]:
        """The plain bytes of one part. What its header says of the size is not believed."""
        info = self.entries.get(name)
        if info is None:
            raise Failed("damaged", "a part is missing")
        if info.flag_bits & 0x1:
            raise Failed("password")
        one = Budget(MAX_PART, packed=info.compress_size)
        try:
            with self.zip.open(info) as stream:
                while chunk := stream.read(CHUNK):
                    one.take(len(chunk))
                    self.budget.take(len(chunk))
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise Failed("damaged", type(error).__name__)

    def read(self, name: str) -> bytes:
        return b"".join(self.chunks(name))


def inflate(data: bytes, *, raw: bool = True) -> bytes:
    """Zlib's opposite under a budget; what is cut off is given as far as it goes."""
    budget, plain = Budget(MAX_PART, packed=len(data)), []
    machine = zlib.decompressobj(-15 if raw else 15)
    try:
        for start in range(0, len(data), CHUNK):
            piece = data[start : start + CHUNK]
            while piece and not machine.eof:
                out = machine.decompress(piece, 1024**2)
                budget.take(len(out))
                plain.append(out)
                piece = machine.unconsumed_tail
    except zlib.error:
        if not plain:
            raise Failed("damaged", "cannot be unpacked")
    return b"".join(plain)


def local(name: str) -> str:
    return name.rpartition(" ")[2]


def read_xml(
    chunks: Iterator[bytes],
    *,
    start: Callable[[str, dict[str, str]], None] = lambda name, attributes: None,
    end: Callable[[str], None] = lambda name: None,
    text: Callable[[str], None] = lambda data: None,
    encoding: str | None = None,
) -> None:
    """Read XML as it streams by. Names come without their namespace. Nothing is fetched and nothing expands.

    A document that nests entities, takes them from elsewhere or nests its elements too deep is refused.
    """
    parser = expat.ParserCreate(encoding, namespace_separator=" ")
    state = {"depth": 0, "entities": 0}

    def begin(name: str, attributes: dict[str, str]) -> None:
        state["depth"] += 1
        if state["depth"] > MAX_DEPTH:
            raise Failed("too_deep", "elements inside elements")
        # By the plain name too; where two share it, the one without a namespace has it.
        start(local(name), {local(key): value for key, value in attributes.items()} | attributes)

    def finish(name: str) -> None:
        state["depth"] -= 1
        end(local(name))

    def entity(name, is_parameter, value, base, system, public, notation) -> None:
        if value is None or is_parameter or "&" in value or "%" in value:
            raise Failed("hostile", "entities that grow or come from elsewhere")
        state["entities"] += len(value)
        if state["entities"] > MAX_ENTITIES:
            raise Failed("hostile", "entities that grow or come from elsewhere")

    parser.StartElementHandler, parser.EndElementHandler = begin, finish
    parser.CharacterDataHandler, parser.EntityDeclHandler = text, entity
    parser.buffer_text = True
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Failed("damaged", f"XML, line {error.lineno}: {expat.errors.messages.get(error.code, 'error')}")
    finally:
        # A part that is read no further is closed now, not when somebody clears away.
        if isinstance(chunks, Generator):
            chunks.close()
