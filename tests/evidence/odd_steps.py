"""Steps that misbehave, run by test_deriving in real children: the set that stands in for the real one."""

import os
import signal
import socket
import time
from types import SimpleNamespace

from evidence.processing import identify
from evidence.processing.results import Failed, NotDone, Outcome, PageText, Picture

# A WebP of one pixel.
PIXEL = bytes.fromhex("524946461a000000574542505650384c0d0000002f00000010071011118888fe0700")


def step(name, run, *, seconds=20, applies=lambda facts: True):
    return SimpleNamespace(NAME=name, SECONDS=seconds, applies=applies, run=run)


def good(job):
    (job.out / "one.webp").write_bytes(PIXEL)
    return Outcome(
        tool="good 1", found={"saw": job.facts.of("identify")}, texts=[PageText(1, "구류장에서"), PageText(3, " ")],
        pictures=[Picture("thumbnail", 1, "one.webp", "image/webp", 1, 1)], flags=["macros", "unheard-of"],
    )  # fmt: skip


def locked(job):
    raise Failed("password", "needs one")


def missing(job):
    raise NotDone("missing_program", "tesseract-ocr-kor")


def raising(job):
    raise ValueError("the name of a witness")


def dying(job):
    os.kill(os.getpid(), signal.SIGSEGV)


def greedy(job):
    return len(bytearray(64 * 1024**3))


def endless(job):
    while True:
        time.sleep(0.1)


def writing(job):
    with (job.out / "big").open("wb") as file:
        for _ in range(1024):
            file.write(b"\0" * 1024 * 1024)


def lying(job):
    return Outcome(pictures=[Picture("thumbnail", 1, "../../../../etc/passwd", "image/webp", 1, 1)])


def calling(job):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        return Outcome(found={"answer": connection.connect_ex(("127.0.0.1", job.options["port"]))})


STEPS = (
    identify,
    step("good", good),
    step("locked", locked),
    step("missing", missing),
    step("raising", raising),
    step("dying", dying),
    step("greedy", greedy),
    step("endless", endless, seconds=1),
    step("writing", writing, seconds=60),
    step("lying", lying),
    step("calling", calling),
    step("skipped", good, applies=lambda facts: False),
)
