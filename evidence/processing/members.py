"""What lies inside an archive, a message or a document: a list, under limits. Nothing is taken out here (`taking`)."""

from evidence.processing.archives import MAIL, WALKERS, Walk, walk
from evidence.processing.results import Facts, Job, Outcome

NAME = "members"
SECONDS = 300


def applies(facts: Facts) -> bool:
    return facts.of("identify").get("kind") in WALKERS


def begun(job: Job) -> Walk:
    known = job.facts.of("identify")
    return Walk(job.path, known["kind"], packed=known.get("packed", ""), size=job.path.stat().st_size)


def run(job: Job) -> Outcome:
    state = begun(job)
    rows = [member.as_json(index) for index, (member, _) in enumerate(walk(state))]
    found: dict = {
        "members": rows,
        "count": len(rows),
        "size": sum(row["size"] or 0 for row in rows),
        "relation": "attachment_of" if state.kind in (*MAIL, "pdf") else "part_of",
    }
    if state.cut:
        found["cut"] = state.cut
    return Outcome(tool=state.tool, found=found, flags=sorted(state.flags))
