"""Takes chosen members out of a file, in a child of its own: each into a file whose name is its number.

A registry for `running` with this one step; what to take is in the options. What can't be taken is told, with why.
"""

import sys

from evidence.processing.archives import Opener, walk
from evidence.processing.bounded import Budget
from evidence.processing.members import begun
from evidence.processing.results import Facts, Failed, Job, NotDone, Outcome

NAME = "take"
SECONDS = 900


def applies(facts: Facts) -> bool:
    return True


def run(job: Job) -> Outcome:
    """Options: `indexes` of the members, bytes for `each` and in `total`."""
    wanted = set(job.options["indexes"])
    state = begun(job)
    total = Budget(job.options["total"])
    taken, refused = [], []
    for index, (member, opener) in enumerate(walk(state)):
        if index not in wanted:
            continue
        wanted.discard(index)
        try:
            if opener is None or member.refused:
                raise Failed(member.refused or "unsupported")
            size = _write(opener, job, index, total)
        except NotDone as error:
            refused.append({"index": index, "path": member.path, "reason": error.reason})
        else:
            taken.append({"index": index, "path": member.path, "size": size})
        if not wanted:
            break
    refused += [{"index": index, "path": "", "reason": "damaged"} for index in sorted(wanted)]
    return Outcome(tool=state.tool, found={"taken": taken, "refused": refused})


def _write(opener: Opener, job: Job, index: int, total: Budget) -> int:
    path = job.out / str(index)
    each = Budget(job.options["each"])
    try:
        with path.open("wb") as file:
            for chunk in opener():
                each.take(len(chunk))
                total.take(len(chunk))
                file.write(chunk)
    except BaseException:
        # Half a member is none; what it took of the total counts nevertheless.
        path.unlink(missing_ok=True)
        raise
    return each.used


STEPS = (sys.modules[__name__],)
