"""Where a file says it comes from, as far as that can be checked here: C2PA, ProofMode, WARC and WACZ.

Nothing is fetched: not a manifest that lies elsewhere, not the state of a certificate, not an address of a web archive.
"""

from evidence.processing import captures, credentials
from evidence.processing.results import Facts, Job, Outcome

NAME = "provenance"
SECONDS = 300
PACKED = ("application/zip", "application/x-zip-compressed", "application/gzip", "application/x-gzip",
          "application/warc", "application/octet-stream", "application/wacz", "application/x-wacz")  # fmt: skip
ENDINGS = ("warc", "wacz")


def applies(facts: Facts) -> bool:
    kind = facts.media_type
    return credentials.reads(kind) or kind in PACKED or kind.endswith(("+warc", "+wacz")) or facts.ending in ENDINGS


def run(job: Job) -> Outcome:
    if credentials.reads(job.facts.media_type):
        found = credentials.read(job.path, job.facts.media_type, job.options.get("c2pa_anchors", ""))
        return Outcome(tool=credentials.TOOL, found={"c2pa": found})
    kind = captures.kind_of(job.path)
    if kind == "warc":
        found, tool = {"warc": captures.warc(job.path)}, captures.TOOL
    elif kind == "zip":
        found, tool = captures.of_zip(job.path), captures.TOOL
    else:
        found, tool = {}, "magic numbers"
    return Outcome(tool=tool, found=found)
